// What an operator can change about agents, each as a function from the policy to the next one and the sentence that the log keeps.
// Pure: nothing is stored here. Throws `UsageError` for what cannot be done; then nothing has happened.
import { UsageError } from '../../base/index.ts';
import type { Json } from '../../base/index.ts';
import { diffPolicies } from '../policy/diff.ts';
import { limitsText } from '../policy/limit-words.ts';
import { defaultBudget, withBudget } from '../policy/types.ts';
import type { Agent, AgentBudget, Constraint, FieldRule, GrantArea, Guardrail, Level, MethodRule, Policy } from '../policy/types.ts';
import { isAgentName, isLine, isPersonName, isRuleId, isSubject } from '../policy/names.ts';
import type { PolicyParts } from '../policy/policy.ts';
import { areaNames, classNames, levelNames, listed, treatmentNames } from '../policy/words.ts';

export type Edited = {
  /** The policy afterwards; null: it stays as it is (a change of keys). */
  readonly policy: PolicyParts | null;
  /** What the operator did, to stand after the name: “changed Support Agent: Tags from Read to Full use”. */
  readonly deed: string;
  readonly agent: Agent | null;
  readonly before: Json;
  readonly after: Json;
};

export type NewAgent = {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly purpose: string;
  readonly expiresAt: string | null;
};

export function addAgent(policy: Policy, facts: NewAgent): Edited {
  const { id, name, owner, purpose, expiresAt } = facts;
  if (!isAgentName(name)) throw badText('The name of an agent');
  if (!isPersonName(owner)) throw badText('The name of an owner');
  if (!isLine(purpose)) {
    throw new UsageError({
      code: 'agent_purpose',
      message: 'The purpose of an agent is one line of at most 300 characters.',
      hint: 'Say in a sentence what it is for.',
    });
  }
  const twin = Object.values(policy.agents).find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (twin !== undefined) {
    throw new UsageError({
      code: 'agent_exists',
      message: `There is an agent named ${twin.name} already${twin.status === 'revoked' ? ', and it is revoked' : ''}.`,
      hint: 'Choose another name: names stand in the log, and two agents must not be mistaken for one another.',
    });
  }
  const agent: Agent = {
    id,
    name,
    owner,
    purpose,
    status: 'active',
    expiresAt,
    grants: {},
    rules: [],
    constraints: {},
    fields: [],
    taint: null,
    text: 'apart',
    combinationAccepted: null,
  };
  return {
    policy: withAgent(policy, agent),
    deed: `added ${name}, owned by ${owner}. It may do nothing yet`,
    agent,
    before: null,
    after: jsonOf(agent),
  };
}

export function setLevels(policy: Policy, agent: Agent, levels: Readonly<Partial<Record<GrantArea, Level>>>): Edited {
  const changed = entriesOf(levels).filter(([area, level]) => (agent.grants[area] ?? 'off') !== level);
  const grants = Object.fromEntries(Object.entries({ ...agent.grants, ...levels }).filter(([, level]) => level !== 'off'));
  return edited(policy, agent, {
    to: { grants },
    deed: listed(
      changed.map(([area, level]) => `${areaNames[area]} from ${levelNames[agent.grants[area] ?? 'off']} to ${levelNames[level]}`),
    ),
    before: Object.fromEntries(changed.map(([area]) => [area, agent.grants[area] ?? 'off'])),
    after: Object.fromEntries(changed),
  });
}

/** Adds a rule, or replaces the one of the same capability. */
export function setRule(policy: Policy, agent: Agent, rule: MethodRule): Edited {
  if (!isLine(rule.reason)) throw badLine('The reason of a rule');
  const old = agent.rules.find(({ capability }) => capability === rule.capability) ?? null;
  return edited(policy, agent, {
    to: { rules: [...agent.rules.filter((each) => each !== old), rule] },
    deed: `${ruleText(old)} on ${rule.capability} is now ${ruleText(rule)}`.replace(/^no rule on (\S+) is now/, '$1 is now'),
    before: jsonOf(old),
    after: jsonOf(rule),
  });
}

