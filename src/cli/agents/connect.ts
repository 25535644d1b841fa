// What to put where, so that a client of MCP, or of Aircall's own API, speaks as an agent. No key is ever printed: none is known,
// and settings that hold one do not belong into files that are shared. Where a client takes it from its environment, that is used.
//
// Formats by the clients' own pages: code.claude.com/docs/en/mcp, modelcontextprotocol.io/docs/develop/connect-local-servers,
// cursor.com/docs/context/mcp, code.visualstudio.com/docs/copilot/reference/mcp-configuration,
// developers.openai.com/codex/mcp, geminicli.com/docs/tools/mcp-server.
import { resolve } from 'node:path';
import { nearest, UsageError } from '../../base/index.ts';
import { findServing } from '../../store/index.ts';
import { styleOf } from '../output/style.ts';
import { wrap } from '../output/width.ts';
import type { ProgramFiles } from '../world.ts';
import { answer, policyOf, widthOf } from './context.ts';
import type { Action } from './context.ts';
import { agentNamed } from './words.ts';

type Place = {
  readonly url: string;
  readonly agentId: string;
  readonly agentName: string;
  readonly home: string;
  /** Null: there is but one in the home folder, or it was not named. */
  readonly company: string | null;
  readonly program: ProgramFiles;
};

type Client = {
  readonly id: string;
  readonly title: string;
  readonly where: string;
  readonly text: (place: Place) => string;
  /** What else it takes. */
  readonly note?: string;
};

/** The name under which clients show the server. */
const server = 'aircall';
const keyVariable = 'TRUNKLINE_AGENT_KEY';

const clients: readonly Client[] = [
  {
    id: 'claude-code',
    title: 'Claude Code',
    where: 'in a terminal',
    text: ({ url }) => `claude mcp add --transport http --header "Authorization: Bearer $${keyVariable}" ${server} ${url}/mcp`,
  },
  {
    id: 'claude-desktop',
    title: 'Claude Desktop',
    where: 'claude_desktop_config.json; it starts Trunkline itself',
    // By paths alone: a name that is looked up somewhere may be anybody's program, and would be given the key.
    text: ({ agentName, home, company, program }) =>
      json({
        mcpServers: {
          [server]: {
            command: program.node,
            args: [program.main, 'mcp', '--agent', agentName],
            env: { [keyVariable]: 'the agent’s key', TRUNKLINE_HOME: home, ...(company === null ? {} : { TRUNKLINE_COMPANY: company }) },
          },
        },
      }),
    note:
      'Any client that starts a program is told the same command, arguments and environment. Where trunkline serve does not run, put the Aircall ' +
      'credential beside the key, too (AIRCALL_API_ID and AIRCALL_API_TOKEN; none where trunkline connect keeps one), and TRUNKLINE_KEK where it is set.',
  },
  {
    id: 'cursor',
    title: 'Cursor',
    where: '.cursor/mcp.json',
    text: ({ url }) =>
      json({ mcpServers: { [server]: { url: `${url}/mcp`, headers: { Authorization: `Bearer \${env:${keyVariable}}` } } } }),
  },
  {
    id: 'vscode',
    title: 'VS Code',
    where: '.vscode/mcp.json; it asks for the key once',
    text: ({ url }) =>
      json({
        inputs: [{ type: 'promptString', id: 'trunkline-agent-key', description: 'Key of the agent', password: true }],
        servers: { [server]: { type: 'http', url: `${url}/mcp`, headers: { Authorization: 'Bearer ${input:trunkline-agent-key}' } } },
      }),
  },
  {
    id: 'codex',
    title: 'Codex',
    where: '~/.codex/config.toml',
    text: ({ url }) => `[mcp_servers.${server}]\nurl = "${url}/mcp"\nbearer_token_env_var = "${keyVariable}"`,
  },
  {
    id: 'gemini',
    title: 'Gemini CLI',
    where: 'in a terminal',
    text: ({ url }) => `gemini mcp add --transport http --header "Authorization: Bearer $${keyVariable}" ${server} ${url}/mcp`,
  },
  {
    id: 'rest',
    title: 'Any client of Aircall’s API',
    where: 'its base URL and credential',
    text: ({ url, agentId }) => `base URL   ${url}\nBasic      user ${agentId}, password $${keyVariable}\nor Bearer  $${keyVariable}`,
  },
];

export const connect: Action = async (context) => {
  const { settings, options, gateway, clock, cwd, stdout, env, program } = context;
  const { database, company } = gateway;
  const agent = agentNamed(policyOf(context), context.words[0] ?? '');
  const url = (settings.publicUrl ?? findServing({ database, company, clock })?.url ?? listenUrl(settings.listen)).replace(/\/$/, '');
  const home = resolve(cwd, settings.home);
  const place: Place = { url, agentId: agent.id, agentName: agent.name, home, company: settings.company, program };
  const shown = options.client === undefined ? clients : [clientNamed(options.client)];
  const document = {
    url,
    agent: agent.id,
    keyVariable,
    clients: shown.map(({ id, title, where, text, note = null }) => ({ id, title, where, text: text(place), note })),
  };
  const style = styleOf(stdout, env);
  return answer(context, document, () => [
    `${agent.name} is reached at ${url}, while trunkline serve runs. Its key was shown once, when it was made; put it into ${keyVariable}.`,
    `No key at hand? trunkline agents rotate "${agent.name}" --keep 24h makes another.`,
    ...shown.flatMap((client) => [
      '',
      `${style.bold(client.title)}  ${style.dim(client.where)}`,
      ...client
        .text(place)
        .split('\n')
        .map((line) => `  ${line}`),
      ...(client.note === undefined ? [] : wrap(client.note, widthOf(context) - 2).map((line) => style.dim(`  ${line}`))),
    ]),
  ]);
};

function clientNamed(name: string): Client {
  const found = clients.find(({ id }) => id === name);
  if (found !== undefined) return found;
  const ids = clients.map(({ id }) => id);
  const near = nearest(name, ids);
  throw new UsageError({
    code: 'unknown_client',
    message: `There are no instructions for the client "${name}".`,
    hint: near === null ? `There are: ${ids.join(', ')}.` : `Did you mean ${near}?`,
  });
}

function listenUrl({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
