// Brings a DuckDB file up to date and lists the longest calls of the last week.
//
//   AIRCALL_API_ID and AIRCALL_API_TOKEN   who asks
//   AIRCALL_BASE_URL                       another Aircall than the real one, such as the simulator
//   TRUNKLINE_DESTINATION                  default: duckdb:./aircall.duckdb
//
// Run it with `npx tsx examples/sync-and-read.ts`, or with a Node that runs TypeScript by itself.
import { open, sync } from 'trunkline';

const { AIRCALL_API_ID, AIRCALL_API_TOKEN, AIRCALL_BASE_URL, TRUNKLINE_DESTINATION } = process.env;
const destination = TRUNKLINE_DESTINATION ?? 'duckdb:./aircall.duckdb';

const result = await sync({
  credential: { apiId: AIRCALL_API_ID ?? '', apiToken: AIRCALL_API_TOKEN ?? '' },
  ...(AIRCALL_BASE_URL ? { baseUrl: AIRCALL_BASE_URL } : {}),
  destination,
  streams: ['users', 'calls'],
  onEvent: (event) => {
    if (event.kind === 'stream-ended') console.log(`${event.result.stream}: ${event.result.rows} rows read`);
  },
});
console.log(`${result.outcome} after ${result.requests} requests`);

const lastWeek = new Date(Date.now() - 7 * 24 * 3_600_000);
const calls = open(destination)
  .table('live_calls')
  .where({ started_at: { from: lastWeek }, duration: { from: 60 } });
const longest = [];
for await (const { id, duration, user__name } of calls) longest.push({ id, duration: duration ?? 0, user: user__name ?? 'nobody' });
longest.sort((a, b) => b.duration - a.duration);
for (const { id, duration, user } of longest.slice(0, 5)) console.log(`call ${id}: ${duration} s, ${user}`);
