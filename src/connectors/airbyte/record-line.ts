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
  readonly #key: { readonly name: string; readonly isText: boolean };
  readonly #onUnknown: (path: string) => void;

  /** `onUnknown` is told the dotted path of every field that nobody declared, each time it is met. */
  constructor(shape: Shape, onUnknown: (path: string) => void) {
    const properties = propertiesOf(cleanRecordSchema(shape));
    const nulls = alwaysNullFields(shape);
    this.#fields = membersOf(properties);
    this.#reserved = new Set([...this.#fields.keys(), ...nulls, cursorField, deletedField]);
    this.#nulls = nulls.map((name) => `,${JSON.stringify(name)}:null`).join('');
    this.#key = { name: shape.key, isText: properties[shape.key]?.['type'] === 'string' };
    this.#onUnknown = onUnknown;
  }

  /** Everything but the stamps, to be passed to `data`: equal for equal records. */
  body(record: CleanRecord): string {
    let text = '';
    for (const [name, { opening, node }] of this.#fields) {
      const value = record[name];
      text += (text === '' ? opening : `,${opening}`) + (value === undefined ? 'null' : this.#text(node, value, name));
    }
    text += this.#nulls;
    for (const name in record) {
      if (this.#reserved.has(name)) continue;
      this.#onUnknown(name);
      text += `,${JSON.stringify(name)}:${foreignJson(record[name])}`;
    }
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

  #text(node: Node, value: unknown, path: string): string {
    if (value === null || node.kind === 'leaf') return exactJson(value);
    if (node.kind === 'free') return isObject(value) ? foreignJson(value) : `{"value":${foreignJson(value)}}`;
    if (node.kind === 'list') {
      let text = '';
      for (const element of value as readonly unknown[]) {
        text += (text === '' ? '' : ',') + (element === undefined ? 'null' : this.#text(node.element, element, path));
      }
      return `[${text}]`;
    }
    const record = value as UnknownRecord;
    let text = '';
    for (const name in record) {
      const inner = record[name];
      if (inner === undefined) continue;
      const member = node.fields.get(name);
      if (member === undefined) this.#onUnknown(`${path}.${name}`);
      text += text === '' ? '' : ',';
      text +=
        member === undefined
          ? `${JSON.stringify(name)}:${foreignJson(inner)}`
          : member.opening + this.#text(member.node, inner, `${path}.${name}`);
    }
    return `{${text}}`;
  }
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
