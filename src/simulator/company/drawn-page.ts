import { Random, seedOf } from '../random.ts';

/** Slots in ascending order of a moment. */
export interface Ordered {
  readonly count: number;
  slotAt(position: number): number;
  momentAt(position: number): number;
}

/** A run of positions: from `low` to `high - 1`. */
export type Span = { readonly low: number; readonly high: number };

export type PageChoice = {
  readonly offset: number;
  readonly limit: number;
  readonly descending: boolean;
  /** Draws the order of rows of one second. Undefined keeps the order of the slots. */
  readonly seed: number | undefined;
};

/**
 * The slots of one page of a span, oldest or newest first. Rows of one second have no order of their own: each seed
 * draws another, so two requests for neighbouring pages may show a row twice or not at all, as Aircall's do.
 */
export function drawPage(rows: Ordered, span: Span, { offset, limit, descending, seed }: PageChoice): number[] {
  const page: number[] = [];
  const step = descending ? -1 : 1;
  let position = descending ? span.high - 1 - offset : span.low + offset;
  while (page.length < limit && position >= span.low && position < span.high) {
    const moment = rows.momentAt(position);
    let first = position;
    while (first > span.low && rows.momentAt(first - 1) === moment) first -= 1;
    let last = position;
    while (last + 1 < span.high && rows.momentAt(last + 1) === moment) last += 1;
    if (first === last) {
      page.push(rows.slotAt(position));
      position += step;
      continue;
    }
    const tied = tiedSlots(rows, first, last, seed === undefined ? undefined : seedOf(seed, moment));
    while (page.length < limit && position >= first && position <= last) {
      page.push(tied[position - first] ?? 0);
      position += step;
    }
  }
  return page;
}

function tiedSlots(rows: Ordered, first: number, last: number, seed: number | undefined): Uint32Array {
  const slots = new Uint32Array(last - first + 1);
  for (let index = 0; index < slots.length; index += 1) slots[index] = rows.slotAt(first + index);
  if (seed === undefined) return slots;
  const random = new Random(seed);
  for (let index = slots.length - 1; index > 0; index -= 1) {
    const other = random.below(index + 1);
    const kept = slots[index] ?? 0;
    slots[index] = slots[other] ?? 0;
    slots[other] = kept;
  }
  return slots;
}
