// trunkline.config.json: the settings that have a place in it, and those that stand nowhere else. Its JSON Schema, for
// editors, is made from the same description that checks it.
import * as z from 'zod/mini';
import { isObject, nearest, UsageError } from '../../base/index.ts';
import type { FieldSettings } from '../../rows/index.ts';
import type { CallExtras, RereadSchedule } from '../../streams/index.ts';
import { configFileName } from './file-names.ts';
import { settingNames, settingOf } from './table.ts';
import type { Setting } from './table.ts';

export type ConfigFile = {
  /** By key, as text: what a person would have written on the command line. */
  readonly values: Readonly<Record<string, string>>;
  readonly reread?: RereadSchedule | undefined;
  readonly callExtras?: Partial<CallExtras> | undefined;
  /** By stream name. */
  readonly fields?: Readonly<Record<string, Omit<FieldSettings, 'salt'>>> | undefined;
  readonly onTypeChange?: FieldSettings['onTypeChange'] | undefined;
  readonly contracts?: { readonly newColumns?: FieldSettings['newColumns'] | undefined } | undefined;
};

const onTypeChange = described(z.enum(['widen', 'quarantine', 'stop']), 'What happens when a field that nobody declared changes its type.');
const newColumns = described(z.enum(['evolve', 'ignore', 'stop']), 'What happens to fields that nobody declared.');
const columnType = z.enum(['text', 'bigint', 'integer', 'double', 'boolean', 'timestamp', 'json']);
const paths = (meaning: string) => z.optional(described(z.array(z.string().check(z.minLength(1))), meaning));

const fieldSettings = z.strictObject({
  drop: paths('Fields that are not stored, as dotted paths such as user.email.'),
  hash: paths('Fields replaced by a salted hash; equal values stay joinable. Needs TRUNKLINE_HASH_SALT.'),
  keep: paths('Fields kept that would be dropped otherwise; never secrets and signed links.'),
  types: z.optional(described(z.record(z.string(), columnType), 'Column types by field path, instead of the ones found.')),
  onTypeChange: z.optional(onTypeChange),
  newColumns: z.optional(newColumns),
});

const reread = z.strictObject({
  name: described(z.string().check(z.minLength(1)), 'What status calls it.'),
  span: described(z.union([z.int().check(z.minimum(1)), z.literal('all')]), 'How far back from now, in seconds, or all.'),
  every: described(z.int().check(z.minimum(0)), 'How often, in seconds; 0 is with every run.'),
  parts: z.optional(described(z.int().check(z.minimum(1)), 'Spread over this many equal parts, one each time.')),
});

const callExtras = z.strictObject({
  contact: z.optional(described(z.boolean(), 'Who called: id, names and company of the contact.')),
  timeline: z.optional(described(z.boolean(), 'The choices made in the menu of an IVR.')),
  aiVoice: z.optional(described(z.boolean(), 'What an AI voice agent talked about.')),
});

const contracts = z.strictObject({ newColumns: z.optional(newColumns) });

const schema = z.strictObject({
  $schema: z.optional(z.string()),
  ...Object.fromEntries(
    settingNames.flatMap((name) => {
      const { file, meaning } = settingOf(name);
      return file === undefined ? [] : [[file.key, z.optional(described(jsonOf(file), meaning))] as const];
    }),
  ),
  reread: z.optional(described(z.array(reread), 'When calls that were already read are read again, instead of the usual schedule.')),
  callExtras: z.optional(described(callExtras, 'What of a call is asked for beyond the call itself; all of it unless switched off.')),
  fields: z.optional(described(z.record(z.string(), fieldSettings), 'Per stream: which fields are dropped, hashed, kept or retyped.')),
  onTypeChange: z.optional(onTypeChange),
  contracts: z.optional(described(contracts, 'What the data may do to the tables.')),
});

/** Checks the file whole. Throws `UsageError` naming the key, what is wrong with it, and the nearest right name. */
export function parseConfigFile(text: string): ConfigFile {
  const json = parseJson(text);
  const checked = schema.safeParse(json);
  if (!checked.success) throw refusal(checked.error.issues[0], json);
  // The parsers of single settings read text; what stands only here is passed on as it is.
  const { reread: schedule, callExtras: extras, fields, onTypeChange: change, contracts: contract, ...rest } = checked.data;
  const values = Object.fromEntries(
    Object.entries(rest)
      .filter(([key, value]) => key !== '$schema' && value !== undefined)
      .map(([key, value]) => [key, Array.isArray(value) ? value.join(',') : String(value)]),
  );
  return { values, reread: schedule, callExtras: extras, fields, onTypeChange: change, contracts: contract } as ConfigFile; // as the schema says
}

