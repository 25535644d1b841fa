// What is never stored although nobody declared it: fields whose name says that they hold a secret, and links that open a door by
// themselves. Rules for unknown data only; of declared fields the class decides.
import { isObject } from '../base/index.ts';
import { snakeCase } from './names.ts';
import { deepestJson, exactJson } from './json-text.ts';
import type { Characters } from './characters.ts';

const secretWord =
  /(?:^|_)(?:tokens?|secrets?|passwords?|passwd|passphrase|authorization|credentials?|cookies?|bearer|api_?keys?|apikey|(?:private|access|signing|encryption|secret)_keys?)(?:_|$)|_hash$/;
const secretEnding = /(?:token|secret|password|passwd|passphrase|authorization|credentials?|bearer|key|hash)$/;

type NameVerdict = 'plain' | 'text' | 'any';

const verdicts = new Map<string, NameVerdict>();

/**
 * Whether a value under this name is a secret. `access_token: "…"` is, `has_password: true` is not, nor is a count such as
 * `tokens_used: 12`.
 */
export function looksSecret(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return false;
  let verdict = verdicts.get(name);
  if (verdict === undefined) {
    const words = snakeCase(name);
    verdict = !secretWord.test(words) ? 'plain' : secretEnding.test(words) ? 'any' : 'text';
    if (verdicts.size >= 4096) verdicts.clear();
    if (name.length <= 512) verdicts.set(name, verdict);
  }
  if (verdict === 'plain') return false;
  return verdict === 'any' || (typeof value !== 'number' && typeof value !== 'bigint');
}

const signature =
  /[?&#;](?:x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|signature|sig|awsaccesskeyid|googleaccessid|key-pair-id|token|access_token|auth|api_?key|jwt)=/i;
const userInUrl = /:\/\/[^\s/?#@:]{1,256}:[^\s/?#@]{1,256}@/;

/** Whether a text holds a link that works for whoever has it: signed, or with credentials inside. */
export function looksSigned(text: string): boolean {
  return text.includes('://') && (signature.test(text) || userInUrl.test(text));
}

/** What was left out of a record, in fields. A group that was left out whole counts once. */
export type Dropped = {
  /** Declared secrets, and unknown fields whose name looks like one. */
  secrets: number;
  /** Signed links: declared media, and unknown values that look like one. */
  links: number;
  /** Left out by the stream's declaration or by the operator's settings. */
  omitted: number;
  /** New fields under the contract `ignore`. */
  ignored: number;
};

export function nothingDropped(): Dropped {
  return { secrets: 0, links: 0, omitted: 0, ignored: 0 };
}

export type Scrubbed = {
  /** The value without secrets; `undefined` when nothing of it may stay. */
  readonly value: unknown;
  /** Something in it had to be changed to be storable: a character, or a number beyond a double. */
  readonly replaced: boolean;
  /** It nests too deep to be stored; what lies deeper has become its own JSON text. */
  readonly tooDeep: boolean;
};

/** An unknown value without what must not be stored. Counts what it leaves out; the value itself is never changed. */
export function scrub(
  name: string,
  value: unknown,
  options: { readonly dropped: Dropped; readonly characters: Characters | null },
): Scrubbed {
  if (looksSecret(name, value)) {
    options.dropped.secrets++;
    return { value: undefined, replaced: false, tooDeep: false };
  }
  const found = { replaced: false, tooDeep: false };
  return { value: scrubValue(value, 0), ...found };

  function scrubValue(inner: unknown, depth: number): unknown {
    if (typeof inner === 'string') return scrubText(inner);
    if (typeof inner !== 'object' || inner === null) {
      if (typeof inner !== 'number' || Number.isFinite(inner) || options.characters === null) return inner;
      found.replaced = true;
      return null;
    }
    if (depth === deepestJson) {
      found.tooDeep = true;
      return scrubDepths(inner);
    }
    return Array.isArray(inner) ? scrubList(inner, depth) : scrubObject(inner as Record<string, unknown>, depth);
  }

  function scrubText(text: string): string | undefined {
    if (looksSigned(text)) {
      options.dropped.links++;
      return undefined;
    }
    if (options.characters === null || options.characters.storable(text)) return text;
    found.replaced = true;
    return options.characters.replace(text);
  }

  // Positions in a list mean something, so a dropped element leaves null behind.
  function scrubList(list: readonly unknown[], depth: number): unknown {
    return list.map((element) => scrubValue(element, depth + 1) ?? null);
  }

  function scrubObject(object: Readonly<Record<string, unknown>>, depth: number): unknown {
    const kept: (readonly [string, unknown])[] = [];
    for (const [key, inner] of Object.entries(object)) {
      if (looksSecret(key, inner)) {
        options.dropped.secrets++;
        continue;
      }
      const name = scrubText(key);
      if (name === undefined) continue;
      const rest = scrubValue(inner, depth + 1);
      if (rest !== undefined) kept.push([name, rest]);
    }
    return Object.fromEntries(kept);
  }

  // Too deep to walk: kept as text where nothing in it looks like a secret, else dropped whole.
  function scrubDepths(inner: object): unknown {
    const text = exactJson(inner);
    if (!looksSigned(text) && !secretKey.test(text)) return text;
    options.dropped.secrets++;
    return undefined;
  }
}

const secretKey = /"[^"]*(?:token|secret|passw|passphrase|authorization|credential|cookie|bearer|key|hash)[^"]*":/i;

/** Whether a value holds nothing: null, or a group without members. Such a value says nothing about a type. */
export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && !hasMember(value);
}

function hasMember(value: object): boolean {
  for (const _ in value) return true;
  return false;
}
