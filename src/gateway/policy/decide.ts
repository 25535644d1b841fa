// The decision: one pure function from a policy and a request to a verdict with its reason. The steps stand in a fixed order,
// and the first that stops decides. Deny beats allow, and what is missing, unknown or unreadable is a deny.
//
//   agent → catalogue → schema → guardrail → method rule → grant → constraint → quota → filter → address     deny
//   → taint → method rule → friction                                              needs approval, or a confirmation
//   → allow, with what must be done to the request and its answer
import { effects } from '../../aircall/index.ts';
import { isObject } from '../../base/index.ts';
import type { Capability } from '../capabilities/capability.ts';
import { valuesAt } from '../capabilities/use.ts';
import { accessOf } from './access.ts';
import type { AgentAccess, CapabilityAccess, TimedRule } from './access.ts';
import { refuseAddress } from './address.ts';
import type { Decision, DecisionCode, DecisionRequest, Obligation, RuleKind, Step } from './decision.ts';
import { counted } from './limit-words.ts';
import { limitNames, noLimits, rowConstraint } from './limits.ts';
import type { Limits, RowLimit } from './limits.ts';
import { argument, namedBy } from './named.ts';
import type { Named } from './named.ts';
import type { Level, Policy } from './types.ts';
import { areaNames, grantAreas, levelNames } from './words.ts';

/** For so long after it has read third-party text an agent counts as led by it. */
export const taintMs = 30 * 60_000;

/**
 * Decides whether the agent may do this, now. The same for the same arguments, and never throws: a value that cannot be judged
 * is denied.
 *
 * An approval also counts as a confirmation. A live `allow` rule lowers a capability's own `approve` to `confirm`, and no
 * further: what cannot be undone is never done at the first word. A dry run needs `read` on the area, or an `allow` rule, and is not held up
 * by taint and friction, as it does nothing.
 */
export function decide(policy: Policy, capability: Capability | null, request: DecisionRequest): Decision {
  return judge(policy, capability, request, 'request');
}

/**
 * As {@link decide}. With `access` only who and what is looked at, as if the arguments were fine and it were the right hour:
 * what an agent can do in principle. With `replay` addresses are taken as good, because the log does not hold them.
 */
export function judge(
  policy: Policy,
  capability: Capability | null,
  request: DecisionRequest,
  mode: 'request' | 'access' | 'replay',
): Decision {
  const trace: Step[] = [];
  try {
    return walk({ policy, capability, request, mode, trace });
  } catch {
    // A value with a life of its own, such as a getter that throws. Whatever it was: no.
    return stop({ policy, trace }, 'schema', 'request.unreadable', 'The request could not be judged.', { code: 'invalid_request' });
  }
}

type Case = {
  readonly policy: Policy;
  readonly capability: Capability | null;
  readonly request: DecisionRequest;
  readonly mode: 'request' | 'access' | 'replay';
  readonly trace: Step[];
};

/** A case whose agent and capability are known. */
type Known = Case & {
  readonly capability: Capability;
  readonly agent: AgentAccess;
  readonly access: CapabilityAccess;
  readonly rules: readonly TimedRule[];
};

type Stopped = Decision | null;

