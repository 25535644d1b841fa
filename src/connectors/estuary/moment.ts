// A date or a time as a form gives it, with or without fractions of a second.

const written = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?)?$/i;

/** UNIX seconds; UTC where no zone is named; null for what is no moment of the calendar. */
export function parseMoment(text: string): number | null {
  const [, day, time = '00:00', zone = 'Z'] = written.exec(text.trim()) ?? [];
  if (day === undefined) return null;
  const midnight = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== day) return null;
  const milliseconds = Date.parse(`${day}T${time}${zone.toUpperCase()}`);
  return Number.isNaN(milliseconds) ? null : Math.floor(milliseconds / 1000);
}
