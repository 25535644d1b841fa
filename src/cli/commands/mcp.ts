import { createLog, EnvironmentError, UsageError } from '../../base/index.ts';
import { AgentStore, companiesOf, findServing, openGatewayDatabase } from '../../store/index.ts';
import { PolicyStore, serveStdio, tryKey } from '../../gateway/index.ts';
import { defineCommand, option } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { auditListenersOf, companyOf, gatewaySettings, keyringNotice, openGateway } from '../gateway.ts';
import { startServing } from '../serving.ts';
import type { Serving } from '../serving.ts';
import { parseText } from '../settings/parse.ts';
import { aircallSettings, homeOf, logSettings, openAircall } from '../wire.ts';

export const command = defineCommand({
  description:
    'Connects an MCP client that starts programs to the gateway, over stdin and stdout, as one agent. Where trunkline serve runs, it hands ' +
    'everything to that; otherwise it serves by itself, on an address of this machine alone, until the client leaves. The agent’s key is ' +
    'read from TRUNKLINE_AGENT_KEY.',
  examples: [{ line: 'trunkline mcp --agent "Support Agent"', does: 'What an MCP client is told to start.' }],
  options: {
    agent: option.value('name', 'The agent, by name or id; its key must be the one given.', { parse: parseText, example: 'Support Agent' }),
  },
  settings: [...new Set([...gatewaySettings, ...aircallSettings, 'agentKey', 'approvers', ...logSettings] as const)],
  async run(context) {
    const { settings, options, stdin, stdout, stderr, clock, signal } = context;
    const log = createLog({ level: settings.log, format: settings.logFormat, write: (line) => void stderr.write(`${line}\n`) });
    if (settings.agentKey === null) {
      throw new UsageError({
        code: 'agent_key_missing',
        message: 'There is no key of an agent in TRUNKLINE_AGENT_KEY.',
        hint: 'Put the key that trunkline agents add, or agents rotate, has shown into the settings of the MCP client, as TRUNKLINE_AGENT_KEY.',
      });
    }
    if (isToken(settings.agentKey)) {
      throw new UsageError({
        code: 'agent_key_is_token',
        message:
          'What stands in TRUNKLINE_AGENT_KEY is a token of an identity provider. Over stdin and stdout a key of the gateway is needed.',
        hint: 'Put the key that trunkline agents add, or agents rotate, has shown there, or connect over HTTP with the token as bearer token.',
      });
    }
    const database = await openGatewayDatabase({ home: homeOf(context), signal });
    const closing: (() => Promise<unknown>)[] = [async () => database.close()];
    const company = companyOf(settings.company, companiesOf(database));
    let own: Promise<Serving> | null = null;
    try {
      const store = new AgentStore({ database, company });
      const agent = agentOf(Object.values(new PolicyStore({ store, company }).current().agents), options.agent);
      const authorization = `Basic ${Buffer.from(`${agent.id}:${settings.agentKey}`, 'latin1').toString('base64')}`;
      /** Opens the gateway in this process. */
      const serve = async (): Promise<Serving> => {
        const aircall = await openAircall(context, log);
        closing.push(aircall.close);
        const gateway = await openGateway(context, auditListenersOf(log));
        closing.push(gateway.close);
        const notice = keyringNotice(gateway);
        if (notice !== null) log.warn(notice);
        const serving = await startServing({
          gateway,
          aircall: { credential: aircall.credential.credential, baseUrl: settings.baseUrl, budget: aircall.budget },
          listen: { host: '127.0.0.1', port: 0 },
          publicUrl: null,
          trustedProxies: [],
          fourEyes: settings.approvers === 'four-eyes',
          trustClock: false,
          identity: null,
          otlp: null,
          clock,
          log,
          signal,
        });
        closing.push(serving.stop);
        // Its place is gone: the next request looks for whoever has it.
        serving.lost.catch(() => (own = null));
        log.info('serving', { url: serving.url });
        return serving;
      };
      const target = async (): Promise<string> => {
        for (let attempt = 1; ; attempt += 1) {
          if (own !== null) return (await own).url;
          const found = findServing({ database, company, clock });
          if (found !== null && found.url !== null) return found.url;
          if (found === null) {
            own = serve();
            try {
              return (await own).url;
            } catch (error) {
              own = null;
              // Another one was faster.
              if (!isTaken(error)) throw error;
            }
          }
          if (attempt === 20) throw unreachable();
          // It has the place and does not listen yet.
          await clock.sleep(250, signal);
        }
      };
      // Now, so that what is wrong is told while the client starts it.
      const url = await target();
      if (!(await tryKey({ url, authorization, fetch: globalThis.fetch, signal }))) throw keyRefused(agent.name);
      const isDone = await serveStdio({
        input: stdin,
        write: (text) => stdout.write(text),
        target,
        authorization,
        fetch: globalThis.fetch,
        clock,
        log,
        signal,
      });
      return isDone ? exitCodes.done : exitCodes.incomplete;
    } finally {
      for (const close of closing.reverse()) await close();
    }
  },
});

type Named = { readonly id: string; readonly name: string };

/** The agent that is meant. Throws `UsageError`. */
function agentOf(agents: readonly Named[], wanted: string | undefined): Named {
  if (wanted === undefined) {
    throw new UsageError({ code: 'agent_missing', message: 'Which agent is it?', hint: 'Name it: trunkline mcp --agent "Support Agent".' });
  }
  const found = agents.find(({ id, name }) => id === wanted || name.toLowerCase() === wanted.toLowerCase());
  if (found !== undefined) return found;
  throw new UsageError({ code: 'unknown_agent', message: `There is no agent called “${wanted}”.`, hint: 'See trunkline agents list.' });
}

/** Three parts with dots between; a key has none. */
function isToken(key: string): boolean {
  return /^[^.]+\.[^.]+\.[^.]*$/.test(key);
}

function keyRefused(name: string): UsageError {
  return new UsageError({
    code: 'agent_key_refused',
    message: `What stands in TRUNKLINE_AGENT_KEY is no valid key of ${name}. The log says why: trunkline audit tail.`,
    hint: `Put the key there that trunkline agents add has shown for ${name}, or a new one: trunkline agents rotate "${name}".`,
  });
}

function isTaken(error: unknown): boolean {
  return error instanceof UsageError && error.code === 'serving_already';
}

function unreachable(): EnvironmentError {
  return new EnvironmentError({
    code: 'serving_unreachable',
    message:
      'Another process serves these agents and cannot be reached from here: it runs elsewhere, or listens on no address of this machine alone.',
    hint: 'Connect the MCP client over HTTP instead, to the address of trunkline serve with /mcp behind it and the agent’s key as bearer token.',
  });
}
