// The actions that change what agents may do.
import { randomBytes } from 'node:crypto';
import { UsageError } from '../../base/index.ts';
import {
  addGuardrail,
  dropGuardrail,
  dropRule,
  normaliseHost,
  setBudget,
  setConstraint,
  setField,
  setLevels,
  setRule,
  setStatus,
  setSubjects,
  setText,
  setWebhookHosts,
} from '../../gateway/index.ts';
import type { Agent, Edited, NewKey, Policy } from '../../gateway/index.ts';
import { duration, moment } from '../output/format.ts';
import { styleOf } from '../output/style.ts';
import { accepting, answer, policyOf, tell } from './context.ts';
import type { Action, AgentsContext } from './context.ts';
import { agentNamed, areaNamed, capabilityNamed, oneOf, parseFields, parseLevels, parseLimits, parseRules } from './words.ts';

export const add: Action = async (context) => {
  const { options, words, clock } = context;
  const [name] = words;
  if (name === undefined || options.owner === undefined) {
    throw new UsageError({
      code: 'command_line',
      message: name === undefined ? 'The agent has no name.' : `${name} has no owner: the person who answers for it.`,
      hint: 'Such as trunkline agents add "Support Agent" --owner "Olga Stein" --purpose "Answers what customers ask".',
    });
  }
  const { owner, purpose = '', expires } = options;
  const facts = { name, owner, purpose, expiresAt: expires?.(clock.now()) ?? null };
  const { agent, key, sentence, seq } = await context.desk().add(facts, termsOf(context));
  const json = { sentence, record: seq, agent, key: keyJson(key) };
  return answer(context, json, () => [
    sentence,
    '',
    ...keyLines(context, agent, key),
    'Next, say what it may do, and serve it:',
    command(context, `trunkline agents grant ${quoted(agent.name)} calls=read contacts=read`),
    command(context, 'trunkline serve'),
  ]);
};

export const rotate: Action = async (context) => {
  const { options, words } = context;
  const agent = agentNamed(policyOf(context), words[0] ?? '');
  const overlapMs = options.keep ?? 0;
  const { key, sentence, seq } = await context.desk().issueKey(agent.id, { terms: termsOf(context), overlapMs });
  return answer(context, { sentence, record: seq, agent: { id: agent.id, name: agent.name }, key: keyJson(key) }, () => [
    sentence,
    '',
    ...keyLines(context, agent, key),
    overlapMs === 0
      ? 'Its other keys work no more. To let them go on for a while, rotate with --keep 24h.'
      : `Its other keys go on for ${duration(overlapMs)}, no longer.`,
  ]);
};

export const grant: Action = (context) => {
  const [name = '', ...levels] = context.words;
  const wanted = parseLevels(levels);
  return edit(context, name, (policy, agent) => setLevels(policy, agent, wanted));
};

export const rule: Action = async (context) => {
  const { options, clock } = context;
  const [name = '', ...words] = context.words;
  const expiresAt = options.until?.(clock.now()) ?? null;
  const rules = parseRules(words);
  const [first] = rules;
  if (first === undefined || rules.length > 1) throw one('rule', 'calls.comment=approve');
  const [capability, effect] = first;
  return edit(context, name, (policy, agent) =>
    effect === null
      ? dropRule(policy, agent, capability)
      : setRule(policy, agent, {
          id: `r_${randomBytes(4).toString('hex')}`,
          capability,
          effect,
          reason: options.reason ?? '',
          expiresAt,
        }),
  );
};

export const constrain: Action = (context) => {
  const [name = '', area, ...limits] = context.words;
  if (area === undefined) throw one('area', 'trunkline agents constrain "Support Agent" calls teams=7,8 max-rows=500', 'Name an area.');
  const of = areaNamed(area);
  parseLimits(limits, {});
  return edit(context, name, (policy, agent) => setConstraint(policy, agent, of, parseLimits(limits, agent.constraints[of] ?? {})));
};

export const field: Action = (context) => {
  const [name = '', ...words] = context.words;
  const fields = parseFields(words);
  const [first] = fields;
  if (first === undefined || fields.length > 1) throw one('field', 'contacts.phone=mask');
  return edit(context, name, (policy, agent) => setField(policy, agent, first.which, first.treatment));
};

export const set: Action = (context) => {
  const { options, words, clock } = context;
  const { owner, purpose, expires, taint, text, weight, burst, dailyRequests } = options;
  const budget = {
    ...(weight === undefined ? {} : { weight }),
    ...(burst === undefined ? {} : { burst }),
    ...(dailyRequests === undefined ? {} : { maximumRequestsPerDay: dailyRequests === 'off' ? null : dailyRequests }),
  };
  const to = {
    ...(owner === undefined ? {} : { owner }),
    ...(purpose === undefined ? {} : { purpose }),
    ...(expires === undefined ? {} : { expiresAt: expires(clock.now()) }),
    ...(taint === undefined ? {} : { taint: taint === 'auto' ? null : taint === 'on' }),
    ...(text === undefined ? {} : { text: text === 'apart' ? ('apart' as const) : ('in_place' as const) }),
  };
  if (Object.keys(budget).length > 0) {
    if (Object.keys(to).length === 0) return edit(context, words[0] ?? '', (policy, agent) => setBudget(policy, agent, budget));
    throw one('kind of setting', '--weight 3 --burst 5 --daily-requests 500', 'Set the budget by itself, so that the log tells it apart.');
  }
  if (Object.keys(to).length === 0)
    throw one(
      'setting',
      '--owner paul, --purpose, --expires, --taint, --text, --weight, --burst or --daily-requests',
      'There is nothing to set.',
    );
  return edit(context, words[0] ?? '', (policy, agent) => setText(policy, agent, to));
};