function walk(it: Case): Decision {
  const { policy, capability, request, trace } = it;
  const agent = accessOf(policy, request.agentId);
  const inactive = refuseAgent(it, agent);
  if (inactive !== null || agent === null) return inactive ?? unreadable(it);
  if (capability === null || capability.id !== request.capability || !isUsable(capability)) {
    const text = 'There is no such capability.';
    return stop(it, 'catalogue', 'catalogue.unknown', text, { code: 'unknown_capability' });
  }
  pass(trace, 'catalogue', 'It is in the catalogue.');
  if (it.mode !== 'access' && request.invalid !== null) {
    const text = 'The arguments are not what this capability takes.';
    const fix = typeof request.invalid === 'string' ? request.invalid : null;
    return stop(it, 'schema', 'schema', text, { code: 'invalid_request', fix });
  }
  pass(trace, 'schema', 'The arguments fit.');

  const access = agent.to(capability);
  const rules = agent.rules(capability.id).filter((rule) => rule.counts(request.nowMs));
  const known: Known = { ...it, capability, agent, access, rules };
  const refused = refuseByGuardrail(known) ?? refuseByRule(known) ?? refuseByLevel(known);
  if (refused !== null) return refused;
  if (it.mode === 'access') return hold(known, []) ?? allow(known, []);
  const rows = refuseByLimits(known);
  if ('effect' in rows) return rows;
  return refuseByQuota(known) ?? refuseSearch(known) ?? refuseAddresses(known) ?? hold(known, rows) ?? allow(known, rows);
}

function refuseAgent(it: Case, access: AgentAccess | null): Stopped {
  const { nowMs } = it.request;
  const deny = (id: string, text: string, fix: string | null) => stop(it, 'agent', id, text, { code: 'agent_inactive', fix });
  if (access === null) return deny('agent.unknown', 'There is no such agent.', null);
  const { agent, expiresAtMs } = access;
  if (!access.sound) return deny('agent.unreadable', 'The policy of this agent cannot be read.', 'Ask an operator to look at the policy.');
  if (agent.status === 'revoked') return deny('agent.revoked', `${agent.name} is revoked.`, null);
  if (agent.status === 'paused') return deny('agent.paused', `${agent.name} is paused.`, `Ask an owner to resume ${agent.name}.`);
  if (agent.status !== 'active') return deny('agent.unreadable', 'The status of this agent cannot be read.', null);
  if (!Number.isFinite(nowMs)) return deny('agent.clock', 'The time is not known.', null);
  if (expiresAtMs !== null && !(nowMs < expiresAtMs)) {
    return deny('agent.expired', `${agent.name} has expired.`, `Ask an owner to give ${agent.name} a later end.`);
  }
  pass(it.trace, 'agent', `${agent.name} is active.`);
  return null;
}

function refuseByGuardrail(it: Known): Stopped {
  const { guardrail } = it.access;
  if (guardrail === null) {
    pass(it.trace, 'guardrail', 'No guardrail of the company forbids it.');
    return null;
  }
  return stop(it, 'guardrail', `guardrail.${guardrail.id}`, `Company rule: ${sentence(guardrail.text)}`, {
    code: 'forbidden_by_guardrail',
  });
}

function refuseByRule(it: Known): Stopped {
  const { rules, trace, capability, agent } = it;
  const denying = rules.find(({ rule }) => rule.effect !== 'allow' && rule.effect !== 'approve');
  if (denying === undefined) {
    pass(trace, 'method_rule', rules.length === 0 ? 'No rule is set for it.' : 'No rule denies it.');
    return null;
  }
  const text = `A rule denies “${capability.endpoint.title}” to ${agent.agent.name}${reasonOf(denying)}.`;
  const fix = `Ask an owner to lift the rule ${denying.rule.id}.`;
  return stop(it, 'method_rule', `rule.${denying.rule.id}`, text, { code: 'forbidden_by_rule', fix });
}

const rank: Readonly<Record<Level, number>> = { off: 0, read: 1, write: 2, full: 3 };

function refuseByLevel(it: Known): Stopped {
  const { trace, capability } = it;
  const { area, need, endpoint, effect } = capability;
  const level = it.agent.level(area);
  const stands = grantText(it);
  if (rank[level] >= rank[need]) pass(trace, 'grant', stands);
  else if (allowing(it) !== undefined) pass(trace, 'grant', `${stands} A rule allows it all the same.`);
  else if (isDry(it) && effect !== 'read' && level !== 'off') pass(trace, 'grant', `${stands} That is enough for a dry run.`);
  else {
    const text = `${stands} “${endpoint.title}” needs ${levelNames[need]}.`;
    return stop(it, 'grant', `grant.${area}`, text, {
      code: 'not_granted',
      fix: `Ask an owner for ${levelNames[need]} on ${areaNames[area]}.`,
    });
  }
  return null;
}

