// Numbers, durations and moments as a person reads them. Always the same, whatever the machine's language.

/** `12,345`. */
export function count(value: number | bigint): string {
  return (typeof value === 'number' ? Math.round(value) : value).toString().replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 row`, `12,345 rows`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  if (ms < 9950) return `${(Math.max(0, ms) / 1000).toFixed(1).replace(/([1-9])\.0$/, '$1')} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return pair(seconds, 60, 'min', 's');
  const minutes = Math.round(seconds / 60);
  return minutes < 24 * 60 ? pair(minutes, 60, 'h', 'min') : pair(Math.round(minutes / 60), 24, 'd', 'h');
}

/** `512 B`, `3.4 MB`. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[unit] ?? ''}`;
}

/** `2026-01-31 08:15:04 UTC`. */
export function moment(value: Date | string): string {
  const time = typeof value === 'string' ? new Date(value) : value;
  return Number.isNaN(time.getTime()) ? String(value) : `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `3 min 20 s ago`. */
export function ago(then: Date | string, nowMs: number): string {
  const ms = nowMs - new Date(then).getTime();
  return ms < 1000 ? 'just now' : `${duration(ms)} ago`;
}

function pair(count: number, perBig: number, big: string, small: string): string {
  const rest = count % perBig;
  return `${Math.floor(count / perBig)} ${big}${rest > 0 ? ` ${rest} ${small}` : ''}`;
}
