// On start: what the death of the process left without an end.
import type { FlowContext } from './context.ts';
import { noOutcome, systemRecord } from './record.ts';

/** Makes an outcome `unknown` of every intent that none follows. Rejects when the log cannot be written. */
export async function recover({ audit, friction, newCallId }: FlowContext): Promise<{ readonly unknown: number }> {
  const unfinished = await audit.unfinished();
  if (unfinished.length === 0) return { unknown: 0 };
  const told: string[] = [];
  for (const intent of unfinished) {
    const what = intent.sentence.replace(/ Allowed: .*$/s, '').replace(/\.$/, '');
    told.push(what);
    await audit.append(
      {
        callId: intent.callId,
        who: intent.who,
        what: intent.what,
        where: intent.where,
        decision: intent.decision,
        change: null,
        phase: 'outcome',
        outcome: { ...noOutcome, status: 'unknown', source: null },
        sentence: `${what} when the gateway stopped. Whether it happened is not known.`,
      },
      { durability: 'process' },
    );
  }
  const count = `${unfinished.length} ${unfinished.length === 1 ? 'request' : 'requests'}`;
  const shown = told.slice(0, 5).join('; ') + (told.length > 5 ? '; and others' : '');
  await audit.append(systemRecord(newCallId(), `The gateway restarted with ${count} of unknown outcome: ${shown}.`), {
    durability: 'power',
    also: friction.abandonRunning(),
  });
  return { unknown: unfinished.length };
}
