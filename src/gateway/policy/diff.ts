// What a new policy changes, for people who review it and for programs.
import { canonicalJson } from '../../base/index.ts';
import type { Json } from '../../base/index.ts';
import { capabilityOf } from '../capabilities/capabilities.ts';
import type { PolicyParts } from './policy.ts';
import { counted, forbidText, limitKeys, limitText, taintText } from './limit-words.ts';
import { defaultBudget, levels } from './types.ts';
import type { Agent, AgentBudget, Constraint, FieldRule, GrantArea, Guardrail, Level, MethodRule } from './types.ts';
import { areaNames, classNames, grantAreas, levelNames, listed, treatmentNames } from './words.ts';

export type Change = {
  /** Null: of the company. */
  readonly agent: { readonly id: string; readonly name: string } | null;
  readonly what: 'agent' | 'grant' | 'rule' | 'constraint' | 'field' | 'setting' | 'guardrail' | 'webhook_host';
  /** What of that: the area, the id of the rule, the area and the limit, the name of the setting, the host. */
  readonly key: string;
  /** Null: there was none, or there is none any more. */
  readonly before: Json;
  readonly after: Json;
  /** Whether agents may do or see more afterwards, or less; null where that cannot be said in general. */
  readonly direction: 'more' | 'less' | null;
  /** “Support Agent: Contacts from Off to Read.” */
  readonly text: string;
};

/** All changes, agent by agent in the order of their names, then those of the company. Empty when the policies say the same. */
export function diffPolicies(before: PolicyParts, after: PolicyParts): readonly Change[] {
  const ids = [...new Set([...Object.keys(before.agents), ...Object.keys(after.agents)])];
  const pairs = ids
    .map((id) => ({ old: before.agents[id] ?? null, now: after.agents[id] ?? null }))
    .sort((a, b) => nameOf(a).localeCompare(nameOf(b), 'en'));
  return [
    ...pairs.flatMap(({ old, now }) => diffAgents(old, now)),
    ...diffGuardrails(before.guardrails, after.guardrails),
    ...diffHosts(before.webhookHosts, after.webhookHosts),
  ];
}

type Pair = { readonly old: Agent | null; readonly now: Agent | null };
type Draft = Omit<Change, 'agent'>;

function nameOf({ old, now }: Pair): string {
  return (now ?? old)?.name ?? '';
}

function diffAgents(old: Agent | null, now: Agent | null): Change[] {
  const known = now ?? old;
  if (known === null) return [];
  const { id, name } = known;
  if (now === null) return old === null || old.status === 'revoked' ? [] : [{ agent: { id, name }, ...revoked(old, name) }];
  const from = old ?? newcomer(now);
  const drafts = [
    ...(old === null ? [arrival(now)] : diffStatus(old, now)),
    ...diffGrants(from, now),
    ...diffRules(from, now),
    ...diffConstraints(from, now),
    ...diffFields(from, now),
    ...diffSettings(from, now, old === null),
    ...diffBudget(from, now, old === null),
    ...diffSubjects(from, now),
  ];
  return drafts.map((draft) => ({ agent: { id, name }, ...draft }));
}

/** A new agent as it would be before anything was set. */
function newcomer(agent: Agent): Agent {
  const { id, name, owner, purpose, status } = agent;
  const nothing = { expiresAt: null, grants: {}, rules: [], constraints: {}, fields: [], taint: null, combinationAccepted: null };
  return { id, name, owner, purpose, status, ...nothing, text: 'apart' };
}

function arrival({ name, owner, status }: Agent): Draft {
  const paused = status === 'active' ? '' : `, and ${status}`;
  return {
    what: 'agent',
    key: 'status',
    before: null,
    after: status,
    direction: null,
    text: `${name} is new, owned by ${owner}${paused}.`,
  };
}

function revoked({ status }: Agent, name: string): Draft {
  return { what: 'agent', key: 'status', before: status, after: 'revoked', direction: 'less', text: `${name} is revoked, for good.` };
}

function diffStatus(old: Agent, now: Agent): Draft[] {
  if (old.status === now.status) return [];
  if (now.status === 'revoked') return [revoked(old, now.name)];
  const text = now.status === 'paused' ? `${now.name} is paused.` : `${now.name} is active again.`;
  return [
    { what: 'agent', key: 'status', before: old.status, after: now.status, direction: now.status === 'active' ? 'more' : 'less', text },
  ];
}

function diffGrants(old: Agent, now: Agent): Draft[] {
  return grantAreas.flatMap((area): Draft[] => {
    const [before, after]: Level[] = [old.grants[area] ?? 'off', now.grants[area] ?? 'off'];
    if (before === undefined || after === undefined || before === after) return [];
    const direction = levels.indexOf(after) > levels.indexOf(before) ? 'more' : 'less';
    const text = `${now.name}: ${areaNames[area]} from ${levelNames[before]} to ${levelNames[after]}.`;
    return [{ what: 'grant', key: area, before, after, direction, text }];
  });
}

