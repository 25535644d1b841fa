// The actions that answer questions about the policy: who can do what, whether a request would be let through, what another policy would
// have decided, what was given and never used.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../../base/index.ts';
import {
  applyPolicyFile,
  areaNames,
  capabilities,
  capabilityOf,
  createFriction,
  diffPolicies,
  draftOf,
  judge,
  keptSince,
  lookFacts,
  makePolicy,
  matrix as matrixOf,
  newAgentId,
  parseArguments,
  parsePolicyFile,
  policyFileName,
  replacePolicy,
  replay as replayRecords,
  searchRecords,
  toCedar,
  unused as unusedOf,
  writePolicyFile,
} from '../../gateway/index.ts';
import type {
  AuditRecord,
  CallArguments,
  Capability,
  Change,
  Decision,
  DecisionRequest,
  Policy,
  PolicyParts,
} from '../../gateway/index.ts';
import { AuditStore, FrictionStore } from '../../store/index.ts';
import { exitCodes } from '../exit-codes.ts';
import { operatorOf } from '../gateway.ts';
import { keptLine } from '../output/archive-lines.ts';
import { plural } from '../output/format.ts';
import { confirm } from '../output/prompt.ts';
import { styleOf } from '../output/style.ts';
import { tableLines } from '../output/table.ts';
import { accepting, answer, policyOf, tell, widthOf } from './context.ts';
import type { Action, AgentsContext } from './context.ts';
import { agentNamed, areaNamed, capabilityNamed } from './words.ts';

const dayMs = 86_400_000;

const effectSigns: Readonly<Record<Decision['effect'], string>> = {
  allow: 'yes',
  deny: '·',
  needs_approval: 'approval',
  needs_confirm: 'confirm',
  dry_run: 'plan',
};

export const matrix: Action = async (context) => {
  const { options, stdout, env, clock } = context;
  const area = options.area === undefined ? null : areaNamed(options.area);
  const shown = capabilities.filter((each) => area === null || each.area === area);
  const rows = matrixOf(policyOf(context), shown, clock.now());
  return answer(context, { agents: rows }, () => {
    if (rows.length === 0) return ['There are no agents yet: trunkline agents add NAME --owner WHO.'];
    const style = styleOf(stdout, env);
    const cells = shown
      .map((each) => [each.id, ...rows.map((row) => effectSigns[row.effects[each.id] ?? 'deny'])])
      .filter((line) => area !== null || line.slice(1).some((cell) => cell !== effectSigns.deny));
    const columns = [{ title: 'Capability', minimum: 16 }, ...rows.map((row) => ({ title: row.agent.name }))];
    const table = tableLines({ columns, rows: cells, width: widthOf(context), style });
    const limited = rows.flatMap((row) =>
      row.limited.length === 0 ? [] : [`${row.agent.name} is limited in ${row.limited.map((each) => areaNames[each]).join(', ')}.`],
    );
    const notes = [
      ...limited,
      'yes: allowed · confirm: said twice · approval: a person says yes · plan: a dry run only · what stands nowhere is denied',
    ];
    return [...(table ?? cells.map((line) => line.join(' · '))), '', ...notes];
  });
};

export const explain: Action = async (context) => {
  const { clock, stdout, env } = context;
  const [name = '', id, ...given] = context.words;
  const policy = policyOf(context);
  const agent = agentNamed(policy, name);
  if (id === undefined) {
    throw new UsageError({
      code: 'command_line',
      message: 'Explaining needs a capability, and its arguments where they matter.',
      hint: 'Such as trunkline agents explain "Support Agent" calls.retrieve id=812345.',
    });
  }
  const capability = capabilityNamed(id);
  const described = capabilityOf(capability);
  if (described === undefined) throw new TypeError('a capability that was just named is missing');
  const parsed = parseArguments(described, argumentsOf(described, given));
  const asked = parsed.ok ? parsed.arguments : { at: {}, query: {}, body: null };
  const nowMs = clock.now();
  const decision = judge(
    policy,
    described,
    {
      agentId: agent.id,
      capability,
      invalid: parsed.ok ? null : parsed.text,
      arguments: asked,
      dryRun: false,
      nowMs,
      ...(given.length === 0 ? inPrinciple : usedBy(context, agent.id, { capability: described, asked, nowMs })),
      approved: false,
      confirmed: false,
    },
    given.length === 0 ? 'access' : 'request',
  );
  return answer(context, { agent: { id: agent.id, name: agent.name }, capability, decision }, () => {
    const style = styleOf(stdout, env);
    const verdict = {
      allow: style.green('Allowed'),
      deny: style.red('Denied'),
      needs_approval: 'Needs approval',
      needs_confirm: 'Needs to be confirmed',
      dry_run: 'A plan only',
    };
    return [
      `${verdict[decision.effect]}: ${decision.rule.text}`,
      ...(decision.fix === null ? [] : [`  ${decision.fix}`]),
      '',
      ...decision.trace.map((step) => `  ${step.outcome === 'pass' ? style.green('✓') : style.red('✗')} ${step.step}: ${step.text}`),
      ...(given.length === 0
        ? [
            '',
            'Arguments, hours, what was used today and what was read are taken as good: give arguments as name=value to look at those too.',
          ]
        : []),
    ];
  });
};

