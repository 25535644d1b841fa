// The limits of an agent in an area, read once from the policy into a form that is quick to check. What cannot be read is
// `broken`, and then nothing is allowed there.
import { isObject } from '../../base/index.ts';
import type { RowBinding } from '../capabilities/capability.ts';
import type { Constraint } from './types.ts';

/** What a row can be limited by. The first four are also areas, whose rows are named by the same ids. */
export const axes = ['teams', 'numbers', 'users', 'tags', 'directions'] as const;
export type Axis = (typeof axes)[number];

/** Axes and age: everything that is asked of a row. */
export type RowLimit = Axis | 'newerThanSeconds';

export const limitNames: Readonly<Record<RowLimit, string>> = {
  teams: 'teams',
  numbers: 'numbers',
  users: 'users',
  tags: 'tags',
  directions: 'directions',
  newerThanSeconds: 'age',
};

export type Limits = {
  readonly broken: boolean;
  readonly sets: ReadonlyMap<Axis, ReadonlySet<string>>;
  readonly newerThanSeconds: number | null;
  readonly isOpen: ((nowMs: number) => boolean) | null;
  readonly maximumRowsPerDay: number | null;
  readonly maximumWritesPerDay: number | null;
};

export const noLimits: Limits = {
  broken: false,
  sets: new Map(),
  newerThanSeconds: null,
  isOpen: null,
  maximumRowsPerDay: null,
  maximumWritesPerDay: null,
};

const brokenLimits: Limits = { ...noLimits, broken: true };

/** Takes anything; `undefined` is no limits, and what is no constraint is broken. */
export function readLimits(constraint: unknown): Limits {
  if (constraint === undefined) return noLimits;
  if (!isObject(constraint)) return brokenLimits;
  const sets = new Map<Axis, ReadonlySet<string>>();
  let isOpen: Limits['isOpen'] = null;
  const counts = { newerThanSeconds: null, maximumRowsPerDay: null, maximumWritesPerDay: null } as Record<CountLimit, number | null>;
  for (const [name, value] of Object.entries(constraint)) {
    if (isAxis(name)) {
      if (!Array.isArray(value) || !value.every((each) => typeof each === 'string')) return brokenLimits;
      sets.set(name, new Set<string>(value));
    } else if (isCountLimit(name)) {
      if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return brokenLimits;
      counts[name] = value;
    } else if (name === 'hours') {
      isOpen = openingOf(value);
      if (isOpen === null) return brokenLimits;
    } else return brokenLimits;
  }
  return { broken: false, sets, isOpen, ...counts };
}

/** What is asked of rows, as a constraint; null where nothing is. Limits that several areas set must all hold. */
export function rowConstraint(limits: readonly Limits[], only?: (limit: RowLimit) => boolean): Constraint | null {
  const constraint: { -readonly [K in keyof Constraint]: Constraint[K] } = {};
  for (const axis of axes) {
    const sets = limits.flatMap((each) => each.sets.get(axis) ?? []);
    const [first, ...others] = sets;
    if (first === undefined || only?.(axis) === false) continue;
    const both = [...first].filter((id) => others.every((set) => set.has(id)));
    if (axis === 'directions') constraint.directions = both as Constraint['directions'] & object; // rows are compared with them as text
    else constraint[axis] = both;
  }
  const ages = limits.flatMap(({ newerThanSeconds }) => newerThanSeconds ?? []);
  if (ages.length > 0 && only?.('newerThanSeconds') !== false) constraint.newerThanSeconds = Math.min(...ages);
  return Object.keys(constraint).length === 0 ? null : constraint;
}

/** Whether rows that are bound like this say what the limit asks for. */
export function isBound(binding: RowBinding, limit: RowLimit): boolean {
  if (limit === 'newerThanSeconds') return binding.startedAt !== undefined;
  return (limit === 'directions' ? binding.direction : binding[limit]) !== undefined;
}

type CountLimit = 'newerThanSeconds' | 'maximumRowsPerDay' | 'maximumWritesPerDay';

function isAxis(name: string): name is Axis {
  return (axes as readonly string[]).includes(name);
}

function isCountLimit(name: string): name is CountLimit {
  return name === 'newerThanSeconds' || name === 'maximumRowsPerDay' || name === 'maximumWritesPerDay';
}

const clockTime = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** Minutes since midnight of `HH:MM`; `24:00` only at the end of a day. Null for anything else. */
export function minutesOf(time: unknown): number | null {
  if (time === '24:00') return 24 * 60;
  const match = typeof time === 'string' ? clockTime.exec(time) : null;
  return match === null ? null : Number(match[1]) * 60 + Number(match[2]);
}

/**
 * Whether it is within the hours, by the clock on the wall of the time zone. When `to` is before `from`, the hours end on the
 * day after the one that is named. Null for hours that cannot be read.
 */
export function openingOf(hours: unknown): ((nowMs: number) => boolean) | null {
  if (!isObject(hours)) return null;
  const { days, timeZone } = hours;
  const from = minutesOf(hours['from']);
  const to = minutesOf(hours['to']);
  if (from === null || to === null || from === to || typeof timeZone !== 'string') return null;
  if (!Array.isArray(days) || !days.every((day) => Number.isInteger(day) && day >= 1 && day <= 7)) return null;
  const open = new Set<unknown>(days);
  const format = wallClock(timeZone);
  if (format === null) return null;
  const isOpenAt = (nowMs: number): boolean => {
    if (!Number.isFinite(nowMs) || Math.abs(nowMs) > 8.64e15) return false;
    const parts = new Map(format.formatToParts(nowMs).map(({ type, value }) => [type, value]));
    const day = weekdays.indexOf(parts.get('weekday') ?? '') + 1;
    const minute = Number(parts.get('hour')) * 60 + Number(parts.get('minute'));
    const dayBefore = day === 1 ? 7 : day - 1;
    if (from < to) return open.has(day) && minute >= from && minute < to;
    return (open.has(day) && minute >= from) || (open.has(dayBefore) && minute < to);
  };
  // Clocks of time zones differ by whole minutes, and asking the calendar is slow.
  let last = { minute: Number.NaN, isOpen: false };
  return (nowMs) => {
    const minute = Math.floor(nowMs / 60_000);
    if (minute !== last.minute) last = { minute, isOpen: isOpenAt(nowMs) };
    return last.isOpen;
  };
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

function wallClock(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  } catch {
    return null; // no such time zone
  }
}