/** The obligations that depend on the arguments, or a refusal. */
function refuseByLimits(it: Known): Obligation[] | Decision {
  const { capability, agent, access, request, trace } = it;
  const { area, subject, endpoint, effect } = capability;
  const limits = agent.limits(area);
  const name = areaNames[area];
  const id = `constraint.${area}`;
  const outside = (text: string) =>
    stop(it, 'constraint', id, text, { code: 'outside_constraint', fix: `Ask an owner about the limits on ${name}.` });

  if (limits.broken || (subject !== null && agent.limits(subject.area).broken)) return outside(`The limits on ${name} cannot be read.`);
  if (limits.isOpen !== null && !limits.isOpen(request.nowMs)) {
    const text = `${agent.agent.name} may use ${name} at certain hours only, and this is not one of them.`;
    return stop(it, 'constraint', id, text, { code: 'outside_hours', fix: 'Try again within the hours that an owner has set.' });
  }
  const named = namedBy(capability, request.arguments);
  for (const { axis, place, path, values, byEmail } of named) {
    if (axis === null) {
      if (place === 'at' || access.rowLimits.length === 0) continue;
      return outside(`The request names something that the limits on ${name} cannot be checked for.`);
    }
    const own = axis === 'directions' ? noLimits : agent.limits(axis);
    if (own.broken) return outside(`The limits on ${limitNames[axis]} cannot be read.`);
    const sets = [limits, own].flatMap((each) => each.sets.get(axis) ?? []);
    // Whom an e-mail address in the path names is looked up first, below.
    if (!byEmail && values.some((value) => sets.some((set) => value === null || !set.has(value)))) {
      return outside(`The request names ${limitNames[axis]} outside the limits of ${agent.agent.name}.`);
    }
    const isSubject = place === 'at' && path[0] === subject?.parameter;
    if (effect !== 'read' && !isSubject && rowConstraint([own], (limit) => limit !== axis) !== null) {
      return outside(`The request names ${limitNames[axis]}, and the limits of ${agent.agent.name} on them cannot be checked for it.`);
    }
  }
  if (access.impossible) return outside(`The limits of ${agent.agent.name} let no row of ${name} through here.`);
  if (isTooOld(it, limits)) return outside(`The request asks for a time further back than ${agent.agent.name} may see.`);

  const first = new Set<RowLimit>();
  for (const limit of access.rowLimits) {
    if (isProven(it, limit, named) || access.filtered(limit)) continue;
    if (subject === null || subject.lookUp === null) {
      return outside(
        `${agent.agent.name} is limited to certain ${limitNames[limit]} in ${name}, and for “${endpoint.title}” that cannot be checked.`,
      );
    }
    first.add(limit);
  }
  const obligations: Obligation[] = narrow(it, limits);
  if (subject !== null && subject.lookUp !== null && first.size > 0) {
    const value = argument(request.arguments, 'at', subject.parameter);
    const constraint = access.firstConstraint((limit) => first.has(limit));
    if (typeof value !== 'string' || value === '' || constraint === null) return outside('The request does not say which row it is about.');
    obligations.push({ kind: 'look_first', capability: subject.lookUp, id: value, area: subject.area, constraint });
  }
  pass(trace, 'constraint', access.rowLimits.length === 0 ? `No limits on rows of ${name}.` : `Within the limits on ${name}.`);
  return obligations;
}

