// `read`: all streams of the catalog, one after the other, each on its own: what fails one of them leaves the others alone.
import { type Clock, EnvironmentError, Interrupted, isTrunklineError, messageOf, version } from '../../base/index.ts';
import { type Aircall, CredentialRefused } from '../../client/index.ts';
import { ServerTime } from '../../streams/index.ts';
import { offeredStreams, streamFor } from '../connector-streams.ts';
import { RememberedKeys } from '../remembered-keys.ts';
import type { SourceConfig } from './config.ts';
import type { ConfiguredStream } from './configured-catalog.ts';
import { failureOf, sentenceOf } from './failure.ts';
import { StateBroken } from './input-errors.ts';
import type { Failure, Messages } from './messages.ts';
import { readStream, type RunFacts } from './read-stream.ts';
import { StreamOutput } from './stream-output.ts';
import { noState, parseState, type Resumed } from './stream-state.ts';

export type ReadOptions = {
  readonly config: SourceConfig;
  readonly catalog: readonly ConfiguredStream[];
  /** Blobs by stream. */
  readonly states: ReadonlyMap<string, unknown>;
  readonly aircall: Aircall;
  readonly messages: Messages;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly requestsPerMinute: number;
  /** The longest time without a record or a state. */
  readonly heartbeatMs: number;
};

export type ReadOutcome = 'complete' | 'incomplete' | 'interrupted';

export async function read(options: ReadOptions): Promise<ReadOutcome> {
  const { config, catalog, messages, clock } = options;
  await messages.log('INFO', `Trunkline ${version}: reading ${catalog.length} ${catalog.length === 1 ? 'stream' : 'streams'}.`);
  const run: RunFacts = {
    ...options,
    log: messages.asLog(),
    serverTime: new ServerTime(clock),
    endOfRereadsMs: clock.monotonic() + config.rereadMinutes * 60_000,
  };
  const failed: string[] = [];
  /** What ended a stream and would end all others the same way. */
  let common: Failure | null = null;
  for (const configured of catalog) {
    const outcome = await readConfigured(run, configured, { blob: options.states.get(configured.descriptor.name), common });
    if (outcome.isInterrupted) {
      await messages.log('WARN', `Interrupted by ${String(options.signal.reason ?? 'a signal')}; the last states say where to go on.`);
      return 'interrupted';
    }
    if (outcome.failures.length > 0) failed.push(configured.descriptor.name);
    common ??= outcome.common;
  }
  if (failed.length > 0) {
    await messages.log('ERROR', `${failed.length} of ${catalog.length} streams are not complete: ${failed.join(', ')}.`);
    return 'incomplete';
  }
  // What was asked for once has been done once.
  if (config.confirmDeletions) await messages.control({ ...config.document, confirm_deletions: false });
  await messages.log('INFO', 'All streams are complete.');
  return 'complete';
}

type StreamOutcome = { readonly failures: readonly Failure[]; readonly isInterrupted: boolean; readonly common: Failure | null };

async function readConfigured(
  run: RunFacts,
  configured: ConfiguredStream,
  { blob, common }: { readonly blob: unknown; readonly common: Failure | null },
): Promise<StreamOutcome> {
  const { messages, clock, config } = run;
  const { descriptor, fullRefresh, refused } = configured;
  const { name } = descriptor;
  const done = (failures: readonly Failure[], more: Partial<StreamOutcome> = {}) => ({
    failures,
    isInterrupted: false,
    common: null,
    ...more,
  });
  for (const note of configured.notes) await messages.log('WARN', note);

  let resumed: Resumed;
  const stream = streamFor(name, { full: config.numberUsers });
  const offered = offeredStreams.find((each) => each.name === name);
  try {
    if (refused !== null) throw refused;
    resumed = parseState(blob, { stream: name, nowMs: clock.now(), fullRefresh });
  } catch (error) {
    // What stands in the platform's store stays as it is.
    const output = new StreamOutput({ messages, descriptor, clock, resumed: noState, remembered: null });
    const failures = [failureOf(error)];
    await output.started();
    await output.incomplete(failures, { keepState: false });
    return done(failures);
  }
  if (stream === null || offered === undefined) return done([]);

  const remembered = stream.sweptBy === undefined ? null : new RememberedKeys(resumed.state.keys);
  const output = new StreamOutput({ messages, descriptor, clock, resumed: resumed.state, remembered });
  await output.started();
  if (common !== null) {
    await output.incomplete([common]);
    return done([common]);
  }
  if (resumed.foreign) await messages.log('WARN', `${name}: the saved state is of another connector; the stream is read from the start.`);
  if (resumed.nothingToRead !== null) {
    const why = resumed.nothingToRead === 'future' ? 'the saved state lies in the future' : 'the saved state says that all of it was read';
    await messages.log(resumed.nothingToRead === 'future' ? 'WARN' : 'INFO', `${name}: ${why}; there is nothing to read.`);
    await output.complete();
    return done([]);
  }
  try {
    const failures = await readStream(run, { stream, offered, configured, resumed, output, remembered });
    if (failures.length > 0) await output.incomplete(failures);
    else await output.complete();
    await messages.log('INFO', `${name}: ${output.records} records, ${output.states} states.`);
    return done(failures);
  } catch (error) {
    if (error instanceof Interrupted) {
      await output.incomplete([]);
      return done([], { isInterrupted: true });
    }
    const isOfState = !isTrunklineError(error) && resumed.state.inner !== null && output.states === 0;
    const failure = isOfState ? stateFailure(name, error) : failureOf(error);
    await messages.log('DEBUG', `${name}: ${messageOf(error)}`);
    await output.incomplete([failure]);
    return done([failure], { common: endsEverything(error) ? failure : null });
  }
}

/** Whatever somebody edited in a state: what falls over it before it has come anywhere is told as a fault of the state. */
function stateFailure(stream: string, error: unknown): Failure {
  return { ...failureOf(error), message: sentenceOf(new StateBroken(stream, 'reading from it failed')), type: 'config_error' };
}

/** A refused credential or a budget that cannot be counted concerns every stream. */
function endsEverything(error: unknown): boolean {
  return error instanceof CredentialRefused || error instanceof EnvironmentError;
}
