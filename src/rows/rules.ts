// The operator's field settings and the stream's own declaration as one set of rules about paths. A path is dotted, in the names
// Aircall uses, and passes through lists: `user.email`, `tags.name`.
import type { Field, Fields } from '../aircall/index.ts';
import { UsageError } from '../base/index.ts';
import type { TableSet } from './schema.ts';
import type { FieldSettings, Shape } from './shape.ts';

export type Override = NonNullable<FieldSettings['types']>[string];

/** What becomes of a path: stored, left out, or opened only for what the operator wants to keep inside. */
export type Fate = 'store' | 'open' | 'omit';

export type Rules = {
  /** `parent` is the fate of the group around it. */
  readonly fate: (path: string, parent: Fate) => Fate;
  readonly isHashed: (path: string) => boolean;
  readonly typeOf: (path: string) => Override | undefined;
  /** Whether a setting names this path or something inside it. */
  readonly governs: (path: string) => boolean;
};

/** Checks the settings against what is declared and known. Throws `UsageError` naming the setting and near names. */
export function readRules(shape: Shape, settings: FieldSettings, known: TableSet): Rules {
  const declared = declaredPaths({ ...shape.fields, ...shape.derived?.fields });
  checkSettings(shape, settings, declared, new Set([...declared.keys(), ...knownPaths(known)]));

  const dropped = new Set(settings.drop);
  const hashed = new Set(settings.hash);
  const types = new Map(Object.entries(settings.types ?? {}));
  const kept = settings.keep ?? [];
  const omitted = new Set(shape.omit);
  const only = new Map(Object.entries(shape.only ?? {}).map(([group, names]) => [group, new Set(names)]));

  const isOmittedByDefault = (path: string, parent: Fate): boolean => {
    if (omitted.has(path)) return true;
    const split = path.lastIndexOf('.');
    const allowed = only.get(split < 0 ? '' : path.slice(0, split));
    return allowed === undefined ? parent !== 'store' : !allowed.has(path.slice(split + 1));
  };

  return {
    fate(path, parent) {
      if (dropped.has(path)) return 'omit';
      if (!isOmittedByDefault(path, parent)) return 'store';
      if (kept.some((name) => name === path || path.startsWith(`${name}.`))) return 'store';
      return kept.some((name) => name.startsWith(`${path}.`)) ? 'open' : 'omit';
    },
    isHashed: (path) => hashed.has(path),
    typeOf: (path) => types.get(path),
    governs: (path) => [...dropped, ...hashed, ...types.keys()].some((name) => name === path || name.startsWith(`${path}.`)),
  };
}

/** Whether a group lets unknown fields in. */
export function isClosed(shape: Shape, path: string, fate: Fate): boolean {
  return fate !== 'store' || shape.only?.[path] !== undefined;
}

function declaredPaths(fields: Fields, prefix = '', paths = new Map<string, Field>()): Map<string, Field> {
  for (const [name, field] of Object.entries(fields)) {
    const path = `${prefix}${name}`;
    paths.set(path, field);
    if (field.kind === 'object') declaredPaths(field.fields, `${path}.`, paths);
    if (field.kind === 'list' && field.of.kind === 'object') declaredPaths(field.of.fields, `${path}.`, paths);
  }
  return paths;
}

/** Paths of the columns the destination already has, and of the groups they stand in. */
function knownPaths(known: TableSet): string[] {
  return Object.values(known).flatMap((table) =>
    Object.values(table.columns).flatMap((column) => {
      const whole = [...table.path, ...column.path];
      return whole.map((_, index) => whole.slice(0, index + 1).join('.'));
    }),
  );
}

function checkSettings(shape: Shape, settings: FieldSettings, declared: ReadonlyMap<string, Field>, paths: ReadonlySet<string>): void {
  const { drop = [], hash = [], keep = [], types = {} } = settings;
  const refuse = (code: string, message: string, hint: string): never => {
    throw new UsageError({ code, message: `The field settings of ${shape.table} ${message}`, hint });
  };
  for (const [setting, named] of Object.entries({ drop, hash, keep, types: Object.keys(types) })) {
    for (const path of named) {
      if (!paths.has(path)) {
        const near = nearNames(path, paths);
        const known =
          near.length > 0 ? `Did you mean ${near.map((name) => `"${name}"`).join(' or ')}?` : 'The command "streams" lists the fields.';
        refuse('unknown_field', `name "${path}" under "${setting}", and there is no such field.`, known);
      }
      if (path === shape.key && setting !== 'keep') {
        refuse('key_field', `name "${path}" under "${setting}", but this field identifies the rows.`, 'The key is always stored as it is.');
      }
    }
  }
  for (const path of [...keep, ...hash]) {
    const fieldClass = declared.get(path)?.class;
    if (fieldClass === 'secret' || fieldClass === 'media') {
      const what = fieldClass === 'secret' ? 'a secret' : 'a signed link';
      refuse('field_not_storable', `ask for "${path}", which is ${what}.`, 'Secrets and signed links are never stored.');
    }
  }
  for (const path of hash) {
    const kind = declared.get(path)?.kind;
    if (kind === 'object' || kind === 'list') {
      refuse('group_not_hashable', `name "${path}" under "hash", which is a group of fields.`, 'Name the fields inside it.');
    }
  }
  for (const [path, type] of Object.entries(types)) {
    const kind = declared.get(path)?.kind;
    if ((kind === 'object' || kind === 'list') && type !== 'json') {
      refuse('group_not_typable', `give "${path}" the type ${type}, but it is a group of fields.`, 'A group can only become "json".');
    }
  }
  if (hash.length > 0 && (settings.salt ?? '') === '') {
    refuse('salt_missing', 'ask for hashes, and there is no salt.', 'Give a secret salt: without one, phone numbers can be guessed back.');
  }
}

function nearNames(path: string, paths: ReadonlySet<string>): string[] {
  const last = path.slice(path.lastIndexOf('.') + 1);
  return [...paths]
    .map((name) => ({ name, distance: editDistance(path, name) }))
    .filter(({ name, distance }) => distance <= Math.max(2, path.length / 4) || name === last || name.endsWith(`.${last}`))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name);
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