export const identity: Action = (context) => {
  const [name = '', ...words] = context.words;
  if (words.length === 0)
    throw one('subject', 'trunkline agents identity "Support Agent" 0oa1b2c3d4, or none', 'There is nothing to change.');
  const subjects = words.length === 1 && words[0] === 'none' ? [] : words;
  return edit(context, name, (policy, agent) => setSubjects(policy, agent, subjects));
};

export const pause: Action = (context) => edit(context, context.words[0] ?? '', (policy, agent) => setStatus(policy, agent, 'paused'));

export const resume: Action = (context) => edit(context, context.words[0] ?? '', (policy, agent) => setStatus(policy, agent, 'active'));

export const revoke: Action = async (context) => {
  const { options, words } = context;
  if (options.key !== undefined) return tell(context, await context.desk().revokeKey(options.key));
  const agent = agentNamed(policyOf(context), words[0] ?? '');
  return tell(context, await context.desk().revoke(agent.id), ['Its keys work no more. That is for good; pausing is what can be undone.']);
};

export const guardrail: Action = async (context) => {
  const { options, words } = context;
  const [what = 'list', id] = words;
  if (oneOf(what, ['list', 'add', 'remove'], 'action on company rules') === 'list') {
    const { guardrails, webhookHosts } = policyOf(context);
    return answer(context, { guardrails, webhookHosts }, () =>
      guardrails.length === 0
        ? ['There are no company rules. Such as: trunkline agents guardrail add keep-recordings --area recordings --effect delete']
        : guardrails.map((each) => `${each.id}: ${each.text} (${Object.values(each.forbids).join(', ')})`),
    );
  }
  if (id === undefined || !/^[a-z0-9][a-z0-9_-]{0,59}$/.test(id)) {
    throw one('id', 'keep-recordings', 'A company rule has an id of lower-case letters, digits, - and _.');
  }
  if (what === 'remove') {
    return tell(context, await accepting(context, (accepts) => context.desk().change((policy) => dropGuardrail(policy, id), accepts)));
  }
  const { area, effect, capability } = options;
  const forbids = {
    ...(area === undefined ? {} : { area: areaNamed(area) }),
    ...(effect === undefined ? {} : { effect: oneOf(effect, ['read', 'add', 'change', 'delete', 'live', 'egress'], 'effect') }),
    ...(capability === undefined ? {} : { capability: capabilityNamed(capability) }),
  };
  if (Object.keys(forbids).length === 0)
    throw one('thing to forbid', '--area recordings --effect delete', 'A company rule forbids something.');
  const text = options.reason ?? `${id}: forbidden to all agents`;
  return tell(context, await context.desk().change((policy) => addGuardrail(policy, { id, forbids, text })));
};

export const webhookHosts: Action = async (context) => {
  const given = context.words.length === 1 && context.words[0] === 'none' ? [] : context.words;
  if (context.words.length === 0) throw one('host', '*.example.com, or none', 'There is nothing to change.');
  const hosts = given.map((host) => {
    const normal = normaliseHost(host);
    if (normal === null) throw one('host', '*.example.com', `"${host}" is no name of a host.`);
    return normal;
  });
  return tell(context, await context.desk().change((policy) => setWebhookHosts(policy, hosts)));
};

async function edit(context: AgentsContext, name: string, change: (policy: Policy, agent: Agent) => Edited): Promise<number> {
  const { id } = agentNamed(policyOf(context), name);
  const changed = await accepting(context, (options) => context.desk().change((policy) => change(policy, agentNamed(policy, id)), options));
  return tell(context, changed);
}

function termsOf({ options, clock }: AgentsContext) {
  return { expiresAt: options.keyExpires?.(clock.now()) ?? null, addresses: options.from ?? null };
}

function keyJson({ keyId, key, expiresAt }: NewKey) {
  return { keyId, key: key.reveal(), expiresAt };
}

function keyLines(context: AgentsContext, agent: Agent, { key, expiresAt }: NewKey): readonly string[] {
  const style = styleOf(context.stdout, context.env);
  const end = expiresAt === null ? '' : ` It ends on ${endText(expiresAt, context.clock.now())}.`;
  return [
    `  ${style.bold(key.reveal())}`,
    '',
    `This is the only time the key is shown; it is kept nowhere. Whoever has it acts as ${agent.name}.${end}`,
    `It goes where an Aircall credential would: as Bearer token, or in HTTP Basic as password of the user ${agent.id}.`,
    '',
  ];
}

/** Within two days a day alone says too little. */
function endText(endsAt: string, nowMs: number): string {
  return Date.parse(endsAt) - nowMs <= 2 * 24 * 60 * 60 * 1000 ? moment(endsAt) : endsAt.slice(0, 10);
}

function command(context: AgentsContext, line: string): string {
  return `  ${styleOf(context.stdout, context.env).cyan(line)}`;
}

function quoted(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `"${name}"`;
}

function one(what: string, example: string, message = `One ${what} at a time.`): UsageError {
  return new UsageError({ code: 'command_line', message, hint: `Such as ${example}.` });
}
