// Walks one row after the other along the plan of the answer, and gives what of each may be given.
import { isObject } from '../../base/index.ts';
import type { ExactJson, UnknownRecord } from '../../base/index.ts';
import { textForms } from '../../aircall/index.ts';
import type { Field, ScalarField } from '../../aircall/index.ts';
import type { RowBinding } from '../capabilities/capability.ts';
import type { FieldTreatment, GrantArea, RuledClass } from '../policy/types.ts';
import { cleanText, maximumTextLength, shorten } from './clean-text.ts';
import type { MediaFacts } from './media-links.ts';
import { isMoment } from './moment.ts';
import type { Node, Plan } from './plan.ts';
import { idText, isWithin } from './rows.ts';
import { maskedEmail, maskedPerson, maskedPhone, Scrubber } from './scrubber.ts';
import { tokenFor } from './tokens.ts';
import type { TokenClass, TokenOwner } from './tokens.ts';
import type { Treatments } from './treatments.ts';

/** More of them are not passed on; Aircall's transcripts stay far below. */
const maximumElements = 10_000;
const maximumTexts = 20_000;
/** Of all text of an answer together: looking through more would hold up everybody else. */
const maximumCharacters = 2_000_000;
const maximumUnknownFields = 20;
const maximumJsonDepth = 8;
const maximumJsonValues = 500;

/** By which limit an embedded object can be held to a constraint of its area: its id. */
const limitById: Readonly<Partial<Record<GrantArea, keyof RowBinding>>> = {
  users: 'users',
  teams: 'teams',
  numbers: 'numbers',
  tags: 'tags',
};

export type FieldFilterParts = {
  readonly treatments: Treatments;
  readonly tokens: TokenOwner;
  readonly nowMs: number;
  readonly linkTo: (url: string, facts: MediaFacts) => string | null;
};

type TextClass = Exclude<RuledClass, 'media'>;

type Prepared = { readonly text: string; readonly isScrubbed: boolean; readonly isCut: boolean };
const longestKept = 200;

/** `undefined` leaves the key out. */
type Given = ExactJson | undefined;

export class FieldFilter {
  /** By place in the answer: `calls/0/comments/0/content`. */
  readonly untrustedText: Record<string, string> = {};
  readonly unknownFields = new Set<string>();
  fieldsMasked = 0;
  /** Something was left out for another reason than its class. */
  hasDropped = false;
  textGiven = false;
  readonly #parts: FieldFilterParts;
  readonly #scrubber: Scrubber;
  /** Names and messages recur on every row of a page. */
  readonly #known = new Map<string, Prepared>();
  readonly #standIns = new Map<string, string>();
  #row: string | null = null;
  #texts = 0;
  #characters = 0;

  constructor(parts: FieldFilterParts) {
    this.#parts = parts;
    this.#scrubber = new Scrubber({ phones: parts.treatments.mustScrub('phone'), emails: parts.treatments.mustScrub('email') });
  }

  /**
   * Learns the phone numbers of a row, so that they are found in any text of the answer. All rows have to be learnt before the
   * first is filtered.
   */
  learn(row: UnknownRecord, plan: Plan): void {
    if (!this.#parts.treatments.mustScrub('phone')) return;
    for (const node of plan.withPhones) {
      if (!Object.hasOwn(row, node.name)) continue;
      const value = row[node.name];
      for (const each of Array.isArray(value) ? value.slice(0, maximumElements) : [value]) {
        if (node.inside === null) this.#learnPhone(each);
        else if (isObject(each)) this.learn(each, node.inside);
      }
    }
  }

  /** `path` is the row's place in the answer, empty for the body itself; `row` its id. */
  filter(value: UnknownRecord, plan: Plan, { path, row }: { readonly path: string; readonly row: string | null }): ExactJson {
    this.#row = row;
    return this.#object(value, plan, path);
  }

  noteUnknown(names: readonly string[], pattern: string): void {
    if (names.length === 0) return;
    this.hasDropped = true;
    for (const name of names) {
      if (this.unknownFields.size >= maximumUnknownFields) return;
      this.unknownFields.add(`${pattern}.${/^\w{1,64}$/.test(name) ? name : '(other)'}`);
    }
  }

  #learnPhone(value: unknown): void {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') this.#scrubber.learnPhone(String(value));
  }

