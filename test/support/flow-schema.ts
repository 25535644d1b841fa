// Just enough JSON Schema to hold documents and configurations against the schemas of a capture, with the annotations that
// Flow reads from them. A keyword it does not know is an error: better no test than a blind one.

export type Schema = Readonly<Record<string, unknown>>;

export type Judged = {
  /** What does not fit, by path. */
  readonly misfits: readonly string[];
  /** `reduce` annotations at the root that hold for this document. */
  readonly reductions: readonly Schema[];
};

const annotations: Readonly<Record<string, string>> = {
  $schema: 'string',
  title: 'string',
  description: 'string',
  default: 'any',
  order: 'number',
  secret: 'boolean',
  multiline: 'boolean',
  advanced: 'boolean',
  discriminator: 'object',
  'x-infer-schema': 'boolean',
  reduce: 'object',
};

export function judge(value: unknown, schema: Schema, path = '$'): Judged {
  const misfits: string[] = [];
  const reductions: Schema[] = [];
  const wrong = (what: string) => void misfits.push(`${path}: ${what}`);
  const inner = (each: unknown, under: unknown, at = path) => {
    const judged = judge(each, schemaOf(under), at);
    misfits.push(...judged.misfits);
    if (at === path) reductions.push(...judged.reductions);
  };
  for (const [keyword, given] of Object.entries(schema)) {
    const annotation = annotations[keyword];
    if (annotation !== undefined) {
      if (annotation !== 'any' && typeof given !== annotation) throw new Error(`${path}: the annotation ${keyword} is no ${annotation}`);
      if (keyword === 'reduce') reductions.push(schemaOf(given));
      continue;
    }
    switch (keyword) {
      case 'type': {
        const types = typeof given === 'string' ? [given] : (given as readonly string[]);
        if (!types.some((type) => isOfType(value, type))) wrong(`${shown(value)} is not ${types.join('|')}`);
        break;
      }
      case 'const':
        if (value !== given) wrong(`is not ${shown(given)}`);
        break;
      case 'enum':
        if (!(given as readonly unknown[]).includes(value)) wrong(`${shown(value)} is none of the values`);
        break;
      case 'required':
        for (const name of given as readonly string[]) if (isRecord(value) && !(name in value)) wrong(`${name} is missing`);
        break;
      case 'properties':
        for (const [name, under] of Object.entries(schemaOf(given)))
          if (isRecord(value) && name in value) inner(value[name], under, `${path}.${name}`);
        break;
      case 'additionalProperties': {
        const known = Object.keys(schemaOf(schema['properties'] ?? {}));
        const others = isRecord(value) ? Object.keys(value).filter((name) => !known.includes(name)) : [];
        for (const name of others) {
          if (given === false) wrong(`${name} is not allowed`);
          else if (isRecord(given)) inner((value as Schema)[name], given, `${path}.${name}`);
        }
        break;
      }
      case 'propertyNames':
        for (const name of isRecord(value) ? Object.keys(value) : []) inner(name, given, `${path}.${name}`);
        break;
      case 'items':
        for (const [index, each] of (Array.isArray(value) ? value : []).entries()) inner(each, given, `${path}[${index}]`);
        break;
      case 'minItems':
        if (Array.isArray(value) && value.length < (given as number)) wrong('has too few items');
        break;
      case 'maxItems':
        if (Array.isArray(value) && value.length > (given as number)) wrong('has too many items');
        break;
      case 'minimum':
        if (typeof value === 'number' && value < (given as number)) wrong(`${value} is too small`);
        break;
      case 'maximum':
        if (typeof value === 'number' && value > (given as number)) wrong(`${value} is too large`);
        break;
      case 'minLength':
        if (typeof value === 'string' && value.length < (given as number)) wrong('is too short');
        break;
      case 'maxLength':
        if (typeof value === 'string' && value.length > (given as number)) wrong('is too long');
        break;
      case 'format': {
        const pattern = formats[given as string];
        if (pattern === undefined) throw new Error(`${path}: the format ${shown(given)} is unknown`);
        if (typeof value === 'string' && !pattern.test(value)) wrong(`${shown(value)} is no ${String(given)}`);
        break;
      }
      case 'oneOf':
      case 'anyOf': {
        const fitting = (given as readonly unknown[]).filter((each) => judge(value, schemaOf(each), path).misfits.length === 0);
        if (keyword === 'oneOf' ? fitting.length !== 1 : fitting.length === 0) wrong(`fits ${fitting.length} of the ${keyword}`);
        break;
      }
      case 'if': {
        const holds = judge(value, schemaOf(given), path).misfits.length === 0;
        const branch = schema[holds ? 'then' : 'else'];
        if (branch !== undefined) inner(value, branch);
        break;
      }
      case 'then':
      case 'else':
        break;
      default:
        throw new Error(`${path}: the keyword ${keyword} is unknown`);
    }
  }
  return { misfits, reductions };
}

