// When calls that were already read are read again. Calls change after they ended without any timestamp moving, so the
// only way to notice is to look; most changes come within minutes, a few within days.

/** Read the last `span` again, once every `every`. All in seconds. */
export type Reread = {
  readonly name: string;
  /** How far back from now; `all` is everything that was ever read and Aircall still serves. */
  readonly span: number | 'all';
  /** 0: with every run. */
  readonly every: number;
  /** Spread: each time only one of this many equal parts, in turn. */
  readonly parts?: number;
};
export type RereadSchedule = readonly Reread[];

const hour = 3600;
const day = 24 * hour;

export const defaultReread: RereadSchedule = [
  { name: 'last hour', span: hour, every: 0 },
  { name: 'last day', span: day, every: hour },
  { name: 'last week', span: 7 * day, every: day },
  { name: 'everything', span: 'all', every: day, parts: 7 },
];