export function dropRule(policy: Policy, agent: Agent, capability: string): Edited {
  const old = agent.rules.find((rule) => rule.capability === capability);
  if (old === undefined) {
    throw new UsageError({
      code: 'rule_missing',
      message: `${agent.name} has no rule on ${capability}.`,
      hint:
        agent.rules.length === 0 ? 'It has no rules at all.' : `Its rules are on ${listed(agent.rules.map((rule) => rule.capability))}.`,
    });
  }
  return edited(policy, agent, {
    to: { rules: agent.rules.filter((rule) => rule !== old) },
    deed: `the rule on ${capability} (${ruleText(old)}) is gone`,
    before: jsonOf(old),
    after: null,
  });
}

/** Null takes the limits of the area away. */
export function setConstraint(policy: Policy, agent: Agent, area: GrantArea, constraint: Constraint | null): Edited {
  const { [area]: old = null, ...others } = agent.constraints;
  return edited(policy, agent, {
    to: { constraints: constraint === null ? others : { ...others, [area]: constraint } },
    deed: `${
      constraint === null ? `no limits in ${areaNames[area]} any more` : `limits in ${areaNames[area]}: ${limitsText(constraint)}`
    } (was: ${old === null ? 'none' : limitsText(old)})`,
    before: jsonOf({ [area]: old }),
    after: jsonOf({ [area]: constraint }),
  });
}

/** Adds a rule, or replaces the one of the same class and area. Null takes it away. */
export function setField(
  policy: Policy,
  agent: Agent,
  which: Pick<FieldRule, 'area' | 'class'>,
  treatment: FieldRule['treatment'] | null,
): Edited {
  const old = agent.fields.find((rule) => rule.area === which.area && rule.class === which.class) ?? null;
  const others = agent.fields.filter((rule) => rule !== old);
  const where = which.area === null ? 'everywhere' : `in ${areaNames[which.area]}`;
  return edited(policy, agent, {
    to: { fields: treatment === null ? others : [...others, { ...which, treatment }] },
    deed: `${classNames[which.class]} ${where} ${treatment === null ? 'as by default' : `are ${treatmentNames[treatment]}`}`,
    before: jsonOf(old),
    after: treatment === null ? null : jsonOf({ ...which, treatment }),
  });
}

export function setText(
  policy: Policy,
  agent: Agent,
  to: Partial<Pick<Agent, 'taint' | 'text' | 'owner' | 'purpose' | 'expiresAt'>>,
): Edited {
  if (to.owner !== undefined && !isPersonName(to.owner)) throw badText('The name of an owner');
  const names = Object.keys(to) as (keyof typeof to)[]; // the keys of what was given
  // What it is for is free text: that stands beside the sentence alone.
  const changed = diffPolicies(policy, withAgent(policy, { ...agent, ...to })).map(({ key, text }) =>
    key === 'purpose' ? 'the purpose changed' : text.slice(agent.name.length + 2, -1),
  );
  return edited(policy, agent, {
    to,
    deed: listed(changed),
    before: jsonOf(Object.fromEntries(names.map((name) => [name, agent[name]]))),
    after: jsonOf(to),
  });
}

/** Its part of the company's requests; what is not given stays. */
export function setBudget(policy: Policy, agent: Agent, to: Partial<AgentBudget>): Edited {
  const { budget: _old, ...rest } = agent;
  const before = agent.budget ?? defaultBudget;
  const after = { ...before, ...to };
  const { weight, burst, maximumRequestsPerDay: most } = after;
  const isWhole = (value: number, from: number) => Number.isSafeInteger(value) && value >= from;
  if (!isWhole(weight, 1) || weight > 100 || !isWhole(burst, 0) || burst > 100 || (most !== null && !isWhole(most, 0))) {
    throw new UsageError({
      code: 'agent_budget',
      message: 'A weight is a whole number from 1 to 100, a burst one from 0 to 100, and a number of requests a day from 0 on.',
      hint: 'Such as --weight 3 --burst 5 --daily-requests 500.',
    });
  }
  const next: Agent = { ...rest, ...withBudget(after) };
  const changed = diffPolicies(policy, withAgent(policy, next)).map(({ text }) => text.slice(agent.name.length + 2, -1));
  return edited(policy, agent, { next, deed: listed(changed), before: { budget: jsonOf(before) }, after: { budget: jsonOf(after) } });
}

