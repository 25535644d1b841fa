// Reads one binding, for as long as the session lasts.
//
//   the first read (backfill) ── over ──► every interval: what is new, and what is due to be read again
//        │      ▲
//        │      └── and goes on where it paused
//        └─ when the interval has passed: pauses at a checkpoint, and what is new since it began is read
//
// A checkpoint of a stream covers everything it has yielded before, so a read may end at any of them.
import {
  type Clock,
  Interrupted,
  isTrunklineError,
  type JsonObject,
  type Log,
  type Priority,
  throwIfAborted,
  TrunklineError,
} from '../../base/index.ts';
import { type CleanRecord, createNormaliser, type Normaliser } from '../../rows/index.ts';
import type { Item, ReadContext, Stream } from '../../streams/index.ts';
import { JustSent } from '../airbyte/just-sent.ts';
import type { RememberedKeys } from '../remembered-keys.ts';
import { formatKeys, parseKeys } from './compact-keys.ts';
import { keyTypeOf } from './document-schema.ts';
import { documentText, tombstoneText } from './document.ts';
import { patchBetween } from './merge-patch.ts';
import type { Outlet } from './outlet.ts';
import { capturedLine } from './responses.ts';
import { type BindingState, formatBindingState, patchOfBindings } from './state.ts';
import { Unit } from './unit.ts';

/** What of the context of a read changes from one to the next. */
export type Turn = Pick<ReadContext, 'state' | 'startAt' | 'sweep' | 'outOfTime' | 'known'> & { readonly priority: Priority };

export type BindingReaderOptions = {
  /** The binding's number in this session. */
  readonly index: number;
  readonly stateKey: string;
  readonly stream: Stream;
  readonly state: BindingState;
  readonly intervalMs: number;
  /** Calls before this moment are not wanted, UNIX seconds. */
  readonly startAt: number | null;
  readonly confirmDeletions: boolean;
  /** End after everything has been read once. */
  readonly once: boolean;
  readonly contextOf: (turn: Turn) => ReadContext;
  /** The server's time, UNIX seconds. */
  readonly now: () => number;
  readonly outlet: Outlet;
  readonly clock: Clock;
  readonly log: Log;
  /** Calls everything off at once. */
  readonly stop: AbortSignal;
  /** Ends the reading at the next checkpoint. Aborted with `stop` too. */
  readonly finish: AbortSignal;
  /** Everything was read once, or could not be. */
  readonly onRound: () => void;
  readonly onBackfilled: () => void;
  /** It makes no progress for this reason; null: it does again. */
  readonly onTrouble: (reason: string | null) => void;
};

/** What is new since the first read began reaches back a little, to calls that were open then. */
const edgeSeconds = 3600;
/** Databases behind the platform cannot hold it. */
const refusedCharacters = ['\u0000'];
/**
 * Calls are read again and again, and most of them have not changed: so many of the latest documents are known, so that equal
 * ones are not sent again. At a hundred bytes each.
 */
const rememberedDocuments = 100_000;
const firstRetryMs = 10_000;
const longestRetryMs = 5 * 60_000;
/** A binding that makes no progress for so long ends the task, so that somebody sees it. */
const giveUpAfterMs = 60 * 60_000;

export class BindingReader {
  readonly #options: BindingReaderOptions;
  readonly #normaliser: Normaliser;
  readonly #key: { readonly name: string; readonly type: 'string' | 'integer' };
  readonly #unit = new Unit();
  readonly #justSent = new JustSent(rememberedDocuments);
  /** What it has delivered, if it is swept for deletions. */
  readonly #remembered: RememberedKeys | null;
  #keysChanged = false;
  readonly #told = new Set<string>();
  #state: BindingState;
  /** The state as the runtime has it. */
  #emitted: JsonObject;
  #failures = 0;
  /** When it last made progress before it began to fail. */
  #failingSinceMs: number | null = null;
  #isHeld = false;
  #documents = 0;

