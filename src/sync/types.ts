// What goes into a sync, what it tells while it runs, and what it answers.
import type { Clock, Log } from '../base/index.ts';
import type { Aircall } from '../client/index.ts';
import type { Destination, Receipt } from '../load/index.ts';
import type { FieldSettings } from '../rows/index.ts';
import type { CallExtras, Estimate, RereadSchedule } from '../streams/index.ts';

export type SyncOptions = {
  /** Its requests are counted against the budget it was made with. */
  readonly aircall: Aircall;
  readonly destination: Destination;
  /** Where packages are kept: `.trunkline`. */
  readonly home: string;
  /** Stream names; default: all that cost no extra request per row. */
  readonly streams?: readonly string[] | undefined;
  /** Calls before this moment are not wanted; default: everything Aircall still serves. */
  readonly startAt?: Date | undefined;
  readonly full?: boolean | undefined;
  readonly range?: { readonly from: Date; readonly to: Date } | undefined;
  /** Look for deletions everywhere now. */
  readonly sweep?: boolean | undefined;
  /** Confirms what would otherwise be held or asked: mass deletions, prices of opt-in streams. */
  readonly confirmed?: boolean | undefined;
  /** Asked before a stream spends many requests, when not confirmed. Default: no. */
  readonly confirm?: ((question: string) => Promise<boolean>) | undefined;
  /** Time for re-reads that are merely due, in minutes. Default 5. */
  readonly maximumMinutes?: number | undefined;
  readonly deletions?: 'mark' | 'remove' | undefined;
  readonly reread?: RereadSchedule | undefined;
  /** Field settings by stream name. */
  readonly fields?: Readonly<Record<string, FieldSettings>> | undefined;
  /** What of a call is asked for beyond the call itself; all by default. */
  readonly callExtras?: Partial<CallExtras> | undefined;
  /** Requests a minute that the client's budget allows, for prices; default: without limit. */
  readonly requestsPerMinute?: number | undefined;
  readonly adoptEmptyDestination?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
  readonly log?: Log | undefined;
  readonly onEvent?: ((event: SyncEvent) => void) | undefined;
};

/** What happens while it runs; for progress displays and `--json`. */
export type SyncEvent =
  | { readonly kind: 'stream-started'; readonly stream: string; readonly first: boolean }
  | {
      readonly kind: 'progress';
      readonly stream: string;
      /** Rows seen so far in this run. */
      readonly rows: number;
      /** Rows Aircall says there are to read in this run, when known. */
      readonly expectedRows: number | null;
      readonly windows: number;
      /** Requests of this run so far, all streams. */
      readonly requests: number;
      readonly phase: string | null;
    }
  | { readonly kind: 'stream-ended'; readonly result: StreamResult }
  | {
      readonly kind: 'waiting';
      readonly reason: 'budget' | 'refused' | 'retry' | 'lock' | 'destination';
      readonly waitMs: number;
      readonly holder?: string;
    }
  | { readonly kind: 'package'; readonly receipt: Receipt; readonly rows: number; readonly bytes: number; readonly recovered: boolean }
  | { readonly kind: 'notice'; readonly stream: string | null; readonly text: string };

export type StreamOutcome =
  /** Everything that had to be read was read and proven complete. */
  | 'done'
  /** Some window could not be proven complete, or deletions were held. The rest is committed. */
  | 'incomplete'
  /** An error ended it early. What was read before is committed. */
  | 'failed'
  /** The product is not in the plan, or its price was not confirmed. */
  | 'off';

export type StreamResult = {
  readonly stream: string;
  readonly outcome: StreamOutcome;
  /** Rows seen in listings. */
  readonly rows: number;
  /** Rows the destination inserted or replaced. */
  readonly written: number;
  readonly deleted: number;
  readonly quarantined: number;
  readonly windows: number;
  readonly requests: number;
  /** Proof: over all closed windows of this run, what Aircall said there is and how many distinct ids were seen. */
  readonly listed: number;
  readonly distinct: number;
  /** Rows not marked deleted in the table after the run, or null when not counted. */
  readonly liveRows: number | null;
  /** Fields that were dropped because they hold secrets or signed links. */
  readonly secretsDropped: number;
  /** What a person should know: why it is incomplete, failed or off. */
  readonly messages: readonly string[];
  /** The error that ended it, for exit codes and `--json`. */
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string | undefined } | null;
};

export type SyncResult = {
  /** The worst outcome of its streams; `interrupted` when the signal ended it. */
  readonly outcome: 'done' | 'incomplete' | 'interrupted';
  readonly startedAt: string;
  readonly endedAt: string;
  readonly requests: number;
  readonly packages: readonly Receipt[];
  readonly streams: readonly StreamResult[];
  /** Re-reads that are due and did not fit into the time. */
  readonly stillDue: readonly string[];
};

/** What a sync would read. Nothing was written. */
export type SyncPlan = {
  readonly streams: readonly ({ readonly stream: string } & Estimate)[];
  /** Requests that the plan itself took. */
  readonly requests: number;
};
