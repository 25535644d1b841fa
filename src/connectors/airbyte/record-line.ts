// One clean record as the text of a RECORD message's data: declared fields in the order of the schema, null where Aircall left
// them out, then fields nobody declared. A field of free form that is no object is wrapped as `{ "value": … }`, so that
// it fits the one type its column can have.
import { isObject, type UnknownRecord } from '../../base/index.ts';
import { type CleanRecord, cleanRecordSchema, exactJson, type Shape } from '../../rows/index.ts';
import { alwaysNullFields, cursorField, deletedField, isFreeForm } from './schema.ts';

export type Stamps = { readonly observedAt: string; readonly deletedAt: string | null };

type Node =
  | { readonly kind: 'leaf' }
  | { readonly kind: 'free' }
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, Member> }
  | { readonly kind: 'list'; readonly element: Node };
type Member = { readonly opening: string; readonly node: Node };

export class RecordLines {
  readonly #fields: ReadonlyMap<string, Member>;
  readonly #reserved: ReadonlySet<string>;
  readonly #nulls: string;
  /** Every declared field, null, in order; and whether nothing in them has to be written with care. */
  readonly #template: CleanRecord;
  readonly #isPlain: boolean;
  readonly #key: { readonly name: string; readonly isText: boolean };
  readonly #onUnknown: (path: string) => void;

  /** `onUnknown` is told the dotted path of every field that nobody declared, each time it is met. */
  constructor(shape: Shape, onUnknown: (path: string) => void) {
    const properties = propertiesOf(cleanRecordSchema(shape));
    const nulls = alwaysNullFields(shape);
    this.#fields = membersOf(properties);
    this.#reserved = new Set([...this.#fields.keys(), ...nulls, cursorField, deletedField]);
    this.#nulls = nulls.map((name) => `,${JSON.stringify(name)}:null`).join('');
    this.#template = Object.fromEntries([...this.#fields.keys(), ...nulls].map((name) => [name, null]));
    this.#isPlain = ![...this.#fields.values()].some(({ node }) => hasFreeForm(node));
    this.#key = { name: shape.key, isText: properties[shape.key]?.['type'] === 'string' };
    this.#onUnknown = onUnknown;
  }

  /** Everything but the stamps, to be passed to `data`: equal for equal records. */
  body(record: CleanRecord): string {
    this.#lookForUnknown(record);
    if (this.#isPlain && !(cursorField in record) && !(deletedField in record)) {
      try {
        return JSON.stringify({ ...this.#template, ...record }).slice(1, -1);
      } catch {
        // It holds an integer beyond 2^53, which is written digit by digit.
      }
    }
    let text = '';
    for (const [name, { opening, node }] of this.#fields) {
      const value = record[name];
      text += (text === '' ? opening : `,${opening}`) + (value === undefined ? 'null' : textOf(node, value));
    }
    text += this.#nulls;
    for (const name in record) if (!this.#reserved.has(name)) text += `,${JSON.stringify(name)}:${foreignJson(record[name])}`;
    return text;
  }

  /** What is left of a record that is gone: its key. Null for a key that no record can have. */
  tombstone(key: string): string | null {
    if (!this.#key.isText && !/^-?\d+$/.test(key)) return null;
    const keyText = this.#key.isText ? JSON.stringify(key) : key;
    const texts = [...this.#fields].map(([name, { opening }]) => opening + (name === this.#key.name ? keyText : 'null'));
    return texts.join(',') + this.#nulls;
  }

  data(body: string, { observedAt, deletedAt }: Stamps): string {
    return `{${body},"${cursorField}":"${observedAt}","${deletedField}":${deletedAt === null ? 'null' : `"${deletedAt}"`}}`;
  }

  #lookForUnknown(record: CleanRecord): void {
    for (const name in record) {
      const member = this.#fields.get(name);
      if (member !== undefined) this.#lookInside(member.node, record[name], name);
      else if (!this.#reserved.has(name)) this.#onUnknown(name);
    }
  }

  #lookInside(node: Node, value: unknown, path: string): void {
    if (node.kind === 'leaf' || node.kind === 'free' || typeof value !== 'object' || value === null) return;
    if (node.kind === 'list') {
      for (const element of value as readonly unknown[]) this.#lookInside(node.element, element, path);
      return;
    }
    for (const name in value) {
      const member = node.fields.get(name);
      if (member === undefined) this.#onUnknown(`${path}.${name}`);
      else if (member.node.kind !== 'leaf') this.#lookInside(member.node, (value as UnknownRecord)[name], `${path}.${name}`);
    }
  }
}

function textOf(node: Node, value: unknown): string {
  if (value === null || node.kind === 'leaf') return exactJson(value);
  if (node.kind === 'free') return isObject(value) ? foreignJson(value) : `{"value":${foreignJson(value)}}`;
  if (node.kind === 'list') return `[${(value as readonly unknown[]).map((element) => textOf(node.element, element ?? null)).join(',')}]`;
  const texts = Object.entries(value as UnknownRecord)
    .filter(([, inner]) => inner !== undefined)
    .map(([name, inner]) => {
      const member = node.fields.get(name);
      return member === undefined ? `${JSON.stringify(name)}:${foreignJson(inner)}` : member.opening + textOf(member.node, inner);
    });
  return `{${texts.join(',')}}`;
}

function hasFreeForm(node: Node): boolean {
  if (node.kind === 'list') return hasFreeForm(node.element);
  return node.kind === 'free' || (node.kind === 'object' && [...node.fields.values()].some((member) => hasFreeForm(member.node)));
}

/** A value of any form. Whole numbers that readers would round become text. */
function foreignJson(value: unknown): string {
  const text = exactJson(value);
  if (!/\d{16}/.test(text)) return text;
  return JSON.stringify(value, (_name, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));
}

function propertiesOf(schema: UnknownRecord): Readonly<Record<string, UnknownRecord>> {
  return isObject(schema['properties']) ? (schema['properties'] as Readonly<Record<string, UnknownRecord>>) : {};
}

function membersOf(properties: Readonly<Record<string, UnknownRecord>>): ReadonlyMap<string, Member> {
  return new Map(Object.entries(properties).map(([name, schema]) => [name, { opening: `${JSON.stringify(name)}:`, node: nodeOf(schema) }]));
}

function nodeOf(schema: UnknownRecord): Node {
  if (isFreeForm(schema)) return { kind: 'free' };
  const { items } = schema;
  if (isObject(items)) return { kind: 'list', element: nodeOf(items) };
  return isObject(schema['properties']) ? { kind: 'object', fields: membersOf(propertiesOf(schema)) } : { kind: 'leaf' };
}
