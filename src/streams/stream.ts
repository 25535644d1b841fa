// The interface of a stream: what to read, how to resume, when to read again. A stream yields what it sees, in order,
// and between times a checkpoint: the state from which a later run may go on, true for everything yielded before it.
import type { Endpoint } from '../aircall/index.ts';
import type { Clock, JsonObject, Log } from '../base/index.ts';
import type { Aircall, RequestOptions } from '../client/index.ts';
import type { Shape } from '../rows/index.ts';
import type { RereadSchedule } from './reread.ts';

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
  read(context: ReadContext): AsyncIterable<Item>;
}

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
  readonly reread: RereadSchedule;
  /** True once the time for work that is merely due has been used up. New data is always read. */
  readonly outOfTime: () => boolean;
  /** What the destination holds, or null where it cannot be asked (connectors). */
  readonly known: Known | null;
  readonly clock: Clock;
  readonly log: Log;
};

/** What the destination holds of this stream, as committed. */
export interface Known {
  /** Keys of live rows, limited to those whose moment column lies in `[from, to]` (UNIX seconds, inclusive). */
  keys(between?: { readonly column: string; readonly from: number; readonly to: number }): AsyncIterable<string>;
  /** Rows of a query over the stream's dataset. `{dataset}` in the text is replaced by the quoted dataset. */
  query(sql: string): AsyncIterable<readonly unknown[]>;
  /** Everything yielded so far has been committed when this resolves. */
  settle(): Promise<void>;
}

export type Item =
  /** Records as Aircall sent them, all from one answer. */
  | { readonly kind: 'records'; readonly records: readonly unknown[]; readonly sentAtMs: number }
  /** Rows that are proven gone. */
  | { readonly kind: 'gone'; readonly keys: readonly string[]; readonly sentAtMs: number }
  /** Resume from here. */
  | { readonly kind: 'checkpoint'; readonly state: JsonObject }
  /** How far the reading is: rows listed by Aircall so far and still to come, where known. */
  | { readonly kind: 'progress'; readonly windows?: number; readonly expectedRows?: number; readonly phase?: string }
  /** A closed window or listing: Aircall said `total`, `distinct` ids were seen, and they are equal. */
  | { readonly kind: 'closed'; readonly label: string; readonly total: number; readonly distinct: number }
  /** Something could not be proven complete; the run ends with exit 1 and the next run tries again. */
  | { readonly kind: 'incomplete'; readonly label: string; readonly reason: string }
  /** Deletions that were held back because there are too many of them. */
  | { readonly kind: 'held'; readonly rows: number; readonly of: number }
  /** The stream switches itself off: the product is not in the plan. */
  | { readonly kind: 'off'; readonly reason: string }
  | { readonly kind: 'notice'; readonly text: string };
