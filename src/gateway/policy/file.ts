// trunkline.policy.json: the policy as a file that people review. Agents go by their names in it; which id and which keys an
// agent of that name has, the store knows. The JSON Schema for editors is made from the same description that checks it.
import * as z from 'zod/mini';
import { effects } from '../../aircall/index.ts';
import { nearest, UsageError } from '../../base/index.ts';
import { capabilities } from '../capabilities/capabilities.ts';
import { normaliseHost } from './address.ts';
import { minutesOf, openingOf } from './limits.ts';
import { isAgentName, isLine, isPersonName, isRuleId, isSubject } from './names.ts';
import type { PolicyParts } from './policy.ts';
import { defaultBudget, fieldTreatments, levels, withBudget } from './types.ts';
import type { Agent, Constraint, FieldRule, Guardrail, MethodRule, Policy } from './types.ts';
import { areaNames, classNames, grantAreas, ruledClasses } from './words.ts';

export const policyFileName = 'trunkline.policy.json';

/** What the file says, complete: what was left out has its default. */
export type PolicyFile = {
  readonly agents: readonly Omit<Agent, 'id'>[];
  readonly guardrails: readonly Guardrail[];
  readonly webhookHosts: readonly string[];
};

// ---- the shape -----------------------------------------------------------------------------------------------------

const oneLine = z.string().check(z.refine(isLine, 'must be one line of at most 300 characters'), z.maxLength(300));
const person = z.string().check(z.refine(isPersonName, 'must be made of letters, digits, spaces and - _ . @, up to 60'), z.maxLength(60));
const ruleId = z
  .string()
  .check(z.refine(isRuleId, 'must be made of letters, digits and - _ . and begin and end with a letter or digit'), z.maxLength(64));
const aircallId = z.string().check(z.regex(/^(?:0|[1-9]\d{0,18})$/, 'must be an id: digits, as text'));
const moment = z.nullable(z.iso.datetime({ offset: true, message: 'must be a moment such as 2027-01-31T18:00:00Z, or null' }));
const area = z.enum(grantAreas);
const capability = z.enum(capabilities.map(({ id }) => id));
const hostName = z
  .string()
  .check(z.refine((host) => normaliseHost(host) !== null, 'must be a host such as hooks.example.com or *.example.com'));

const someIds = (meaning: string) => z.optional(described(z.array(aircallId).check(z.minLength(1), distinct()), meaning));
const count = (minimum: number, meaning: string) => z.optional(described(z.int().check(z.minimum(minimum)), meaning));

const hours = z
  .strictObject({
    days: described(
      z.array(z.int().check(z.minimum(1), z.maximum(7))).check(z.minLength(1), distinct()),
      'Days of the week, 1 (Monday) to 7 (Sunday).',
    ),
    from: described(clockTime(), 'From this time, `HH:MM`.'),
    to: described(clockTime(), 'Up to, not including, this time; `24:00` is the end of the day. Before `from`: on the next day.'),
    timeZone: described(z.string(), 'By the clock of this IANA time zone, such as Europe/Paris.'),
  })
  .check(z.refine((value) => openingOf(value) !== null, 'must be hours that differ, in a time zone that exists'));

const constraint = z.strictObject({
  teams: someIds('Only rows of these teams.'),
  numbers: someIds('Only rows of these numbers.'),
  users: someIds('Only rows of these users.'),
  tags: someIds('Only rows with one of these tags.'),
  directions: z.optional(
    described(z.array(z.enum(['inbound', 'outbound'])).check(z.minLength(1), distinct()), 'Only calls of these directions.'),
  ),
  newerThanSeconds: count(1, 'Only calls that started within the last so many seconds.'),
  hours: z.optional(described(hours, 'When the agent may act at all.')),
  maximumRowsPerDay: count(0, 'So many rows a day (UTC). The page that reaches it is still given.'),
  maximumWritesPerDay: count(0, 'So many changes a day (UTC).'),
});

