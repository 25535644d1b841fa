// Takes rows and states, and sees to it that they reach the destination together: rows go into a draft, a draft is sealed
// at a checkpoint, sealed packages are loaded one after the other while the next one is being written.
import { type Clock, isTrunklineError, type JsonObject, type Log } from '../base/index.ts';
import type {
  DeletionLine,
  Draft,
  Lease,
  PackageStore,
  Receipt,
  SealedPackage,
  Session,
  StatesAfter,
  StreamStates,
} from '../load/index.ts';
import { shareTables } from './damage.ts';
import type { Quarantined, TableSet } from '../rows/index.ts';

/** A package is sealed at the first checkpoint after it holds this many parent and child rows, or is this old. */
const sealAt = { rows: 40_000, ageMs: 60_000 };
/** A package the destination could not take for a passing reason is tried again so often before the run gives up. */
const attempts = 6;
const firstPauseMs = 500;

export type LoaderOptions = {
  readonly packages: PackageStore;
  readonly session: Session;
  readonly lease: () => Lease;
  readonly states: StreamStates;
  /** Streams whose committed state no longer counts: the first package that touches one of their tables forgets it. */
  readonly startingOver: readonly string[];
  readonly lastSequence: number;
  /** The tables of a stream as they stand now, by the stream's name. */
  readonly tablesOf: (stream: string) => TableSet;
  /** A state that goes with every package. */
  readonly always: () => StreamStates;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly onLoaded: (loaded: {
    readonly receipt: Receipt;
    readonly rows: number;
    readonly bytes: number;
    readonly recovered: boolean;
  }) => void;
  readonly onRetry: (waitMs: number) => void;
};

export class Loader {
  readonly #options: LoaderOptions;
  #sequence: number;
  /** As committed. */
  #states: StreamStates;
  #draft: Draft | null = null;
  #draftSinceMs = 0;
  #touched = new Set<string>();
  #checkpoints = new Map<string, JsonObject>();
  #startingOver: readonly string[];
  #loading: Promise<void> = Promise.resolve();

  constructor(options: LoaderOptions) {
    this.#options = options;
    this.#sequence = options.lastSequence;
    this.#states = options.states;
    this.#startingOver = options.startingOver;
  }

  /** The stream's state as last noted, whether committed yet or not. */
  state(stream: string): JsonObject | null {
    return this.#checkpoints.get(stream) ?? this.#states[stream] ?? null;
  }

  async append(stream: string, table: string, lines: string, count: number): Promise<void> {
    this.#touched.add(stream);
    await (await this.#open()).appendLines(table, lines, count);
  }

  async quarantine(stream: string, item: Quarantined): Promise<void> {
    this.#touched.add(stream);
    await (await this.#open()).quarantine(item);
  }

  async delete(stream: string, deletion: DeletionLine): Promise<void> {
    this.#touched.add(stream);
    await (await this.#open()).delete(deletion);
  }

  /** Everything of the stream handed over so far is covered by this state. Seals when enough has come together. */
  async checkpoint(stream: string, state: JsonObject): Promise<void> {
    this.#touched.add(stream);
    this.#checkpoints.set(stream, state);
    const draft = await this.#open();
    if (draft.rows >= sealAt.rows || this.#options.clock.monotonic() - this.#draftSinceMs >= sealAt.ageMs) await this.#seal();
  }

  /** The stream's tables exist after the next package, whether or not it brings rows. */
  async touch(stream: string): Promise<void> {
    this.#touched.add(stream);
    await this.#open();
  }

  /** Everything handed over so far is committed when this resolves. */
  async settle(): Promise<void> {
    await this.#seal();
    await this.#loading;
  }

  /** Loads a package that an earlier run sealed. */
  async recover(sealed: SealedPackage): Promise<void> {
    await this.#load(sealed, true);
  }

  /** Throws away what is not sealed. */
  async abandon(): Promise<void> {
    await this.#draft?.abandon();
    this.#draft = null;
    await this.#loading.catch(() => {});
  }

  async #open(): Promise<Draft> {
    if (this.#draft === null) {
      this.#sequence += 1;
      this.#draft = await this.#options.packages.draft({ sequence: this.#sequence, source: 'api' });
      this.#draftSinceMs = this.#options.clock.monotonic();
    }
    return this.#draft;
  }

  async #seal(): Promise<void> {
    const draft = this.#draft;
    if (draft === null) return;
    // One package is being loaded at most; the next one is sealed only when its predecessor is in.
    await this.#loading;
    this.#draft = null;
    const forgotten = this.#startingOver.filter((stream) => [...this.#touched].some((touched) => shareTables(stream, touched)));
    const after: Record<string, JsonObject | null> = {
      ...Object.fromEntries(forgotten.map((stream) => [stream, null])),
      ...Object.fromEntries(this.#checkpoints),
      ...this.#options.always(),
    };
    const before = Object.fromEntries(Object.entries(this.#states).filter(([stream]) => stream in after));
    const tables: TableSet = Object.fromEntries([...this.#touched].flatMap((stream) => Object.entries(this.#options.tablesOf(stream))));
    this.#touched = new Set();
    this.#checkpoints = new Map();
    const sealed = await draft.seal({ tables, stateBefore: before, stateAfter: after });
    this.#states = { ...this.#states, ...withoutNulls(after) };
    this.#startingOver = this.#startingOver.filter((stream) => !forgotten.includes(stream));
    this.#loading = this.#load(sealed, false);
    this.#loading.catch(() => {}); // Thrown to whoever waits for it next.
  }

  async #load(sealed: SealedPackage, recovered: boolean): Promise<void> {
    const { session, packages, lease, clock, log, signal, onLoaded, onRetry } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const receipt = await session.load(sealed, lease());
        await packages.done(sealed, receipt);
        const rows = sealed.manifest.files.reduce((sum, file) => sum + (file.kind === 'rows' ? file.rows : 0), 0);
        const bytes = sealed.manifest.files.reduce((sum, file) => sum + file.bytes, 0);
        onLoaded({ receipt, rows, bytes, recovered });
        return;
      } catch (error) {
        await packages.failed(sealed, error);
        if (!isTrunklineError(error) || !error.retryable || attempt >= attempts) throw error;
        const waitMs = firstPauseMs * 2 ** (attempt - 1);
        log.warn('The destination did not take a package; trying again', { code: error.code, attempt, waitMs });
        onRetry(waitMs);
        await clock.sleep(waitMs, signal);
      }
    }
  }
}

function withoutNulls(states: StatesAfter): StreamStates {
  return Object.fromEntries(Object.entries(states).filter((entry): entry is [string, JsonObject] => entry[1] !== null));
}
