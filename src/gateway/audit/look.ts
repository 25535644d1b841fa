import type { Json } from '../../base/index.ts';
import type { AuditFacts } from './record.ts';

/**
 * The record of a look at the log, to be written before anything is shown.
 *
 * @param deed what the operator does, as in “searched the log”.
 * @param given by what was searched, without personal data.
 */
export function lookFacts(look: {
  readonly callId: string;
  readonly operator: string;
  readonly deed: string;
  readonly given: Json;
}): AuditFacts {
  const { callId, operator, deed, given } = look;
  return {
    callId,
    phase: 'admin',
    who: { agent: null, keyId: null, owner: null, operator, client: null, ip: null },
    what: { capability: null, area: null, effect: null, arguments: given, argumentsDigest: null },
    where: { surface: 'cli', method: null, route: null, protocol: null, tool: null, traceId: null },
    decision: null,
    outcome: null,
    sentence: `${operator} ${deed}.`,
    change: null,
  };
}
