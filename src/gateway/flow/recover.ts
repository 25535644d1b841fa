// On start: what the death of the process left without an end.
import type { AuditFacts, AuditOutcome } from '../audit/record.ts';
import { counted } from '../policy/limit-words.ts';
import type { FlowContext } from './context.ts';
import { noOutcome, systemRecord } from './record.ts';

/**
 * Makes an outcome of every intent that none follows: `unknown`, but for answers that would only have been given again. Rejects
 * when the log cannot be written.
 */
export async function recover({ audit, friction, newCallId }: FlowContext): Promise<{ readonly unknown: number }> {
  const told: string[] = [];
  for (const intent of await audit.unfinished()) {
    const what = intent.sentence.replace(/ Allowed: .*$/s, '').replace(/\.$/, '');
    const isReplay = intent.decision?.idempotency === 'replay';
    if (!isReplay) told.push(what);
    const facts = isReplay
      ? ended(intent, 'withheld', `${what}. The gateway stopped before it was given.`)
      : ended(intent, 'unknown', `${what} when the gateway stopped. Whether it happened is not known.`);
    await audit.append(facts, { durability: 'process' });
  }
  if (told.length === 0) return { unknown: 0 };
  const count = counted(told.length, 'request');
  const shown = told.slice(0, 5).join('; ') + (told.length > 5 ? '; and others' : '');
  await audit.append(systemRecord(newCallId(), `The gateway restarted with ${count} of unknown outcome: ${shown}.`), {
    durability: 'power',
    also: friction.abandonRunning(),
  });
  return { unknown: told.length };
}

function ended({ callId, who, what, where, decision }: AuditFacts, status: AuditOutcome['status'], sentence: string): AuditFacts {
  const outcome = { ...noOutcome, status, source: null };
  return { callId, who, what, where, decision, change: null, phase: 'outcome', outcome, sentence };
}
