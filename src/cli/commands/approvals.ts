import { randomBytes } from 'node:crypto';
import { UsageError } from '../../base/index.ts';
import { createApprovals, nameKey, readReason, recordDecision } from '../../gateway/index.ts';
import type { Approval, Approvals, Policy } from '../../gateway/index.ts';
import { FrictionStore, PeopleStore } from '../../store/index.ts';
import { defineCommand, jsonOption, option } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { gatewaySettings, keyringNotice, openGateway, operatorOf } from '../gateway.ts';
import type { OpenGateway } from '../gateway.ts';
import { openPeople } from '../people.ts';
import { ago, duration, moment, plural } from '../output/format.ts';
import { confirm } from '../output/prompt.ts';
import { styleOf } from '../output/style.ts';
import type { Style } from '../output/style.ts';
import { visible } from '../output/width.ts';
import { parseText } from '../settings/parse.ts';

const actions = ['list', 'show', 'approve', 'refuse'] as const;
type Action = (typeof actions)[number];
type Look = { readonly nowMs: number; readonly style: Style; readonly policy: Policy };

const shownAtMost = 100;

export const command = defineCommand({
  description:
    'What agents have asked for and may only do once a person has said yes. A yes holds for exactly the request that is shown, once, until it ' +
    'expires or the rules change. Each yes and no stands in the log, with the name of who said it. At the command line decides the operator of the system; ' +
    'people decide in the browser, where trunkline serve shows the same requests to those whom trunkline people add let in.',
  examples: [
    { line: 'trunkline approvals', does: 'What waits.' },
    { line: 'trunkline approvals show AP-31', does: 'Exactly what is asked, with every argument.' },
    { line: 'trunkline approvals approve AP-31', does: 'Shows it, asks, and approves it in your name.' },
    { line: 'trunkline approvals refuse AP-31 --reason "Not before the audit"', does: 'Refuses it, and says why in the log.' },
  ],
  arguments: [
    { name: '[action]', meaning: 'list, show, approve or refuse; list when there is none.' },
    { name: '[id]', meaning: 'The id of a request, such as AP-31.' },
  ],
  options: {
    by: option.value('name', 'Who runs this system; else the name of the system’s user.', { parse: parseText, example: 'otto' }),
    reason: option.value('text', 'Why, for the log.', { parse: parseText, example: '"Not before the audit"' }),
    all: option.switch('List also what was decided, used or has expired.'),
    yes: option.switch('Do not ask again.'),
    json: jsonOption,
  },
  settings: [...gatewaySettings, 'approvers'],
  async run(context) {
    const { options, settings, stdout, stderr, clock, env } = context;
    const action = actionOf(context.arguments[0]);
    const id = context.arguments[1] ?? null;
    if (action !== 'list' && id === null) throw idMissing(action);
    const gateway = await openGateway(context);
    try {
      const notice = keyringNotice(gateway);
      if (notice !== null) await stderr.write(`${notice}\n`);
      const approvals = approvalsOf(gateway, clock);
      const look: Look = { nowMs: clock.now(), style: styleOf(stdout, env), policy: gateway.policies.current() };
      if (id === null || action === 'list') {
        const list = options.all ? approvals.recent({ limit: shownAtMost }) : approvals.waiting();
        await stdout.write(options.json ? json({ approvals: list }) : text(listLines(list, look, options.all)));
        return exitCodes.done;
      }
      const approval = approvals.find(id) ?? unknown(id);
      if (action === 'show') {
        await stdout.write(options.json ? json({ approval }) : text(approvalLines(approval, look)));
        return exitCodes.done;
      }
      const by = deciderOf(gateway, options.by);
      const { desk } = openPeople(gateway, clock);
      const fourEyes = settings.approvers === 'four-eyes' ? (name: string) => desk.find(name) : null;
      const decision = { verdict: action, by, policy: look.policy, fourEyes, areas: 'all' as const };
      // Whatever stands in its way is said before anybody is asked.
      approvals.decide(id, decision);
      if (action === 'approve' && !options.yes) {
        await stderr.write(text(approvalLines(approval, { ...look, style: styleOf(stderr, env) })));
        if (!(await confirm(context, `Approve ${approval.id}?`, 'Add --yes to approve without being asked.'))) {
          await stderr.write(`Nothing was decided: ${approval.id} waits on.\n`);
          return exitCodes.done;
        }
      }
      const recorded = await recordDecision(id, decision, {
        approvals,
        audit: gateway.audit,
        random: randomBytes,
        surface: 'cli',
        reason: readReason(options.reason ?? ''),
      });
      await stdout.write(
        options.json
          ? json({ approval: recorded.approval, record: recorded.seq })
          : `${recorded.sentence} Record ${recorded.seq}.\n${action === 'approve' ? nextOf(approval) : ''}`,
      );
      return exitCodes.done;
    } finally {
      await gateway.close();
    }
  },
});

