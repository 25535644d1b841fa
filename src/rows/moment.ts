// Moments: from however Aircall writes them to ISO-8601 UTC text with microseconds, `2026-09-10T12:00:00.000000Z`.
import type { MomentWire } from '../aircall/index.ts';

const earliestSeconds = -62_135_596_800; // 0001-01-01T00:00:00Z
const latestSeconds = 253_402_300_799; // 9999-12-31T23:59:59Z
/** Numbers from here on are milliseconds where both are possible: as seconds they would lie beyond the year 5000. */
const smallestMilliseconds = 100_000_000_000;

const iso = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,12}))?)? ?(Z|UTC|[+-]\d\d:?\d\d)$/i;
const digits = /^(?:0|-?[1-9]\d{0,15})$/;

/**
 * The moment as ISO-8601 UTC text with microseconds; `undefined` when the value is no moment of years 1 to 9999, names no
 * time zone, or is finer than a microsecond. Numbers are read as `wire` says (`any`: by their size); ISO text says
 * what it means by itself and is understood everywhere.
 */
export function parseMoment(value: unknown, wire: MomentWire): string | undefined {
  if (typeof value === 'number') return wire === 'iso' ? undefined : fromNumber(value, wire);
  if (typeof value !== 'string' || value.length > 48) return undefined;
  if (wire !== 'iso' && digits.test(value)) return fromNumber(Number(value), wire);
  return fromIso(value);
}

function fromNumber(value: number, wire: MomentWire): string | undefined {
  if (!Number.isFinite(value)) return undefined;
  const isMilliseconds = wire === 'milliseconds' || (wire === 'any' && Math.abs(value) >= smallestMilliseconds);
  if (Number.isInteger(value)) {
    if (!isMilliseconds) return fromSeconds(value, 0);
    const seconds = Math.floor(value / 1000);
    return fromSeconds(seconds, (value - seconds * 1000) * 1000);
  }
  const whole = Math.floor(value);
  const perUnit = isMilliseconds ? 1000 : 1_000_000;
  const fraction = Math.round((value - whole) * perUnit);
  if (whole + fraction / perUnit !== value) return undefined;
  const seconds = isMilliseconds ? Math.floor(whole / 1000) : whole;
  const micros = isMilliseconds ? (whole - seconds * 1000) * 1000 + fraction : fraction;
  return micros < 1_000_000 ? fromSeconds(seconds, micros) : fromSeconds(seconds + 1, micros - 1_000_000);
}

// The same few ISO texts come again and again: when a user, a number or a team was created.
const seen = new Map<string, string | undefined>();

function fromIso(text: string): string | undefined {
  if (seen.has(text)) return seen.get(text);
  if (seen.size >= 4096) seen.clear();
  const moment = readIso(text);
  seen.set(text, moment);
  return moment;
}

function readIso(text: string): string | undefined {
  const parts = iso.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone = 'Z'] = parts;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59 || /[^0]/.test(fraction.slice(6))) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  const offset = offsetSeconds(zone);
  if (offset === undefined) return undefined;
  const seconds = date.getTime() / 1000 + Number(hour) * 3600 + Number(minute) * 60 + Number(second) - offset;
  return fromSeconds(seconds, Number(fraction.slice(0, 6).padEnd(6, '0')));
}

function offsetSeconds(zone: string): number | undefined {
  if (!/\d/.test(zone)) return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 23 || minutes > 59) return undefined;
  return (hours * 3600 + minutes * 60) * (zone.startsWith('-') ? -1 : 1);
}

// Records of one page are mostly of one day: its text is worked out once.
let lastDay = Number.NaN;
let lastDayText = '';

function fromSeconds(seconds: number, micros: number): string | undefined {
  if (seconds < earliestSeconds || seconds > latestSeconds) return undefined;
  const day = Math.floor(seconds / 86_400);
  const rest = seconds - day * 86_400;
  if (day !== lastDay) {
    lastDay = day;
    lastDayText = new Date(day * 86_400_000).toISOString().slice(0, 11);
  }
  const hour = Math.floor(rest / 3600);
  const minute = Math.floor((rest - hour * 3600) / 60);
  const time = lastDayText + twoDigits(hour) + ':' + twoDigits(minute) + ':' + twoDigits(rest - hour * 3600 - minute * 60);
  return micros === 0 ? `${time}.000000Z` : `${time}.${String(micros).padStart(6, '0')}Z`;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}
