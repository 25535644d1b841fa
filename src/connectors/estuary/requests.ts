// What the runtime asks. Its encoder leaves out whatever has its default value, writes some numbers as text, and sends more
// with every version: what is missing is the default, and what is unknown is left alone.
import * as z from 'zod/mini';
import { isObject, type UnknownRecord } from '../../base/index.ts';
import { ProtocolBroken } from './errors.ts';
import type { Line } from './request-lines.ts';

export type Collection = { readonly name: string; readonly key: readonly string[] };

export type ValidateBinding = { readonly resourceConfig: unknown; readonly collection: Collection | null };
export type OpenBinding = ValidateBinding & { readonly stateKey: string };

export type ValidateRequest = { readonly config: unknown; readonly bindings: readonly ValidateBinding[] };
export type OpenRequest = {
  readonly config: unknown;
  readonly bindings: readonly OpenBinding[];
  /** This shard's share of the key space, both ends included. */
  readonly range: { readonly keyBegin: number; readonly keyEnd: number };
  readonly state: UnknownRecord;
};

export type Request =
  | { readonly kind: 'spec' }
  | { readonly kind: 'discover'; readonly config: unknown }
  | ({ readonly kind: 'validate' } & ValidateRequest)
  | { readonly kind: 'apply' }
  | ({ readonly kind: 'open' } & OpenRequest)
  | { readonly kind: 'acknowledge'; readonly checkpoints: number };

export const wholeKeySpace = { keyBegin: 0, keyEnd: 0xffff_ffff } as const;

/** Throws `ProtocolBroken`. */
export function parseRequest({ text, isWhole }: Line): Request {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    throw new ProtocolBroken(
      isWhole
        ? { message: 'A line of the input is not JSON.', hint: 'Requests are JSON objects, one a line.' }
        : { message: 'The input ended in the middle of a request.' },
    );
  }
  const given = isObject(message) ? kinds.filter((kind) => isObject(message[kind])) : [];
  const [kind] = given;
  if (!isObject(message) || kind === undefined || given.length > 1) {
    const found = given.length > 1 ? `holds ${given.join(' and ')} at once` : 'is none of the requests of a capture';
    throw new ProtocolBroken({ message: `A line of the input ${found}.`, hint: `Requests are ${kinds.join(', ')}.` });
  }
  const parsed = schemas[kind].safeParse(message[kind]);
  if (!parsed.success) {
    const where = parsed.error.issues.map(
      ({ path, code }) => `${[kind, ...path].join('.')} ${code === 'invalid_type' ? 'is missing or of another type' : 'cannot be used'}`,
    );
    throw new ProtocolBroken({ message: `A request is not as the protocol says: ${where.join('; ')}.` });
  }
  return { kind, ...parsed.data } as Request; // each schema gives the members of its kind
}

function otherwise<T>(schema: z.ZodMiniType<T>, fallback: T) {
  return z.pipe(
    z.nullish(schema),
    z.transform((value: T | null | undefined) => value ?? fallback),
  );
}

const list = <T>(schema: z.ZodMiniType<T>) => otherwise(z.array(schema), []);
const count = otherwise(
  z.pipe(
    z.union([z.number(), z.string()]),
    z.transform((value) => Number(value)),
  ),
  0,
);
const object = z.record(z.string(), z.unknown());

const collection = otherwise(z.nullable(z.object({ name: otherwise(z.string(), ''), key: list(z.string()) })), null);
const binding = { resourceConfig: otherwise(z.unknown(), {}), collection };

const schemas = {
  spec: z.object({}),
  discover: z.object({ config: otherwise(z.unknown(), {}) }),
  validate: z.object({ config: otherwise(z.unknown(), {}), bindings: list(z.object(binding)) }),
  apply: z.object({}),
  open: z.pipe(
    z.object({
      capture: z.object({
        config: otherwise(z.unknown(), {}),
        bindings: list(z.object({ ...binding, stateKey: otherwise(z.string(), '') })),
      }),
      range: z.nullish(z.object({ keyBegin: count, keyEnd: count })),
      state: otherwise(object, {}),
    }),
    z.transform(({ capture, range, state }) => ({ ...capture, range: range ?? wholeKeySpace, state })),
  ),
  acknowledge: z.object({ checkpoints: count }),
} as const;

const kinds = Object.keys(schemas) as readonly (keyof typeof schemas)[];
