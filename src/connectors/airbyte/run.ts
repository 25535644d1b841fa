// One command of the connector, from files to exit code. Everything it has to say goes to stdout as messages; nothing it
// may be handed makes it throw.
import { type Clock, Interrupted, isTrunklineError, type JsonObject, type Log } from '../../base/index.ts';
import type { Aircall } from '../../client/index.ts';
import { offeredStreams } from '../connector-streams.ts';
import { catalogStream } from './catalog.ts';
import { checkConnection } from './check.ts';
import { connectionSpecification, parseConfig, secretsOf, type SourceConfig } from './config.ts';
import { parseCatalog } from './configured-catalog.ts';
import { failureOf, sentenceOf } from './failure.ts';
import { InputRefused } from './input-errors.ts';
import { type InputFile, readInput } from './input-file.ts';
import { Messages } from './messages.ts';
import { read } from './read.ts';
import { createRedactor } from './redact.ts';
import { parseStateFile } from './state-file.ts';

export type AirbyteCommand =
  | { readonly name: 'spec' }
  | { readonly name: 'check' | 'discover'; readonly config: string }
  | { readonly name: 'read'; readonly config: string; readonly catalog: string; readonly state: string | null };

/** A way to Aircall with its budget. */
export type OpenedAircall = {
  readonly aircall: Aircall;
  readonly requestsPerMinute: number;
  /** What an operator should know of how it was opened. */
  readonly notice: string | null;
  readonly close: () => Promise<void>;
};

export type AirbyteOptions = {
  /** Takes text for stdout; resolves when it was taken. */
  readonly write: (text: string) => Promise<void>;
  readonly open: (config: SourceConfig, log: Log) => Promise<OpenedAircall>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly debug: boolean;
  /** We run on Airbyte's hosted service. */
  readonly cloud: boolean;
  /** The longest time without a record or a state. Default: ten minutes. */
  readonly heartbeatMs?: number;
};

const defaultHeartbeatMs = 10 * 60_000;

/** Returns the exit code: 0, 1 when anything failed, 128 and the signal's number when it was interrupted. Never rejects. */
export async function runAirbyte(command: AirbyteCommand, options: AirbyteOptions): Promise<number> {
  const { write, clock, debug, signal } = options;
  const messages = new Messages({ write, clock, debug });
  try {
    return await dispatch(command, messages, options);
  } catch (error) {
    if (error instanceof Interrupted && signal.aborted) return interruptedCode(signal);
    await messages.error(failureOf(error));
    return 1;
  }
}

async function dispatch(command: AirbyteCommand, messages: Messages, options: AirbyteOptions): Promise<number> {
  switch (command.name) {
    case 'spec':
      await messages.spec(specification());
      return 0;
    case 'check':
      return check(command.config, messages, options);
    case 'discover':
      await configOf(command.config, messages, options);
      await messages.catalog(offeredStreams.map(catalogStream));
      return 0;
    case 'read':
      return readAll(command, messages, options);
  }
}

function specification(): JsonObject {
  return {
    supportsIncremental: true,
    supported_destination_sync_modes: ['append', 'overwrite', 'append_dedup'],
    connectionSpecification: connectionSpecification(),
  };
}

async function check(path: string, messages: Messages, options: AirbyteOptions): Promise<number> {
  const { clock, signal, open } = options;
  let failure: string | null;
  try {
    const config = await configOf(path, messages, options);
    const opened = await open(config, messages.asLog());
    try {
      if (opened.notice !== null) await messages.log('INFO', opened.notice);
      failure = await checkConnection({ aircall: opened.aircall, clock, signal });
    } finally {
      await opened.close();
    }
  } catch (error) {
    const isForeseen = error instanceof InputRefused || (isTrunklineError(error) && failureOf(error).type === 'config_error');
    if (!isForeseen) throw error;
    failure = sentenceOf(error);
  }
  await messages.connectionStatus(failure);
  return 0;
}

async function readAll(command: Extract<AirbyteCommand, { name: 'read' }>, messages: Messages, options: AirbyteOptions): Promise<number> {
  const { clock, signal, open, heartbeatMs = defaultHeartbeatMs } = options;
  const config = await configOf(command.config, messages, options);
  const catalogFile = { what: 'catalog', path: command.catalog } as const;
  const catalog = parseCatalog(catalogFile, await readInput(catalogFile));
  const states = command.state === null ? new Map<string, unknown>() : await statesOf(command.state);
  const opened = await open(config, messages.asLog());
  try {
    if (opened.notice !== null) await messages.log('INFO', opened.notice);
    const { aircall, requestsPerMinute } = opened;
    const outcome = await read({ config, catalog, states, aircall, messages, clock, signal, requestsPerMinute, heartbeatMs });
    if (outcome === 'interrupted') return interruptedCode(signal);
    return outcome === 'complete' ? 0 : 1;
  } finally {
    await opened.close();
  }
}

/** From here on no secret of it leaves the process, whether the rest of it is right or not. */
async function configOf(path: string, messages: Messages, { clock, cloud }: AirbyteOptions): Promise<SourceConfig> {
  const file: InputFile = { what: 'config', path };
  const text = await readInput(file);
  try {
    const { secrets, secretPairs } = secretsOf(JSON.parse(text));
    messages.redactWith(createRedactor(secrets, secretPairs));
  } catch {
    // Not JSON: told below, without a piece of it.
  }
  return parseConfig(file, text, { nowMs: clock.now(), cloud });
}

async function statesOf(path: string): Promise<ReadonlyMap<string, unknown>> {
  const file: InputFile = { what: 'state', path };
  return parseStateFile(file, await readInput(file));
}

/** The shells' way of saying which signal it was. */
function interruptedCode(signal: AbortSignal): number {
  return 128 + (signal.reason === 'SIGTERM' ? 15 : 2);
}
