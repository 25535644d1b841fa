// The configuration document: described once, and from that description both checked and shown as a form.
import { z } from 'zod';
import { limits } from '../../aircall/index.ts';
import { isObject, type JsonObject } from '../../base/index.ts';
import type { Credential } from '../../client/index.ts';
import type { CallExtras } from '../../streams/index.ts';
import { InputRefused } from './input-errors.ts';
import { type InputFile, parseInput } from './input-file.ts';

export type SourceConfig = {
  readonly credential: Credential;
  /** Calls that started earlier are not read; null: everything Aircall still serves. */
  readonly startAt: Date | null;
  /** Requests a minute, or `off`. */
  readonly quota: number | 'off';
  readonly reserve: number;
  /** Whose budget it is; null: told by the credential. */
  readonly company: string | null;
  readonly callExtras: CallExtras;
  /** Ask for the users of each number, one request each. */
  readonly numberUsers: boolean;
  readonly rereadMinutes: number;
  /** Mass deletions are believed in this run. */
  readonly confirmDeletions: boolean;
  readonly baseUrl: string;
  /** What must not be seen, and what of it travels together. */
  readonly secrets: readonly string[];
  readonly secretPairs: readonly (readonly [string, string])[];
  /** As it was given. */
  readonly document: JsonObject;
};

const startDate = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z$/;

const fields = z.looseObject({
  api_id: z.string().optional().meta({
    title: 'API ID',
    description: 'Id of an API key, made in the Aircall Dashboard under Integrations & API, API keys. Not needed with an access token.',
    airbyte_secret: true,
    always_show: true,
    order: 0,
  }),
  api_token: z.string().optional().meta({
    title: 'API token',
    description: 'Token of that key; Aircall shows it once.',
    airbyte_secret: true,
    always_show: true,
    order: 1,
  }),
  start_date: z
    .string()
    .regex(startDate)
    .optional()
    .meta({
      title: 'Start date',
      description: 'Calls that started earlier are not read. Without it, everything Aircall still serves is read: about six months.',
      format: 'date-time',
      pattern_descriptor: 'YYYY-MM-DDTHH:mm:ssZ',
      examples: ['2026-01-31T00:00:00Z', '2026-01-31T00:00:00.000Z'],
      always_show: true,
      order: 2,
    }),
  access_token: z.string().optional().meta({
    title: 'Access token',
    description: 'OAuth access token of a technology partner, instead of API ID and API token.',
    airbyte_secret: true,
    order: 3,
  }),
  quota: z.number().int().min(0).max(1_000_000).default(limits.rate.requests).meta({
    title: 'Requests a minute',
    description: 'How many requests a minute Aircall grants the company. 0: they are not counted.',
    order: 4,
  }),
  reserve: z.number().int().min(0).max(1_000_000).default(10).meta({
    title: 'Reserve',
    description: 'How many of them are left to other integrations of the company.',
    order: 5,
  }),
  company: z.string().optional().meta({
    title: 'Company',
    description: 'A name for the company whose requests are counted together, when several keys of it are used on one machine.',
    order: 6,
  }),
  fetch_contact: z.boolean().default(true).meta({ title: 'Contacts of calls', description: 'Ask for the contact of each call.', order: 7 }),
  fetch_call_timeline: z
    .boolean()
    .default(true)
    .meta({ title: 'Menu choices of calls', description: 'Ask for the choices callers made in menus.', order: 8 }),
  fetch_aiva_conv: z
    .boolean()
    .default(true)
    .meta({ title: 'AI voice agents of calls', description: 'Ask for what AI voice agents did on calls.', order: 9 }),
  number_users: z
    .boolean()
    .default(false)
    .meta({ title: 'Users of numbers', description: 'Ask for the users of each number, at one request per number and sync.', order: 10 }),
  reread_minutes: z.number().int().min(0).max(1440).default(5).meta({
    title: 'Minutes for reading again',
    description: 'Calls change after they ended. After new data, at most so many minutes go into reading older calls again.',
    order: 11,
  }),
  confirm_deletions: z.boolean().default(false).meta({
    title: 'Confirm deletions',
    description:
      'Very many deletions at once are held back until this is switched on. It also looks for deleted contacts now, and switches itself off.',
    order: 12,
  }),
  base_url: z
    .string()
    .default(limits.origin)
    .meta({ title: 'Base URL', description: 'Where the API is. Plain http only to this machine.', airbyte_hidden: true, order: 13 }),
});