const rule = z.strictObject({
  id: z.optional(described(ruleId, 'Names the rule in decisions. Left out: made from the capability and the effect.')),
  capability: described(capability, 'The capability; `trunkline capabilities` lists them.'),
  effect: described(
    z.enum(['deny', 'approve', 'allow']),
    'deny: never. approve: only once a person has approved the very request. allow: whatever the level of the area.',
  ),
  reason: z.optional(described(oneLine, 'Why, for people.')),
  expiresAt: z.optional(described(moment, 'From then on the rule does not count; null: no end.')),
});

const fieldRule = z.strictObject({
  area: z.optional(described(z.nullable(area), 'In this area; left out or null: in all.')),
  class: described(z.enum(ruledClasses), 'Which values.'),
  treatment: described(z.enum(fieldTreatments), 'How they are shown.'),
});

const budget = z.strictObject({
  weight: z.optional(
    described(
      z.int().check(z.minimum(1), z.maximum(100)),
      'Where agents want more than there is, one with weight 3 gets three times as much as one with weight 1. Left out: 1.',
    ),
  ),
  burst: z.optional(
    described(
      z.int().check(z.minimum(0), z.maximum(100)),
      'How many requests it may send ahead of its share after it was quiet. Left out: 5.',
    ),
  ),
  maximumRequestsPerDay: z.optional(
    described(z.nullable(z.int().check(z.minimum(0))), 'So many requests a day (UTC) are let through; null or left out: no limit.'),
  ),
});

const agent = z.strictObject({
  owner: described(person, 'The person who answers for the agent.'),
  purpose: z.optional(described(oneLine, 'What it is for, in a sentence.')),
  status: z.optional(described(z.enum(['active', 'paused']), 'A paused agent is refused everything. Left out: active.')),
  expiresAt: z.optional(described(moment, 'From then on it is refused everything; null: no end.')),
  grants: z.optional(
    described(
      z.strictObject(
        Object.fromEntries(
          grantAreas.map((each) => [each, z.optional(described(z.enum(levels), `How far it may go in ${areaNames[each]}.`))]),
        ),
      ),
      'Levels by area. An area that is left out is off.',
    ),
  ),
  rules: z.optional(described(z.array(rule), 'Rules for single capabilities, against the level of their area.')),
  constraints: z.optional(
    described(
      z.strictObject(
        Object.fromEntries(grantAreas.map((each) => [each, z.optional(described(constraint, `Limits in ${areaNames[each]}.`))])),
      ),
      'Limits by area. All that are given must hold.',
    ),
  ),
  fields: z.optional(
    described(
      z.array(fieldRule),
      `How ${ruledClasses.map((each) => classNames[each]).join(', ')} are shown. A phone number, an e-mail address or a name that is not shown in one area is as little shown in those without a rule of their own.`,
    ),
  ),
  taint: z.optional(
    described(
      z.nullable(z.boolean()),
      'Whether a person must approve what it deletes, sends out or does on live calls within half an hour after it read outside text. Null: exactly when it can send out or act on live calls.',
    ),
  ),
  text: z.optional(
    described(z.enum(['apart', 'in_place']), 'Where text that outsiders wrote or spoke stands in its answers. Left out: apart.'),
  ),
  combinationAccepted: z.optional(
    described(
      z.nullable(z.strictObject({ by: person, at: z.iso.datetime({ offset: true }) })),
      'Who accepted that it sees private data, reads outside text and can send something out.',
    ),
  ),
  budget: z.optional(described(budget, 'Its part of the requests that Aircall grants the company.')),
  subjects: z.optional(
    described(
      z.array(z.string().check(z.refine(isSubject, 'must be 1 to 255 visible characters'))).check(z.minLength(1), distinct()),
      'What the company’s identity provider calls it: tokens of these are this agent. Left out: only its own keys are.',
    ),
  ),
});

const guardrail = z.strictObject({
  id: described(ruleId, 'Names the guardrail in decisions.'),
  forbids: described(
    z
      .strictObject({ capability: z.optional(capability), area: z.optional(area), effect: z.optional(z.enum(effects)) })
      .check(z.refine((forbids) => Object.keys(forbids).length > 0, 'must name a capability, an area or an effect')),
    'What agents never do. All that is given must fit.',
  ),
  text: described(oneLine.check(z.minLength(1)), 'For people, such as “Recordings are never deleted by agents”.'),
});

