// The policy in Cedar (cedarpolicy.com), a policy language with a published specification: for people who keep their rules in
// it, and as a second opinion on our own decision in the tests. What is exported says whether a request goes through at
// once; the obligations on its answer have no words in Cedar.
import { effects } from '../../aircall/index.ts';
import type { Capability, Reference } from '../capabilities/capability.ts';
import { valuesAt } from '../capabilities/use.ts';
import { taintMs } from './decide.ts';
import type { DecisionRequest } from './decision.ts';
import { axes } from './limits.ts';
import { treatmentOf } from './treatment.ts';
import type { PolicyParts } from './policy.ts';
import type { Agent, Constraint, GrantArea, Level, MethodRule, RuledClass } from './types.ts';
import { grantAreas } from './words.ts';

export type CedarExport = {
  /** Policy texts by id. */
  readonly policies: Readonly<Record<string, string>>;
  /** In Cedar's JSON form. */
  readonly schema: object;
  /** What Cedar has no words for, in ours: hours by the wall clock of a time zone, hosts of addresses. */
  readonly missing: readonly string[];
};

const namespace = 'Trunkline';

/**
 * `permit` for what agents are granted, `forbid` for all that stands against it. A request is the agent, the capability and what
 * {@link cedarRequest} says of its arguments.
 */
export function toCedar(policy: PolicyParts, capabilities: readonly Capability[]): CedarExport {
  const agents = Object.values(policy.agents);
  const lines = [
    ...agents.flatMap((agent) => [...statusLines(agent), ...grantLines(agent), ...ruleLines(agent), ...taintLines(agent, capabilities)]),
    ...agents.flatMap((agent) => [...budgetLines(agent), ...limitLines(agent), ...searchLines(agent, capabilities)]),
    ...policy.guardrails.map(({ id, forbids, text }): Line => {
      const parts = [
        ...(forbids.capability === undefined ? [] : [`action == ${action(forbids.capability)}`]),
        ...(forbids.area === undefined ? [] : [`action in ${action(`area:${forbids.area}`)}`]),
        ...(forbids.effect === undefined ? [] : [`action in ${action(`effect:${forbids.effect}`)}`]),
      ];
      return { id: `guardrail.${id}`, text, forbid: parts.length === 0 ? 'true' : parts.join(' && ') };
    }),
    ...companyLines(agents, capabilities),
  ];
  return {
    policies: Object.fromEntries(lines.map((line) => [line.id, write(line)])),
    schema: schemaOf(capabilities),
    missing: [
      ...agents.flatMap((agent) =>
        entriesOf(agent.constraints).flatMap(([area, { hours }]) => (hours === undefined ? [] : [`the hours of ${agent.name} in ${area}`])),
      ),
      'the hosts of webhooks and callbacks',
    ],
  };
}

/** The principal, action, resource and context of a request, in Cedar's JSON form. Dry runs have none. */
export function cedarRequest(capability: Capability, request: DecisionRequest) {
  const { nowMs, readTextAtMs, usage, approved, confirmed, invalid } = request;
  const found = capability.references.flatMap(({ place, path, names, area }) =>
    // A user may also be named by e-mail address; which one that is, only a look-up tells.
    valuesAt(request.arguments[place], path)
      .map(String)
      .filter((id) => !id.includes('@'))
      .map((id) => ({ place, names, area, id })),
  );
  const idsOf = (name: string) => found.filter(({ names }) => names === name).map(({ id }) => id);
  const { directions: parameter, newerThan } = capability.narrows;
  const direction = parameter === undefined ? undefined : request.arguments.query[parameter];
  const to = newerThan === undefined ? undefined : request.arguments.query['to'];
  return {
    principal: { type: `${namespace}::Agent`, id: request.agentId },
    action: { type: `${namespace}::Action`, id: capability.id },
    resource: { type: `${namespace}::Company`, id: 'company' },
    context: {
      now: nowMs,
      valid: invalid === null,
      approved,
      confirmed,
      readText: readTextAtMs !== null && nowMs - readTextAtMs <= taintMs,
      teams: idsOf('team'),
      numbers: idsOf('number'),
      users: idsOf('user'),
      tags: idsOf('tag'),
      directions: typeof direction === 'string' ? [direction] : [],
      namedBeside: [...new Set(found.filter((each) => !isSubject(capability, each)).flatMap(({ area }) => area ?? []))],
      checkable: [...axes, 'age'].filter((limit) => isCheckable(capability, limit, found)),
      searches: capability.searches.flatMap(({ place, parameter, class: searched, orId }) => {
        const value = request.arguments[place][parameter];
        return value === undefined || (orId && typeof value === 'string' && !value.includes('@')) ? [] : [searched];
      }),
      requestsToday: usage.requestsToday,
      rowsToday: usage.rowsToday,
      writesToday: usage.writesToday,
      usesOnObject: usage.commentsOnCall,
      ...(typeof to === 'number' ? { to: to * 1000 } : {}),
    },
  };
}