export const replay: Action = async (context) => {
  const days = context.options.days ?? 7;
  const current = policyOf(context);
  const next = makePolicy(applyPolicyFile(readPolicyFile(context), current, () => newAgentId(randomBytes)));
  const records = await recordsSince(context, days, `replayed ${plural(days, 'day')} of the log with a proposed policy`);
  const { requests, flips } = await replayRecords(records, next, capabilityOf);
  const json = { requests, days, flips, changes: diffPolicies(current, next) };
  return answer(context, json, () =>
    requests === 0
      ? [`No agent asked for anything in the last ${plural(days, 'day')}.`]
      : flips.length === 0
        ? [`${plural(requests, 'request')} of the last ${plural(days, 'day')} would end as they did.`]
        : [
            `${flips.length} of ${plural(requests, 'request')} of the last ${plural(days, 'day')} would end otherwise:`,
            ...flips.map(
              (flip) =>
                `  ${flip.time.slice(0, 16).replace('T', ' ')}  ${flip.agent.name}, ${flip.capability}: ${flip.before} → ${flip.after}` +
                `${flip.times > 1 ? ` (${flip.times} times)` : ''}. ${flip.text}`,
            ),
          ],
  );
};

export const unused: Action = async (context) => {
  const { options, clock } = context;
  const days = options.days ?? 30;
  const records = await recordsSince(context, days, `looked at what was not used for ${plural(days, 'day')}`);
  const found = await unusedOf(policyOf(context), records, clock.now() - days * dayMs);
  return answer(context, { days, unused: found }, () =>
    found.length === 0
      ? [`Everything that agents were given was used in the last ${plural(days, 'day')}.`]
      : [
          `Not needed in the last ${plural(days, 'day')}:`,
          ...found.map(({ text }) => `  ${text}`),
          '',
          'Less is safer: trunkline agents grant NAME AREA=LEVEL.',
        ],
  );
};

export const apply: Action = async (context) => {
  const { options, isInteractive, stdout, stderr, env } = context;
  const file = readPolicyFile(context);
  const build = memoized((policy: Policy): PolicyParts => applyPolicyFile(file, policy, () => newAgentId(randomBytes)));
  const before = policyOf(context);
  const changes = diffPolicies(before, build(before));
  if (changes.length === 0) return answer(context, { changes: [], applied: false }, () => ['The policy is as the file says already.']);
  const style = styleOf(stdout, env);
  if (!options.json) await stdout.write(`${changes.map((change) => changeLine(change, style)).join('\n')}\n`);
  if (options.dryRun) return options.json ? answer(context, { changes, applied: false }, () => []) : exitCodes.done;
  if (!options.yes && !(isInteractive && !options.json && (await confirm(context, 'Apply these changes?', '')))) {
    if (isInteractive && !options.json) {
      await stderr.write('Nothing was changed.\n');
      return exitCodes.done;
    }
    throw new UsageError({
      code: 'nobody_to_ask',
      message: `${plural(changes.length, 'change')} would be made, and nobody is there to say yes.`,
      hint: 'Look at them with --dry-run, then repeat with --yes.',
    });
  }
  const shown = before.version;
  const changed = await accepting(context, (accepts) =>
    context.desk().change((policy) => {
      if (policy.version !== shown) throw movedOn();
      return replacePolicy(
        policy,
        build(policy),
        changes.map((change) => change.text),
      );
    }, accepts),
  );
  const added = changes.filter(({ what, before: was }) => what === 'agent' && was === null).map(({ agent }) => agent?.name ?? '');
  const next = added.map((name) => `${name} has no key yet: trunkline agents rotate "${name}"`);
  if (options.json) return answer(context, { changes, applied: true, sentence: changed.sentence, record: changed.seq }, () => []);
  return tell(context, changed, next);
};

export const exportPolicy: Action = async (context) => {
  const { options, stdout, stderr } = context;
  const policy = policyOf(context);
  if (!options.cedar) {
    await stdout.write(writePolicyFile(draftOf(policy)));
    return exitCodes.done;
  }
  const { policies, schema, missing } = toCedar(draftOf(policy), capabilities);
  const text = Object.entries(policies).map(([id, written]) => `@id(${JSON.stringify(id)})\n${written.trim()}\n`);
  await stdout.write(options.json ? `${JSON.stringify({ policies, schema, missing }, null, 2)}\n` : text.join('\n'));
  if (missing.length > 0) await stderr.write(`What Cedar is not told: ${missing.join('; ')}.\n`);
  return exitCodes.done;
};

