// The dangerous combination: an agent that sees private data, reads what strangers wrote or said, and can send something out. Each is
// fine alone. All three together, a stranger's words can make it give private data away.
import { capabilities } from '../capabilities/capabilities.ts';
import type { Capability } from '../capabilities/capability.ts';
import { judge } from '../policy/decide.ts';
import type { Decision } from '../policy/decision.ts';
import { makePolicy } from '../policy/policy.ts';
import type { PolicyParts } from '../policy/policy.ts';
import type { RuledClass } from '../policy/types.ts';
import { areaNames, classNames, listed } from '../policy/words.ts';

const privateClasses: readonly RuledClass[] = ['phone', 'email', 'person', 'media'];

/** In words, as the end of a sentence; null when one of the three is missing. Whether it is paused now makes no difference. */
export function combinationOf(parts: PolicyParts, agentId: string, nowMs: number): string | null {
  const agent = parts.agents[agentId];
  if (agent === undefined || agent.status === 'revoked') return null;
  const policy = makePolicy({ ...parts, agents: { [agentId]: { ...agent, status: 'active', expiresAt: null } } });
  const usable = capabilities.flatMap((capability) => {
    const decision = judge(policy, capability, question(agentId, capability.id, nowMs), 'access');
    return decision.effect === 'deny' || decision.effect === 'dry_run' ? [] : [{ capability, decision }];
  });
  const shown = (classes: readonly RuledClass[]) => [
    ...new Set(usable.flatMap(({ decision }) => decision.obligations.flatMap((each) => shownClass(each, classes)))),
  ];
  const seen = shown(privateClasses);
  const text = shown(['freetext']);
  const exits = [...new Set(usable.filter(({ capability }) => isWayOut(capability)).map(({ capability }) => areaNames[capability.area]))];
  if (seen.length === 0 || text.length === 0 || exits.length === 0) return null;
  return `it sees ${listed(seen.map((each) => classNames[each]))}, reads text that outsiders wrote or said, and can send something out (${listed(exits)}).`;
}

/** What leaves the company, or makes something happen outside; contacts too, which other systems copy. */
function isWayOut({ effect, area }: Capability): boolean {
  return effect === 'egress' || effect === 'live' || (area === 'contacts' && (effect === 'add' || effect === 'change'));
}

/** A token counts as shown: given back in a request, it becomes the value again. */
function shownClass(obligation: Decision['obligations'][number], classes: readonly RuledClass[]): readonly RuledClass[] {
  if (obligation.kind !== 'fields' || !classes.includes(obligation.class)) return [];
  return obligation.treatment === 'show' || obligation.treatment === 'tokenize' ? [obligation.class] : [];
}

function question(agentId: string, capability: string, nowMs: number) {
  return {
    agentId,
    capability,
    invalid: null,
    arguments: { at: {}, query: {}, body: null },
    dryRun: false,
    nowMs,
    usage: { requestsToday: 0, rowsToday: 0, writesToday: 0, commentsOnCall: 0 },
    readTextAtMs: null,
    approved: true,
    confirmed: true,
  };
}
