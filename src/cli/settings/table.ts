// Every setting, once. The flags and their help, `explain`, docs/settings.md and the JSON Schema of the configuration
// file are all derived from this table.
import { limits } from '../../aircall/index.ts';
import { parseDestinationUrl } from '../../destinations/index.ts';
import {
  parseAlgorithms,
  parseBaseUrl,
  parseChoice,
  parseCollector,
  parseCount,
  parseIssuer,
  parseKey,
  parseKeysPlace,
  parseListen,
  parseLogLevel,
  parseMoment,
  parseNames,
  parseProxies,
  parsePublicUrl,
  parseQuota,
  parseSize,
  parseText,
  parseWord,
} from './parse.ts';

export type Setting<V = unknown> = {
  /** The environment variable. */
  readonly env: string;
  /** The key in trunkline.config.json, and what JSON may stand there. Absent: not a thing for a file others may read. */
  readonly file?: { readonly key: string; readonly json: 'text' | 'count' | 'count or off' | 'names'; readonly values?: readonly string[] };
  /** The flag with its placeholder. Absent for secrets: a command line can be read by every user of the machine. */
  readonly flag?: string;
  readonly meaning: string;
  /** A valid value, without secrets. */
  readonly example: string;
  /** Used when nothing else says so; the same text a person could write. Null: not set. */
  readonly default: string | null;
  /** What happens when it is not set, in words. */
  readonly defaultMeaning?: string;
  readonly secret?: true;
  readonly parse: (text: string) => V;
};

function setting<const S extends Setting>(described: S): S {
  return described;
}

