// Limits and other settings of an agent, as people and agents read them: in reviews, in the log, in what an agent is told.
import type { Effect } from '../../aircall/index.ts';
import { capabilityOf } from '../capabilities/capabilities.ts';
import type { Agent, Constraint, Guardrail } from './types.ts';
import { areaNames, listed } from './words.ts';

type Limits = Required<Constraint>;

const texts: { readonly [K in keyof Limits]: (value: Limits[K]) => string } = {
  teams: (ids) => only(ids, 'team'),
  numbers: (ids) => only(ids, 'number'),
  users: (ids) => only(ids, 'user'),
  tags: (ids) => only(ids, 'tag'),
  directions: (names) => `only ${listed(names)} calls`,
  newerThanSeconds: (seconds) => `only what is newer than ${span(seconds)}`,
  hours: ({ days, from, to, timeZone }) => `only from ${from} to ${to} (${timeZone}) on ${weekdays(days)}`,
  maximumRowsPerDay: (count) => `at most ${counted(count, 'row')} a day`,
  maximumWritesPerDay: (count) => `at most ${counted(count, 'change')} a day`,
};

export const limitKeys = Object.keys(texts) as readonly (keyof Constraint)[]; // the keys of the record above, which is total

/** “only teams 7 and 8”, “only what is newer than 30 days”. */
export function limitText<K extends keyof Limits>(limit: K, value: Limits[K]): string {
  return texts[limit](value);
}

/** All limits of an area, with semicolons between them; empty when there are none. */
export function limitsText(constraint: Constraint): string {
  return limitKeys
    .flatMap((limit) => {
      const value = constraint[limit];
      return value === undefined ? [] : [limitText(limit, value)];
    })
    .join('; ');
}

/** What becomes of what it sends, deletes or does live after it has read outside text. */
export function taintText(taint: Agent['taint']): string {
  if (taint === null) return 'needs a person if it may send or act live, the default';
  return taint ? 'always needs a person' : 'never needs a person for that reason';
}

const deeds: Readonly<Record<string, string>> = {
  read: 'reading',
  add: 'adding',
  change: 'changing',
  delete: 'deleting',
  live: 'acting live',
  egress: 'sending',
} satisfies Record<Effect, string>;

/** “forbids deleting in Recordings”. */
export function forbidText({ capability, area, effect }: Guardrail['forbids']): string {
  const deed = effect === undefined ? null : (deeds[effect] ?? effect);
  const place = area === undefined ? null : areaNames[area];
  const what = place === null ? (deed ?? 'everything') : `${deed ?? 'everything'} in ${place}`;
  if (capability === undefined) return `forbids ${what}`;
  const title = `“${capabilityOf(capability)?.endpoint.title ?? capability}”`;
  return `forbids ${title}${deed === null && place === null ? '' : `, where that is ${what}`}`;
}

/** `1 request`, `500 requests`. */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

function only(ids: readonly string[], one: string): string {
  return ids.length === 0 ? `no ${one}s at all` : `only ${one}${ids.length === 1 ? '' : 's'} ${listed(ids)}`;
}

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** In the largest unit that it is a whole number of. */
function span(seconds: number): string {
  const unit = units.find(([, size]) => seconds >= size && seconds % size === 0);
  return unit === undefined ? counted(seconds, 'second') : counted(seconds / unit[1], unit[0]);
}

const dayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

/** 1 is Monday. “Monday to Friday”, “Tuesday and Thursday”, “every day”. */
function weekdays(days: readonly number[]): string {
  const sorted = [...new Set(days)].sort((a, b) => a - b);
  const names = sorted.map((day) => dayNames[day - 1] ?? String(day));
  const [first = '', last = ''] = [names[0], names.at(-1)];
  if (sorted.length === dayNames.length) return 'every day';
  const isRow = sorted.length > 2 && sorted.every((day, index) => day === (sorted[0] ?? 0) + index);
  return isRow ? `${first} to ${last}` : listed(names);
}
