// What of Aircall's answer reaches an agent. The answer is walked along the description of its entity, never along what
// happens to be in it: a field that is not described, a value of another type, an object of an area that is not granted and a
// row that does not show that it lies within its constraint are not passed on.
//
//   raw body ─► envelope ─► rows within their constraints ─► each described field, by its class ─► text, cleaned and apart
//
// Nothing in here throws, waits or remembers anything.
import type { KeyObject } from 'node:crypto';
import { isObject } from '../../base/index.ts';
import type { ExactJson, UnknownRecord } from '../../base/index.ts';
import { textForms } from '../../aircall/index.ts';
import type { Answer, Entity, Field, Fields, JsonField, ListField, ObjectField, ScalarField } from '../../aircall/index.ts';
import { areaOfField } from '../capabilities/capabilities.ts';
import { agentClassOf } from '../capabilities/capability.ts';
import type { Capability, RowBinding } from '../capabilities/capability.ts';
import type { Filtered } from '../flow/parts.ts';
import type { Obligation } from '../policy/decision.ts';
import type { FieldTreatment, GrantArea, RuledClass } from '../policy/types.ts';
import { cleanText, maximumTextLength, shorten } from './clean-text.ts';
import type { MediaFacts } from './media-links.ts';
import { canTell, idText, isWithin, limitsRows } from './rows.ts';
import { maskedEmail, maskedPerson, maskedPhone, Scrubber } from './scrubber.ts';
import { tokenFor } from './tokens.ts';
import type { TokenClass, TokenOwner } from './tokens.ts';
import { Treatments } from './treatments.ts';

export type FilterRequest = {
  readonly capability: Capability;
  /** Of the decision that allowed the request. */
  readonly obligations: readonly Obligation[];
  /** As Aircall sent it. */
  readonly body: ExactJson | undefined;
  readonly company: string;
  readonly agentId: string;
  readonly keys: { readonly token: KeyObject };
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** A link of the gateway's own to a file of Aircall's; null where there is none to give. */
  readonly linkTo: (url: string, facts: MediaFacts) => string | null;
};

/** More of them are not passed on; Aircall's lists and transcripts stay far below. */
const maximumRows = 1_000;
const maximumElements = 10_000;
const maximumTexts = 20_000;
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

/** Pure, and never throws: an answer that cannot be dealt with is not passed on. */
export function filterAnswer(request: FilterRequest): Filtered {
  try {
    return new AnswerFilter(request).run();
  } catch {
    return withheld({ unreadable: true });
  }
}

function withheld(facts: {
  readonly unreadable: boolean;
  readonly rowsHidden?: number;
  readonly unknownFields?: readonly string[];
}): Filtered {
  return {
    body: undefined,
    untrustedText: null,
    filtered: true,
    rowsReturned: null,
    rowsHidden: facts.rowsHidden ?? 0,
    fieldsMasked: 0,
    textGiven: false,
    hidden: !facts.unreadable,
    unreadable: facts.unreadable,
    unknownFields: facts.unknownFields ?? [],
  };
}

/** Where a value stands: for its treatment, for the metric, and for the agent. */
type Place = {
  readonly area: GrantArea;
  /** By names alone: `call.comments.content`. */
  readonly pattern: string;
  /** In the answer: `calls/0/comments/0/content`. */
  readonly path: string;
  /** The row around it. */
  readonly row: string | null;
};

/** `undefined` leaves the key out. */
type Given = ExactJson | undefined;

class AnswerFilter {
  readonly #request: FilterRequest;
  readonly #treatments: Treatments;
  readonly #scrubber: Scrubber;
  readonly #owner: TokenOwner;
  readonly #untrusted: Record<string, string> = {};
  readonly #unknown = new Set<string>();
  readonly #tokens = new Map<string, string>();
  #texts = 0;
  #masked = 0;
  #rowsHidden = 0;
  #isFiltered = false;
  #isTextGiven = false;