const settings = {
  apiId: setting({
    env: 'AIRCALL_API_ID',
    meaning: 'Id of an Aircall API key (Dashboard, Integrations & API, API keys).',
    example: '0123456789abcdef0123456789abcdef',
    default: null,
    secret: true,
    parse: parseText,
  }),
  apiToken: setting({
    env: 'AIRCALL_API_TOKEN',
    meaning: 'Token of that key; Aircall shows it once.',
    example: '0123456789abcdef0123456789abcdef',
    default: null,
    secret: true,
    parse: parseText,
  }),
  accessToken: setting({
    env: 'AIRCALL_ACCESS_TOKEN',
    meaning: 'OAuth access token of a technology partner, instead of id and token.',
    example: '0123456789abcdef0123456789abcdef',
    default: null,
    secret: true,
    parse: parseText,
  }),
  baseUrl: setting({
    env: 'AIRCALL_BASE_URL',
    file: { key: 'baseUrl', json: 'text' },
    flag: 'base-url <url>',
    meaning: 'Where the API is. Plain http only to this machine.',
    example: limits.origin,
    default: limits.origin,
    parse: parseBaseUrl,
  }),
  company: setting({
    env: 'TRUNKLINE_COMPANY',
    file: { key: 'company', json: 'text' },
    flag: 'company <name>',
    meaning: 'Whose request budget it is. Two keys of one company need the same name here.',
    example: 'example-co',
    default: null,
    defaultMeaning: 'a hash of base URL and key',
    parse: parseText,
  }),
  destination: setting({
    env: 'TRUNKLINE_DESTINATION',
    file: { key: 'destination', json: 'text' },
    flag: 'destination <url>',
    meaning: 'Where to load.',
    example: 'duckdb:./aircall.duckdb',
    default: 'duckdb:./aircall.duckdb',
    parse: parseDestinationUrl,
  }),
  dataset: setting({
    env: 'TRUNKLINE_DATASET',
    file: { key: 'dataset', json: 'text' },
    flag: 'dataset <name>',
    meaning: 'Schema that holds the tables. Must differ from the name of the DuckDB file.',
    example: 'aircall_data',
    default: 'aircall_data',
    parse: parseText,
  }),
  home: setting({
    env: 'TRUNKLINE_HOME',
    file: { key: 'home', json: 'text' },
    flag: 'home <folder>',
    meaning: 'Folder for packages, the history of runs, and the gateway’s agents, approvals and log; readable by its owner only.',
    example: '.trunkline',
    default: '.trunkline',
    parse: parseText,
  }),
  startDate: setting({
    env: 'TRUNKLINE_START_DATE',
    file: { key: 'startDate', json: 'text' },
    flag: 'start-date <date>',
    meaning: 'Calls that started earlier are not read. An ISO date or time; UTC where it names no zone.',
    example: '2026-01-31',
    default: null,
    defaultMeaning: 'everything Aircall still serves',
    parse: parseMoment,
  }),
  streams: setting({
    env: 'TRUNKLINE_STREAMS',
    file: { key: 'streams', json: 'names' },
    meaning: 'What to read, as a comma list; on the command line the names follow the command.',
    example: 'calls,users',
    default: null,
    defaultMeaning: 'all that cost no extra request per row',
    parse: parseNames,
  }),
  quota: setting({
    env: 'TRUNKLINE_QUOTA',
    file: { key: 'quota', json: 'count or off' },
    flag: 'quota <count>',
    meaning: 'Requests a minute that Aircall grants the company, or off.',
    example: String(limits.rate.requests),
    default: String(limits.rate.requests),
    parse: parseQuota,
  }),
  reserve: setting({
    env: 'TRUNKLINE_RESERVE',
    file: { key: 'reserve', json: 'count' },
    flag: 'reserve <count>',
    meaning: 'How many of them are left to the company’s other integrations.',
    example: '10',
    default: '10',
    parse: parseCount(0),
  }),
  deletions: setting({
    env: 'TRUNKLINE_DELETIONS',
    file: { key: 'deletions', json: 'text', values: ['mark', 'remove'] },
    flag: 'deletions <mark|remove>',
    meaning: 'What happens to rows that are gone at Aircall: marked with _deleted_at, or removed.',
    example: 'mark',
    default: 'mark',
    parse: parseChoice('mark', 'remove'),
  }),
  memory: setting({
    env: 'TRUNKLINE_MEMORY',
    file: { key: 'memory', json: 'text' },
    flag: 'memory <size>',
    meaning: 'Working memory of DuckDB.',
    example: '128MB',
    default: '128MB',
    parse: parseSize,
  }),
  hashSalt: setting({
    env: 'TRUNKLINE_HASH_SALT',
    meaning: 'Secret text mixed into hashed fields; needed as soon as the configuration hashes a field.',
    example: 'a long random text',
    default: null,
    secret: true,
    parse: parseText,
  }),
  kek: setting({
    env: 'TRUNKLINE_KEK',
    meaning: 'Key that encrypts what is kept in the home folder: a credential, the keys of the agent gateway. 32 bytes in base64 or hex.',
    example: 'the output of: openssl rand -base64 32',
    default: null,
    secret: true,
    parse: parseKey,
  }),
  kekPrevious: setting({
    env: 'TRUNKLINE_KEK_PREVIOUS',
    meaning: 'The key that was TRUNKLINE_KEK before: what is encrypted with it is encrypted with the present one at the next start.',
    example: 'what TRUNKLINE_KEK was',
    default: null,
    secret: true,
    parse: parseKey,
  }),
  agentKey: setting({
    env: 'TRUNKLINE_AGENT_KEY',
    meaning: 'The key of the agent for which mcp speaks to the gateway: the one shown when the agent was added.',
    example: 'acg_live_…',
    default: null,
    secret: true,
    parse: parseText,
  }),
  approvers: setting({
    env: 'TRUNKLINE_APPROVERS',
    file: { key: 'approvers', json: 'text', values: ['anyone', 'four-eyes'] },
    meaning:
      'Who may approve what an agent asks for: anyone; or with four-eyes only who logs in, and not the person who answers for the agent.',
    example: 'four-eyes',
    default: 'anyone',
    parse: parseChoice('anyone', 'four-eyes'),
  }),
  listen: setting({
    env: 'TRUNKLINE_LISTEN',
    file: { key: 'listen', json: 'text' },
    flag: 'listen <host:port>',
    meaning: 'Where serve listens. Anything but this machine needs TRUNKLINE_PUBLIC_URL and TRUNKLINE_KEK.',
    example: '127.0.0.1:4242',
    default: '127.0.0.1:4242',
    parse: parseListen,
  }),
  publicUrl: setting({
    env: 'TRUNKLINE_PUBLIC_URL',
    file: { key: 'publicUrl', json: 'text' },
    flag: 'public-url <url>',
    meaning: 'The address of serve as others see it. An https address says that something in front of it does TLS.',
    example: 'https://trunkline.example.com',
    default: null,
    defaultMeaning: 'where it listens',
    parse: parsePublicUrl,
  }),
  trustedProxies: setting({
    env: 'TRUNKLINE_TRUSTED_PROXIES',
    file: { key: 'trustedProxies', json: 'names' },
    meaning: 'Addresses and networks of the proxies in front of serve, as a comma list: only they may say in X-Forwarded-For who asks.',
    example: '127.0.0.1,10.0.0.0/8',
    default: null,
    defaultMeaning: 'none: who connects is who asks',
    parse: parseProxies,
  }),
  identityIssuer: setting({
    env: 'TRUNKLINE_IDENTITY_ISSUER',
    file: { key: 'identityIssuer', json: 'text' },
    meaning: 'The company’s identity provider, to the letter as its tokens name it: serve takes them in place of agents’ keys.',
    example: 'https://login.example.com/oauth2/default',
    default: null,
    defaultMeaning: 'keys only',
    parse: parseIssuer,
  }),
  identityAudience: setting({
    env: 'TRUNKLINE_IDENTITY_AUDIENCE',
    file: { key: 'identityAudience', json: 'text' },
    meaning: 'For whom such a token must be made.',
    example: 'https://trunkline.example.com/mcp',
    default: null,
    defaultMeaning: 'the address of serve with /mcp',
    parse: parseWord,
  }),
  identityKeys: setting({
    env: 'TRUNKLINE_IDENTITY_KEYS',
    file: { key: 'identityKeys', json: 'text' },
    meaning: 'Where the provider’s public keys are (a JWKS): an https address, or a file on machines that do not reach it.',
    example: 'https://login.example.com/oauth2/default/v1/keys',
    default: null,
    defaultMeaning: 'where the provider’s own description says',
    parse: parseKeysPlace,
  }),
  identityAlgorithms: setting({
    env: 'TRUNKLINE_IDENTITY_ALGORITHMS',
    file: { key: 'identityAlgorithms', json: 'names' },
    meaning: 'How tokens may be signed, as a comma list.',
    example: 'RS256',
    default: 'RS256,PS256,ES256,EdDSA',
    parse: parseAlgorithms,
  }),
  identityClaim: setting({
    env: 'TRUNKLINE_IDENTITY_CLAIM',
    file: { key: 'identityClaim', json: 'text' },
    meaning: 'The claim of a token that says which agent it is of; trunkline agents identity says which text in it is whose.',
    example: 'azp',
    default: 'client_id',
    parse: parseWord,
  }),
  otlpEndpoint: setting({
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    file: { key: 'otlpEndpoint', json: 'text' },
    meaning:
      'Where serve sends traces and metrics, over OTLP. The standard variables OTEL_SERVICE_NAME and OTEL_EXPORTER_OTLP_HEADERS count too.',
    example: 'http://127.0.0.1:4318',
    default: null,
    defaultMeaning: 'nothing is sent',
    parse: parseCollector,
  }),
  clientId: setting({
    env: 'AIRCALL_CLIENT_ID',
    meaning: 'OAuth client id, for connect; Aircall gives it to technology partners.',
    example: 'example-client',
    default: null,
    secret: true,
    parse: parseText,
  }),
  clientSecret: setting({
    env: 'AIRCALL_CLIENT_SECRET',
    meaning: 'OAuth client secret, for connect.',
    example: '0123456789abcdef',
    default: null,
    secret: true,
    parse: parseText,
  }),
  log: setting({
    env: 'TRUNKLINE_LOG',
    file: { key: 'log', json: 'text', values: ['debug', 'info', 'warn', 'error', 'silent'] },
    flag: 'log <level>',
    meaning: 'Least important lines to write to stderr: debug, info, warn, error or silent.',
    example: 'info',
    default: 'info',
    parse: parseLogLevel,
  }),
  logFormat: setting({
    env: 'TRUNKLINE_LOG_FORMAT',
    file: { key: 'logFormat', json: 'text', values: ['text', 'json'] },
    flag: 'log-format <text|json>',
    meaning: 'How lines on stderr are written.',
    example: 'json',
    default: 'text',
    parse: parseChoice('text', 'json'),
  }),
};

export type SettingName = keyof typeof settings;
export const settingNames = Object.keys(settings) as readonly SettingName[]; // The keys of a constant object are its names.

type Parsed<N extends SettingName> = ReturnType<(typeof settings)[N]['parse']>;
/** The value of a setting once resolved; null where it may be unset. */
export type SettingValue<N extends SettingName> = (typeof settings)[N]['default'] extends string ? Parsed<N> : Parsed<N> | null;

export function settingOf(name: SettingName): Setting {
  return settings[name];
}
