// One run: read what changed, stream by stream, and load it.
//
//   open the destination ─► take the lease ─► load packages an earlier run left ─► for each stream: read ─► rows ─► package
//                                                                                       checkpoint ─► seal ─► load
//
// The state in the destination is the truth. A stream that fails ends alone; what it brought before its last checkpoint
// and all other streams are committed.
import {
  Interrupted,
  isTrunklineError,
  messageOf,
  silentLog,
  systemClock,
  throwIfAborted,
  TrunklineError,
  UsageError,
  version,
} from '../base/index.ts';
import { CredentialRefused } from '../client/index.ts';
import { type Lease, LoadRefused, openPackages, type PackageStore, type Recalled, type Session, thisProcess } from '../load/index.ts';
import { createNormaliser, type Limits, type Normaliser } from '../rows/index.ts';
import { type Item, Observer, type ReadContext, ServerTime, type Stream } from '../streams/index.ts';
import { Grace } from './grace.ts';
import { KnownRows } from './known.ts';
import { Batch } from './batch.ts';
import { countLiveRows } from './live-rows.ts';
import { Loader } from './loader.ts';
import { packagesHome } from './packages-home.ts';
import { pipeline } from './pipeline.ts';
import { readContext } from './read-context.ts';
import { chooseStreams } from './choose-streams.ts';
import { alteredError, goneTables, rootOf, streamsStartingOver, touchesDamage } from './damage.ts';
import { Tally } from './tally.ts';
import type { StreamResult, SyncEvent, SyncOptions, SyncResult } from './types.ts';

/** Where the observer's last stamp is kept among the states of the streams. */
const clockState = '_clock';
const renewLeaseEveryMs = 20_000;
const defaultMaximumMinutes = 5;

/**
 * Reads what changed at Aircall and loads it into the destination.
 *
 * Resolves also when streams failed or stayed incomplete: see `outcome` and the results of the streams. Rejects with
 * `UsageError` (settings, or a destination emptied by others), `CredentialRefused`, or an error of the destination
 * (unreachable, locked, leased by another run), in which case everything sealed so far is safe and goes on next time.
 */
export async function sync(options: SyncOptions): Promise<SyncResult> {
  const streams = chooseStreams(options.streams);
  const clock = options.clock ?? systemClock;
  const startedAt = new Date(clock.now()).toISOString();
  const emit = options.onEvent ?? (() => {});

  const packages = await openPackages({ home: packagesHome(options), pipeline, clock });
  const grace = new Grace(options.signal);
  try {
    const session = await options.destination.open({
      signal: grace.signal,
      onWait: ({ holder, waitedMs }) => emit({ kind: 'waiting', reason: 'lock', waitMs: waitedMs, holder }),
    });
    try {
      const run = await Run.begin({ options, packages, session, emit });
      grace.begin();
      try {
        return await run.go(streams, startedAt);
      } finally {
        await run.end();
      }
    } finally {
      await session.close();
    }
  } finally {
    grace.end();
  }
}

type Parts = {
  readonly options: SyncOptions;
  readonly packages: PackageStore;
  readonly session: Session;
  readonly emit: (event: SyncEvent) => void;
};

class Run {
  readonly #parts: Parts;
  #recalled: Recalled;
  #loader: Loader;
  #observer: Observer;
  readonly #normalisers = new Map<string, Normaliser>();
  readonly #serverTime: ServerTime;
  readonly #stop = new AbortController();
  readonly #renewal: NodeJS.Timeout;
  readonly #tallies = new Map<string, Tally>();
  readonly #receipts: SyncResult['packages'][number][] = [];
  readonly #stillDue: string[] = [];
  readonly #endOfExtrasMs: number;
  #lease: Lease;
  #requests = 0;

  static async begin(parts: Parts): Promise<Run> {
    const { session, packages, options } = parts;
    let recalled = await session.recall(pipeline);
    if (!recalled.known && (await packages.receipts()).length > 0 && options.adoptEmptyDestination !== true) {
      throw new UsageError({
        code: 'destination_emptied',
        message: `${options.destination.label} holds nothing of ours, although this folder has loaded packages into it before.`,
        hint: 'If it was emptied or replaced on purpose, run again with --adopt-empty-destination: everything Aircall still serves is read again.',
      });
    }
    const lease = await session.claim(pipeline, thisProcess(version));
    recalled = await session.recall(pipeline);
    return new Run(parts, recalled, lease);
  }

