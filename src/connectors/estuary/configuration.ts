// The two configurations of a task, each described once: from the description the platform makes a form, and by it what the
// form gives is checked. No value of a configuration is ever in a message.
import * as z from 'zod/mini';
import { limits } from '../../aircall/index.ts';
import { isObject, type JsonObject } from '../../base/index.ts';
import type { Credential } from '../../client/index.ts';
import { type CallExtras, defaultReread, type RereadSchedule } from '../../streams/index.ts';
import { formatDuration, parseDuration } from './duration.ts';
import { parseMoment } from './moment.ts';

/** How Aircall is reached and what of it is wanted. */
export type EndpointConfig = {
  readonly credential: Credential;
  /** Calls that started earlier are not read, UNIX seconds; null: everything Aircall still serves. */
  readonly startAt: number | null;
  readonly quota: number | 'off';
  readonly reserve: number;
  readonly baseUrl: string;
  readonly callExtras: CallExtras;
  /** Ask for the users of each number, one request each. */
  readonly numberUsers: boolean;
  readonly reread: RereadSchedule;
  /** Mass deletions are believed. */
  readonly confirmDeletions: boolean;
  /** End when everything has been read once, instead of going on. */
  readonly runOnce: boolean;
  readonly restartAfterMs: number;
};

/** Which resource a binding reads, and how often. */
export type ResourceConfig = { readonly name: string; readonly intervalMs: number };

/** Where the name stands that identifies a resource. */
export const resourcePathPointer = '/name';

const defaultInterval = 'PT5M';
const longestSpanSeconds = 366 * 24 * 3600;

function shown<T extends z.ZodMiniType>(type: T, facts: Readonly<Record<string, unknown>>): T {
  return type.check(z.meta(facts));
}

/** A span of time between two others, in seconds. */
function span(least: number) {
  return z.string().check(
    z.refine((text) => {
      const seconds = parseDuration(text);
      return seconds !== null && seconds >= least && seconds <= longestSpanSeconds;
    }),
  );
}

// Named and written as in Estuary's own Aircall connector, so that its configuration can be kept
// (docs.estuary.dev/reference/Connectors/capture-connectors/aircall-native).
const apiTokenTitle = 'API Token';
const accessTokenTitle = 'Access Token';

const secretText = () => z.string().check(z.minLength(1));

const apiKey = shown(
  z.strictObject({
    credentials_title: shown(z.literal(apiTokenTitle), { title: 'Method', default: apiTokenTitle, order: 0 }),
    api_id: shown(secretText(), {
      title: 'API ID',
      description: 'Id of an API key: Aircall Dashboard, Integrations & API, API keys.',
      secret: true,
      order: 1,
    }),
    api_token: shown(secretText(), {
      title: 'API token',
      description: 'Token of that key; Aircall shows it once.',
      secret: true,
      order: 2,
    }),
  }),
  { title: apiTokenTitle },
);

const accessToken = shown(
  z.strictObject({
    credentials_title: shown(z.literal(accessTokenTitle), { title: 'Method', default: accessTokenTitle, order: 0 }),
    access_token: shown(secretText(), {
      title: 'Access token',
      description: 'OAuth access token of a technology partner.',
      secret: true,
      order: 1,
    }),
  }),
  { title: accessTokenTitle },
);

const reread = z.strictObject({
  name: shown(z.string().check(z.minLength(1)), { title: 'Name', description: 'What the state calls it.', order: 0 }),
  span: shown(z.union([z.literal('all'), span(1)]), { title: 'How far back', description: 'Such as PT1H or P7D, or all.', order: 1 }),
  every: shown(span(0), { title: 'How often', description: 'Such as PT1H; PT0S is every time.', order: 2 }),
  parts: shown(z._default(z.int().check(z.minimum(1), z.maximum(366)), 1), {
    title: 'Parts',
    description: 'Spread over so many equal parts, one each time.',
    order: 3,
  }),
});

const scheduleByDefault = defaultReread.map(({ name, span: back, every, parts = 1 }) => ({
  name,
  span: back === 'all' ? back : formatDuration(back),
  every: formatDuration(every),
  parts,
}));

const flag = (value: boolean) => z._default(z.boolean(), value);