/** What the identity provider calls it, whole: those that are not given are its no more. */
export function setSubjects(policy: Policy, agent: Agent, given: readonly string[]): Edited {
  const { subjects: before = [], ...rest } = agent;
  const after = [...new Set(given)].sort();
  if (!after.every(isSubject)) {
    throw new UsageError({
      code: 'agent_subject',
      message: 'What an identity provider calls an agent is 1 to 255 visible characters without spaces.',
      hint: 'It is the text of the claim in its tokens, such as the client id.',
    });
  }
  const owner = Object.values(policy.agents).find(
    (each) => each.id !== agent.id && each.status !== 'revoked' && each.subjects?.some((subject) => after.includes(subject)) === true,
  );
  if (owner !== undefined) {
    throw new UsageError({
      code: 'subject_taken',
      message: `A token would then be of two agents: ${owner.name} has one of these already.`,
      hint: `Take it from ${owner.name} first.`,
    });
  }
  const next: Agent = after.length === 0 ? rest : { ...rest, subjects: after };
  const changed = diffPolicies(policy, withAgent(policy, next)).map(({ text }) => text.slice(agent.name.length + 2, -1));
  return edited(policy, agent, { next, deed: listed(changed), before: jsonOf({ subjects: before }), after: jsonOf({ subjects: after }) });
}

export function setStatus(policy: Policy, agent: Agent, status: Agent['status']): Edited {
  if (agent.status === 'revoked') {
    throw new UsageError({
      code: 'agent_revoked',
      message: `${agent.name} is revoked, and that is for good.`,
      hint: 'Add a new agent with trunkline agents add.',
    });
  }
  if (agent.status === status) {
    throw new UsageError({ code: 'agent_status', message: `${agent.name} is ${status} already.`, hint: 'There is nothing to do.' });
  }
  const verb = { active: 'resumed', paused: 'paused', revoked: 'revoked' }[status];
  return {
    policy: withAgent(policy, { ...agent, status }),
    deed: `${verb} ${agent.name}`,
    agent,
    before: { status: agent.status },
    after: { status },
  };
}

/** Notes who accepted the dangerous combination of these agents, beside the change that makes it. */
export function acceptCombination(edit: Edited, agents: readonly Agent[], accepted: { readonly by: string; readonly at: string }): Edited {
  if (edit.policy === null || agents.length === 0) return edit;
  const policy = agents.reduce((next, agent) => withAgent(next, { ...agent, combinationAccepted: accepted }), edit.policy);
  const who = agents.length === 1 && agents[0]?.id === edit.agent?.id ? 'it' : listed(agents.map((agent) => agent.name));
  const verbs = agents.length === 1 ? 'sees private data, reads outside text and has' : 'see private data, read outside text and have';
  return {
    ...edit,
    policy,
    deed: `${edit.deed}, accepting that ${who} ${verbs} a way out`,
    after: jsonOf({ change: edit.after, combinationAccepted: { ...accepted, agents: agents.map(({ id }) => id) } }),
  };
}

/** An acceptance does not outlive what was accepted. */
export function forgetCombination(edit: Edited, agents: readonly Agent[]): Edited {
  if (edit.policy === null) return edit;
  return { ...edit, policy: agents.reduce((next, agent) => withAgent(next, { ...agent, combinationAccepted: null }), edit.policy) };
}

export function addGuardrail(policy: Policy, guardrail: Guardrail): Edited {
  if (!isRuleId(guardrail.id)) throw badId('The id of a company rule');
  if (guardrail.text === '' || !isLine(guardrail.text)) throw badLine('The text of a company rule');
  if (policy.guardrails.some(({ id }) => id === guardrail.id)) {
    throw new UsageError({
      code: 'guardrail_exists',
      message: `There is a company rule ${guardrail.id} already.`,
      hint: 'Choose another id, or remove that one first.',
    });
  }
  return {
    policy: { ...policy, guardrails: [...policy.guardrails, guardrail] },
    deed: `added the company rule ${guardrail.id}`,
    agent: null,
    before: null,
    after: jsonOf(guardrail),
  };
}

