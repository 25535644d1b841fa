// Which calls to ask for where no destination can be asked which it holds: calls are listed for it, once, slice by slice,
// and the state keeps where that stands and which calls wait for their next try.
//
//   what was never listed ─► a slice, proven ─► its calls wait ─► asked when due ─► answered, or given up: forgotten
//                                                   ▲                            └► not yet ─┐
//                                                   └────────────────────────────────────────┘
//
// The last hour and calls still open are listed again by the next run; which of their calls were answered is remembered
// until then.
import { isObject, type JsonObject } from '../base/index.ts';
import { callShape } from './call-shape.ts';
import { callLister, readStretch, surelyGone } from './calls.ts';
import type { Item, ReadContext } from './stream.ts';
import { fieldOf, keyOf, secondsOf } from './time-lister.ts';
import { addWindow, describe, formatWindows, intersectWith, missingFrom, parseWindows, type Window, type WindowSet } from './window.ts';

const hour = 3600;
const day = 24 * hour;

/** Younger calls may still appear in a list. */
const settledAfter = hour;
/** A call that is said to last longer than this is not waited for. */
const longestCall = day;
/** Without this much talk there is nothing to make anything of. */
export const shortestTalkSeconds = 10;
/** Slices grow while they hold fewer calls than this, and shrink when they hold more. */
const sliceRows = { few: 200, many: 800 };

/** Moments are UNIX seconds. */
export type WaitingCall = {
  readonly key: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /** How often it was asked for. */
  readonly tries: number;
  /** When to ask. */
  readonly at: number;
  readonly hasRecording: boolean | null;
};

export class CallsToAsk {
  /** What was listed and proven, by `started_at`. */
  #closed: WindowSet;
  readonly #waiting: Map<string, WaitingCall>;
  /** Calls that need not be asked for and will be listed again, with their start. */
  readonly #done: Map<string, number>;

  constructor(state: JsonObject | null) {
    const entries = (name: string): readonly (readonly unknown[])[] => {
      const list = state?.[name];
      return Array.isArray(list) ? list.filter((entry: unknown) => Array.isArray(entry)) : [];
    };
    this.#closed = parseWindows(state?.['closed']);
    const waiting = entries('waiting').map((entry) => parseWaiting(entry));
    this.#waiting = new Map(waiting.filter((call) => call !== null).map((call) => [call.key, call]));
    this.#done = new Map(entries('done').map(([key, startedAt]) => [String(key), Number(startedAt)]));
  }

  state(): JsonObject {
    return {
      version: 1,
      closed: formatWindows(this.#closed),
      waiting: [...this.#waiting.values()].map(({ key, startedAt, endedAt, tries, at, hasRecording }) => [
        key,
        startedAt,
        endedAt,
        tries,
        at,
        hasRecording,
      ]),
      done: [...this.#done],
    };
  }

  /** Calls whose moment has come, longest waiting first. */
  due(now: number): readonly WaitingCall[] {
    return [...this.#waiting.values()].filter(({ at }) => at <= now).toSorted((a, b) => a.startedAt - b.startedAt);
  }

  /** A call was asked for. `next`: when to ask again, null for never. */
  asked(call: WaitingCall, next: number | null): void {
    if (next !== null) this.#waiting.set(call.key, { ...call, tries: call.tries + 1, at: next });
    else {
      this.#waiting.delete(call.key);
      if (!this.#isClosed(call.startedAt)) this.#done.set(call.key, call.startedAt);
    }
  }

  /**
   * Lists what was not listed yet, a slice at a time; after each, calls may have become due. `firstTry`: seconds after the
   * end of a call at which it is asked for first.
   */
  async *list(context: ReadContext, now: number, firstTry: number): AsyncGenerator<Item, void> {
    const lister = callLister({ ...context, callExtras: { contact: false, timeline: false, aiVoice: false } }, now);
    let span = day;
    for (const gap of missingFrom(this.#closed, { from: context.startAt ?? 0, to: now })) {
      for (let from = gap.from; from <= gap.to;) {
        const slice: Window = { from, to: Math.min(gap.to, Math.max(from, now - surelyGone) + span - 1) };
        let rows = 0;
        let oldestOpen = now + 1;
        for await (const event of readStretch(lister, slice, now)) {
          if (event.kind === 'records') {
            for (const record of event.records) {
              rows += 1;
              const openSince = this.#meet(record, { firstTry, seenAtMs: event.sentAtMs });
              if (openSince !== null && openSince > now - longestCall) oldestOpen = Math.min(oldestOpen, openSince);
            }
          } else if (event.kind === 'proven') {
            yield { kind: 'closed', label: `calls of ${describe([event.window])}`, total: event.total, distinct: event.seen.size };
            this.#close({ from: event.window.from, to: Math.min(event.window.to, oldestOpen - 1, now - settledAfter - 1) });
          } else if (event.kind === 'unproven') {
            yield { kind: 'incomplete', label: `calls of ${describe([event.window])}`, reason: event.reason };
          }
        }
        yield { kind: 'checkpoint', state: this.state() };
        if (rows < sliceRows.few) span *= 2;
        else if (rows > sliceRows.many) span = Math.max(hour, Math.ceil(span / 2));
        from = slice.to + 1;
      }
    }
  }

  /** Takes note of a listed call. Returns its start while it is open, else null. */
  #meet(record: unknown, { firstTry, seenAtMs }: { readonly firstTry: number; readonly seenAtMs: number }): number | null {
    const key = keyOf(fieldOf(record, 'id'));
    const startedAt = secondsOf(fieldOf(record, 'started_at'));
    if (key === null || startedAt === null || !isObject(record)) return null;
    const answeredAt = secondsOf(record['answered_at']);
    const endedAt = secondsOf(record['ended_at']);
    if (record['status'] !== 'done' || endedAt === null) return startedAt;
    if (answeredAt === null || endedAt < answeredAt + shortestTalkSeconds || this.#waiting.has(key) || this.#done.has(key)) return null;
    const hasRecording = callShape.derived?.from(record, { observedAtMs: seenAtMs })['has_recording'];
    this.#waiting.set(key, {
      key,
      startedAt,
      endedAt,
      tries: 0,
      at: endedAt + firstTry,
      hasRecording: typeof hasRecording === 'boolean' ? hasRecording : null,
    });
    return null;
  }

  #close(window: Window): void {
    this.#closed = addWindow(this.#closed, window);
    for (const [key, startedAt] of this.#done) if (this.#isClosed(startedAt)) this.#done.delete(key);
  }

  #isClosed(startedAt: number): boolean {
    return intersectWith(this.#closed, { from: startedAt, to: startedAt }).length > 0;
  }
}

function parseWaiting([key, startedAt, endedAt, tries, at, hasRecording]: readonly unknown[]): WaitingCall | null {
  const moments = [startedAt, endedAt, tries, at];
  if (typeof key !== 'string' || !/^\d+$/.test(key) || !moments.every((value) => typeof value === 'number')) return null;
  return {
    key,
    startedAt: Number(startedAt),
    endedAt: Number(endedAt),
    tries: Number(tries),
    at: Number(at),
    hasRecording: typeof hasRecording === 'boolean' ? hasRecording : null,
  };
}
