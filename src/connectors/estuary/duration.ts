// Spans of time as ISO 8601 writes them: PT5M, P1D, P1DT12H. Months and years are no spans: their length differs.

const written = /^P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?$/;
const secondsOf = [7 * 24 * 3600, 24 * 3600, 3600, 60, 1] as const;

/** Seconds, or null for what is none. */
export function parseDuration(text: string): number | null {
  const parts = written.exec(text)?.slice(1);
  if (parts === undefined || text.endsWith('T') || parts.every((part) => part === undefined)) return null;
  return parts.reduce((sum, part, index) => sum + Number(part ?? 0) * secondsOf[index]!, 0);
}

export function formatDuration(seconds: number): string {
  if (seconds > 0 && seconds % secondsOf[1] === 0) return `P${seconds / secondsOf[1]}D`;
  if (seconds > 0 && seconds % secondsOf[2] === 0) return `PT${seconds / secondsOf[2]}H`;
  if (seconds > 0 && seconds % secondsOf[3] === 0) return `PT${seconds / secondsOf[3]}M`;
  return `PT${seconds}S`;
}
