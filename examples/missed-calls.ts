// Lists yesterday's missed calls (days are counted in UTC).
import { aircall } from './client.ts';

const today = new Date();
today.setUTCHours(0, 0, 0, 0);
const yesterday = new Date(today.getTime() - 24 * 60 * 60 * 1000);
// For calls, Aircall leaves out the very moment of `from` and includes that of `to`: begin and end a second earlier.
const secondBefore = (moment: Date) => new Date(moment.getTime() - 1000);

let missed = 0;
for await (const call of aircall.calls.list({ from: secondBefore(yesterday), to: secondBefore(today) })) {
  if (call.direction !== 'inbound' || call.answered_at !== null) continue;
  missed += 1;
  const startedAt = new Date(call.started_at * 1000).toISOString();
  console.log(`${startedAt}  call ${call.id}  ${call.number?.name ?? 'a number'}  ${call.missed_call_reason ?? 'no reason given'}`);
}
console.log(`${missed} missed calls on ${yesterday.toISOString().slice(0, 10)}.`);

await aircall.close();