  private constructor(parts: Parts, recalled: Recalled, lease: Lease) {
    const { options } = parts;
    const clock = options.clock ?? systemClock;
    this.#parts = parts;
    this.#recalled = recalled;
    this.#lease = lease;
    this.#serverTime = new ServerTime(clock);
    this.#observer = observerAfter(recalled);
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (options.signal?.aborted) this.#onAbort();
    this.#endOfExtrasMs = clock.monotonic() + (options.maximumMinutes ?? defaultMaximumMinutes) * 60_000;
    this.#loader = this.#loaderAfter(recalled);
    this.#renewal = setInterval(() => void this.#renew(), renewLeaseEveryMs);
    this.#renewal.unref();
  }

  readonly #onAbort = () => this.#stop.abort(this.#parts.options.signal?.reason);

  async go(streams: readonly Stream[], startedAt: string): Promise<SyncResult> {
    const { emit, session } = this.#parts;
    if (await this.#recoverPackages()) {
      // What they brought is the ground to go on from: states, tables, the newest observation.
      this.#recalled = await session.recall(pipeline);
      this.#observer = observerAfter(this.#recalled);
      this.#loader = this.#loaderAfter(this.#recalled);
    }
    for (const { table, column, detail } of this.#recalled.damage) {
      emit({ kind: 'notice', stream: rootOf(table), text: `${column === null ? table : `${table}.${column}`}: ${detail}` });
    }
    const results: StreamResult[] = [];
    let interrupted = false;
    let fatal: unknown = null;
    for (const stream of streams) {
      if (interrupted || fatal !== null) break;
      const tally = new Tally(stream);
      this.#tallies.set(stream.name, tally);
      emit({ kind: 'stream-started', stream: stream.name, first: this.#loader.state(stream.name) === null });
      try {
        await this.#read(stream, tally);
      } catch (error) {
        // A lost lease calls everything off through the same signal as an operator does.
        if (error instanceof Interrupted && isTrunklineError(this.#stop.signal.reason)) fatal = this.#stop.signal.reason;
        else if (error instanceof Interrupted) {
          interrupted = true;
          tally.incomplete('The run was interrupted before this stream was read to its end.');
        } else if (endsEverything(error)) fatal = error;
        else tally.fail(error);
      }
    }
    try {
      await this.#loader.settle();
    } catch (error) {
      // After an interruption the package that could not be loaded in time waits for the next run.
      if (!interrupted) fatal ??= error;
    }
    if (fatal !== null) throw fatal instanceof Error ? fatal : new TrunklineError({ code: 'internal', message: messageOf(fatal) });
    const tables = [...this.#tallies.values()]
      .map(({ stream }) => stream)
      .filter((stream) => this.#knownRows(stream).has(stream.shape.table));
    const live = await countLiveRows(this.#parts.session, interrupted ? [] : tables.map(({ shape }) => shape.table));
    for (const tally of this.#tallies.values()) {
      const result = tally.result(live.get(tally.stream.shape.table) ?? null);
      results.push(result);
      emit({ kind: 'stream-ended', result });
    }
    if (this.#receipts.length > 0) await this.#publish();
    const complete = results.every(({ outcome }) => outcome === 'done' || outcome === 'off');
    return {
      outcome: interrupted ? 'interrupted' : complete ? 'done' : 'incomplete',
      startedAt,
      endedAt: new Date(this.#clock.now()).toISOString(),
      requests: this.#requests,
      packages: this.#receipts,
      streams: results,
      stillDue: this.#stillDue,
    };
  }

  async end(): Promise<void> {
    clearInterval(this.#renewal);
    this.#parts.options.signal?.removeEventListener('abort', this.#onAbort);
    await this.#loader.abandon();
    await this.#parts.session.release(this.#lease).catch((error: unknown) => {
      this.#log.debug('the lease could not be released; it ends by itself', { reason: messageOf(error) });
    });
  }

  get #clock() {
    return this.#parts.options.clock ?? systemClock;
  }

  get #log() {
    return this.#parts.options.log ?? silentLog;
  }

  #loaderAfter(recalled: Recalled): Loader {
    const { options, packages, session, emit } = this.#parts;
    return new Loader({
      packages,
      session,
      lease: () => this.#lease,
      states: statesAfter(recalled),
      startingOver: streamsStartingOver(recalled),
      lastSequence: recalled.lastPackage?.sequence ?? 0,
      tablesOf: (stream) => this.#normalisers.get(stream)?.tables() ?? {},
      always: () => ({ [clockState]: { last: this.#observer.last } }),
      clock: this.#clock,
      log: options.log ?? silentLog,
      signal: this.#stop.signal,
      onLoaded: (loaded) => {
        this.#receipts.push(loaded.receipt);
        for (const tally of this.#tallies.values()) tally.loaded(loaded.receipt);
        emit({ kind: 'package', ...loaded });
      },
      onRetry: (waitMs) => emit({ kind: 'waiting', reason: 'destination', waitMs }),
    });
  }

  /** Everything is committed already: what goes wrong here costs other readers their copy, not the run its success. */
  async #publish(): Promise<void> {
    try {
      await this.#parts.session.publish();
    } catch (error) {
      this.#parts.emit({ kind: 'notice', stream: null, text: `The copy for other readers could not be made: ${messageOf(error)}` });
    }
  }

  /**
   * Loads packages that were sealed by a run that did not get to load them. Those that no longer fit are read again instead.
   * Returns whether any was loaded.
   */
  async #recoverPackages(): Promise<boolean> {
    const { packages, emit } = this.#parts;
    let next = (this.#recalled.lastPackage?.sequence ?? 0) + 1;
    let loaded = false;
    for (const sealed of await packages.pending()) {
      const fits = this.#recalled.known || sealed.manifest.sequence === 1;
      if (fits && sealed.manifest.packageId === this.#recalled.lastPackage?.packageId) {
        await this.#loader.recover(sealed);
        continue;
      }
      if (fits && sealed.manifest.sequence === next && !touchesDamage(sealed, this.#recalled)) {
        try {
          await this.#loader.recover(sealed);
          loaded = true;
          next += 1;
          continue;
        } catch (error) {
          if (!(error instanceof LoadRefused)) throw error;
          emit({ kind: 'notice', stream: null, text: `A package that waited could not be loaded and is read again: ${error.message}` });
        }
      } else {
        emit({ kind: 'notice', stream: null, text: 'A package that waited no longer fits the destination; what it held is read again.' });
      }
      await packages.discard(sealed);
    }
    return loaded;
  }

  async #read(stream: Stream, tally: Tally): Promise<void> {
    const { options } = this.#parts;
    const table = stream.shape.table;
    const altered = this.#recalled.damage.find((damage) => rootOf(damage.table) === table && damage.found === 'altered');
    if (altered !== undefined) throw alteredError(altered);
    const settings = options.fields?.[stream.name] ?? {};
    const normaliser = createNormaliser({
      shape: stream.shape,
      known: familyOf(this.#recalled, table),
      settings,
      limits: limitsOf(options.destination),
    });
    this.#normalisers.set(stream.name, normaliser);
    for await (const item of stream.read(this.#contextOf(stream))) {
      throwIfAborted(this.#stop.signal);
      await this.#take(stream, normaliser, item, tally);
    }
    // A stream without rows has tables all the same.
    if (!(table in this.#recalled.tables) || goneTables(this.#recalled).has(table)) await this.#loader.touch(stream.name);
  }

  async #take(stream: Stream, normaliser: Normaliser, item: Item, tally: Tally): Promise<void> {
    const { emit, options } = this.#parts;
    const { name } = stream;
    if (item.kind === 'records') {
      const observedAt = this.#observer.stamp(item.sentAtMs);
      const batch = new Batch();
      for (const record of item.records) batch.add(normaliser.lines(record, { observedAt, observedAtMs: item.sentAtMs }));
      for (const [table, { text, rows }] of batch.tables) await this.#loader.append(name, table, text, rows);
      for (const quarantined of batch.quarantined) await this.#loader.quarantine(name, quarantined);
      tally.read({ rows: item.listed ?? item.records.length, quarantined: batch.quarantined.length, secrets: batch.secretsDropped });
    } else if (item.kind === 'checkpoint') {
      await this.#loader.checkpoint(name, item.state);
    } else if (item.kind === 'gone') {
      const observedAt = this.#observer.stamp(item.sentAtMs);
      const mode = options.deletions === 'remove' ? 'remove' : 'mark';
      tally.gone(item.keys.length);
      for (const key of item.keys)
        await this.#loader.delete(name, { table: stream.shape.table, key, deletedAt: observedAt, observedAt, mode });
    } else if (item.kind === 'closed') tally.close(item.total, item.distinct);
    else if (item.kind === 'incomplete') tally.incomplete(`${item.label}: ${item.reason}`);
    else if (item.kind === 'held') {
      tally.incomplete(
        `${item.rows} of ${item.of} rows are no longer listed by Aircall. That many deletions are held; if they are right, run: trunkline sync ${name} --sweep --yes`,
      );
    } else if (item.kind === 'off') tally.off(item.reason);
    else if (item.kind === 'due') this.#stillDue.push(`${name}: ${item.text}`);
    else if (item.kind === 'notice') emit({ kind: 'notice', stream: name, text: item.text });
    else if (item.kind === 'progress') tally.expect(item);
    emit({ kind: 'progress', stream: name, ...tally.progress(), requests: this.#requests });
  }

  #contextOf(stream: Stream): ReadContext {
    const { options, emit } = this.#parts;
    return readContext({
      options,
      state: this.#loader.state(stream.name),
      known: this.#knownRows(stream),
      serverTime: this.#serverTime,
      outOfTime: () => this.#clock.monotonic() >= this.#endOfExtrasMs,
      request: {
        signal: this.#stop.signal,
        priority: 'pipeline',
        onSend: () => {
          this.#requests += 1;
          this.#tallies.get(stream.name)?.request();
        },
        onAnswer: ({ serverTimeMs }) => this.#serverTime.observe(serverTimeMs),
        onWait: ({ delayMs, reason }) => emit({ kind: 'waiting', reason: reason === 'rate_limited' ? 'refused' : reason, waitMs: delayMs }),
      },
    });
  }

  #knownRows(stream: Stream): KnownRows {
    const { session } = this.#parts;
    return new KnownRows({ session, recalled: this.#recalled, stream, settle: () => this.#loader.settle(), loaded: () => this.#receipts });
  }

  async #renew(): Promise<void> {
    try {
      this.#lease = await this.#parts.session.renew(this.#lease);
    } catch (error) {
      if (isTrunklineError(error) && !error.retryable) this.#stop.abort(error);
      else this.#log.warn('the lease could not be renewed yet', { reason: messageOf(error) });
    }
  }
}

function limitsOf({ capabilities }: SyncOptions['destination']): Partial<Limits> {
  // Names are cut to what the strictest destination takes, so that they are the same everywhere.
  return { refusedCharacters: capabilities.refusedCharacters };
}

function familyOf(recalled: Recalled, table: string): Recalled['tables'] {
  return Object.fromEntries(Object.entries(recalled.tables).filter(([name]) => rootOf(name) === table));
}

/** Stamps what is seen from here on later than everything that was seen before. */
function observerAfter(recalled: Recalled): Observer {
  const last = recalled.states[clockState]?.['last'];
  return new Observer(typeof last === 'string' ? last : null);
}

/** The states to go on from. */
function statesAfter(recalled: Recalled): Recalled['states'] {
  const startingOver = streamsStartingOver(recalled);
  return Object.fromEntries(Object.entries(recalled.states).filter(([stream]) => !startingOver.includes(stream)));
}

/** A refused credential, a lost destination or a lost lease concerns every stream. */
function endsEverything(error: unknown): boolean {
  return error instanceof CredentialRefused || (isTrunklineError(error) && destinationErrors.has(error.code));
}

const destinationErrors = new Set([
  'destination_unreachable',
  'destination_locked',
  'lease_held',
  'lease_lost',
  'package_unwritable',
  'disk_full',
]);
