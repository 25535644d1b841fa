// What a capture may write, as strictly as Flow's runtime reads it: one message a line, known keys only, none of them twice,
// and no null where a value belongs.
import { parse } from 'json-custom-numbers';
import { z } from 'zod';

const object = z.record(z.string(), z.unknown());
const bindingNumber = z.int().min(0);

const spec = z.strictObject({
  protocol: z.literal(3_032_023),
  configSchema: object,
  resourceConfigSchema: object,
  documentationUrl: z.url(),
  oauth2: object.optional(),
  resourcePathPointers: z.array(z.string().startsWith('/')).min(1),
});

const discovered = z.strictObject({
  bindings: z.array(
    z.strictObject({
      recommendedName: z.string().regex(/^[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)*$/),
      resourceConfig: object,
      documentSchema: object,
      key: z.array(z.string().startsWith('/')),
      disable: z.boolean().optional(),
    }),
  ),
});

const messages = {
  spec,
  discovered,
  validated: z.strictObject({ bindings: z.array(z.strictObject({ resourcePath: z.array(z.string().min(1)).min(1) })) }),
  applied: z.strictObject({ actionDescription: z.string().optional() }),
  opened: z.strictObject({ explicitAcknowledgements: z.boolean().optional() }),
  captured: z.strictObject({ binding: bindingNumber, doc: object }),
  sourcedSchema: z.strictObject({ binding: bindingNumber, documentSchema: object }),
  checkpoint: z.strictObject({ state: z.strictObject({ updated: object, mergePatch: z.boolean() }) }),
} as const;

export type Messages = { readonly [K in keyof typeof messages]: z.infer<(typeof messages)[K]> };
export type Message = { readonly [K in keyof Messages]: { readonly kind: K } & Messages[K] }[keyof Messages];

/** Throws for everything that would end a task. Integers beyond 2^53 become `bigint`. */
export function decode(line: string): Message {
  const value: unknown = parse(line, undefined, (_key, literal) => {
    const number = Number(literal);
    if (!Number.isFinite(number)) throw new Error(`${literal} is beyond a number`);
    return /^-?\d+$/.test(literal) && !Number.isSafeInteger(number) ? BigInt(literal) : number;
  });
  const repeated = repeatedKey(line);
  if (repeated !== null) throw new Error(`the key ${repeated} stands twice in one object`);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('is no object');
  const [kind, ...others] = Object.keys(value);
  if (kind === undefined || !(kind in messages) || others.length > 0)
    throw new Error(`is not one message: ${Object.keys(value).join(', ')}`);
  const known = kind as keyof Messages;
  const parsed = messages[known].safeParse((value as Record<string, unknown>)[kind]);
  if (!parsed.success) throw new Error(`${kind}: ${z.prettifyError(parsed.error)}`);
  return { kind: known, ...parsed.data } as Message;
}

/** The first key that an object of the text has twice, or null. The text is JSON. */
function repeatedKey(text: string): string | null {
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(null);
    else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const from = at;
      for (at += 1; text[at] !== '"'; at += 1) if (text[at] === '\\') at += 1;
      const keys = open.at(-1);
      if (text[at + 1] !== ':' || keys === null || keys === undefined) continue;
      const key = JSON.parse(text.slice(from, at + 1)) as string;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return null;
}
