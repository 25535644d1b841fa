// The interface every destination implements. What a destination can do is data (`Capabilities`); what it does is a
// handful of functions. The conformance suite in this room is the definition of "implements".
import type { Receipt, SealedPackage, StreamStates } from './package.ts';
import type { TableSet } from '../rows/index.ts';

export interface Destination {
  /** `duckdb`, `postgres`, … */
  readonly name: string;
  /** What a person may read: the URL without secrets. */
  readonly label: string;
  readonly capabilities: Capabilities;
  /** Checks that the destination can be reached and written, and returns a session. Holds no lock while idle. */
  open(options: OpenOptions): Promise<Session>;
}

export type OpenOptions = {
  /** Ends waits and loads; what was not committed stays as it was. */
  readonly signal?: AbortSignal | undefined;
  /** Called again and again while somebody else holds the destination. */
  readonly onWait?: ((wait: LockWait) => void) | undefined;
  /** Called as a load goes through its steps, for a progress display. */
  readonly onStep?: ((step: LoadStep) => void) | undefined;
};

/** `verifying` the files, `merging` table by table inside the transaction, `committing`, `committed`, `settled` (closed). */
export type LoadStep = {
  readonly packageId: string;
  readonly step: 'verifying' | 'merging' | 'committing' | 'committed' | 'settled';
  readonly table: string | null;
};

export type Capabilities = {
  /** A: one transaction for DDL and DML. B: DML only. C: none across tables. */
  readonly commitClass: 'A' | 'B' | 'C';
  /** Bytes. */
  readonly identifierLength: number;
  /** Bytes of the largest text value. */
  readonly textLength: number;
  /** Text that must be replaced before loading, such as U+0000; each replacement is counted. */
  readonly refusedCharacters: readonly string[];
};

/** Somebody else holds the destination; we wait. `holder` names them as well as the destination can. */
export type LockWait = { readonly holder: string; readonly waitedMs: number };

export interface Session {
  /** What the destination knows: committed state, last package, shape, and what was damaged by hand since. */
  recall(pipeline: string): Promise<Recalled>;
  /** Takes the writer's lease. Throws `LeaseHeld` naming the holder when another live writer has it. */
  claim(pipeline: string, holder: LeaseHolder): Promise<Lease>;
  /** Prolongs the lease; throws `LeaseLost` when somebody else took it. */
  renew(lease: Lease): Promise<Lease>;
  release(lease: Lease): Promise<void>;
  /** Commits a sealed package whole or not at all. Safe to repeat: a package already committed returns its receipt. */
  load(sealed: SealedPackage, lease: Lease): Promise<Receipt>;
  /**
   * Keys of the rows of a stream's own table that are not marked deleted, as text, in no particular order.
   * `between` limits them to rows whose column lies in `[from, to]` (both inclusive, moments as ISO text).
   */
  liveKeys(table: string, between?: { readonly column: string; readonly from: string; readonly to: string }): AsyncIterable<string>;
  /** A read-only query. The rows arrive in batches; the memory held does not grow with their number. */
  query(sql: string, options?: QueryOptions): Promise<QueryResult>;
  /** Forgets streams: their tables, state and quarantine, in one commit. */
  drop(pipeline: string, streams: readonly DroppedStream[], lease: Lease): Promise<void>;
  /** Makes a consistent copy for other readers where the destination needs one; a no-op elsewhere. */
  publish(): Promise<void>;
  close(): Promise<void>;
}

export type DroppedStream = { readonly stream: string; readonly tables: readonly string[] };

export type QueryOptions = {
  readonly signal?: AbortSignal | undefined;
  /** The rows end after this many. */
  readonly maximumRows?: number | undefined;
};

export type QueryResult = {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Values as JSON-like JavaScript: bigint for 64-bit integers, ISO text for moments. */
  readonly rows: AsyncIterable<readonly unknown[]>;
};

export type Recalled = {
  /** False when the destination has no bookkeeping tables of ours (new, or emptied under us). */
  readonly known: boolean;
  readonly states: StreamStates;
  readonly lastPackage: { readonly packageId: string; readonly sequence: number; readonly committedAt: string } | null;
  /** Every table of ours as last committed, by name. */
  readonly tables: TableSet;
  /** Tables or columns that were committed and are gone, or changed type, in the real destination. */
  readonly damage: readonly Damage[];
};

export type Damage = {
  readonly table: string;
  readonly column: string | null;
  readonly found: 'missing' | 'altered';
  readonly detail: string;
};

/** Who writes. `startedAt` is the start of the process as its system tells it, `run` tells runs of one process apart. */
export type LeaseHolder = {
  readonly host: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly version: string;
  readonly run: string;
};
export type Lease = { readonly pipeline: string; readonly holder: string; readonly fence: number; readonly expiresAt: string };