/** Whether the arguments alone show that the limit is met: the row that the path names is of that kind, or a new one says so. */
function isProven(it: Known, limit: RowLimit, named: readonly Named[]): boolean {
  const { subject, effect, area } = it.capability;
  return named.some(
    ({ axis, place, path, values }) =>
      axis === limit &&
      values.every((value) => value !== null) &&
      (subject === null
        ? place === 'body' && effect !== 'read' && axis !== area
        : place === 'at' && path[0] === subject.parameter && subject.area === limit),
  );
}

function isTooOld({ capability, request }: Known, limits: Limits): boolean {
  if (limits.newerThanSeconds === null || capability.narrows.newerThan === undefined) return false;
  const to = argument(request.arguments, 'query', 'to');
  const toSeconds = typeof to === 'string' || typeof to === 'bigint' ? Number(to) : to;
  return typeof toSeconds === 'number' && toSeconds * 1000 < request.nowMs - limits.newerThanSeconds * 1000;
}

/** What Aircall itself can leave out. Never more than the limits do: where a limit has several ids, Aircall's filter has no “or”. */
function narrow({ capability, request }: Known, limits: Limits): Obligation[] {
  const { narrows, effect, endpoint, rows, area } = capability;
  if (effect !== 'read' || rows === null || rows.area !== area) return [];
  const query: Record<string, string | number | readonly string[]> = {};
  const isGiven = (name: string) => argument(request.arguments, 'query', name) !== undefined;
  for (const axis of ['users', 'tags', 'directions'] as const) {
    const name = narrows[axis];
    const [only, ...more] = limits.sets.get(axis) ?? [];
    if (name === undefined || only === undefined || more.length > 0 || isGiven(name)) continue;
    query[name] = endpoint.query?.[name]?.type.endsWith('[]') === true ? Object.freeze([only]) : only;
  }
  if (narrows.newerThan !== undefined && limits.newerThanSeconds !== null) {
    // A second earlier, because Aircall's bound may be exclusive. The answer is filtered all the same.
    const earliest = Math.floor(request.nowMs / 1000) - limits.newerThanSeconds - 1;
    const from = Number(argument(request.arguments, 'query', narrows.newerThan) ?? 0);
    if (!(from >= earliest)) query[narrows.newerThan] = Math.max(0, earliest);
  }
  return Object.keys(query).length === 0 ? [] : [{ kind: 'narrow', query }];
}

function refuseByQuota(it: Known): Stopped {
  const { capability, agent, request, trace } = it;
  const { maximumRowsPerDay, maximumWritesPerDay } = agent.limits(capability.area);
  const { usage } = request;
  const name = areaNames[capability.area];
  const deny = (text: string) =>
    stop(it, 'quota', `quota.${capability.area}`, text, {
      code: 'quota_exhausted',
      fix: `Try again tomorrow (UTC), or ask an owner for more.`,
    });
  const most = agent.agent.budget?.maximumRequestsPerDay ?? null;
  // “Not below” instead of “above or equal”: a count that is no number refuses.
  if (most !== null && !(usage.requestsToday < most)) {
    return stop(it, 'quota', 'quota.requests', `${agent.agent.name} has sent its ${counted(most, 'request')} for today.`, {
      code: 'quota_exhausted',
      fix: 'Try again tomorrow (UTC), or ask an owner for more.',
    });
  }
  if (capability.effect === 'read' && maximumRowsPerDay !== null && !(usage.rowsToday < maximumRowsPerDay)) {
    return deny(`${agent.agent.name} has had its ${counted(maximumRowsPerDay, 'row')} of ${name} for today.`);
  }
  if (capability.effect !== 'read' && maximumWritesPerDay !== null && !(usage.writesToday < maximumWritesPerDay)) {
    return deny(`${agent.agent.name} has made its ${counted(maximumWritesPerDay, 'change')} in ${name} for today.`);
  }
  const { mostPerObject } = capability;
  if (mostPerObject !== null && !(usage.commentsOnCall < mostPerObject)) {
    const text = `${agent.agent.name} has done this ${counted(mostPerObject, 'time')} here already, and it cannot be taken back.`;
    return stop(it, 'quota', `quota.${capability.id}`, text, { code: 'quota_exhausted' });
  }
  pass(trace, 'quota', 'No daily limit is reached.');
  return null;
}

