// How much Aircall lets anyone do, how long it keeps things, and how it says so. Sources: developer.aircall.io and what
// running accounts have been seen to answer.

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

export const limits = {
  /** The one origin of everything; there is no sandbox. */
  origin: 'https://api.aircall.io',
  rate: {
    /** Requests per company and minute, shared by all of its keys and integrations. Support raises it on request. */
    requests: 120,
    perMs: minuteMs,
    /** How long access stays blocked after a 429 that names no end. */
    blockedMs: minuteMs,
    /** Sent once the limit is reached; usually absent before. */
    headers: { limit: 'X-AircallApi-Limit', remaining: 'X-AircallApi-Remaining', reset: 'X-AircallApi-Reset' },
    /** Undocumented; obeyed when present. */
    retryAfterHeader: 'Retry-After',
  },
  lists: {
    defaultPerPage: 20,
    maximumPerPage: 50,
    /** `page * per_page` beyond this is refused with 400 on every list, whatever the data. */
    positionalCap: 10_000,
  },
  calls: {
    /** Calendar months of calls that are served. An older period is an empty list, not an error. */
    historyMonths: 6,
    /** About how long IVR choices are served. */
    timelineMonths: 2,
    comments: 5,
    insightCardBytes: 10_240,
    /** How long a signed link to a recording or voicemail works. */
    mediaLinkMs: hourMs,
    shortLinkMs: 3 * hourMs,
    /** How long Aircall may take to store a recording after the call. */
    recordingStoredWithinMs: 24 * hourMs,
  },
  contacts: { phoneNumbers: 20, emails: 20 },
  teams: { nameLength: 64 },
  webhooks: {
    perCompany: 100,
    /** Any 2xx within this time is a success; anything else is tried again. */
    answerWithinMs: 5 * secondMs,
    /** Retries of one event. */
    retries: 50,
    /** How long failed events are still tried after the webhook was switched off. A success switches it on again. */
    retriedAfterDisablingMs: 12 * hourMs,
    /** About how long call.ended comes after call.hungup. */
    endedAfterHangupMs: 30 * secondMs,
  },
  messages: { bodyLength: 1600, whatsappLength: 4096, templatesPerPage: 100 },
  dialer: { campaignsPerUser: 1 },
  aiVoice: {
    concurrentPerCompany: 5,
    concurrentPerNumber: 1,
    shortestExpirySeconds: 60,
    longestExpirySeconds: 86_400,
    defaultExpirySeconds: 3600,
  },
} as const;

/** What an answer's headers say about the budget. Moments are milliseconds since 1970. */
export type RateFacts = {
  readonly limit: number | undefined;
  readonly remaining: number | undefined;
  readonly resetAtMs: number | undefined;
};

type Headers = { get(name: string): string | null };

/**
 * Reads the rate headers. The unit of the reset is not documented: every known client reads UNIX seconds, so a number
 * absurdly large for that is read as milliseconds, and one absurdly small as seconds from `nowMs`. `Retry-After` (seconds,
 * or an HTTP date) is used when there is no reset. Unreadable values are undefined.
 */
export function parseRateHeaders(headers: Headers, nowMs: number): RateFacts {
  const { limit, remaining, reset } = limits.rate.headers;
  return {
    limit: wholeNumber(headers.get(limit)),
    remaining: wholeNumber(headers.get(remaining)),
    resetAtMs: parseReset(headers.get(reset), nowMs) ?? parseRetryAfter(headers.get(limits.rate.retryAfterHeader), nowMs),
  };
}

/** The moment before which Aircall serves no calls any more, in milliseconds since 1970. Its exact edge is not documented. */
export function historyStartMs(nowMs: number): number {
  return monthsBefore(nowMs, limits.calls.historyMonths);
}

const smallestMilliseconds = 1e12;
const smallestSeconds = 1e9;

function parseReset(text: string | null, nowMs: number): number | undefined {
  const reset = wholeNumber(text);
  if (reset === undefined) return undefined;
  if (reset >= smallestMilliseconds) return reset;
  return reset >= smallestSeconds ? reset * secondMs : nowMs + reset * secondMs;
}

function parseRetryAfter(text: string | null, nowMs: number): number | undefined {
  const delaySeconds = wholeNumber(text);
  if (delaySeconds !== undefined) return nowMs + delaySeconds * secondMs;
  const date = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(date) ? undefined : date;
}

function wholeNumber(text: string | null): number | undefined {
  if (text === null || !/^\s*\d{1,15}\s*$/.test(text)) return undefined;
  return Number(text);
}

function monthsBefore(nowMs: number, months: number): number {
  const now = new Date(nowMs);
  const firstOfMonth = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1);
  const daysInMonth = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months + 1, 0)).getUTCDate();
  const day = Math.min(now.getUTCDate(), daysInMonth);
  const midnight = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  return firstOfMonth + (day - 1) * 24 * hourMs + (nowMs - midnight);
}