  constructor(options: BindingReaderOptions) {
    const { stream, state } = options;
    this.#options = options;
    this.#normaliser = createNormaliser({ shape: stream.shape, limits: { refusedCharacters } });
    this.#key = { name: stream.shape.key, type: keyTypeOf(stream.shape) };
    this.#state = state;
    this.#remembered = stream.sweptBy === undefined ? null : parseKeys(state.keys);
    this.#emitted = formatBindingState(state);
  }

  /** Resolves when it was asked to finish. Rejects with `Interrupted`, or with what no waiting will mend. */
  async run(): Promise<void> {
    const { clock, intervalMs, finish, once, onRound } = this.#options;
    while (!finish.aborted) {
      const beganAtMs = clock.monotonic();
      let waitMs: number;
      try {
        await this.#round();
        this.#recover();
        if (once) return;
        waitMs = beganAtMs + intervalMs - clock.monotonic();
      } catch (error) {
        waitMs = await this.#stumble(error);
      } finally {
        onRound();
      }
      await this.#sleep(waitMs);
    }
  }

  async #round(): Promise<void> {
    const { clock, intervalMs, startAt, finish } = this.#options;
    let beganAtMs = clock.monotonic();
    const isIntervalOver = () => clock.monotonic() - beganAtMs >= intervalMs;
    while (this.#state.backfill !== null) {
      const isPaused = await this.#read(
        { startAt, priority: 'backfill', outOfTime: () => true },
        { pauseWhen: () => finish.aborted || isIntervalOver() },
      );
      if (!isPaused) {
        this.#state = { ...this.#state, backfill: null };
        await this.#flush();
        this.#options.onBackfilled();
        return;
      }
      if (finish.aborted) return;
      beganAtMs = clock.monotonic();
      const edge = Math.min(this.#state.backfill.cutoff, this.#options.now()) - edgeSeconds;
      await this.#read(
        { startAt: Math.max(startAt ?? 0, edge), priority: 'pipeline', outOfTime: () => true },
        { pauseWhen: () => finish.aborted },
      );
    }
    const again = { startAt, priority: 'pipeline', outOfTime: isIntervalOver } as const;
    await this.#read(again, { pauseWhen: () => finish.aborted });
    if (this.#isHeld && this.#options.confirmDeletions) await this.#read(again, { pauseWhen: () => finish.aborted });
  }

  /** Whether it paused before the end. */
  async #read(turn: Omit<Turn, 'state' | 'sweep' | 'known'>, { pauseWhen }: { readonly pauseWhen: () => boolean }): Promise<boolean> {
    const { stream, stop, log, confirmDeletions } = this.#options;
    const sweep = this.#isHeld && confirmDeletions;
    this.#isHeld = false;
    this.#documents = 0;
    const context = this.#options.contextOf({ ...turn, state: this.#state.stream, sweep, known: this.#remembered });
    for await (const item of stream.read(context)) {
      throwIfAborted(stop);
      await this.#take(item);
      if (item.kind === 'checkpoint' && pauseWhen()) return true;
    }
    await this.#flush();
    log.debug('read', { resource: stream.name, documents: this.#documents });
    return false;
  }

  async #take(item: Item): Promise<void> {
    const { index, stream, log } = this.#options;
    const resource = stream.name;
    switch (item.kind) {
      case 'records':
        for (const record of item.records) await this.#record(record, item.sentAtMs);
        break;
      case 'gone':
        for (const key of item.keys) {
          this.#justSent.forget(key);
          this.#remembered?.delete(key);
          this.#keysChanged = true;
          await this.#document(capturedLine(index, tombstoneText(this.#key, key)));
        }
        break;
      case 'checkpoint':
        this.#state = { ...this.#state, stream: item.state };
        await this.#flush();
        break;
      case 'incomplete':
        log.warn(`Not proven complete, and read again later: ${item.label}`, { resource, reason: item.reason });
        break;
      case 'held':
        this.#isHeld = true;
        this.#once(
          'warn',
          `${item.rows} of ${item.of} rows are no longer listed by Aircall. That many deletions are held until confirm_deletions is switched on.`,
        );
        break;
      case 'off':
        this.#once('warn', item.reason);
        break;
      case 'notice':
        this.#once('info', item.text);
        break;
      case 'due':
        log.debug(item.text, { resource });
        break;
      case 'closed':
        log.debug(`complete: ${item.label}`, { resource, listed: item.total, distinct: item.distinct });
        break;
      case 'progress':
        break;
    }
  }

  async #record(record: unknown, sentAtMs: number): Promise<void> {
    const { index, stream, log } = this.#options;
    const cleaned = this.#normaliser.clean(record, { observedAtMs: sentAtMs });
    if (cleaned.record === null || cleaned.key === null) {
      log.warn('A record was left out: there can be no document without its key.', {
        resource: stream.name,
        reason: cleaned.quarantined[0]?.reason,
      });
      return;
    }
    if (cleaned.quarantined.length > 0) {
      this.#once('warn', 'Values that did not fit their fields are in "_meta.set_aside" of their documents.');
    }
    this.#remember(cleaned.key, cleaned.record);
    const text = documentText(cleaned.record, cleaned.quarantined);
    if (!this.#justSent.has(cleaned.key, text)) await this.#document(capturedLine(index, text));
  }

  #remember(key: string, record: CleanRecord): void {
    const { sweptBy } = this.#options.stream;
    const moment = sweptBy === undefined ? null : record[sweptBy];
    if (this.#remembered === null || typeof moment !== 'string') return;
    this.#remembered.add(key, Math.floor(Date.parse(moment) / 1000));
    this.#keysChanged = true;
    if (this.#remembered.isFull) this.#once('warn', 'There are too many rows to remember in the state, so that deletions go unnoticed.');
  }

  async #document(line: string): Promise<void> {
    this.#unit.document(line);
    this.#documents += 1;
    if (this.#unit.isFull) await this.#flush();
  }

  /** Writes what has come together since the last time, and how the state has changed. */
  async #flush(): Promise<void> {
    const { outlet, stateKey } = this.#options;
    if (this.#remembered !== null && this.#keysChanged) this.#state = { ...this.#state, keys: formatKeys(this.#remembered) };
    this.#keysChanged = false;
    const state = formatBindingState(this.#state);
    const patch = patchBetween(this.#emitted, state);
    if (this.#unit.isEmpty && Object.keys(patch).length === 0) return;
    this.#emitted = state;
    await outlet.unit(this.#unit.close(patchOfBindings([[stateKey, patch]])));
    this.#failingSinceMs = null;
  }

  #recover(): void {
    this.#failingSinceMs = null;
    if (this.#failures > 0) this.#options.onTrouble(null);
    this.#failures = 0;
  }

  /** How long to wait before the next attempt, in milliseconds. Throws what no waiting mends. */
  async #stumble(error: unknown): Promise<number> {
    const { stream, stop, clock, log, onTrouble } = this.#options;
    if (stop.aborted) throw new Interrupted({ cause: stop.reason });
    if (!isTrunklineError(error)) throw error;
    // What was read before the failure is as good as ever; the state does not move.
    await this.#flush();
    this.#failingSinceMs ??= clock.monotonic();
    if (!error.retryable || clock.monotonic() - this.#failingSinceMs >= giveUpAfterMs) throw named(stream.name, error);
    this.#failures += 1;
    const waitMs = Math.min(firstRetryMs * 2 ** (this.#failures - 1), longestRetryMs);
    log.warn(error.message, { resource: stream.name, code: error.code, retryInSeconds: waitMs / 1000 });
    onTrouble(error.message);
    return waitMs;
  }

  async #sleep(delayMs: number): Promise<void> {
    const { clock, finish } = this.#options;
    if (delayMs <= 0 || finish.aborted) return;
    try {
      await clock.sleep(delayMs, finish);
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
  }

  #once(level: 'info' | 'warn', text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.#options.log[level](text, { resource: this.#options.stream.name });
  }
}

function named(stream: string, error: TrunklineError): TrunklineError {
  const { code, retryable, hint } = error;
  return new TrunklineError({ code, retryable, hint, message: `${stream}: ${error.message}` }, { cause: error });
}
