// Who gets the next slot, when more requests wait than slots are free.
//
// The most urgent class that waits goes first, except that every class has a guaranteed share: with each slot given, every
// waiting class earns its share as credit, and a class with credit for a whole slot goes before more urgent ones. Credit is
// only earned while waiting, so that a share nobody uses goes to the others. Within a class: first come, first served.
import { priorities } from '../../base/index.ts';
import type { Priority } from '../../base/index.ts';

/** Percent of the slots that a class gets at least, while it waits. `live` needs none: it is the most urgent. */
export const guaranteedShares: Readonly<Record<Priority, number>> = { live: 0, interactive: 20, agent: 15, pipeline: 10, backfill: 5 };
const wholeSlot = 100;

/**
 * Classes whose slots are spread over the minute while agents are about (pace.ts): what takes all it can get in the first seconds
 * would leave an agent that comes after it a minute without any.
 */
const pacedClasses: ReadonlySet<Priority> = new Set(['agent', 'pipeline', 'backfill']);

export function isPaced(priority: Priority): boolean {
  return pacedClasses.has(priority);
}

export type Credits = Readonly<Partial<Record<Priority, number>>>;

/** Requests of one class in one process, by the time each began to wait. */
export type Line = { readonly priority: Priority; readonly mine: boolean; readonly sinceMs: readonly number[] };

export type Allotment = {
  /** The classes of my requests that go now, in order. */
  readonly mine: readonly Priority[];
  /** Slots that are left for requests of other processes, which take them themselves. */
  readonly othersCount: number;
  readonly credits: Credits;
};

/** `paced`: how many of the free slots may go to paced classes now. */
export function allot(options: { free: number; paced?: number; credits: Credits; lines: readonly Line[] }): Allotment {
  const lines = options.lines.map((line) => ({ ...line, next: 0 }));
  const mine: Priority[] = [];
  let othersCount = 0;
  let paced = options.paced ?? Infinity;
  let seen = options.credits;
  let kept = options.credits;
  for (let free = options.free; free >= 1; free -= 1) {
    const waiting = lines.filter((line) => line.next < line.sinceMs.length);
    const classes = priorities.filter((priority) => waiting.some((line) => line.priority === priority));
    const ready = paced >= 1 ? classes : classes.filter((priority) => !isPaced(priority));
    const chosen = ready.find((priority) => credit(seen, priority) >= wholeSlot) ?? ready[0];
    if (chosen === undefined) break;
    if (isPaced(chosen)) paced -= 1;
    const line = waiting.filter((candidate) => candidate.priority === chosen).reduce(earlier);
    line.next += 1;
    seen = afterGrant(seen, { classes, chosen });
    if (line.mine) {
      mine.push(chosen);
      kept = afterGrant(kept, { classes, chosen });
    } else {
      othersCount += 1;
    }
  }
  return { mine, othersCount, credits: kept };
}

function credit(credits: Credits, priority: Priority): number {
  return (credits[priority] ?? 0) + guaranteedShares[priority];
}

function afterGrant(credits: Credits, grant: { classes: readonly Priority[]; chosen: Priority }): Credits {
  const earned = grant.classes.map((priority) => [priority, credit(credits, priority)] as const);
  return { ...credits, ...Object.fromEntries(earned), [grant.chosen]: Math.max(0, credit(credits, grant.chosen) - wholeSlot) };
}

function earlier<T extends { sinceMs: readonly number[]; next: number }>(a: T, b: T): T {
  return (b.sinceMs[b.next] ?? Infinity) < (a.sinceMs[a.next] ?? Infinity) ? b : a;
}