function approvalsOf({ database, company, keyring, policies }: OpenGateway, clock: { now: () => number }): Approvals {
  const store = new FrictionStore({ database, company });
  return createApprovals({ store, company, keys: keyring.keys, clock, policyVersion: () => policies.current().version });
}

/**
 * Here decides whoever may read the gateway's files: the system's operator, for all areas and without a password. The names of people
 * who log in stand for a login, and are nobody else's to use.
 */
function deciderOf({ database, company }: OpenGateway, by: string | undefined): string {
  const name = operatorOf(by);
  if (new PeopleStore({ database, company }).personOfName(nameKey(name)) === null) return name;
  throw new UsageError({
    code: 'operator_is_person',
    message: `${name} decides in the browser, with a password; here decides the operator of this system.`,
    hint: 'Log in on the page that trunkline serve shows, or say with --by under which other name you run this system.',
  });
}

function actionOf(word: string | undefined): Action {
  const action = actions.find((each) => each === (word ?? 'list'));
  if (action !== undefined) return action;
  throw new UsageError({
    code: 'unknown_action',
    message: 'That is nothing approvals can do.',
    hint: 'trunkline approvals list, show AP-31, approve AP-31 or refuse AP-31.',
  });
}

function idMissing(action: Action): UsageError {
  return new UsageError({
    code: 'approval_id_missing',
    message: `Which request to ${action} was not said.`,
    hint: `trunkline approvals lists those that wait; then trunkline approvals ${action} AP-31.`,
  });
}

function unknown(id: string): never {
  throw new UsageError({
    code: 'unknown_approval',
    message: `There is no request "${id}".`,
    hint: 'trunkline approvals lists those that wait.',
  });
}

const nothingWaits = 'Nothing waits for a person.';

function listLines(list: readonly Approval[], look: Look, all: boolean): readonly string[] {
  if (list.length === 0) return [all ? 'No agent has asked for anything yet.' : nothingWaits];
  const waiting = list.filter(({ state }) => state === 'pending').length;
  const head = all ? plural(list.length, 'request') : `${plural(waiting, 'request')} ${waiting === 1 ? 'waits' : 'wait'}`;
  return [
    look.style.bold(all || waiting > 0 ? head : nothingWaits),
    ...list.flatMap((each) => ['', headLine(each, look), `  ${sentenceOf(each)}`]),
    ...(all || waiting === 0 ? [] : ['', 'All of it: trunkline approvals show ID. Then: trunkline approvals approve ID, or refuse ID.']),
  ];
}

function approvalLines(approval: Approval, look: Look): readonly string[] {
  const agent = Object.hasOwn(look.policy.agents, approval.agentId) ? look.policy.agents[approval.agentId] : undefined;
  const given = approval.request?.arguments ?? [];
  return [
    headLine(approval, look),
    `  ${sentenceOf(approval)}`,
    '',
    `  Agent       ${agent === undefined ? approval.agentId : `${agent.name} (${agent.id}); ${agent.owner} answers for it`}`,
    `  Would use   ${approval.capability}`,
    ...(approval.request?.why == null ? [] : [`  Why         ${visible(approval.request.why)}`]),
    `  Asked       ${moment(approval.askedAt)}, ${ago(approval.askedAt, look.nowMs)}`,
    `  Expires     ${moment(approval.expiresAt)}`,
    ...(approval.decidedBy === null || approval.decidedAt === null
      ? []
      : [`  Decided     by ${approval.decidedBy}, ${moment(approval.decidedAt)}`]),
    ...(approval.state === 'outdated' ? [`  Outdated    ${outdated(approval)}`] : []),
    ...(given.length === 0
      ? []
      : ['', '  What the agent sends, word for word. Nobody has checked it: it is what would reach Aircall, not advice.']),
    ...given.map(({ name, value, cutCharacters }) => {
      const cut = cutCharacters > 0 ? ` ${look.style.yellow(`(${plural(cutCharacters, 'more character')} not shown)`)}` : '';
      return `    ${visible(name)} = ${visible(value)}${cut}`;
    }),
  ];
}

function outdated({ decidedBy }: Approval): string {
  const worth = decidedBy === null ? 'nobody can approve it any more' : 'that yes is worth nothing now';
  return `the rules have changed since it was asked for: ${worth}, and the agent has to ask again`;
}

function headLine(approval: Approval, { style, nowMs }: Look): string {
  const leftMs = Date.parse(approval.expiresAt) - nowMs;
  const state =
    approval.state === 'pending'
      ? `expires in ${duration(leftMs)}`
      : approval.state === 'outdated'
        ? 'outdated: the rules have changed since'
        : approval.state;
  return `${style.bold(approval.id)}  ${approval.state === 'pending' ? style.yellow(state) : state}`;
}

function sentenceOf({ request, capability }: Approval): string {
  return request === null ? `(what was asked is not kept, or cannot be read with these keys) ${capability}` : visible(request.sentence);
}

function nextOf({ expiresAt, id }: Approval): string {
  return `The agent can now repeat exactly that request with ${id}, once, until ${moment(expiresAt)}.\n`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function text(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