function diffRules(old: Agent, now: Agent): Draft[] {
  const before = new Map(old.rules.map((rule) => [rule.id, rule]));
  const after = new Map(now.rules.map((rule) => [rule.id, rule]));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((id): Draft[] => {
    const [was, is] = [before.get(id) ?? null, after.get(id) ?? null];
    if (same(was, is)) return [];
    const shown = is === null ? `${ruleText(was)} no more` : was === null ? ruleText(is) : `${ruleText(is)} (was: ${ruleText(was)})`;
    const text = `${now.name}: rule ${id}: ${shown}.`;
    return [{ what: 'rule', key: id, before: jsonOf(was), after: jsonOf(is), direction: ruleDirection(was, is), text }];
  });
}

function ruleText(rule: MethodRule | null): string {
  if (rule === null) return 'none';
  const verb = { deny: 'is denied', approve: 'needs approval', allow: 'is allowed' }[rule.effect];
  const until = rule.expiresAt === null ? '' : ` until ${rule.expiresAt}`;
  const why = rule.reason === '' ? '' : ` (${rule.reason.replace(/\.$/, '')})`;
  return `“${capabilityOf(rule.capability)?.endpoint.title ?? rule.capability}” ${verb}${until}${why}`;
}

function ruleDirection(was: MethodRule | null, is: MethodRule | null): Change['direction'] {
  if (was === null) return is?.effect === 'allow' ? 'more' : 'less';
  if (is === null) return was.effect === 'allow' ? 'less' : 'more';
  return null;
}

function diffConstraints(old: Agent, now: Agent): Draft[] {
  return grantAreas.flatMap((area) =>
    limitKeys.flatMap((limit): Draft[] => {
      const [was, is] = [limitOf(old, area, limit), limitOf(now, area, limit)];
      if (same(was, is)) return [];
      const write = (value: typeof was): string => (value === undefined ? '' : limitText(limit, value));
      const shown = is === undefined ? `no longer ${write(was)}` : was === undefined ? write(is) : `${write(is)} (was: ${write(was)})`;
      const direction = was === undefined ? 'less' : is === undefined ? 'more' : null;
      const text = `${now.name}: ${areaNames[area]}: ${shown}.`;
      return [{ what: 'constraint', key: `${area}.${limit}`, before: jsonOf(was), after: jsonOf(is), direction, text }];
    }),
  );
}

function limitOf(agent: Agent, area: GrantArea, limit: keyof Constraint): Constraint[keyof Constraint] {
  return agent.constraints[area]?.[limit];
}

function diffFields(old: Agent, now: Agent): Draft[] {
  const [before, after] = [fieldsOf(old), fieldsOf(now)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key): Draft[] => {
    const [was, is] = [before.get(key) ?? [], after.get(key) ?? []];
    const rule = is[0] ?? was[0];
    if (rule === undefined || same(was, is)) return [];
    const where = rule.area === null ? 'everywhere' : `in ${areaNames[rule.area]}`;
    const text = `${now.name}: ${classNames[rule.class]} ${where} ${treatmentText(is)} (was: ${treatmentText(was)}).`;
    return [{ what: 'field', key, before: jsonOf(was.map(treatmentOf)), after: jsonOf(is.map(treatmentOf)), direction: null, text }];
  });
}

function fieldsOf(agent: Agent): Map<string, readonly FieldRule[]> {
  const found = new Map<string, readonly FieldRule[]>();
  for (const rule of agent.fields) {
    const key = `${rule.area ?? 'all'}.${rule.class}`;
    found.set(key, [...(found.get(key) ?? []), rule]);
  }
  return found;
}

function treatmentOf({ treatment }: FieldRule): string {
  return treatment;
}

function treatmentText(rules: readonly FieldRule[]): string {
  return rules.length === 0 ? 'as by default' : listed(rules.map(({ treatment }) => treatmentNames[treatment]));
}

