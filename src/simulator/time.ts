// Moments as the simulator keeps them: whole UNIX seconds, UTC.

export const daySeconds = 86_400;

/** `2026-02-03T10:11:12.000Z`: Aircall's form for users, teams and numbers, always with zero milliseconds. */
export function isoSeconds(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** The same day of the month and time of day, `months` earlier, clipped to the length of that month. */
export function monthsBefore(seconds: number, months: number): number {
  const from = new Date(seconds * 1000);
  const target = new Date(from);
  target.setUTCDate(1);
  target.setUTCMonth(target.getUTCMonth() - months);
  const lastDay = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate();
  target.setUTCDate(Math.min(from.getUTCDate(), lastDay));
  return Math.floor(target.getTime() / 1000);
}
