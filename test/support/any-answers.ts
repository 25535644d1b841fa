// Answers of Aircall's, drawn from the descriptions of its endpoints: any row, any text, any phone number.
import * as fc from 'fast-check';
import type { Field, Fields } from '../../src/aircall/index.ts';
import type { ExactJson } from '../../src/base/index.ts';
import { capabilities } from '../../src/gateway/index.ts';
import type { Capability, Decision, FieldRule, FieldTreatment } from '../../src/gateway/index.ts';

type Obligation = Decision['obligations'][number];
type RuledClass = FieldRule['class'];

/** Every capability whose answer has a body. */
export const answering: readonly Capability[] = capabilities.filter(({ rows }) => rows !== null);

/** What to draw values of a class from. What is left out is drawn from `freetext`. */
export type Drawn = {
  readonly freetext: fc.Arbitrary<string>;
  readonly phone?: fc.Arbitrary<string>;
  readonly email?: fc.Arbitrary<string>;
  readonly person?: fc.Arbitrary<string>;
  readonly media?: fc.Arbitrary<string>;
  readonly secret?: fc.Arbitrary<string>;
  /** A further field in every object, by a name nobody has described. */
  readonly unknown?: { readonly name: string; readonly value: ExactJson };
};

export const mediaAddress = 'https://assets.aircall.io/calls/1/recording';

/** A whole answer of the endpoint, with its envelope; a list has up to `rows` of them. */
export function anyAnswer(capability: Capability, drawn: Drawn, rows = 3): fc.Arbitrary<ExactJson> {
  const { answer } = capability.endpoint;
  if (answer.envelope === 'none') return fc.constant(null);
  const row = anyObject(answer.of.fields, drawn);
  if (answer.envelope === 'bare') return row;
  if (answer.envelope === 'one') return row.map((one) => ({ [answer.key]: one }));
  return fc.array(row, { maxLength: rows, minLength: 1 }).map((many) => ({ [answer.key]: many, meta: { count: many.length, total: 999 } }));
}

function anyObject(fields: Fields, drawn: Drawn): fc.Arbitrary<Record<string, ExactJson>> {
  const { unknown } = drawn;
  const record = Object.fromEntries(Object.entries(fields).map(([name, described]) => [name, anyField(described, drawn)]));
  const optional = Object.entries(fields).flatMap(([name, described]) => (described.optional === true ? [name] : []));
  const required = Object.keys(fields).filter((name) => !optional.includes(name));
  return fc
    .record(record, { requiredKeys: required })
    .map((row) => (unknown === undefined ? { ...row } : { ...row, [unknown.name]: unknown.value }));
}

function anyField(described: Field, drawn: Drawn): fc.Arbitrary<ExactJson> {
  const value = anyValue(described, drawn);
  return described.nullable === true ? fc.option(value, { freq: 6 }) : value;
}

/** Without vowels, so that no key spells by chance what a test looks for. */
const anyKey = fc.stringMatching(/^[b-df-hj-np-tv-z]{1,8}$/);

function anyValue(described: Field, drawn: Drawn): fc.Arbitrary<ExactJson> {
  const classed = classOf(described);
  switch (described.kind) {
    case 'object':
      return anyObject(described.fields, drawn);
    case 'list':
      return fc.array(anyValue(described.of, drawn), { maxLength: 2 });
    case 'json':
      return described.keys === undefined
        ? fc.oneof(drawn.freetext, fc.dictionary(fc.oneof(anyKey, drawn.freetext), drawn.freetext, { maxKeys: 3 }))
        : fc.dictionary(fc.constantFrom(...described.keys), fc.option(drawn.freetext));
    case 'id':
      return fc.integer({ min: 1, max: 9_999 });
    case 'integer':
      return fc.integer({ min: 0, max: 999 });
    case 'double':
      return fc.constantFrom(0, 0.5, 17.25);
    case 'boolean':
      return fc.boolean();
    case 'moment':
      return described.wire === 'iso'
        ? fc.constant('2024-05-06T07:08:09.000Z')
        : fc.constant(described.wire === 'milliseconds' ? 1_715_000_000_000 : 1_715_000_000);
    case 'text':
      if (classed === 'media') return drawn.media ?? fc.constant(mediaAddress);
      if (classed !== undefined) return drawn[classed] ?? drawn.freetext;
      // A value that is known, or of its form; or else anything.
      return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...(described.values ?? [formed(described.form)])) }, drawn.freetext);
  }
}

/** What the value is to agents; text that could hold anyone's words is `freetext`. */
function classOf(described: Field): Field['class'] {
  const isFixed = described.kind !== 'text' || described.values !== undefined || described.form !== undefined;
  return described.agentClass ?? described.class ?? (isFixed ? undefined : 'freetext');
}

function formed(form: string | undefined): string {
  switch (form) {
    case 'api-link':
      return 'https://api.aircall.io/v1/calls/1';
    case 'country':
      return 'FR';
    case 'time-zone':
      return 'Europe/Paris';
    case 'language':
      return 'fr-FR';
    case 'color':
      return '#ABCDEF';
    case 'decimal':
      return '1.5';
    default:
      return 'abc-def';
  }
}

/** Obligations that treat every value of the answer, each class as given; `show` where nothing is given. */
export function treated(
  capability: Capability,
  treatments: Readonly<Partial<Record<RuledClass, FieldTreatment>>>,
  ...others: readonly Obligation[]
): readonly Obligation[] {
  return [
    ...capability.classes.map(({ area, class: ruled }): Obligation => ({
      kind: 'fields',
      area,
      class: ruled,
      treatment: treatments[ruled] ?? 'show',
    })),
    ...others,
  ];
}

/** All texts and numbers in a value, names of keys included. */
export function leavesOf(value: unknown): readonly string[] {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return [String(value)];
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...leavesOf(inner)]);
}