  constructor(request: FilterRequest) {
    this.#request = request;
    this.#treatments = new Treatments(request.obligations);
    this.#scrubber = new Scrubber({ phones: this.#treatments.mustScrub('phone'), emails: this.#treatments.mustScrub('email') });
    this.#owner = { key: request.keys.token, company: request.company, agentId: request.agentId };
  }

  run(): Filtered {
    const { capability, body } = this.#request;
    const { answer, answerUnconfirmed } = capability.endpoint;
    if (answer.envelope === 'none') return this.#given(undefined, null);
    if (!this.#isSubjectChecked()) return withheld({ unreadable: false, rowsHidden: 1 });
    switch (answer.envelope) {
      case 'list':
        return this.#list(answer, body, answerUnconfirmed === true);
      case 'one':
        return this.#one(answer, body, answerUnconfirmed === true);
      case 'bare':
        return this.#bare(answer, body);
    }
  }

  /** A limit on an area that is not found in the answer says something about the row that the request is about. */
  #isSubjectChecked(): boolean {
    const { capability } = this.#request;
    const inAnswer: readonly GrantArea[] = [...(capability.rows === null ? [] : [capability.rows.area]), ...capability.embeds];
    return this.#treatments
      .limitedAreas()
      .every((area) => inAnswer.includes(area) || this.#treatments.wasLookedFirst(area) || !this.#treatments.rowsOf(area).some(limitsRows));
  }

  #list(answer: Extract<Answer, { envelope: 'list' }>, body: unknown, isUnconfirmed: boolean): Filtered {
    if (!isObject(body)) return this.#unreadable();
    const key =
      Object.hasOwn(body, answer.key) || !isUnconfirmed ? answer.key : Object.keys(body).find((name) => Array.isArray(body[name]));
    const raw = key === undefined || !Object.hasOwn(body, key) ? undefined : body[key];
    if (key === undefined || !Array.isArray(raw)) return this.#unreadable();
    const { endpoint } = this.#request.capability;
    const beside = endpoint.pagination?.by === 'token' ? endpoint.pagination.at : 'meta';
    this.#noteUnknown(
      Object.keys(body).filter((name) => name !== key && name !== beside),
      answer.key,
    );

    const inside = this.#rowsWithin(raw);
    this.#learn(inside, answer.of);
    const rows: ExactJson[] = [];
    for (const row of inside) {
      rows.push(this.#row(row, answer.of, `${answer.key}/${rows.length}`));
    }
    // What stands beside the rows, `meta`, tells of rows that are not shown: it is for the caller to write anew.
    return this.#given({ [answer.key]: rows }, rows.length);
  }