function diffSettings(old: Agent, now: Agent, isNew: boolean): Draft[] {
  const accepted = (value: Agent['combinationAccepted']) => (value === null ? 'accepted by nobody' : `accepted by ${value.by}`);
  const placed = (value: Agent['text']) => (value === 'apart' ? 'apart from the data' : 'in its place');
  const settings: readonly (readonly [keyof Agent, (agent: Agent) => string, Change['direction'], subject?: string])[] = [
    ['name', ({ name }) => `name ${name}`, null],
    ['owner', ({ owner }) => `owner ${owner}`, null],
    ['purpose', ({ purpose }) => (purpose === '' ? 'no purpose' : `purpose “${purpose}”`), null],
    ['expiresAt', ({ expiresAt }) => (expiresAt === null ? 'no end' : `ends ${expiresAt}`), null],
    [
      'taint',
      ({ taint }) => taintText(taint),
      now.taint === false ? 'more' : now.taint === true ? 'less' : null,
      'what it sends, deletes or does live after reading outside text ',
    ],
    ['text', ({ text }) => `outside text stands ${placed(text)}`, now.text === 'apart' ? 'less' : 'more'],
    ['combinationAccepted', (agent) => `private data, outside text and a way out together: ${accepted(agent.combinationAccepted)}`, null],
  ];
  return settings.flatMap(([key, write, direction, subject = '']): Draft[] => {
    if (same(old[key], now[key])) return [];
    const was = isNew ? '' : ` (was: ${write(old)})`;
    return [
      {
        what: 'setting',
        key,
        before: jsonOf(old[key]),
        after: jsonOf(now[key]),
        direction,
        text: `${now.name}: ${subject}${write(now)}${was}.`,
      },
    ];
  });
}

const budgetTexts: Readonly<Record<keyof AgentBudget, (value: number | null) => string>> = {
  weight: (value) => `weight ${String(value)} among agents`,
  burst: (value) => `bursts of ${counted(value ?? 0, 'request')}`,
  maximumRequestsPerDay: (value) => (value === null ? 'any number of requests a day' : `at most ${counted(value, 'request')} a day`),
};

const budgetKeys = Object.keys(budgetTexts) as readonly (keyof AgentBudget)[]; // the keys of the record above, which is total

function diffBudget(old: Agent, now: Agent, isNew: boolean): Draft[] {
  const [before, after] = [old.budget ?? defaultBudget, now.budget ?? defaultBudget];
  return budgetKeys.flatMap((key): Draft[] => {
    const [was, is] = [before[key], after[key]];
    if (was === is) return [];
    const write = budgetTexts[key];
    const shown = isNew ? write(is) : `${write(is)} (was: ${write(was)})`;
    const direction = (is ?? Infinity) > (was ?? Infinity) ? 'more' : 'less';
    return [{ what: 'setting', key: `budget.${key}`, before: was, after: is, direction, text: `${now.name}: ${shown}.` }];
  });
}

function diffSubjects(old: Agent, now: Agent): Draft[] {
  const [before, after] = [old.subjects ?? [], now.subjects ?? []];
  const change = (subject: string, added: boolean): Draft => ({
    what: 'setting',
    key: 'subjects',
    before: added ? null : subject,
    after: added ? subject : null,
    direction: added ? 'more' : 'less',
    text: `${now.name}: tokens of ${subject} ${added ? 'are' : 'are no longer'} this agent’s.`,
  });
  return [
    ...after.filter((subject) => !before.includes(subject)).map((subject) => change(subject, true)),
    ...before.filter((subject) => !after.includes(subject)).map((subject) => change(subject, false)),
  ];
}

function diffGuardrails(before: readonly Guardrail[], after: readonly Guardrail[]): Change[] {
  const [was, is] = [new Map(before.map((each) => [each.id, each])), new Map(after.map((each) => [each.id, each]))];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((id): Change[] => {
    const [old, now] = [was.get(id) ?? null, is.get(id) ?? null];
    if (same(old, now)) return [];
    const deed = old === null ? 'New company rule' : now === null ? 'Company rule removed:' : 'Company rule changed:';
    const text = `${deed} ${id}: ${((now ?? old)?.text ?? '').replace(/\.$/, '')} (${forbidText((now ?? old)?.forbids ?? {})}).`;
    const direction = old === null ? 'less' : now === null ? 'more' : null;
    return [{ agent: null, what: 'guardrail', key: id, before: jsonOf(old), after: jsonOf(now), direction, text }];
  });
}

function diffHosts(before: readonly string[], after: readonly string[]): Change[] {
  const change = (host: string, added: boolean): Change => ({
    agent: null,
    what: 'webhook_host',
    key: host,
    before: added ? null : host,
    after: added ? host : null,
    direction: added ? 'more' : 'less',
    text: added ? `Webhooks and callbacks may be pointed at ${host}.` : `Webhooks and callbacks may no longer be pointed at ${host}.`,
  });
  return [
    ...after.filter((host) => !before.includes(host)).map((host) => change(host, true)),
    ...before.filter((host) => !after.includes(host)).map((host) => change(host, false)),
  ];
}

function same(one: unknown, other: unknown): boolean {
  return canonicalJson(one ?? null) === canonicalJson(other ?? null);
}

/** Undefined becomes null. */
function jsonOf(value: unknown): Json {
  return value === undefined ? null : (structuredClone(value) as Json); // policies are JSON
}
