import { createLog } from '../../base/index.ts';
import type { LogLevel } from '../../base/index.ts';
import { serveEstuary } from '../../connectors/index.ts';
import { defineCommand } from '../command.ts';
import { openConnectorAircall } from '../connector-aircall.ts';
import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import type { Environment } from '../world.ts';

export const command = defineCommand({
  description:
    'An Estuary Flow capture: the streams of sync in the protocol of Flow’s runtime, which starts this command, writes requests to its stdin ' +
    'and reads documents from its stdout, one JSON object a line. Settings come with the requests. It runs until it is told to stop.',
  examples: [
    { line: `echo '{"spec":{}}' | trunkline estuary`, does: 'Says what the configuration may hold.' },
    {
      line: 'flowctl raw discover --source flow.yaml',
      does: 'Lists the resources, with a catalog that names this command as a local endpoint.',
    },
  ],
  options: {},
  settings: [],
  // Some runtimes start every connector with flags of their own.
  ignoresUnknown: true,
  async run(context) {
    const { stdin, stdout, stderr, env, clock, signal } = context;
    const log = createLog({ level: levelOf(env), format: 'json', write: (line) => void stderr.write(`${line}\n`) });
    try {
      await serveEstuary({
        codec: env['FLOW_RUNTIME_CODEC'],
        input: stdin,
        write: (text) => stdout.write(text),
        connect: (endpoint, connectorLog) => openConnectorAircall({ ...endpoint, company: null }, connectorLog, context),
        log,
        clock,
        signal,
      });
      return exitCodes.done;
    } catch (error) {
      return exitCodeOf(error);
    }
  },
});

const levels: Readonly<Record<string, LogLevel>> = { trace: 'debug', debug: 'debug', info: 'info', warn: 'warn', error: 'error' };

function levelOf(env: Environment): LogLevel {
  return levels[env['LOG_LEVEL']?.toLowerCase() ?? ''] ?? 'info';
}
