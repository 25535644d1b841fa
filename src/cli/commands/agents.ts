import { nearest, UsageError } from '../../base/index.ts';
import { agentOptions, agentSettings } from '../agents/options.ts';
import { defineCommand } from '../command.ts';
import { keyringNotice, openGateway, operatorOf } from '../gateway.ts';
import type { Action } from '../agents/context.ts';

const actions: Readonly<Record<string, () => Promise<Action>>> = {
  add: async () => (await import('../agents/change.ts')).add,
  list: async () => (await import('../agents/look.ts')).list,
  show: async () => (await import('../agents/look.ts')).show,
  grant: async () => (await import('../agents/change.ts')).grant,
  rule: async () => (await import('../agents/change.ts')).rule,
  constrain: async () => (await import('../agents/change.ts')).constrain,
  field: async () => (await import('../agents/change.ts')).field,
  set: async () => (await import('../agents/change.ts')).set,
  guardrail: async () => (await import('../agents/change.ts')).guardrail,
  'webhook-hosts': async () => (await import('../agents/change.ts')).webhookHosts,
  identity: async () => (await import('../agents/change.ts')).identity,
  pause: async () => (await import('../agents/change.ts')).pause,
  resume: async () => (await import('../agents/change.ts')).resume,
  revoke: async () => (await import('../agents/change.ts')).revoke,
  rotate: async () => (await import('../agents/change.ts')).rotate,
  matrix: async () => (await import('../agents/reports.ts')).matrix,
  explain: async () => (await import('../agents/reports.ts')).explain,
  replay: async () => (await import('../agents/reports.ts')).replay,
  unused: async () => (await import('../agents/reports.ts')).unused,
  apply: async () => (await import('../agents/reports.ts')).apply,
  connect: async () => (await import('../agents/connect.ts')).connect,
  export: async () => (await import('../agents/reports.ts')).exportPolicy,
};

export const command = defineCommand({
  description:
    'The agents that reach Aircall through the gateway, and what each may do. A new agent may do nothing. Areas are set to off, read, ' +
    'write or full; rules, limits and fields narrow that further. Every change counts at the next request and stands in the log with who ' +
    'made it.',
  examples: [
    {
      line: 'trunkline agents add "Support Agent" --owner "Olga Stein" --purpose "Answers what customers ask"',
      does: 'Adds one and shows its key, once.',
    },
    { line: 'trunkline agents grant "Support Agent" calls=read contacts=read tags=full', does: 'Says what it may do.' },
    {
      line: 'trunkline agents field "Support Agent" contacts.phone=mask',
      does: 'Masks phone numbers: show, tokenize, mask, hide, or default.',
    },
    { line: 'trunkline agents constrain "Support Agent" calls teams=7,8 newer-than=30d max-rows=500', does: 'Limits which rows it sees.' },
    {
      line: 'trunkline agents rule "Support Agent" contacts.delete=approve --reason "Two pairs of eyes"',
      does: 'deny, approve, allow, or none.',
    },
    { line: 'trunkline agents guardrail add keep-recordings --area recordings --effect delete', does: 'Forbids something to all agents.' },
    {
      line: 'trunkline agents pause "Support Agent"',
      does: 'Stops it at the next request; resume lets it go on, revoke ends it for good.',
    },
    {
      line: 'trunkline agents set "Support Agent" --weight 3 --daily-requests 500',
      does: 'Its part of the requests that agents share, and a limit a day.',
    },
    { line: 'trunkline agents rotate "Support Agent" --keep 24h', does: 'A new key; the old one goes on for a day.' },
    {
      line: 'trunkline agents identity "Support Agent" 0oa1b2c3d4',
      does: 'Tokens that the company’s identity provider makes for that client are this agent’s; none takes it back.',
    },
    { line: 'trunkline agents explain "Support Agent" calls.retrieve id=812345', does: 'Says whether that would be allowed, and why.' },
    { line: 'trunkline agents matrix', does: 'Who can do what; unused tells what nobody needed.' },
    { line: 'trunkline agents export > trunkline.policy.json', does: 'The policy as a file to review and keep.' },
    {
      line: 'trunkline agents apply trunkline.policy.json',
      does: 'Shows what it changes, asks, and applies it whole; replay FILE tries it on the log.',
    },
    { line: 'trunkline agents connect "Support Agent"', does: 'What to put where, for the common MCP clients.' },
    { line: 'trunkline agents list', does: 'All agents; show NAME tells everything about one.' },
  ],
  arguments: [
    { name: '<action>', meaning: `What to do: ${Object.keys(actions).join(', ')}.` },
    { name: '[words...]', meaning: 'The agent’s name, and what the action needs.' },
  ],
  options: agentOptions,
  settings: agentSettings,
  async run(context) {
    const [name = '', ...words] = context.arguments;
    const load = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (load === undefined) throw unknownAction(name);
    const action = await load();
    const gateway = await openGateway(context);
    try {
      const notice = keyringNotice(gateway);
      if (notice !== null) await context.stderr.write(`${notice}\n`);
      return await action({ ...context, gateway, words, desk: () => gateway.desk(operatorOf(context.options.by)) });
    } finally {
      await gateway.close();
    }
  },
});

function unknownAction(name: string): UsageError {
  const near = nearest(name, Object.keys(actions));
  return new UsageError({
    code: 'command_line',
    message: `There is no command "trunkline agents ${name}".`,
    hint: near === null ? `There are: ${Object.keys(actions).join(', ')}.` : `Did you mean trunkline agents ${near}?`,
  });
}