/** Either a permit or a forbid; `forbid` is when, as an expression. */
type Line = { readonly id: string; readonly text: string; readonly agent?: Agent } & (
  | { readonly permit: string; readonly when?: string }
  | { readonly forbid: string }
);

function write(line: Line): string {
  const who = line.agent === undefined ? 'principal' : `principal == ${namespace}::Agent::${quote(line.agent.id)}`;
  const about = `@text(${quote(line.text)})\n`;
  if ('permit' in line) {
    const when = line.when === undefined ? '' : ` when { ${line.when} }`;
    return `${about}permit(${who}, action ${line.permit}, resource)${when};`;
  }
  return `${about}forbid(${who}, action, resource) when { ${line.forbid} };`;
}

// ---- one agent -----------------------------------------------------------------------------------------------------

function statusLines(agent: Agent): Line[] {
  const { id, name, status, expiresAt } = agent;
  return [
    ...(status === 'active' ? [] : [{ id: `${id}.status`, text: `${name} is ${status}`, agent, forbid: 'true' }]),
    ...(expiresAt === null ? [] : [{ id: `${id}.end`, text: `${name} expires`, agent, forbid: `context.now >= ${Date.parse(expiresAt)}` }]),
  ];
}

const needsOf: Readonly<Record<Level, readonly string[]>> = {
  off: [],
  read: ['read'],
  write: ['read', 'write'],
  full: ['read', 'write', 'full'],
};

function grantLines(agent: Agent): Line[] {
  return entriesOf(agent.grants).flatMap(([area, level]): Line[] => {
    const groups = needsOf[level].map((need) => action(`need:${area}:${need}`));
    if (groups.length === 0) return [];
    return [{ id: `${agent.id}.grant.${area}`, text: `${area} is set to ${level}`, agent, permit: `in [${groups.join(', ')}]` }];
  });
}

function ruleLines(agent: Agent): Line[] {
  return agent.rules.map((rule): Line => {
    const { capability, effect, reason } = rule;
    const line = { id: `${agent.id}.rule.${rule.id}`, text: reason === '' ? effect : `${effect}: ${reason}`, agent };
    const here = `action == ${action(capability)} && ${isLive(rule)}`;
    if (effect === 'allow') return { ...line, permit: `== ${action(capability)}`, when: isLive(rule) };
    return { ...line, forbid: effect === 'deny' ? here : `${here} && !context.approved` };
  });
}

function isLive({ expiresAt }: MethodRule): string {
  return expiresAt === null ? 'true' : `context.now < ${Date.parse(expiresAt)}`;
}

function taintLines(agent: Agent, capabilities: readonly Capability[]): Line[] {
  if (agent.taint === false) return [];
  const ways = capabilities.filter(({ effect }) => effect === 'egress' || effect === 'live');
  const always = agent.taint === true || ways.some(({ area }) => agent.grants[area] === 'full');
  const while_ = agent.rules.filter(({ effect, capability }) => effect === 'allow' && ways.some(({ id }) => id === capability)).map(isLive);
  const when = always ? 'true' : while_.map((each) => `(${each})`).join(' || ');
  if (when === '') return [];
  const acts = ['egress', 'live', 'delete'].map((effect) => action(`effect:${effect}`)).join(', ');
  const forbid = `context.readText && !context.approved && action in [${acts}] && (${when})`;
  return [{ id: `${agent.id}.taint`, text: 'After reading outside text a person must approve', agent, forbid }];
}

function budgetLines(agent: Agent): Line[] {
  const most = agent.budget?.maximumRequestsPerDay ?? null;
  if (most === null) return [];
  return [{ id: `${agent.id}.budget`, text: `At most ${most} requests a day`, agent, forbid: `context.requestsToday >= ${most}` }];
}

