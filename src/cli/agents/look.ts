// The actions that show agents and change nothing.
import { accessOf, areaNames, classNames, levelNames, limitsText, treatmentNames } from '../../gateway/index.ts';
import type { Agent } from '../../gateway/index.ts';
import type { StoredKey } from '../../store/index.ts';
import { ago, moment, plural } from '../output/format.ts';
import { styleOf } from '../output/style.ts';
import { tableLines } from '../output/table.ts';
import { answer, policyOf, widthOf } from './context.ts';
import type { Action, AgentsContext } from './context.ts';
import { agentNamed } from './words.ts';

export const list: Action = async (context) => {
  const { gateway, clock, stdout, env } = context;
  const policy = policyOf(context);
  const agents = Object.values(policy.agents).toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
  const json = { company: policy.company, policyVersion: policy.version, agents: agents.map((agent) => agentJson(context, agent)) };
  return answer(context, json, () => {
    if (agents.length === 0) {
      return [
        `There are no agents of company ${policy.company} yet. Add one, with the name of the person who answers for it:`,
        '',
        '  trunkline agents add "Support Agent" --owner "Olga Stein" --purpose "Answers what customers ask"',
      ];
    }
    const style = styleOf(stdout, env);
    const rows = agents.map((agent) => {
      const keys = gateway.agents.keys(agent.id);
      const used = keys.map((key) => key.lastUsedAt ?? '').reduce((a, b) => (a > b ? a : b), '');
      return [
        agent.name,
        statusOf(agent, clock.now()),
        agent.owner,
        grantsOf(agent),
        String(keys.filter((key) => isLive(key, clock.now())).length),
        used === '' ? 'never' : ago(used, clock.now()),
      ];
    });
    const columns = [
      { title: 'Agent' },
      { title: 'Status' },
      { title: 'Owner' },
      { title: 'May' },
      { title: 'Keys' },
      { title: 'Last used' },
    ];
    return tableLines({ columns, rows, width: widthOf(context), style }) ?? rows.map((row) => row.join(' · '));
  });
};

export const show: Action = async (context) => {
  const agent = agentNamed(policyOf(context), context.words[0] ?? '');
  return answer(context, agentJson(context, agent), () => agentLines(context, agent));
};

function agentLines(context: AgentsContext, agent: Agent): readonly string[] {
  const { gateway, clock, stdout, env } = context;
  const style = styleOf(stdout, env);
  const line = (name: string, text: string) => `  ${style.dim(name.padEnd(10))} ${text}`;
  const nowMs = clock.now();
  const keys = gateway.agents.keys(agent.id);
  const grants = Object.entries(agent.grants) as [keyof typeof areaNames, keyof typeof levelNames][]; // as the type says
  const combination = agent.combinationAccepted;
  return [
    `${style.bold(agent.name)}  ${statusOf(agent, nowMs)}`,
    line('id', agent.id),
    line('owner', agent.owner),
    ...(agent.purpose === '' ? [] : [line('purpose', agent.purpose)]),
    ...(agent.expiresAt === null ? [] : [line('ends', moment(agent.expiresAt))]),
    line(
      'may',
      grants.length === 0
        ? 'nothing yet: trunkline agents grant'
        : grants.map(([area, level]) => `${areaNames[area]}: ${levelNames[level]}`).join(', '),
    ),
    ...agent.rules.map((rule) =>
      line(
        'rule',
        `${rule.capability}: ${rule.effect}${rule.expiresAt === null ? '' : ` until ${moment(rule.expiresAt)}`}${rule.reason === '' ? '' : ` (${rule.reason})`}`,
      ),
    ),
    ...Object.entries(agent.constraints).map(([area, limits]) =>
      line('limits', `${areaNames[area as keyof typeof areaNames]}: ${limitsText(limits)}`),
    ),
    ...agent.fields.map((rule) =>
      line(
        'fields',
        `${classNames[rule.class]} ${rule.area === null ? 'everywhere' : `in ${areaNames[rule.area]}`}: ${treatmentNames[rule.treatment]}`,
      ),
    ),
    ...(agent.budget === undefined ? [] : [line('budget', budgetText(agent.budget))]),
    ...(agent.subjects === undefined ? [] : [line('identity', agent.subjects.join(', '))]),
    line('taint', agent.taint === false ? style.yellow(taintLine(context, agent)) : taintLine(context, agent)),
    line('text', agent.text === 'apart' ? 'third-party text stands apart' : 'third-party text stands in place'),
    ...(combination === null ? [] : [line('accepted', `the dangerous combination, by ${combination.by} on ${moment(combination.at)}`)]),
    ...(keys.length === 0 ? [line('keys', 'none')] : keys.map((key) => line('key', keyText(key, nowMs)))),
  ];
}

/** What reading outside text leads to. */
function taintLine(context: AgentsContext, { id, taint }: Agent): string {
  if (taint === false) return 'off: after reading outside text it may send, delete and act live without a person';
  const consequence = 'after reading outside text, what it sends, deletes or does live needs a person for half an hour';
  if (taint === true) return `on: ${consequence}`;
  const isOn = accessOf(policyOf(context), id)?.taint(context.clock.now()) === true;
  return isOn ? `auto, on now: ${consequence}` : 'auto, off now: nothing it may use sends or acts live';
}

function budgetText({ weight, burst, maximumRequestsPerDay }: NonNullable<Agent['budget']>): string {
  const daily = maximumRequestsPerDay === null ? '' : `, ${plural(maximumRequestsPerDay, 'request')} a day`;
  return `weight ${weight}, bursts of ${plural(burst, 'request')}${daily}`;
}

function keyText(key: StoredKey, nowMs: number): string {
  const { keyId, madeBy, madeAt, expiresAt, revokedAt, revokedBy, addresses, lastUsedAt } = key;
  const state = revokedAt !== null ? `revoked by ${revokedBy ?? '?'} on ${moment(revokedAt)}` : isLive(key, nowMs) ? 'works' : 'expired';
  return [
    `${keyId} ${state}`,
    `made by ${madeBy} on ${moment(madeAt)}`,
    ...(expiresAt === null || revokedAt !== null ? [] : [`ends ${moment(expiresAt)}`]),
    ...(addresses === null ? [] : [`from ${addresses.join(', ')} only`]),
    lastUsedAt === null ? 'never used' : `last used ${ago(lastUsedAt, nowMs)}`,
  ].join(', ');
}

function agentJson({ gateway, clock }: AgentsContext, agent: Agent) {
  const keys = gateway.agents
    .keys(agent.id)
    .map(({ hash: _hash, agentId: _agent, ...key }) => ({ ...key, works: isLive(key, clock.now()) }));
  return { ...agent, keys };
}

function grantsOf(agent: Agent): string {
  const grants = Object.entries(agent.grants) as [keyof typeof areaNames, keyof typeof levelNames][]; // as the type says
  const more = agent.rules.length === 0 ? [] : [plural(agent.rules.length, 'rule')];
  return (
    [...grants.filter(([, level]) => level !== 'off').map(([area, level]) => `${areaNames[area]}: ${levelNames[level]}`), ...more].join(
      ', ',
    ) || 'nothing'
  );
}

function statusOf(agent: Agent, nowMs: number): string {
  const hasEnded = agent.expiresAt !== null && !(nowMs < Date.parse(agent.expiresAt));
  return agent.status === 'active' && hasEnded ? 'expired' : agent.status;
}

function isLive(key: Pick<StoredKey, 'revokedAt' | 'expiresAt'>, nowMs: number): boolean {
  return key.revokedAt === null && (key.expiresAt === null || nowMs < Date.parse(key.expiresAt));
}