function refuseSearch(it: Known): Stopped {
  const { capability, access, request, trace } = it;
  const { searches, area } = capability;
  const isRefused = searches.some(({ place, parameter, class: searched, orId }) => {
    const value = argument(request.arguments, place, parameter);
    // A path that takes an e-mail address in place of an id tells whether there is such a person.
    const isId = orId && typeof value === 'string' && /^\d+$/.test(value);
    return value !== undefined && !isId && access.mayNotSearch(searched);
  });
  if (!isRefused) {
    pass(trace, 'filter', 'It does not search by anything hidden.');
    return null;
  }
  const text = `${it.agent.agent.name} may not search ${areaNames[area]} by personal data, as such data is not shown to it there.`;
  return stop(it, 'filter', `filter.${area}`, text, {
    code: 'filter_not_allowed',
    fix: `Use ids instead, or ask an owner to show such data in ${areaNames[area]}.`,
  });
}

function refuseAddresses(it: Known): Stopped {
  const { capability, policy, request, trace, mode } = it;
  const hosts: unknown = policy.webhookHosts;
  const list = Array.isArray(hosts) ? hosts : [];
  if (mode === 'replay' || capability.addresses.length === 0) {
    pass(trace, 'address', 'It points nothing at an address.');
    return null;
  }
  for (const address of capability.addresses.flatMap((path) => valuesAt(request.arguments.body, path))) {
    const why = address === undefined || address === null ? null : refuseAddress(address, list);
    if (why === null) continue;
    const text = `Company rule: addresses only on listed hosts. This one is refused: ${why}.`;
    return stop(it, 'address', 'address', text, {
      code: 'forbidden_by_rule',
      fix: 'Ask an owner to put the host on the list of webhook hosts.',
    });
  }
  pass(trace, 'address', 'All addresses are on listed hosts.');
  return null;
}

const tainted: ReadonlySet<string> = new Set(['egress', 'live', 'delete']);

/** What still stands between the agent and the act. */
function hold(it: Known, rows: readonly Obligation[]): Stopped {
  const { capability, agent, request, trace, rules } = it;
  const title = `“${capability.endpoint.title}”`;
  const approved = Object.is(request.approved, true);
  const dry = isDry(it);
  const ask = (kind: RuleKind, id: string, text: string) =>
    stop(it, kind, id, text, {
      effect: 'needs_approval',
      code: 'approval_required',
      fix: 'A person has to approve exactly this request; then send it again.',
      rows,
    });

  const isTainted = tainted.has(capability.effect) && agent.taint(request.nowMs) && hasReadText(request);
  if (isTainted && !approved && !dry) {
    return ask('taint', 'taint', `${agent.agent.name} has read outside text within the last half hour, so ${title} needs a person.`);
  }
  pass(trace, 'taint', isTainted ? held('taint', approved, dry) : 'It is not led by outside text, or does not act outside.');

  const approving = rules.find(({ rule }) => rule.effect === 'approve');
  if (approving !== undefined && !approved && !dry) {
    return ask(
      'method_rule',
      `rule.${approving.rule.id}`,
      `A rule asks for a person’s approval of ${title} by ${agent.agent.name}${reasonOf(approving)}.`,
    );
  }
  if (approving !== undefined) pass(trace, 'method_rule', held('rule', approved, dry));

  const friction = capability.friction === 'approve' && allowing(it) !== undefined ? 'confirm' : capability.friction;
  if (friction !== 'none' && !approved && !dry) {
    if (friction !== 'confirm') return ask('friction', 'friction.approve', `${title} needs a person’s approval.`);
    if (!Object.is(request.confirmed, true)) {
      return stop(it, 'friction', 'friction.confirm', `${title} has to be confirmed.`, {
        effect: 'needs_confirm',
        code: 'confirm_required',
        fix: 'Look at the plan, then send the same request again with the confirm token.',
        rows,
      });
    }
  }
  pass(
    trace,
    'friction',
    friction === 'none'
      ? 'Nothing has to be confirmed.'
      : approved || dry
        ? held('friction', approved, dry)
        : 'The agent has confirmed it.',
  );
  return null;
}