type Used = Pick<DecisionRequest, 'usage' | 'readTextAtMs'>;

const inPrinciple: Used = { usage: { requestsToday: 0, rowsToday: 0, writesToday: 0, commentsOnCall: 0 }, readTextAtMs: null };

/** What the agent has used today, and when it last read outside text: what its own request would be decided with. */
function usedBy(
  { gateway, clock }: AgentsContext,
  agentId: string,
  request: { readonly capability: Capability; readonly asked: CallArguments; readonly nowMs: number },
): Used {
  const { database, company, keyring, policies } = gateway;
  const store = new FrictionStore({ database, company });
  const friction = createFriction({ store, company, keys: keyring.keys, clock, random: randomBytes });
  const usage = friction.usage({
    agentId,
    capability: request.capability,
    arguments: request.asked,
    policyVersion: policies.current().version,
    nowMs: request.nowMs,
    mostWritesToday: null,
    mostRequestsToday: null,
    mostRowsToday: null,
  });
  return { usage, readTextAtMs: friction.readTextAtMs(agentId) };
}

function readPolicyFile({ words, cwd }: AgentsContext) {
  const [path = policyFileName] = words;
  let text: string;
  try {
    text = readFileSync(resolve(cwd, path), 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw new UsageError(
      {
        code: 'policy_file',
        message: `${path} cannot be read (${why}).`,
        hint: `Begin with what is in force now: trunkline agents export > ${policyFileName}.`,
      },
      { cause: error },
    );
  }
  return parsePolicyFile(text);
}

/** The records of the last days, oldest first. That they were looked at is recorded before. */
async function recordsSince(context: AgentsContext, days: number, deed: string): Promise<AsyncIterable<AuditRecord>> {
  const { gateway, clock, options, signal } = context;
  const { audit, database, company } = gateway;
  const facts = lookFacts({ callId: `adm_${randomBytes(12).toString('hex')}`, operator: operatorOf(options.by), deed, given: { days } });
  await audit.append(facts, { durability: 'power' });
  const from = new Date(clock.now() - days * dayMs).toISOString();
  const store = new AuditStore({ database, company });
  const line = keptLine(keptSince(store), { from });
  if (line !== null) await context.stderr.write(`${line}\n`);
  return (async function* () {
    for await (const { bytes } of searchRecords({ store, filter: {}, from, signal })) yield JSON.parse(bytes) as AuditRecord; // as the log writes them
  })();
}

/** `id=812345 direction=inbound`: each goes where the capability has an argument of that name. */
function argumentsOf(capability: Capability, words: readonly string[]): CallArguments {
  const { at = {}, query = {}, body = {} } = capability.endpoint;
  const found = { at: {} as Record<string, string>, query: {} as Record<string, unknown>, body: {} as Record<string, unknown> };
  for (const word of words) {
    const [name = '', value = ''] = word.split(/=(.*)/s, 2);
    if (Object.hasOwn(at, name)) found.at[name] = value;
    else if (Object.hasOwn(query, name)) found.query[name] = value;
    else if (Object.hasOwn(body, name)) found.body[name] = body[name]?.type === 'text' ? value : jsonOf(value, name);
    else {
      throw new UsageError({
        code: 'command_line',
        message: `${capability.id} has no argument ${name}.`,
        hint: `It has: ${[...Object.keys(at), ...Object.keys(query), ...Object.keys(body)].join(', ') || 'none'}.`,
      });
    }
  }
  return { at: found.at, query: found.query, body: Object.keys(found.body).length === 0 ? null : found.body };
}

function jsonOf(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError({ code: 'command_line', message: `What ${name} holds is not JSON.`, hint: `Such as ${name}='["a"]'.` });
  }
}

function changeLine({ direction, text }: Change, style: ReturnType<typeof styleOf>): string {
  if (direction === 'more') return `  ${style.yellow('+')} ${text}`;
  return direction === 'less' ? `  ${style.green('-')} ${text}` : `  ${style.dim('·')} ${text}`;
}

/** The ids of new agents must be the same in what is shown and in what is done. */
function memoized(build: (policy: Policy) => PolicyParts): (policy: Policy) => PolicyParts {
  const built = new Map<string, PolicyParts>();
  return (policy) => {
    const parts = built.get(policy.version) ?? build(policy);
    built.set(policy.version, parts);
    return parts;
  };
}

function movedOn(): UsageError {
  return new UsageError({
    code: 'policy_moved',
    message: 'The policy was changed by somebody else while these changes were looked at. Nothing was applied.',
    hint: 'Look at them again.',
  });
}