/** The JSON Schema of the file, for editors. */
export function configFileJsonSchema(): object {
  return {
    title: configFileName,
    description: 'Settings of Trunkline. Credentials do not belong here; they stand in the environment or in .env.',
    ...z.toJSONSchema(schema, { target: 'draft-7' }),
  };
}

function jsonOf(file: NonNullable<Setting['file']>) {
  if (file.values !== undefined) return z.enum(file.values as [string, ...string[]]); // the table never lists none
  if (file.json === 'count') return z.int().check(z.minimum(0));
  if (file.json === 'count or off') return z.union([z.int().check(z.minimum(1)), z.literal('off')]);
  return file.json === 'names' ? z.array(z.string().check(z.minLength(1))).check(z.minLength(1)) : z.string().check(z.minLength(1));
}

function described<T extends z.ZodMiniType>(type: T, meaning: string): T {
  return type.check(z.describe(meaning));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    // The parser's own message quotes the file, which may hold what it should not.
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    const line = position === undefined ? '' : ` (line ${text.slice(0, Number(position)).split('\n').length})`;
    throw new UsageError({
      code: 'config_file',
      message: `${configFileName} is not valid JSON${line}.`,
      hint: 'Write it like {"destination": "duckdb:./aircall.duckdb"}.',
    });
  }
}

function refusal(issue: z.core.$ZodIssue | undefined, json: unknown): UsageError {
  const where = (issue?.path ?? []).map(String).join('.');
  if (issue?.code === 'unrecognized_keys') return unknownKey(issue.keys[0] ?? '', where);
  const expected = issue === undefined ? 'something else' : expectedBy(issue);
  const subject = where === '' ? 'the whole file' : `"${where}"`;
  return new UsageError({
    code: 'config_file',
    message: `In ${configFileName}, ${subject} is ${shown(at(json, issue?.path ?? []))}, which is not ${expected}.`,
    hint: hintFor(issue?.path ?? []),
  });
}

function unknownKey(key: string, where: string): UsageError {
  const full = where === '' ? key : `${where}.${key}`;
  const known = Object.keys(shapeAt(where));
  const named = settingNames.map(settingOf).find((each) => each.env === key);
  const secret = settingNames.find((name) => settingOf(name).secret && (name === key || settingOf(name).env === key));
  const near = named?.file?.key ?? nearest(key, known);
  return new UsageError({
    code: 'config_file',
    message: `In ${configFileName}, the key "${full}" is unknown.`,
    hint:
      secret === undefined
        ? near === null
          ? `The keys are ${known.filter((each) => each !== '$schema').join(', ')}.`
          : `Did you mean "${near}"?`
        : `Credentials do not belong into this file: set ${settingOf(secret).env} in the environment or in .env.`,
  });
}

/** The keys an object of the file may have, by the first step of the way to it. */
function shapeAt(where: string): object {
  if (where === '') return schema.shape;
  const [first] = where.split('.');
  if (first === 'contracts') return contracts.shape;
  if (first === 'callExtras') return callExtras.shape;
  return first === 'reread' ? reread.shape : fieldSettings.shape;
}

function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return article(String(issue.expected));
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_union':
      return issue.errors
        .flat()
        .map((each) => expectedBy(each))
        .join(' or ');
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array' ? 'filled' : `at least ${String(issue.minimum)}`;
    default:
      return 'what is expected here';
  }
}

const articles: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  array: 'a list',
  record: 'an object',
  object: 'an object',
  boolean: 'true or false',
};

function article(type: string): string {
  return articles[type] ?? type;
}

function hintFor(path: readonly PropertyKey[]): string {
  const setting = settingNames.map(settingOf).find((each) => each.file?.key === path[0]);
  if (setting !== undefined) {
    const value =
      setting.file?.json === 'names'
        ? setting.example.split(',')
        : /^\d+$/.test(setting.example)
          ? Number(setting.example)
          : setting.example;
    return `Write it like {${JSON.stringify(setting.file?.key)}: ${JSON.stringify(value)}}.`;
  }
  if (path[0] === 'reread') return 'Write it like {"reread": [{"name": "last hour", "span": 3600, "every": 0}]}.';
  if (path[0] === 'fields') return 'Write it like {"fields": {"calls": {"drop": ["user.email"]}}}.';
  if (path[0] === 'callExtras') return 'Write it like {"callExtras": {"aiVoice": false}}.';
  return 'Write it like {"onTypeChange": "widen", "contracts": {"newColumns": "evolve"}}.';
}

function at(json: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return value[Number(key)];
    return isObject(value) ? value[String(key)] : undefined;
  }, json);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