const schema = z.strictObject({
  $schema: z.optional(z.string()),
  agents: z.optional(described(z.record(z.string(), agent), 'All agents by name. One that is missing here is revoked, for good.')),
  guardrails: z.optional(described(z.array(guardrail), 'What no agent does, whatever it was granted.')),
  webhookHosts: z.optional(
    described(z.array(hostName).check(distinct()), 'The only hosts that webhooks and callbacks may be pointed at. Left out: none.'),
  ),
});

type FileJson = z.infer<typeof schema>;

// ---- reading and writing -------------------------------------------------------------------------------------------

/** Checks the file whole. Throws `UsageError` naming the place, what is wrong with it, and the nearest right name. */
export function parsePolicyFile(text: string): PolicyFile {
  const checked = schema.safeParse(parseJson(text), { reportInput: true });
  if (!checked.success) throw refusal(checked.error.issues);
  const { agents = {}, guardrails = [], webhookHosts = [] } = checked.data;
  refuseTwins(Object.keys(agents), 'agents', 'are two agents of the same name');
  refuseTwins(
    guardrails.map(({ id }) => id),
    'guardrails',
    'hold the same id twice',
  );
  refuseSharedSubjects(agents);
  return {
    agents: Object.entries(agents).map(([name, given]) => agentOf(name, given)),
    guardrails: guardrails.map(withoutUndefined) as readonly Guardrail[], // as the schema says
    webhookHosts: [...new Set(webhookHosts.flatMap((host) => normaliseHost(host) ?? []))],
  };
}

/**
 * The policy that the file asks for. An agent that is there keeps its id, and with it its keys; a new one gets an id of
 * `newId` and has no keys yet; one that the file leaves out is revoked. Revoked agents stay as they are: they are not in the
 * file, and no other agent may take their name. Throws `UsageError`; then nothing is to be done.
 */
export function applyPolicyFile(file: PolicyFile, current: Policy, newId: (name: string) => string): PolicyParts {
  const known = Object.values(current.agents);
  const agents: Record<string, Agent> = {};
  for (const each of known) agents[each.id] = { ...each, status: 'revoked' };
  for (const each of file.agents) {
    const old = known.find(({ name }) => name.toLowerCase() === each.name.toLowerCase());
    if (old?.status === 'revoked') {
      throw broken(`agents.${each.name}`, 'is the name of a revoked agent', 'Choose another name: names stand in the log for good.');
    }
    if (old !== undefined && old.name !== each.name) throw broken(`agents.${each.name}`, `is called ${old.name}`, `Write it like that.`);
    const id = old?.id ?? newId(each.name);
    if (old === undefined && Object.hasOwn(agents, id)) throw new TypeError('the id of a new agent is taken');
    agents[id] = { id, ...each };
  }
  return { company: current.company, agents, guardrails: file.guardrails, webhookHosts: file.webhookHosts };
}