  #one(answer: Extract<Answer, { envelope: 'one' }>, body: unknown, isUnconfirmed: boolean): Filtered {
    if (!isObject(body)) return this.#unreadable();
    const isEnveloped = Object.hasOwn(body, answer.key);
    const isBare = !isEnveloped && isUnconfirmed && answer.of.key !== undefined && Object.hasOwn(body, answer.of.key);
    if (!isEnveloped && !isBare) return this.#unreadable();
    if (isEnveloped)
      this.#noteUnknown(
        Object.keys(body).filter((name) => name !== answer.key),
        answer.key,
      );
    const row = isEnveloped ? body[answer.key] : body;
    return this.#single(row, answer.of, answer.key, (shown) => ({ [answer.key]: shown }));
  }

  #bare(answer: Extract<Answer, { envelope: 'bare' }>, body: unknown): Filtered {
    return this.#single(body, answer.of, '', (shown) => shown);
  }

  #single(row: unknown, of: Entity, path: string, wrap: (shown: ExactJson) => ExactJson): Filtered {
    if (!isObject(row)) return this.#unreadable();
    const inside = this.#rowsWithin([row]);
    if (inside.length === 0) return withheld({ unreadable: false, rowsHidden: 1, unknownFields: [...this.#unknown] });
    this.#learn(inside, of);
    return this.#given(wrap(this.#row(row, of, path)), 1);
  }

  #unreadable(): Filtered {
    return withheld({ unreadable: true, unknownFields: [...this.#unknown] });
  }

  #given(body: ExactJson | undefined, rowsReturned: number | null): Filtered {
    const hasApart = Object.keys(this.#untrusted).length > 0;
    return {
      body,
      untrustedText: this.#treatments.textApart && hasApart ? this.#untrusted : null,
      filtered: this.#isFiltered || this.#rowsHidden > 0 || this.#masked > 0,
      rowsReturned: this.#request.capability.rows === null ? null : rowsReturned,
      rowsHidden: this.#rowsHidden,
      fieldsMasked: this.#masked,
      textGiven: this.#isTextGiven,
      hidden: false,
      unreadable: false,
      unknownFields: [...this.#unknown],
    };
  }

  // ---- rows ----------------------------------------------------------------------------------------------------------

  #rowsWithin(rows: readonly unknown[]): readonly UnknownRecord[] {
    const described = this.#request.capability.rows;
    const area = described?.area ?? this.#request.capability.area;
    const binding = described?.binding ?? {};
    // A part of a row that has been looked at before, such as a contact's new number, says nothing about the row itself.
    const isPart = described?.many === false && this.#treatments.wasLookedFirst(area);
    const constraints = this.#treatments.rowsOf(area).filter((constraint) => !isPart || canTell(binding, constraint));
    const within = rows.filter((row): row is UnknownRecord => {
      return isObject(row) && constraints.every((constraint) => isWithin(row, constraint, binding, this.#request.nowMs));
    });
    this.#rowsHidden += rows.length - within.length;
    if (within.length > maximumRows) this.#isFiltered = true;
    return within.slice(0, maximumRows);
  }

  #row(row: UnknownRecord, of: Entity, path: string): ExactJson {
    const area = this.#request.capability.rows?.area ?? this.#request.capability.area;
    const id = of.key === undefined ? undefined : own(row, of.key);
    return this.#object(row, of.fields, { area, pattern: of.name, path, row: typeof id === 'string' ? id.slice(0, 64) : idText(id) });
  }

  // ---- fields --------------------------------------------------------------------------------------------------------

  #object(value: UnknownRecord, fields: Fields, place: Place): ExactJson {
    const shown: Record<string, ExactJson> = {};
    for (const [name, described] of entriesOf(fields)) {
      const area = areaOfField(described, place.area);
      if (this.#treatments.isWithout(area)) {
        // The same whatever the row holds, so that nothing can be learnt from it.
        this.#masked += 1;
        if (described.optional !== true) shown[name] = null;
        continue;
      }
      if (!Object.hasOwn(value, name)) continue;
      const given = this.#field(
        value[name],
        described,
        {
          area,
          pattern: `${place.pattern}.${name}`,
          path: place.path === '' ? name : `${place.path}/${name}`,
          row: place.row,
        },
        name,
      );
      if (given !== undefined) shown[name] = given;
    }
    this.#noteUnknown(
      Object.keys(value).filter((name) => !Object.hasOwn(fields, name)),
      place.pattern,
    );
    return shown;
  }

  #field(value: unknown, described: Field, place: Place, name: string): Given {
    switch (described.kind) {
      case 'object':
        return this.#inner(value, described, place);
      case 'list':
        return this.#listField(value, described, place, name);
      case 'json':
        return this.#json(value, described, place);
      default:
        return this.#scalar(value, described, place, name);
    }
  }

  #inner(value: unknown, described: ObjectField, place: Place): Given {
    if (value === null) return null;
    if (!isObject(value) || !this.#isEmbeddedWithin(value, described, place)) return this.#dropped();
    return this.#object(value, described.fields, place);
  }

  #listField(value: unknown, described: ListField, place: Place, name: string): Given {
    if (value === null) return null;
    if (!Array.isArray(value)) return this.#dropped();
    const { of } = described;
    // Not even how many there are.
    if (of.kind !== 'object' && this.#isHiddenClass(withListClass(of, described), place)) return this.#hidden(described);
    const shown: ExactJson[] = [];
    if (value.length > maximumElements) this.#isFiltered = true;
    for (const element of value.slice(0, maximumElements)) {
      const at = { ...place, path: `${place.path}/${shown.length}` };
      if (of.kind === 'object') {
        if (isObject(element) && this.#isEmbeddedWithin(element, described, place)) shown.push(this.#object(element, of.fields, at));
        else this.#isFiltered = true;
      } else {
        const given = element === null ? undefined : this.#scalar(element, withListClass(of, described), at, name);
        if (given !== undefined) shown.push(given);
      }
    }
    return shown;
  }

  /** An embedded object outside a constraint of its own area is not there. */
  #isEmbeddedWithin(value: UnknownRecord, { embeds }: ObjectField | ListField, { area }: Place): boolean {
    if (embeds === undefined) return true;
    const limit = limitById[area];
    const binding: RowBinding = limit === undefined ? {} : { [limit]: ['id'] };
    return this.#treatments.rowsOf(area).every((constraint) => isWithin(value, constraint, binding, this.#request.nowMs));
  }

  #scalar(value: unknown, described: ScalarField, place: Place, name: string): Given {
    const valueClass = agentClassOf(described);
    // Its key stays, so that the shape does, but never its value.
    if (valueClass === 'secret') return this.#hidden(described);
    if (valueClass === 'media') return this.#media(value, described, place, name);
    if (valueClass !== null && valueClass !== undefined) {
      const treatment = this.#treatments.of(place.area, valueClass);
      if (treatment === 'hide') return this.#hidden(described);
      if (value === null) return null;
      const text = textOf(value, described);
      return text === null ? this.#dropped() : this.#personal(text, valueClass, treatment, place, described);
    }
    if (value === null) return null;
    switch (described.kind) {
      case 'id':
        return idText(value) !== null && typeof value !== 'string' ? (value as number | bigint) : this.#dropped(); // as idText found
      case 'integer':
        return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? value : this.#dropped();
      case 'double':
        return typeof value === 'number' && Number.isFinite(value) && Math.abs(value) < 1e9 ? value : this.#dropped();
      case 'boolean':
        return typeof value === 'boolean' ? value : this.#dropped();
      case 'moment':
        return isMoment(value, described.wire) ? value : this.#dropped();
      case 'text':
        return this.#fixedText(value, described, place);
    }
  }

  /** One of the known values, or of the fixed form; anything else in its place is anyone's words. */
  #fixedText(value: unknown, described: Extract<ScalarField, { kind: 'text' }>, place: Place): Given {
    if (typeof value !== 'string') {
      const digits = described.orInteger === true && typeof value !== 'boolean' ? idText(value) : null;
      return digits === null || this.#scrubber.isKnownPhone(digits) ? this.#dropped() : (value as number | bigint); // as idText found
    }
    if (described.values?.includes(value) === true) return value;
    const isOfForm = described.form !== undefined && value.length <= 300 && textForms[described.form].test(value);
    if (isOfForm && !(/^[\d.:+_-]{7,}$/.test(value) && this.#scrubber.isKnownPhone(value.replaceAll(/\D/g, '')))) return value;
    const treatment = this.#treatments.of(place.area, 'freetext');
    return treatment === 'hide' ? this.#hidden(described) : this.#personal(value, 'freetext', treatment, place, described);
  }

  #personal(text: string, valueClass: Exclude<RuledClass, 'media'>, treatment: FieldTreatment, place: Place, described: Field): Given {
    if (text === '') return '';
    if (treatment === 'show') {
      if (valueClass === 'phone' && /^\+?[\d .()/-]{1,32}$/.test(text)) return text;
      if (valueClass === 'phone' && text === 'anonymous') return text;
      return this.#text(text, valueClass, place);
    }
    this.#masked += 1;
    if (valueClass === 'freetext') return this.#emptied(described);
    if (treatment === 'tokenize') {
      const token = this.#token(valueClass, text);
      if (token !== null) return token;
    }
    if (valueClass === 'phone') return maskedPhone(text);
    return valueClass === 'email' ? maskedEmail(text) : maskedPerson(text);
  }

  #token(kind: TokenClass, text: string): string | null {
    const key = `${kind} ${text}`;
    const known = this.#tokens.get(key);
    if (known !== undefined) return known;
    const token = tokenFor(kind, text, this.#owner);
    if (token !== null) this.#tokens.set(key, token);
    return token;
  }

  /** Third-party text as it is given: cleaned, without what must not be in it, and apart where the agent gets it so. */
  #text(raw: string, valueClass: Exclude<RuledClass, 'media'>, place: Place): Given {
    if (this.#texts >= maximumTexts) {
      this.#isFiltered = true;
      return null;
    }
    this.#texts += 1;
    const cleaned = cleanText(raw, 4 * maximumTextLength);
    const scrubbed = this.#scrubber.scrub(cleaned, valueClass);
    const text = shorten(scrubbed, maximumTextLength);
    if (scrubbed !== cleaned) this.#masked += 1;
    if (text !== scrubbed) this.#isFiltered = true;
    if (text === '') return '';
    this.#isTextGiven = true;
    if (!this.#treatments.textApart) return text;
    this.#untrusted[place.path] = text;
    return null;
  }

  #media(value: unknown, described: Field, place: Place, name: string): Given {
    if (!this.#isMediaShown(place)) return this.#hidden(described);
    if (value === null || value === '') return null;
    const link = typeof value === 'string' ? this.#request.linkTo(value, { row: place.row, field: name }) : null;
    this.#isFiltered = true;
    return link;
  }

  /** Whatever the field, a link to a file is shown only to whom recordings are granted. */
  #isMediaShown({ area }: Place): boolean {
    return !this.#treatments.isWithout('recordings') && this.#treatments.of(area, 'media') === 'show';
  }

  #isHiddenClass(described: ScalarField, place: Place): boolean {
    const valueClass = agentClassOf(described);
    if (valueClass === null || valueClass === undefined) return false;
    if (valueClass === 'secret') return true;
    return valueClass === 'media' ? !this.#isMediaShown(place) : this.#treatments.of(place.area, valueClass) === 'hide';
  }

  // ---- free-form JSON ------------------------------------------------------------------------------------------------

  #json(value: unknown, described: JsonField, place: Place): Given {
    const valueClass = agentClassOf(described);
    if (valueClass === 'secret' || valueClass === 'media' || valueClass === null || valueClass === undefined)
      return this.#hidden(described);
    const treatment = this.#treatments.of(place.area, valueClass);
    if (treatment !== 'show') return this.#hidden(described);
    if (value === null) return null;
    if (described.keys !== undefined) return this.#knownKeys(value, described.keys, place);
    const budget = { left: maximumJsonValues };
    const cleaned = this.#cleanJson(value, maximumJsonDepth, budget);
    // Names of keys are words too: apart, the whole value is one text.
    if (this.#treatments.textApart) return this.#text(JSON.stringify(cleaned), 'freetext', place);
    this.#isTextGiven = true;
    return cleaned;
  }

  /** An object of texts under names we know. */
  #knownKeys(value: unknown, keys: readonly string[], place: Place): Given {
    if (!isObject(value)) return this.#dropped();
    const shown: Record<string, ExactJson> = {};
    for (const key of keys) {
      if (!Object.hasOwn(value, key)) continue;
      const inner = value[key];
      const at = { ...place, pattern: `${place.pattern}.${key}`, path: `${place.path}/${key}` };
      const given =
        typeof inner === 'string' ? this.#text(inner, 'freetext', at) : inner === null || typeof inner === 'boolean' ? inner : null;
      if (given !== undefined) shown[key] = given;
    }
    this.#noteUnknown(
      Object.keys(value).filter((key) => !keys.includes(key)),
      place.pattern,
    );
    return shown;
  }

  #cleanJson(value: unknown, depth: number, budget: { left: number }): ExactJson {
    budget.left -= 1;
    if (depth === 0 || budget.left < 0) {
      this.#isFiltered = true;
      return null;
    }
    if (typeof value === 'string') return shorten(this.#scrubber.scrub(cleanText(value)), maximumTextLength);
    if (typeof value === 'number' || typeof value === 'bigint') {
      // Text, where the digits might be those of a phone number; what they are is not said anywhere.
      const text = String(value);
      return typeof value === 'number' && this.#scrubber.scrub(text) === text && Number.isFinite(value)
        ? value
        : this.#scrubber.scrub(text);
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

  // ---- what is not given ---------------------------------------------------------------------------------------------

  #hidden(described: Field): Given {
    this.#masked += 1;
    return this.#emptied(described);
  }

  #emptied(described: Field): Given {
    return described.optional === true ? undefined : null;
  }

  /** A value of another type than the described one. */
  #dropped(): null {
    this.#isFiltered = true;
    return null;
  }

  #noteUnknown(names: readonly string[], pattern: string): void {
    if (names.length === 0) return;
    this.#isFiltered = true;
    for (const name of names) {
      if (this.#unknown.size >= maximumUnknownFields) return;
      this.#unknown.add(`${pattern}.${/^\w{1,64}$/.test(name) ? name : '(other)'}`);
    }
  }

  // ---- what must not be in any text ----------------------------------------------------------------------------------

  #learn(rows: readonly UnknownRecord[], of: Entity): void {
    if (!this.#treatments.mustScrub('phone')) return;
    for (const row of rows) this.#learnFields(row, of.fields);
  }

  #learnFields(value: unknown, fields: Fields): void {
    if (!isObject(value)) return;
    for (const [name, described] of learnable(fields)) {
      if (Object.hasOwn(value, name)) this.#learnField(value[name], described);
    }
  }

  #learnField(value: unknown, described: Field): void {
    if (described.kind === 'object') this.#learnFields(value, described.fields);
    else if (described.kind === 'list') {
      if (Array.isArray(value)) for (const element of value.slice(0, maximumElements)) this.#learnField(element, described.of);
    } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
      this.#scrubber.learnPhone(String(value));
    }
  }
}