const advanced = shown(
  z.strictObject({
    base_url: shown(z._default(z.string(), limits.origin), {
      title: 'Base URL',
      description: 'Where the API is. Plain http only to this machine.',
      order: 0,
    }),
    fetch_contact: shown(flag(true), { title: 'Contacts of calls', description: 'Ask for the contact of each call.', order: 1 }),
    fetch_call_timeline: shown(flag(true), {
      title: 'Menu choices of calls',
      description: 'Ask for the choices callers made in menus.',
      order: 2,
    }),
    fetch_aiva_conv: shown(flag(true), {
      title: 'AI voice agents of calls',
      description: 'Ask for what AI voice agents did on calls.',
      order: 3,
    }),
    number_users: shown(flag(false), {
      title: 'Users of numbers',
      description: 'Ask for the users of each number, at one request per number and interval.',
      order: 4,
    }),
    reread: shown(z._default(z.array(reread), scheduleByDefault), {
      title: 'Reading again',
      description: 'Calls change after they ended. When those that were read are read again.',
      order: 5,
    }),
    confirm_deletions: shown(flag(false), {
      title: 'Confirm deletions',
      description: 'Very many deletions at once are held back until this is switched on.',
      order: 6,
    }),
    run_once: shown(flag(false), {
      title: 'Run once',
      description: 'End when everything has been read, and wait for the capture’s own interval, instead of going on.',
      order: 7,
    }),
    restart_after: shown(z._default(span(60), 'P1D'), {
      title: 'Restart after',
      description: 'How long it runs before it ends in good order, to be started afresh. An ISO 8601 duration.',
      format: 'duration',
      order: 8,
    }),
  }),
  { title: 'Advanced options', advanced: true, order: 4 },
);

const endpoint = z.strictObject({
  credentials: shown(z.discriminatedUnion('credentials_title', [apiKey, accessToken]), {
    title: 'Authentication',
    type: 'object',
    discriminator: { propertyName: 'credentials_title' },
    order: 0,
  }),
  start_date: shown(z.optional(z.string().check(z.refine((text) => parseMoment(text) !== null))), {
    title: 'Start date',
    description: 'Calls that started earlier are not read. Without it, everything Aircall still serves: about six months.',
    format: 'date-time',
    order: 1,
  }),
  quota: shown(z._default(z.int().check(z.minimum(0), z.maximum(1_000_000)), limits.rate.requests), {
    title: 'Requests a minute',
    description: 'How many requests a minute Aircall grants the company. 0: they are not counted.',
    order: 2,
  }),
  reserve: shown(z._default(z.int().check(z.minimum(0), z.maximum(1_000_000)), 10), {
    title: 'Reserve',
    description: 'How many of them are left to other integrations of the company.',
    order: 3,
  }),
  advanced: z.optional(advanced),
});

const resource = z.strictObject({
  name: shown(z.string().check(z.minLength(1)), { title: 'Resource', description: 'What is read.', order: 0 }),
  interval: shown(z._default(span(1), defaultInterval), {
    title: 'Interval',
    description: 'How often it is read. An ISO 8601 duration, such as PT1M.',
    format: 'duration',
    order: 1,
  }),
  _meta: z.optional(shown(z.record(z.string(), z.unknown()), { title: 'Meta', description: 'Kept by the platform.', order: 2 })),
});

export const configSchema: JsonObject = formOf(endpoint, 'Aircall (Trunkline)');
export const resourceConfigSchema: JsonObject = formOf(resource, 'Resource');

/** What a binding is discovered with. */
export function resourceConfigOf(name: string): JsonObject {
  return { name, interval: defaultInterval };
}

export type Checked<T> = { readonly value: T } | { readonly problems: readonly string[] };

