// The agent's own tokens in a request become the values they stand for. Only a whole value, and only where the endpoint takes
// a value of that very class: a token inside a comment, a name or an address stays a token, or whoever reads that would learn
// what the agent may not see.
import type { Parameter, Parameters } from '../../aircall/index.ts';
import { isObject } from '../../base/index.ts';
import type { Capability } from '../capabilities/capability.ts';
import type { CallArguments } from '../policy/decision.ts';
import { looksLikeToken, valueOf } from './tokens.ts';
import type { TokenClass, TokenOwner } from './tokens.ts';

export type Revealed = { readonly arguments: CallArguments; readonly revealed: boolean };

const maximumDepth = 8;

/** What is no token of this agent's stays as it is, and so does everything else. Never throws. */
export function revealTokens({ endpoint }: Capability, given: CallArguments, owner: TokenOwner): Revealed {
  const found = { revealed: false };
  const at = revealGroup(given.at, endpoint.at, owner, found, 0);
  const query = revealGroup(given.query, endpoint.query, owner, found, 0);
  const body = revealGroup(given.body, endpoint.body, owner, found, 0);
  // The same objects with the same kinds of values: a text takes the place of a text.
  return found.revealed ? { arguments: { at, query, body } as CallArguments, revealed: true } : { arguments: given, revealed: false };
}

type Found = { revealed: boolean };

function revealGroup(given: unknown, described: Parameters | undefined, owner: TokenOwner, found: Found, depth: number): unknown {
  if (!isObject(given) || described === undefined || depth > maximumDepth) return given;
  const result: Record<string, unknown> = { ...given };
  for (const [name, parameter] of Object.entries(described)) {
    for (const written of new Set([name, parameter.wire ?? name])) {
      if (Object.hasOwn(given, written)) result[written] = revealValue(given[written], parameter, owner, found, depth);
    }
  }
  return result;
}

function revealValue(value: unknown, described: Parameter, owner: TokenOwner, found: Found, depth: number): unknown {
  if (depth > maximumDepth) return value;
  if (Array.isArray(value)) return value.map((element) => revealValue(element, described, owner, found, depth + 1));
  if (isObject(value)) return revealGroup(value, described.fields, owner, found, depth + 1);
  const kind = tokenClassOf(described);
  if (typeof value !== 'string' || kind === null || !looksLikeToken(value)) return value;
  const real = valueOf(kind, value, owner);
  if (real === null) return value;
  found.revealed = true;
  return real;
}

function tokenClassOf({ class: declared, format }: Parameter): TokenClass | null {
  if (declared === 'phone' || declared === 'email' || declared === 'person') return declared;
  return format === 'id-or-email' ? 'email' : null;
}