type PlannedFields = readonly (readonly [name: string, field: Field])[];
const planned = new WeakMap<Fields, PlannedFields>();
const plannedForPhones = new WeakMap<Fields, PlannedFields>();

function entriesOf(fields: Fields): PlannedFields {
  const known = planned.get(fields);
  if (known !== undefined) return known;
  const entries = Object.entries(fields);
  planned.set(fields, entries);
  return entries;
}

/** The fields that are phone numbers, or hold some. */
function learnable(fields: Fields): PlannedFields {
  const known = plannedForPhones.get(fields);
  if (known !== undefined) return known;
  const entries = entriesOf(fields).filter(([, described]) => holdsPhones(described));
  plannedForPhones.set(fields, entries);
  return entries;
}

function holdsPhones(described: Field): boolean {
  if (described.kind === 'object') return learnable(described.fields).length > 0;
  if (agentClassOf(described) === 'phone') return true;
  return described.kind === 'list' && holdsPhones(described.of);
}

/** An element is what its list is, where it says nothing itself. */
function withListClass(of: ScalarField, list: ListField): ScalarField {
  return of.class === undefined && list.class !== undefined ? { ...of, class: list.class } : of;
}

function own(value: UnknownRecord, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function textOf(value: unknown, described: ScalarField): string | null {
  if (typeof value === 'string') return value;
  return described.kind === 'text' && described.orInteger === true ? idText(value) : null;
}

/** The year 2100; beyond it a number of seconds may be a phone number. */
const latestSeconds = 4_102_444_800;
/** September 2001; what is less may be seconds, or a phone number. */
const earliestMilliseconds = 1e12;
const isoMoment = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?)?$/;

function isMoment(value: unknown, wire: 'seconds' | 'milliseconds' | 'iso' | 'any'): value is number | string {
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || value < 0) return false;
    if (wire === 'iso') return false;
    const isSeconds = wire !== 'milliseconds' && value <= latestSeconds;
    const isMilliseconds = wire !== 'seconds' && value >= earliestMilliseconds && value <= latestSeconds * 1000;
    return isSeconds || isMilliseconds;
  }
  return typeof value === 'string' && (wire === 'iso' || wire === 'any') && isoMoment.test(value) && !Number.isNaN(Date.parse(value));
}