/** The policy as a file, such that applying it changes nothing. What has its default is left out, and so are revoked agents. */
export function writePolicyFile(policy: PolicyParts): string {
  const agents = Object.values(policy.agents)
    .filter(({ status }) => status !== 'revoked')
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const file = {
    $schema: './node_modules/trunkline/schema/trunkline.policy.schema.json',
    guardrails: policy.guardrails,
    webhookHosts: policy.webhookHosts,
    agents: Object.fromEntries(agents.map((each) => [each.name, written(each)])),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** The JSON Schema of the file, for editors. */
export function policyFileJsonSchema(): object {
  return {
    title: policyFileName,
    description: 'Who may do what: agents, what each of them may do, and what none of them does. Keys do not belong here.',
    ...z.toJSONSchema(schema, { target: 'draft-7', reused: 'ref' }),
  };
}

function agentOf(name: string, given: NonNullable<FileJson['agents']>[string]): Omit<Agent, 'id'> {
  const where = `agents.${name}`;
  if (!isAgentName(name)) {
    throw broken(
      'agents',
      'hold a name that is none',
      'Names are made of letters, digits, spaces and - _ . and have at most 60 characters.',
    );
  }
  const rules = rulesOf(given.rules ?? []);
  refuseTwins(
    rules.map(({ id }) => id),
    `${where}.rules`,
    'hold the same id twice',
  );
  return {
    name,
    owner: given.owner,
    purpose: given.purpose ?? '',
    status: given.status ?? 'active',
    expiresAt: given.expiresAt ?? null,
    grants: withoutUndefined(given.grants ?? {}),
    rules,
    constraints: Object.fromEntries(
      Object.entries(withoutUndefined(given.constraints ?? {})).map(([each, limits]) => [each, withoutUndefined(limits as Constraint)]), // as the schema says
    ),
    fields: (given.fields ?? []).map((each): FieldRule => ({ area: each.area ?? null, class: each.class, treatment: each.treatment })),
    taint: given.taint ?? null,
    text: given.text ?? 'apart',
    combinationAccepted: given.combinationAccepted ?? null,
    ...withBudget({ ...defaultBudget, ...withoutUndefined(given.budget ?? {}) }),
    ...(given.subjects === undefined ? {} : { subjects: given.subjects }),
  };
}

/** Gives those without an id one that only depends on what the rule says, and where it says the same as another, on the order. */
function rulesOf(given: readonly z.infer<typeof rule>[]): MethodRule[] {
  const taken = new Set(given.flatMap(({ id }) => id ?? []));
  return given.map((each): MethodRule => {
    const stem = `${each.capability}-${each.effect}`;
    let id = each.id ?? stem;
    for (let number = 2; each.id === undefined && taken.has(id); number += 1) id = `${stem}-${number}`;
    taken.add(id);
    return { id, capability: each.capability, effect: each.effect, reason: each.reason ?? '', expiresAt: each.expiresAt ?? null };
  });
}

function written(agent: Agent): object {
  const {
    owner,
    purpose,
    status,
    expiresAt,
    grants,
    rules,
    constraints,
    fields,
    taint,
    text,
    combinationAccepted,
    budget: share,
    subjects,
  } = agent;
  return {
    owner,
    ...(purpose === '' ? {} : { purpose }),
    ...(status === 'active' ? {} : { status }),
    ...(expiresAt === null ? {} : { expiresAt }),
    grants,
    ...(rules.length === 0 ? {} : { rules }),
    ...(Object.keys(constraints).length === 0 ? {} : { constraints }),
    ...(fields.length === 0 ? {} : { fields }),
    ...(taint === null ? {} : { taint }),
    ...(text === 'apart' ? {} : { text }),
    ...(combinationAccepted === null ? {} : { combinationAccepted }),
    ...(share === undefined ? {} : withBudget(share)),
    ...(subjects === undefined ? {} : { subjects }),
  };
}

// ---- what is wrong -------------------------------------------------------------------------------------------------

function broken(where: string, problem: string, hint: string): UsageError {
  return new UsageError({
    code: 'policy_file',
    message: where === '' ? `The policy file ${problem}.` : `In the policy file, "${where}" ${problem}.`,
    hint,
  });
}

function parseJson(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    const twice = repeatedKey(text);
    if (twice !== null) throw broken('', `holds the key ${twice} twice in one object`, 'Only the last one would count; remove the others.');
    return json;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // The parser's own message quotes the file.
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    const line = position === undefined ? '' : ` (line ${text.slice(0, Number(position)).split('\n').length})`;
    throw broken(
      '',
      `is not valid JSON${line}`,
      'Write it like {"agents": {"Support Agent": {"owner": "Olga Stein", "grants": {"calls": "read"}}}}.',
    );
  }
}

/**
 * A key that stands twice in one object, as it is written there; null when there is none. Readers of JSON take the last of them,
 * people the first. The text is valid JSON.
 */
function repeatedKey(text: string): string | null {
  const open: (Set<string> | null)[] = [];
  for (const [token, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (colon !== undefined) {
      const written = token.slice(0, token.lastIndexOf('"') + 1);
      const key = String(JSON.parse(written));
      const keys = open.at(-1);
      if (keys?.has(key) === true) return written;
      keys?.add(key);
    }
  }
  return null;
}

function refusal(issues: readonly z.core.$ZodIssue[]): UsageError {
  // What is unknown goes first: the rest is often only its consequence.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  if (issue === undefined) return broken('', 'is not a policy', 'Look at the JSON Schema.');
  const where = issue.path.map(String).join('.');
  const more = issues.length > 1 ? ` There ${issues.length === 2 ? 'is one more problem' : `are ${issues.length - 1} more problems`}.` : '';
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const known = keysAt(issue.path);
    const near = nearest(key, known);
    const hint = near === null ? `The keys there are ${known.join(', ')}.` : `Did you mean "${near}"?`;
    return broken(where === '' ? key : `${where}.${key}`, 'is unknown', hint + more);
  }
  return broken(where, problemOf(issue), hintFor(issue) + more);
}

function problemOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${articles[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return 'is none of the values that are possible there';
    case 'too_small':
      return issue.origin === 'array' || issue.origin === 'string' ? 'must not be empty' : `must be at least ${String(issue.minimum)}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `must have at most ${String(issue.maximum)} characters`
        : `must be at most ${String(issue.maximum)}`;
    default:
      return issue.message.startsWith('must') ? issue.message : 'is not what is expected there';
  }
}

const articles: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  array: 'a list',
  record: 'an object',
  object: 'an object',
  boolean: 'true or false',
};

function hintFor(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_value') return `Look at the JSON Schema, schema/trunkline.policy.schema.json.`;
  const possible = issue.values.map(String);
  const near = typeof issue.input === 'string' ? nearest(issue.input, possible) : null;
  if (near !== null) return `Did you mean "${near}"?`;
  return possible.length > 20 ? '`trunkline capabilities` lists them.' : `Possible are ${possible.join(', ')}.`;
}

/** The keys that an object of the file may have. */
function keysAt(path: readonly PropertyKey[]): string[] {
  const [first, , third, , ...deeper] = path.map(String);
  if (first === undefined) return Object.keys(schema.shape);
  if (first === 'guardrails') return Object.keys(third === 'forbids' ? { capability, area, effect: true } : guardrail.shape);
  if (third === undefined) return Object.keys(agent.shape);
  if (third === 'grants' || (third === 'constraints' && path.length === 3)) return [...grantAreas];
  if (third === 'constraints') return Object.keys(deeper.length > 0 ? hours.shape : constraint.shape);
  if (third === 'rules') return Object.keys(rule.shape);
  if (third === 'budget') return Object.keys(budget.shape);
  return third === 'fields' ? Object.keys(fieldRule.shape) : ['by', 'at'];
}

function refuseTwins(names: readonly string[], where: string, problem: string): void {
  const lower = names.map((name) => name.toLowerCase());
  const twin = names.find((name, index) => lower.indexOf(name.toLowerCase()) !== index);
  if (twin !== undefined) throw broken(where, problem, `"${twin}" is there more than once.`);
}

function refuseSharedSubjects(agents: NonNullable<FileJson['agents']>): void {
  const owners = new Map<string, string>();
  for (const [name, { subjects = [] }] of Object.entries(agents)) {
    for (const subject of subjects) {
      const other = owners.get(subject);
      if (other !== undefined)
        throw broken(`agents.${name}.subjects`, `hold one of ${other}`, 'A token must be of one agent; take it from one.');
      owners.set(subject, name);
    }
  }
}

// ---- helpers of the shape ------------------------------------------------------------------------------------------

function described<T extends z.ZodMiniType>(type: T, meaning: string): T {
  return type.check(z.describe(meaning));
}

function distinct<T>() {
  return z.refine<readonly T[]>((list) => new Set(list).size === list.length, 'must not hold the same twice');
}

function clockTime() {
  return z.string().check(
    z.refine((time) => minutesOf(time) !== null, 'must be a time such as 08:30'),
    z.regex(/^\d\d:\d\d$/),
  );
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const given = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]: Exclude<T[K], undefined> }; // only what was undefined is gone
}
