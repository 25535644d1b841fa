// What it takes to list so many rows.
import { limits } from '../aircall/index.ts';

/** Requests to list `rows` rows; an empty list takes one too. */
export function requestsFor(rows: number): number {
  return Math.max(1, Math.ceil(rows / limits.lists.maximumPerPage));
}