function held(what: 'taint' | 'rule' | 'friction', approved: boolean, dry: boolean): string {
  if (approved) return 'A person has approved exactly this.';
  return dry ? `A dry run does nothing; the act itself would need a person or a confirmation (${what}).` : '';
}

function allow(it: Known, rows: readonly Obligation[]): Decision {
  const { capability, access, policy, trace } = it;
  const enough = rank[it.agent.level(capability.area)] >= rank[capability.need];
  const rule = enough ? undefined : allowing(it);
  return {
    effect: isDry(it) ? 'dry_run' : 'allow',
    code: null,
    rule:
      rule === undefined
        ? { id: `grant.${capability.area}`, kind: 'grant', text: grantText(it) }
        : { id: `rule.${rule.rule.id}`, kind: 'method_rule', text: `A rule allows it${reasonOf(rule)}.` },
    trace,
    obligations: rows.length === 0 ? access.obligations : [...rows, ...access.obligations],
    fix: null,
    policyVersion: policy.version,
  };
}

function grantText({ agent, capability }: Known): string {
  return `${areaNames[capability.area]} is set to ${levelNames[agent.level(capability.area)]}.`;
}

function allowing({ rules }: Known): TimedRule | undefined {
  return rules.find(({ rule }) => rule.effect === 'allow');
}

/** Anything but a clear “no” is a dry run. */
function isDry({ request }: Known): boolean {
  return !Object.is(request.dryRun, false);
}

/** A time in the future, or none that can be read, counts: the clock may have been set back. */
function hasReadText({ readTextAtMs, nowMs }: DecisionRequest): boolean {
  return readTextAtMs !== null && !(nowMs - readTextAtMs > taintMs);
}

function isUsable({ effect, need, area, friction }: Capability): boolean {
  return (
    effects.includes(effect) &&
    (need === 'read' || need === 'write' || need === 'full') &&
    grantAreas.includes(area) &&
    (friction === 'none' || friction === 'confirm' || friction === 'approve')
  );
}

function reasonOf({ rule }: TimedRule): string {
  return typeof rule.reason === 'string' && rule.reason !== '' ? `: ${rule.reason.replace(/\.$/, '')}` : '';
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function unreadable(it: Case): Decision {
  return stop(it, 'agent', 'agent.unknown', 'There is no such agent.', { code: 'agent_inactive' });
}

function pass(trace: Step[], step: RuleKind, text: string): void {
  trace.push({ step, outcome: 'pass', text });
}

const nothing: readonly Obligation[] = Object.freeze([]);

function stop(
  it: Pick<Case, 'policy' | 'trace'> & { readonly access?: CapabilityAccess },
  kind: RuleKind,
  id: string,
  text: string,
  rest: {
    readonly code: DecisionCode;
    readonly effect?: 'needs_approval' | 'needs_confirm';
    readonly fix?: string | null;
    readonly rows?: readonly Obligation[];
  },
): Decision {
  it.trace.push({ step: kind, outcome: 'stop', text });
  return {
    effect: rest.effect ?? 'deny',
    code: rest.code,
    rule: { id, kind, text },
    trace: it.trace,
    obligations: rest.effect === undefined ? nothing : [...(rest.rows ?? []), ...(it.access?.obligations ?? [])],
    fix: rest.fix ?? null,
    policyVersion: isObject(it.policy) && typeof it.policy.version === 'string' ? it.policy.version : '',
  };
}