export function checkEndpointConfig(document: unknown, nowMs: number): Checked<EndpointConfig> {
  if (isObject(document) && !('credentials' in document) && ('api_id' in document || 'access_token' in document)) {
    return { problems: ['"api_id", "api_token" and "access_token" belong into "credentials"'] };
  }
  const parsed = endpoint.safeParse(withTitle(document));
  if (!parsed.success) return { problems: problemsOf(parsed.error, document) };
  const { credentials, start_date: startDate, quota, reserve, advanced: given } = parsed.data;
  const more = advanced.parse(given ?? {});
  const startAt = startDate === undefined ? null : parseMoment(startDate);
  const problems = [
    ...(startAt !== null && startAt * 1000 > nowMs ? ['"start_date" lies in the future, nothing would be read'] : []),
    ...(quota !== 0 && reserve >= quota ? ['"reserve" leaves nothing of "quota"'] : []),
  ];
  if (problems.length > 0) return { problems };
  return {
    value: {
      credential:
        credentials.credentials_title === apiTokenTitle
          ? { apiId: credentials.api_id, apiToken: credentials.api_token }
          : { accessToken: credentials.access_token },
      startAt,
      quota: quota === 0 ? 'off' : quota,
      reserve,
      baseUrl: more.base_url,
      callExtras: { contact: more.fetch_contact, timeline: more.fetch_call_timeline, aiVoice: more.fetch_aiva_conv },
      numberUsers: more.number_users,
      reread: more.reread.map(({ name, span: back, every, parts }) => ({
        name,
        span: back === 'all' ? back : secondsOf(back),
        every: secondsOf(every),
        parts,
      })),
      confirmDeletions: more.confirm_deletions,
      runOnce: more.run_once,
      restartAfterMs: secondsOf(more.restart_after) * 1000,
    },
  };
}

export function checkResourceConfig(document: unknown): Checked<ResourceConfig> {
  const parsed = resource.safeParse(document);
  if (!parsed.success) return { problems: problemsOf(parsed.error, document) };
  return { value: { name: parsed.data.name, intervalMs: secondsOf(parsed.data.interval) * 1000 } };
}

/** Shorter texts are no secrets of Aircall's; replaced wherever they occur, they would make everything unreadable. */
const shortestSecret = 8;

/** Every value of a field that is marked secret, also of a configuration that is refused. */
export function secretsOf(document: unknown): {
  readonly secrets: readonly string[];
  readonly pairs: readonly (readonly [string, string])[];
} {
  const credentials = isObject(document) && isObject(document['credentials']) ? document['credentials'] : {};
  const places = isObject(document) ? [credentials, document] : [];
  const textsOf = (name: string) =>
    places.map((place) => place[name]).filter((text): text is string => typeof text === 'string' && text.length >= shortestSecret);
  const ids = textsOf('api_id');
  const tokens = textsOf('api_token');
  return {
    secrets: [...ids, ...tokens, ...textsOf('access_token')],
    pairs: ids.flatMap((id) => tokens.map((token) => [id, token] as const)),
  };
}

function formOf(type: z.ZodMiniType, title: string): JsonObject {
  const { properties, required, additionalProperties } = z.toJSONSchema(type, { target: 'draft-7', io: 'input' });
  // What zod makes of a description is JSON.
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title,
    type: 'object',
    required,
    properties,
    additionalProperties,
  } as JsonObject;
}

/** Which of the two it is shows without being said. */
function withTitle(document: unknown): unknown {
  if (!isObject(document) || !isObject(document['credentials']) || 'credentials_title' in document['credentials']) return document;
  const { credentials } = document;
  return {
    ...document,
    credentials: { credentials_title: 'access_token' in credentials ? accessTokenTitle : apiTokenTitle, ...credentials },
  };
}

function problemsOf({ issues }: z.core.$ZodError, document: unknown): readonly string[] {
  return issues.flatMap((issue) => {
    const where = issue.path.map(String).join('.');
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `"${where === '' ? key : `${where}.${key}`}" is unknown`);
    const isMissing = at(document, issue.path) === undefined;
    return [`${where === '' ? 'it' : `"${where}"`} ${isMissing ? 'is missing' : complaintOf(issue)}`];
  });
}

function complaintOf(issue: z.core.$ZodIssue): string {
  const field = String(issue.path.at(-1) ?? '');
  switch (issue.code) {
    case 'invalid_type':
      return `is not ${kinds[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return issue.origin === 'string' ? 'is empty' : `is less than ${String(issue.minimum)}`;
    case 'too_big':
      return `is more than ${String(issue.maximum)}`;
    case 'invalid_union':
      return field === 'credentials_title'
        ? `is neither ${apiTokenTitle} nor ${accessTokenTitle}`
        : 'is not a duration such as PT1H, nor all';
    case 'custom':
      return field === 'start_date'
        ? 'is not a date such as 2026-01-31T00:00:00Z'
        : 'is not a duration such as PT5M, or is too short or too long';
    default:
      return 'cannot be used';
  }
}

function at(document: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return value[Number(key)];
    return isObject(value) ? value[String(key)] : undefined;
  }, document);
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

function secondsOf(duration: string): number {
  return parseDuration(duration) ?? 0; // checked before
}
