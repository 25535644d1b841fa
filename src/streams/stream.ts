// The interface of a stream: what to read, how to resume, when to read again. A stream yields what it sees, in order,
// and between times a checkpoint: the state from which a later run may go on, true for everything yielded before it.
import type { Endpoint } from '../aircall/index.ts';
import type { Clock, JsonObject, Log } from '../base/index.ts';
import type { Aircall, RequestOptions } from '../client/index.ts';
import type { Shape } from '../rows/index.ts';
import type { RereadSchedule } from './reread.ts';
import type { ServerTime } from './server-time.ts';

export interface Stream {
  readonly name: string;
  /** What it holds, in one sentence. */
  readonly summary: string;
  readonly shape: Shape;
  /** The endpoint whose rows it reads. */
  readonly endpoint: Endpoint;
  /** Not read unless asked for by name. */
  readonly optIn?: true;
  /** How its rows become right again after they changed, in words. */
  readonly freshness: string;
  /** What it costs in requests, in words. */
  readonly cost: string;
  /** How rows that are gone at Aircall are noticed, in words. */
  readonly deletions: string;
  /** The moment by which it compares what is listed with the keys that are held (`Known.keys`). Absent: it never does. */
  readonly sweptBy?: string;
  read(context: ReadContext): AsyncIterable<Item>;
  /** What the next read would bring and cost, at the price of a request at most. Work that is merely due is left out. */
  estimate(context: ReadContext): Promise<Estimate>;
}

export type Estimate = {
  /** Rows that would be listed; null when nobody can say. */
  readonly rows: number | null;
  readonly requests: number | null;
  readonly reason: string;
};

export type ReadContext = {
  readonly aircall: Aircall;
  /** For every request: signal, priority, what to do while waiting. */
  readonly request: RequestOptions;
  /** As committed with the last package, or null at first. */
  readonly state: JsonObject | null;
  /** Calls that started before this moment are not wanted (UNIX seconds); null: everything Aircall still serves. */
  readonly startAt: number | null;
  /** Read everything again. Forgets where the stream stands, deletes nothing. */
  readonly full: boolean;
  /** Read only this range (UNIX seconds, both inclusive) again, without moving the state. */
  readonly range: { readonly from: number; readonly to: number } | null;
  /** Look for deletions now, even where that needs a walk over everything. */
  readonly sweep: boolean;
  /** The operator has confirmed mass deletions and prices. */
  readonly confirmed: boolean;
  /** Asks the operator before many requests are spent. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** Requests a minute that the budget allows; `Infinity` without one. */
  readonly requestsPerMinute: number;
  readonly reread: RereadSchedule;
  /** True once the time for work that is merely due has been used up. New data is always read. */
  readonly outOfTime: () => boolean;
  /** What the destination holds, or null where it cannot be asked (connectors). */
  readonly known: Known | null;
  readonly serverTime: ServerTime;
  /** What of a call is asked for beyond the call itself. */
  readonly callExtras: CallExtras;
  readonly clock: Clock;
  readonly log: Log;
};

/** Each can be switched off when an account answers badly to it. */
export type CallExtras = { readonly contact: boolean; readonly timeline: boolean; readonly aiVoice: boolean };

/** What the destination holds of this stream, as committed. */
export interface Known {
  /** Whether the destination has this table. */
  has(table: string): boolean;
  /** Keys of live rows, limited to those whose moment column lies in `[from, to]` (UNIX seconds, inclusive). */
  keys(between?: { readonly column: string; readonly from: number; readonly to: number }): AsyncIterable<string>;
  /** Rows of a query; tables without a schema are those of the dataset. */
  query(sql: string): AsyncIterable<readonly unknown[]>;
  /** Everything yielded so far has been committed when this resolves. */
  settle(): Promise<void>;
}

export type Item =
  /** Records as Aircall sent them, all from one answer, which listed `listed` of them (default: all that are here). */
  | { readonly kind: 'records'; readonly records: readonly unknown[]; readonly sentAtMs: number; readonly listed?: number }
  /** Rows that are proven gone. */
  | { readonly kind: 'gone'; readonly keys: readonly string[]; readonly sentAtMs: number }
  /** Resume from here. */
  | { readonly kind: 'checkpoint'; readonly state: JsonObject }
  /** How far the reading is: what it is doing, and rows still to come where known. */
  | { readonly kind: 'progress'; readonly expectedRows?: number; readonly phase?: string }
  /** A closed window or listing: Aircall said `total`, `distinct` ids were seen, and they are equal. */
  | { readonly kind: 'closed'; readonly label: string; readonly total: number; readonly distinct: number }
  /** Something could not be proven complete; the run ends with exit 1 and the next run tries again. */
  | { readonly kind: 'incomplete'; readonly label: string; readonly reason: string }
  /** Deletions that were held back because there are too many of them. */
  | { readonly kind: 'held'; readonly rows: number; readonly of: number }
  /** The stream switches itself off: the product is not in the plan. */
  | { readonly kind: 'off'; readonly reason: string }
  /** Work that is due and did not fit into the time of this run. */
  | { readonly kind: 'due'; readonly text: string }
  | { readonly kind: 'notice'; readonly text: string };
