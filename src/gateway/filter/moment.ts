// Whether a value is a moment, written as its field is described. Anything else in its place could be anyone's words, or a
// phone number without its `+`.
import type { MomentWire } from '../../aircall/index.ts';

/** The year 2100. */
const latestSeconds = 4_102_444_800;
/** September 2001. */
const earliestMilliseconds = 1e12;
const isoForm = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?)?$/;

export function isMoment(value: unknown, wire: MomentWire): value is number | string {
  if (typeof value === 'number') {
    const isSeconds = (wire === 'seconds' || wire === 'any') && value >= 0 && value <= latestSeconds;
    const isMilliseconds = (wire === 'milliseconds' || wire === 'any') && value >= earliestMilliseconds && value <= latestSeconds * 1000;
    return isSeconds || isMilliseconds;
  }
  return typeof value === 'string' && (wire === 'iso' || wire === 'any') && isoForm.test(value) && !Number.isNaN(Date.parse(value));
}