function limitLines(agent: Agent): Line[] {
  return entriesOf(agent.constraints).flatMap(([area, constraint]): Line[] => {
    const within = `action in ${action(`area:${area}`)}`;
    const line = (name: string, forbid: string): Line => ({
      id: `${agent.id}.limit.${area}.${name}`,
      text: `Limits in ${area}`,
      agent,
      forbid,
    });
    const beside = rowLimitsOf(constraint).filter((limit) => limit !== area);
    return [
      ...axes.flatMap((axis): Line[] => {
        const allowed = constraint[axis];
        if (allowed === undefined) return [];
        const fits = allowed.length === 0 ? `context.${axis}.isEmpty()` : `[${allowed.map(quote).join(', ')}].containsAll(context.${axis})`;
        return [
          line(axis, `${within} && !(${fits})`),
          // What an id names is held against the limits of its own area, whatever the capability.
          ...(axis === area ? [line(`${axis}.named`, `!(${fits})`)] : []),
          ...(allowed.length === 0 ? [line(`${axis}.none`, `${within} || action in ${action(`row:${area}`)}`)] : []),
          ...noneInCommon(agent, area, axis).map((other) => line(`${axis}.${other}`, `${within} && action in ${action(`row:${other}`)}`)),
        ];
      }),
      ...rowLimitsOf(constraint).map((limit) =>
        line(`${limit}.checkable`, `(${within} || action in ${action(`row:${area}`)}) && !context.checkable.contains(${quote(limit)})`),
      ),
      ...(beside.length === 0
        ? []
        : [line('beside', `context.namedBeside.contains(${quote(area)}) && !(action in ${action('effect:read')})`)]),
      ...(constraint.newerThanSeconds === undefined
        ? []
        : [line('age', `${within} && context has to && context.to < context.now - ${constraint.newerThanSeconds * 1000}`)]),
      ...(constraint.maximumRowsPerDay === undefined
        ? []
        : [line('rows', `${within} && action in ${action('effect:read')} && context.rowsToday >= ${constraint.maximumRowsPerDay}`)]),
      ...(constraint.maximumWritesPerDay === undefined
        ? []
        : [
            line(
              'writes',
              `${within} && !(action in ${action('effect:read')}) && context.writesToday >= ${constraint.maximumWritesPerDay}`,
            ),
          ]),
    ];
  });
}

/** Areas whose rows an area's capabilities hang on, and that let none of the same values through. */
function noneInCommon(agent: Agent, area: GrantArea, axis: (typeof axes)[number]): GrantArea[] {
  const allowed: readonly string[] = agent.constraints[area]?.[axis] ?? [];
  return entriesOf(agent.constraints).flatMap(([other, constraint]) => {
    const others: readonly string[] | undefined = constraint[axis];
    return other === area || others === undefined || others.some((each) => allowed.includes(each)) ? [] : [other];
  });
}

function rowLimitsOf(constraint: Constraint): string[] {
  return [...axes.filter((axis) => constraint[axis] !== undefined), ...(constraint.newerThanSeconds === undefined ? [] : ['age'])];
}

function searchLines(agent: Agent, capabilities: readonly Capability[]): Line[] {
  const rules = { rules: agent.fields, recordings: (agent.grants.recordings ?? 'off') !== 'off' };
  return grantAreas.flatMap((area) => {
    const searched = new Set(capabilities.flatMap((each) => (each.area === area ? each.searches.map((search) => search.class) : [])));
    const isHidden = (each: RuledClass) => treatmentOf(rules, area, each) !== 'show';
    const identifying = isHidden('phone') || isHidden('email') || isHidden('person');
    return [...searched]
      .filter((each) => identifying || isHidden(each))
      .map((each): Line => {
        const forbid = `action in ${action(`area:${area}`)} && context.searches.contains(${quote(each)})`;
        return { id: `${agent.id}.search.${area}.${each}`, text: 'No search by what is not shown', agent, forbid };
      });
  });
}

// ---- all agents ----------------------------------------------------------------------------------------------------