/** The form as JSON Schema. */
export function connectionSpecification(): JsonObject {
  const { properties } = z.toJSONSchema(fields, { target: 'draft-7', io: 'input' });
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Aircall (Trunkline)',
    type: 'object',
    // What zod makes of the description is JSON.
    properties: properties as unknown as JsonObject,
    additionalProperties: true,
  };
}

export type ConfigOptions = {
  readonly nowMs: number;
  /** We run on Airbyte's hosted service, where nothing is on this machine. */
  readonly cloud: boolean;
};

/** Throws `InputRefused` naming the file and what is wrong with it, never a value. */
export function parseConfig(file: InputFile, text: string, { nowMs, cloud }: ConfigOptions): SourceConfig {
  const document = parseInput(file, text);
  if (!isObject(document)) throw refused(file, ['it is not an object']);
  // Forms send empty text for fields that were left alone.
  const given = Object.fromEntries(Object.entries(document).filter(([, value]) => value !== '' && value !== null));
  const parsed = fields.safeParse(given);
  if (!parsed.success)
    throw refused(
      file,
      parsed.error.issues.map(({ path, code, message }) => problemOf(path.join('.'), code, message)),
    );
  const config = parsed.data;

  const startAt = config.start_date === undefined ? null : new Date(config.start_date);
  const problems = [
    ...(startAt !== null && Number.isNaN(startAt.getTime()) ? ['"start_date" is no date of the calendar'] : []),
    ...(startAt !== null && startAt.getTime() > nowMs ? ['"start_date" lies in the future, nothing would be read'] : []),
    ...(config.quota !== 0 && config.reserve >= config.quota ? ['"reserve" leaves nothing of "quota"'] : []),
    ...addressProblems(config.base_url, cloud),
  ];
  const credential = credentialOf(config);
  if (typeof credential === 'string') problems.push(credential);
  if (problems.length > 0 || typeof credential === 'string') throw refused(file, problems);

  return {
    credential,
    startAt,
    quota: config.quota === 0 ? 'off' : config.quota,
    reserve: config.reserve,
    company: config.company ?? null,
    callExtras: { contact: config.fetch_contact, timeline: config.fetch_call_timeline, aiVoice: config.fetch_aiva_conv },
    numberUsers: config.number_users,
    rereadMinutes: config.reread_minutes,
    confirmDeletions: config.confirm_deletions,
    baseUrl: config.base_url,
    ...secretsOf(document),
    document: document as JsonObject, // It came out of JSON.
  };
}

/** Every value of a field that is marked secret, also of a document that was refused. */
export function secretsOf(document: unknown): Pick<SourceConfig, 'secrets' | 'secretPairs'> {
  if (!isObject(document)) return { secrets: [], secretPairs: [] };
  const textAt = (name: string): readonly string[] => {
    const value = document[name];
    return typeof value === 'string' || typeof value === 'number' ? [String(value)] : [];
  };
  const [id] = textAt('api_id');
  const [token] = textAt('api_token');
  return {
    secrets: ['api_id', 'api_token', 'access_token'].flatMap(textAt),
    secretPairs: id === undefined || token === undefined ? [] : [[id, token]],
  };
}

/** The credential, or what is wrong with it. */
function credentialOf(config: z.infer<typeof fields>): Credential | string {
  const { api_id: apiId, api_token: apiToken, access_token: accessToken } = config;
  if (accessToken !== undefined) {
    if (apiId !== undefined || apiToken !== undefined) return 'there are both an API key and an access token; leave one of them out';
    return { accessToken };
  }
  if (apiId !== undefined && apiToken !== undefined) return { apiId, apiToken };
  if (apiId === undefined && apiToken === undefined) return '"api_id" and "api_token" are missing; "access_token" may stand in their place';
  return apiId === undefined ? '"api_id" is missing' : '"api_token" is missing';
}

function addressProblems(baseUrl: string, cloud: boolean): readonly string[] {
  if (!URL.canParse(baseUrl)) return ['"base_url" is no address'];
  return cloud && new URL(baseUrl).protocol !== 'https:' ? ['"base_url" must be https here'] : [];
}

function problemOf(path: string, code: string, message: string): string {
  if (path === 'start_date' && code === 'invalid_format') return '"start_date" is not written like 2026-01-31T00:00:00Z';
  return `"${path}": ${message.replace(/^Invalid input: /, '')}`;
}

function refused({ what, path }: InputFile, problems: readonly string[]): InputRefused {
  return new InputRefused({ message: `The ${what} (${path}) cannot be used: ${problems.join('; ')}.` });
}
