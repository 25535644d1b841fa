// The schemas of tools, from those of their capabilities: with the arguments that belong to the gateway, and in the form that
// model APIs and clients take.
import { isObject } from '../../base/index.ts';
import type { Json, JsonObject } from '../../base/index.ts';
import type { Capability } from '../capabilities/capability.ts';
import { answerSchema, argumentsSchema } from '../capabilities/schema.ts';

/** The gateway's own arguments. No endpoint has a parameter of such a name but the one that takes an idempotency key itself. */
const gatewayArguments = ['dry_run', 'confirm_token', 'approval_id', 'idempotency_key'] as const;
export type GatewayArgument = (typeof gatewayArguments)[number];

const token = { type: 'string', minLength: 1, maxLength: 1024, pattern: '^[\\x21-\\x7e]+$' } as const;

const described: Readonly<Record<GatewayArgument, JsonObject>> = {
  dry_run: {
    type: 'boolean',
    description: 'True: nothing is done; the answer is the plan of what would be, and whether it would be allowed.',
  },
  confirm_token: { ...token, description: 'The token of the first call’s answer. With it, the very same call is carried out.' },
  approval_id: { ...token, description: 'The approval that a person has given to the very same call.' },
  idempotency_key: {
    ...token,
    description: 'Any text of your own. A call that is sent again with the same key and arguments within a day is not carried out twice.',
  },
};

/**
 * JSON Schema 2020-12, closed. Model APIs take no `allOf` at the top, so that choices between parameters are told in words, by
 * `choicesOf`, and checked all the same.
 */
export function inputSchemaOf(capability: Capability, added: readonly GatewayArgument[]): JsonObject {
  const { allOf: _choices, dependentRequired: _pairs, properties, ...rest } = argumentsSchema(capability);
  const own = isObject(properties) ? properties : {};
  const beside = added.filter((name) => !Object.hasOwn(own, name)).map((name) => [name, described[name]] as const);
  return { ...rest, properties: { ...own, ...Object.fromEntries(beside) } };
}

/** What the schema's top leaves out: “Give exactly one of `body` and `mediaUrl`.” */
export function choicesOf({ endpoint }: Capability): readonly string[] {
  const groups = new Map<string, string[]>();
  const pairs: string[] = [];
  for (const [name, { oneOf, onlyWith }] of Object.entries({ ...endpoint.at, ...endpoint.query, ...endpoint.body })) {
    if (oneOf !== undefined) groups.set(oneOf, [...(groups.get(oneOf) ?? []), name]);
    if (onlyWith !== undefined) pairs.push(`Give ${name} only together with ${onlyWith}.`);
  }
  return [...[...groups.values()].map((names) => `Give exactly one of ${names.join(', ')}.`), ...pairs];
}

const text = { type: 'string' } as const;
const object = { type: 'object' } as const;

/** Of `structuredContent`. `data` is Aircall's answer after filtering; `plan` stands in its place for a dry run. */
export function outputSchemaOf(capability: Capability): JsonObject {
  const answer = answerSchema(capability);
  const { $schema: _dialect, ...data } = answer === null ? { type: 'null' } : lighter(answer);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: {
      data,
      // Every list of tools carries this along, so that it says no more than it must.
      untrusted_text: object,
      notice: text,
      filtered: { type: 'boolean' },
      source: object,
      replayed: { type: 'boolean' },
      plan: object,
    },
    additionalProperties: false,
  };
}

/** Without words, which every list of tools would carry along; and large ids, which come as their digits, let in. */
function lighter(schema: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schema).flatMap(([name, value]): [string, Json][] => {
      if (name === 'description' || name === 'title') return [];
      if (name === 'properties' && isObject(value)) {
        return [[name, Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, lighter(inner as JsonObject)]))]];
      }
      if (name === 'items' && isObject(value)) return [[name, lighter(value)]];
      if (name === 'type') return [[name, withDigits(value)]];
      return [[name, value]];
    }),
  );
}

function withDigits(type: Json): Json {
  const types: readonly Json[] = Array.isArray(type) ? (type as readonly Json[]) : [type];
  return types.includes('integer') && !types.includes('string') ? [...types, 'string'] : type;
}