function companyLines(agents: readonly Agent[], capabilities: readonly Capability[]): Line[] {
  const lowered = agents.flatMap((agent) =>
    agent.rules
      .filter(({ effect }) => effect === 'allow')
      .map((rule) => `(principal == ${namespace}::Agent::${quote(agent.id)} && action == ${action(rule.capability)} && ${isLive(rule)})`),
  );
  const confirmed = lowered.length === 0 ? '' : ` && !(context.confirmed && (${lowered.join(' || ')}))`;
  return [
    { id: 'valid', text: 'The arguments must fit', forbid: '!context.valid' },
    {
      id: 'confirm',
      text: 'To be confirmed',
      forbid: `action in ${action('friction:confirm')} && !context.confirmed && !context.approved`,
    },
    { id: 'approve', text: 'To be approved', forbid: `action in ${action('friction:approve')} && !context.approved${confirmed}` },
    ...capabilities.flatMap(({ id, mostPerObject }): Line[] =>
      mostPerObject === null
        ? []
        : [
            {
              id: `most.${id}`,
              text: 'Cannot be taken back',
              forbid: `action == ${action(id)} && context.usesOnObject >= ${mostPerObject}`,
            },
          ],
    ),
  ];
}

// ---- requests ------------------------------------------------------------------------------------------------------

function isSubject({ subject, references }: Capability, found: Pick<Reference, 'place' | 'names'>): boolean {
  const own = references.find(({ place, path }) => place === 'at' && path[0] === subject?.parameter);
  return found.place === 'at' && found.names === own?.names;
}

/** Whether it can be made sure that a limit holds: by looking at the row first, by the answer, or by what the request names. */
function isCheckable(capability: Capability, limit: string, found: readonly Pick<Reference, 'place' | 'names' | 'area'>[]): boolean {
  const { subject, rows, effect, area } = capability;
  const names = found.filter((each) => `${each.names}s` === limit);
  if (subject !== null) return subject.lookUp !== null || (subject.area === limit && names.some(({ place }) => place === 'at'));
  if (effect !== 'read') return limit !== area && names.some(({ place }) => place === 'body');
  if (rows === null || rows.area !== area) return false;
  const { binding } = rows;
  const said: Readonly<Record<string, unknown>> = { ...binding, age: binding.startedAt, directions: binding.direction };
  return said[limit] !== undefined;
}

// ---- writing -------------------------------------------------------------------------------------------------------

function schemaOf(capabilities: readonly Capability[]): object {
  const groups = (capability: Capability) => [
    `area:${capability.area}`,
    `need:${capability.area}:${capability.need}`,
    `effect:${capability.effect}`,
    `friction:${capability.friction}`,
    ...(capability.subject === null ? [] : [`row:${capability.subject.area}`]),
  ];
  const all = [
    ...grantAreas.flatMap((area) => [`area:${area}`, `row:${area}`, ...needsOf.full.map((need) => `need:${area}:${need}`)]),
    ...effects.map((effect) => `effect:${effect}`),
    ...['none', 'confirm', 'approve'].map((friction) => `friction:${friction}`),
  ];
  const texts = { type: 'Set', element: { type: 'String' } };
  const [flag, count] = [{ type: 'Boolean' }, { type: 'Long' }];
  const attributes = {
    now: count,
    valid: flag,
    approved: flag,
    confirmed: flag,
    readText: flag,
    ...Object.fromEntries([...axes, 'namedBeside', 'checkable', 'searches'].map((name) => [name, texts])),
    requestsToday: count,
    rowsToday: count,
    writesToday: count,
    usesOnObject: count,
    to: { ...count, required: false },
  };
  return {
    [namespace]: {
      entityTypes: { Agent: {}, Company: {} },
      actions: {
        ...Object.fromEntries(all.map((group) => [group, {}])),
        ...Object.fromEntries(
          capabilities.map((capability) => [
            capability.id,
            {
              memberOf: groups(capability).map((id) => ({ id })),
              appliesTo: { principalTypes: ['Agent'], resourceTypes: ['Company'], context: { type: 'Record', attributes } },
            },
          ]),
        ),
      },
    },
  };
}

function action(id: string): string {
  return `${namespace}::Action::${quote(id)}`;
}

/** A text of Cedar. Whatever is not plain is written by its number. */
function quote(text: string): string {
  const escaped = Array.from(text, (character) =>
    /^[ !#-[\]-~]$/.test(character) ? character : `\\u{${(character.codePointAt(0) ?? 0xfffd).toString(16)}}`,
  );
  return `"${escaped.join('')}"`;
}

function entriesOf<V>(record: Readonly<Partial<Record<GrantArea, V>>>): [GrantArea, V][] {
  return Object.entries(record) as [GrantArea, V][]; // the type's own keys, and none is undefined
}