  #object(value: UnknownRecord, plan: Plan, path: string): ExactJson {
    const shown: Record<string, ExactJson> = {};
    let described = 0;
    for (const node of plan.nodes) {
      const isThere = Object.hasOwn(value, node.name);
      if (isThere) described += 1;
      let given: Given;
      // The same whether the row has it or not, so that nothing can be learnt from it.
      if (node.isWithout) given = this.#hidden(node.described);
      else if (isThere) given = this.#field(value[node.name], node, path);
      if (given !== undefined) shown[node.name] = given;
    }
    const names = Object.keys(value);
    if (names.length > described)
      this.noteUnknown(
        names.filter((name) => !Object.hasOwn(plan.fields, name)),
        plan.pattern,
      );
    return shown;
  }

  #field(value: unknown, node: Node, around: string): Given {
    switch (node.described.kind) {
      case 'object':
        if (value === null) return null;
        if (node.inside === null || !isObject(value) || !this.#isWithin(value, node)) return this.#dropped();
        return this.#object(value, node.inside, join(around, node.name));
      case 'list':
        return this.#list(value, node, join(around, node.name));
      case 'json':
        return this.#json(value, node, around);
      default:
        return this.#scalar(value, node, node.described, around, node.name);
    }
  }

  #list(value: unknown, { described, inside, element, ...node }: Node, path: string): Given {
    // Not even how many there are.
    if (element !== null && element.valueClass !== null && element.treatment === 'hide') return this.#hidden(described);
    if (value === null) return null;
    if (!Array.isArray(value)) return this.#dropped();
    const shown: ExactJson[] = [];
    if (value.length > maximumElements) this.hasDropped = true;
    for (const each of value.slice(0, maximumElements)) {
      let given: Given;
      if (inside === null) given = element === null || each === null ? undefined : this.#element(each, element, path, shown.length);
      else if (isObject(each) && this.#isWithin(each, { described, ...node })) given = this.#object(each, inside, join(path, shown.length));
      if (given === undefined) this.hasDropped = true;
      else shown.push(given);
    }
    return shown;
  }

  #element(value: unknown, element: Node, path: string, place: number): Given {
    return element.described.kind === 'object' || element.described.kind === 'list' || element.described.kind === 'json'
      ? undefined
      : this.#scalar(value, element, element.described, path, place);
  }

  /** An embedded object outside a constraint of its own area is not there. */
  #isWithin(value: UnknownRecord, { described, area }: Pick<Node, 'described' | 'area'>): boolean {
    const { treatments, nowMs } = this.#parts;
    const constraints = treatments.rowsOf(area);
    if (constraints.length === 0 || !('embeds' in described) || described.embeds === undefined) return true;
    const limit = limitById[area];
    const binding: RowBinding = limit === undefined ? {} : { [limit]: ['id'] };
    return constraints.every((constraint) => isWithin(value, constraint, binding, nowMs));
  }

  #scalar(value: unknown, node: Node, described: ScalarField, around: string, name: string | number): Given {
    const { valueClass, treatment } = node;
    if (valueClass !== null) {
      if (treatment === 'hide' || valueClass === 'secret') return this.#hidden(described);
      if (valueClass === 'media') return this.#media(value, node.name);
      if (value === null) return null;
      const text = textOf(value, described);
      return text === null ? this.#dropped() : this.#personal(text, valueClass, treatment, described, around, name);
    }
    if (value === null) return null;
    switch (described.kind) {
      case 'id':
        return (typeof value === 'number' || typeof value === 'bigint') && idText(value) !== null ? value : this.#dropped();
      case 'integer':
        return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? value : this.#dropped();
      case 'double':
        return typeof value === 'number' && Math.abs(value) < 1e9 ? value : this.#dropped();
      case 'boolean':
        return typeof value === 'boolean' ? value : this.#dropped();
      case 'moment':
        return isMoment(value, described.wire) ? value : this.#dropped();
      case 'text':
        if (this.#isAsDescribed(value, described)) return value;
        if (typeof value !== 'string') return this.#dropped();
        // Anyone's words, where a known value or a fixed form is expected.
        return treatment === 'hide' ? this.#hidden(described) : this.#personal(value, 'freetext', treatment, described, around, name);
    }
  }

  /** One of the known values, of the fixed form, or a number where text may come as one. */
  #isAsDescribed(value: unknown, described: Extract<ScalarField, { kind: 'text' }>): value is string | number | bigint {
    if (typeof value === 'number' || typeof value === 'bigint') {
      const digits = described.orInteger === true ? idText(value) : null;
      return digits !== null && !this.#scrubber.isKnownPhone(digits);
    }
    if (typeof value !== 'string') return false;
    if (described.values?.includes(value) === true) return true;
    if (described.form === undefined || value.length > 300 || !textForms[described.form].test(value)) return false;
    // The id of a conversation may be made of the number it is with.
    const numbers = value.split(/[A-Za-z]+/).map((part) => part.replaceAll(/\D/g, ''));
    return !numbers.some((digits) => digits.length >= 5 && this.#scrubber.isKnownPhone(digits));
  }

  #personal(
    text: string,
    valueClass: TextClass,
    treatment: FieldTreatment,
    described: Field,
    around: string,
    name: string | number,
  ): Given {
    if (text === '') return '';
    if (treatment === 'show') {
      if (valueClass === 'phone' && (phoneForm.test(text) || text === 'anonymous')) return text;
      return this.#text(text, valueClass, around, name);
    }
    this.fieldsMasked += 1;
    if (valueClass === 'freetext') return this.#emptied(described);
    const key = `${treatment} ${valueClass} ${text}`;
    const known = this.#standIns.get(key);
    if (known !== undefined) return known;
    const standIn = (treatment === 'tokenize' ? tokenFor(valueClass, text, this.#parts.tokens) : null) ?? masked(valueClass, text);
    this.#standIns.set(key, standIn);
    return standIn;
  }

  /** Third-party text as it is given: cleaned, without what must not be in it, and apart where the agent gets it so. */
  #text(raw: string, valueClass: TextClass, around: string, name: string | number): Given {
    if (!this.#mayGive(raw)) return this.#dropped();
    const { text, isScrubbed, isCut } = this.#prepared(raw, valueClass);
    if (isScrubbed) this.fieldsMasked += 1;
    if (isCut) this.hasDropped = true;
    if (text === '') return '';
    this.textGiven = true;
    if (!this.#parts.treatments.textApart) return text;
    this.untrustedText[join(around, name)] = text;
    return null;
  }

  #mayGive(raw: string): boolean {
    this.#texts += 1;
    this.#characters += Math.min(raw.length, 4 * maximumTextLength);
    return this.#texts <= maximumTexts && this.#characters <= maximumCharacters;
  }

  #prepared(raw: string, valueClass: TextClass): Prepared {
    const key = `${valueClass} ${raw}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    // Cut only after it was scrubbed: half a number would not be known for one.
    const cleaned = cleanText(raw, 4 * maximumTextLength);
    const scrubbed = this.#scrubber.scrub(cleaned, valueClass);
    const text = shorten(scrubbed, maximumTextLength);
    const prepared = { text, isScrubbed: scrubbed !== cleaned, isCut: text !== scrubbed };
    if (raw.length <= longestKept) this.#known.set(key, prepared);
    return prepared;
  }

  #media(value: unknown, field: string): Given {
    if (value === null || value === '') return null;
    this.fieldsMasked += 1;
    return typeof value === 'string' ? this.#parts.linkTo(value, { row: this.#row, field }) : null;
  }

  #json(value: unknown, { name, described, valueClass, treatment }: Node, around: string): Given {
    if (valueClass === null || valueClass === 'media' || treatment !== 'show') return this.#hidden(described);
    if (value === null) return null;
    if (described.kind === 'json' && described.keys !== undefined) return this.#knownKeys(value, described.keys, join(around, name));
    const cleaned = this.#cleanJson(value, maximumJsonDepth, { left: maximumJsonValues });
    // Names of keys are words too: apart, the whole value is one text.
    if (this.#parts.treatments.textApart) return this.#text(JSON.stringify(cleaned, digitsOfLarge), 'freetext', around, name);
    this.textGiven = true;
    return cleaned;
  }

  /** An object of texts under names we know. */
  #knownKeys(value: unknown, keys: readonly string[], path: string): Given {
    if (!isObject(value)) return this.#dropped();
    const shown: Record<string, ExactJson> = {};
    for (const key of keys) {
      if (!Object.hasOwn(value, key)) continue;
      const inner = value[key];
      shown[key] = (typeof inner === 'string' ? this.#text(inner, 'freetext', path, key) : inner === null ? null : this.#dropped()) ?? null;
    }
    const unknown = Object.keys(value).filter((key) => !keys.includes(key));
    if (unknown.length > 0) this.hasDropped = true;
    return shown;
  }

  #cleanJson(value: unknown, depth: number, budget: { left: number }): ExactJson {
    budget.left -= 1;
    if (depth === 0 || budget.left < 0) return this.#dropped();
    if (typeof value === 'string') {
      if (!this.#mayGive(value)) return this.#dropped();
      return shorten(this.#scrubber.scrub(cleanText(value, 4 * maximumTextLength)), maximumTextLength);
    }
    if (typeof value === 'number' || typeof value === 'bigint') {
      const digits = String(value);
      // Nobody says what this number is: it may be a phone number.
      const scrubbed = this.#scrubber.scrub(digits);
      return scrubbed === digits && (typeof value === 'bigint' || Number.isFinite(value)) ? value : scrubbed;
    }
    if (Array.isArray(value)) return value.slice(0, maximumJsonValues).map((element) => this.#cleanJson(element, depth - 1, budget));
    if (!isObject(value)) return typeof value === 'boolean' ? value : null;
    const shown: Record<string, ExactJson> = {};
    for (const key of Object.keys(value)) {
      if (budget.left <= 0) break;
      const name = this.#scrubber.scrub(cleanText(key, 64));
      if (name !== '__proto__') shown[name] = this.#cleanJson(value[key], depth - 1, budget);
    }
    return shown;
  }

  #hidden(described: Field): Given {
    this.fieldsMasked += 1;
    return this.#emptied(described);
  }

  #emptied(described: Field): Given {
    return described.optional === true ? undefined : null;
  }

  /** A value of another type than the described one, or beyond what is passed on. */
  #dropped(): null {
    this.hasDropped = true;
    return null;
  }
}

/** Digits and what stands between them; no words fit in. */
const phoneForm = /^\+?[\d .()/-]{1,32}$/;

function masked(valueClass: TokenClass, text: string): string {
  if (valueClass === 'phone') return maskedPhone(text);
  return valueClass === 'email' ? maskedEmail(text) : maskedPerson(text);
}

function join(around: string, name: string | number): string {
  return around === '' ? String(name) : `${around}/${name}`;
}

function digitsOfLarge(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function textOf(value: unknown, described: ScalarField): string | null {
  if (typeof value === 'string') return value;
  return described.kind === 'text' && described.orInteger === true ? idText(value) : null;
}
