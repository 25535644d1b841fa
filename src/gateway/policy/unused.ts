// What agents were given and have not used: the report that leads to less.
import type { AuditRecord } from '../audit/record.ts';
import { capabilityOf } from '../capabilities/capabilities.ts';
import type { Agent, GrantArea, Level, Policy } from './types.ts';
import { levels } from './types.ts';
import { areaNames, grantAreas, levelNames } from './words.ts';

/** As much of a record as is looked at. */
export type UsedRecord = Pick<AuditRecord, 'time' | 'phase' | 'who' | 'what' | 'decision'>;

export type Unused = {
  readonly agent: { readonly id: string; readonly name: string };
  readonly what: 'grant' | 'rule';
  /** The area, or the id of the rule. */
  readonly key: string;
  /** Of a grant: what it is set to, and what would have been enough. */
  readonly level: Level | null;
  readonly enough: Level | null;
  /** “Support Agent: Contacts is set to Full use, but Read would have been enough.” */
  readonly text: string;
};

/**
 * Grants and rules of agents in use that nothing since that moment needed, by agent. A grant was needed by requests that were
 * let through, planned or put before a person, at the level that those take; a rule by any request for its capability. Rules that deny are not
 * among them: that nobody tried is no reason to lift them.
 */
export async function unused(
  policy: Policy,
  records: AsyncIterable<UsedRecord> | Iterable<UsedRecord>,
  sinceMs: number,
): Promise<readonly Unused[]> {
  const needed = new Map<string, Level>();
  const asked = new Set<string>();
  for await (const { time, phase, who, what, decision } of records) {
    if (phase !== 'intent' || decision === null || who.agent === null || what.capability === null) continue;
    if (Date.parse(time) < sinceMs) continue;
    asked.add(`${who.agent.id} ${what.capability}`);
    const capability = capabilityOf(what.capability);
    if (capability === undefined || decision.effect === 'deny' || decision.effect === 'error') continue;
    // A plan takes no more than Read.
    const level = decision.effect === 'dry_run' ? 'read' : capability.need;
    const key = `${who.agent.id} ${capability.area}`;
    if (rank(level) > rank(needed.get(key) ?? 'off')) needed.set(key, level);
  }
  return Object.values(policy.agents)
    .filter(({ status }) => status !== 'revoked')
    .sort((a, b) => a.name.localeCompare(b.name, 'en'))
    .flatMap((agent) => [
      ...grantAreas.flatMap((area) => unusedGrant(agent, area, needed.get(`${agent.id} ${area}`) ?? 'off')),
      ...unusedRules(agent, asked),
    ]);
}

function unusedGrant({ id, name, grants }: Agent, area: GrantArea, enough: Level): Unused[] {
  const level = grants[area] ?? 'off';
  if (rank(enough) >= rank(level)) return [];
  const rest = enough === 'off' ? 'and was not used' : `but ${levelNames[enough]} would have been enough`;
  const text = `${name}: ${areaNames[area]} is set to ${levelNames[level]}, ${rest}.`;
  return [{ agent: { id, name }, what: 'grant', key: area, level, enough, text }];
}

function unusedRules({ id, name, rules }: Agent, asked: ReadonlySet<string>): Unused[] {
  return rules
    .filter(({ effect, capability }) => effect !== 'deny' && !asked.has(`${id} ${capability}`))
    .map((rule) => {
      const title = capabilityOf(rule.capability)?.endpoint.title ?? rule.capability;
      const text = `${name}: the rule ${rule.id} for “${title}” was not used.`;
      return { agent: { id, name }, what: 'rule', key: rule.id, level: null, enough: null, text };
    });
}

function rank(level: Level): number {
  return levels.indexOf(level);
}