export function dropGuardrail(policy: Policy, id: string): Edited {
  const old = policy.guardrails.find((each) => each.id === id);
  if (old === undefined) {
    throw new UsageError({
      code: 'guardrail_missing',
      message: `There is no company rule ${id}.`,
      hint: policy.guardrails.length === 0 ? 'There are none.' : `There are ${listed(policy.guardrails.map((each) => each.id))}.`,
    });
  }
  return {
    policy: { ...policy, guardrails: policy.guardrails.filter((each) => each !== old) },
    deed: `removed the company rule ${id}`,
    agent: null,
    before: jsonOf(old),
    after: null,
  };
}

export function setWebhookHosts(policy: Policy, hosts: readonly string[]): Edited {
  const sorted = [...new Set(hosts)].sort();
  return {
    policy: { ...policy, webhookHosts: sorted },
    deed: sorted.length === 0 ? 'allowed webhooks to no host at all' : `allowed webhooks to ${listed(sorted)} only`,
    agent: null,
    before: jsonOf({ webhookHosts: policy.webhookHosts }),
    after: jsonOf({ webhookHosts: sorted }),
  };
}

/** The whole policy at once, as a reviewed file says. */
export function replacePolicy(policy: Policy, next: PolicyParts, lines: readonly string[]): Edited {
  return {
    policy: next,
    deed: `applied a policy file with ${lines.length} ${lines.length === 1 ? 'change' : 'changes'}`,
    agent: null,
    before: { version: policy.version },
    after: { changes: lines },
  };
}

/** The next policy without the version, which is a hash of all the rest. */
export function draftOf({ version: _version, ...rest }: Policy): PolicyParts {
  return rest;
}

function edited(
  policy: Policy,
  agent: Agent,
  change: ({ readonly to: Partial<Agent> } | { readonly next: Agent }) & {
    readonly deed: string;
    readonly before: Json;
    readonly after: Json;
  },
): Edited {
  if (agent.status === 'revoked') {
    throw new UsageError({
      code: 'agent_revoked',
      message: `${agent.name} is revoked, and that is for good: there is nothing to change about it.`,
      hint: 'Add a new agent with trunkline agents add.',
    });
  }
  const next = 'next' in change ? change.next : { ...agent, ...change.to };
  if (JSON.stringify(next) === JSON.stringify(agent)) {
    throw new UsageError({ code: 'no_change', message: `${agent.name} is set like that already.`, hint: 'There is nothing to do.' });
  }
  return {
    policy: withAgent(policy, next),
    deed: `changed ${agent.name}: ${change.deed}`,
    agent,
    before: change.before,
    after: change.after,
  };
}

function withAgent(policy: PolicyParts, agent: Agent): PolicyParts {
  const { company, agents, guardrails, webhookHosts } = policy;
  return { company, agents: { ...agents, [agent.id]: agent }, guardrails, webhookHosts };
}

function ruleText(rule: MethodRule | null): string {
  if (rule === null) return 'no rule';
  return { deny: 'denied', approve: 'allowed after approval', allow: 'allowed' }[rule.effect];
}

function entriesOf(levels: Readonly<Partial<Record<GrantArea, Level>>>): readonly (readonly [GrantArea, Level])[] {
  return Object.entries(levels) as [GrantArea, Level][]; // the type's own keys
}

/** Plain data, as the log stores it. */
function jsonOf(value: unknown): Json {
  return structuredClone(value) as Json; // parts of a policy, which is JSON
}

function badText(what: string): UsageError {
  return new UsageError({
    code: 'agent_name',
    message: `${what} is made of letters, digits, spaces and - _ . and has at most 60 characters: it stands in the log.`,
    hint: 'Such as “Support Agent”.',
  });
}

function badLine(what: string): UsageError {
  return new UsageError({
    code: 'policy_text',
    message: `${what} is one line of at most 300 characters: it stands in the log and in answers to agents.`,
    hint: 'Say in a sentence why.',
  });
}

function badId(what: string): UsageError {
  return new UsageError({
    code: 'policy_id',
    message: `${what} is made of letters, digits and - _ . and has at most 64 characters: it stands in the log.`,
    hint: 'Such as keep-recordings.',
  });
}