/** Where a default stands in a schema that does not fit it. */
export function badDefaults(schema: Schema, path = '$'): readonly string[] {
  const own = 'default' in schema ? judge(schema['default'], schema, path).misfits : [];
  const inside = Object.entries(schema).flatMap(([keyword, given]) => {
    if (keyword === 'properties')
      return Object.entries(schemaOf(given)).flatMap(([name, each]) => badDefaults(schemaOf(each), `${path}.${name}`));
    if (keyword === 'items') return badDefaults(schemaOf(given), `${path}[]`);
    if (keyword === 'oneOf' || keyword === 'anyOf')
      return (given as readonly unknown[]).flatMap((each) => badDefaults(schemaOf(each), path));
    return [];
  });
  return [...own, ...inside];
}

/** Objects in a sourced schema that are not closed, or leave out what is needed to be narrow. */
export function openPlaces(schema: Schema, path = '$'): readonly string[] {
  const types = typeof schema['type'] === 'string' ? [schema['type']] : ((schema['type'] ?? []) as readonly string[]);
  const found: string[] = [];
  if (types.length === 0) found.push(`${path}: has no type`);
  if (types.includes('object')) {
    const properties = schemaOf(schema['properties']);
    if (schema['additionalProperties'] !== false) found.push(`${path}: is not closed`);
    const required = (schema['required'] ?? []) as readonly string[];
    for (const [name, each] of Object.entries(properties)) {
      if (!required.includes(name)) found.push(`${path}.${name}: is not required`);
      found.push(...openPlaces(schemaOf(each), `${path}.${name}`));
    }
  }
  if (types.includes('array')) found.push(...openPlaces(schemaOf(schema['items']), `${path}[]`));
  if (types.includes('string') && (schema['minLength'] === undefined || schema['maxLength'] === undefined))
    found.push(`${path}: its length is not bounded`);
  if ((types.includes('integer') || types.includes('number')) && (schema['minimum'] === undefined || schema['maximum'] === undefined)) {
    found.push(`${path}: is not bounded`);
  }
  return found;
}

/** A sourced schema without what documents widen: types and formats are left. */
export function typesOf(schema: Schema): Schema {
  const kept: Record<string, unknown> = {};
  for (const [keyword, given] of Object.entries(schema)) {
    if (keyword === 'type' || keyword === 'format') kept[keyword] = given;
    if (keyword === 'properties')
      kept[keyword] = Object.fromEntries(Object.entries(schemaOf(given)).map(([name, each]) => [name, typesOf(schemaOf(each))]));
    if (keyword === 'items') kept[keyword] = typesOf(schemaOf(given));
  }
  return kept;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function schemaOf(given: unknown): Schema {
  if (!isRecord(given)) throw new Error(`${shown(given)} is no schema`);
  return given;
}

const formats: Readonly<Record<string, RegExp>> = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/,
  duration: /^P(?!$)(?:\d+W)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?$/,
};

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isRecord(value);
    case 'integer':
      return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
    case 'number':
      return typeof value === 'bigint' || typeof value === 'number';
    case 'string':
    case 'boolean':
      return typeof value === type;
    default:
      throw new Error(`${type} is no type of JSON Schema`);
  }
}

function shown(value: unknown): string {
  return (JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? each.toString() : each)) ?? 'nothing').slice(0, 120);
}
