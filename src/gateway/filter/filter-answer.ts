// What of Aircall's answer reaches an agent. The answer is walked along the description of its entity, never along what
// happens to be in it: a field that is not described, a value of another type, an object of an area that is not granted and a
// row that does not show that it lies within its constraint are not passed on.
//
//   raw body ─► envelope ─► rows within their constraints ─► each described field, by its class ─► text, cleaned and apart
//
// Nothing in here throws or waits, and what it gives depends on nothing that was asked before.
import type { KeyObject } from 'node:crypto';
import { isObject } from '../../base/index.ts';
import type { ExactJson, UnknownRecord } from '../../base/index.ts';
import type { Answer, Entity } from '../../aircall/index.ts';
import type { Capability } from '../capabilities/capability.ts';
import type { Filtered } from '../flow/parts.ts';
import type { Obligation } from '../policy/decision.ts';
import type { GrantArea } from '../policy/types.ts';
import { FieldFilter } from './field-filter.ts';
import type { MediaFacts } from './media-links.ts';
import { planAnswer } from './plan.ts';
import { idText, isWithin, limitsRows, tellable } from './rows.ts';
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

/** More of them are not passed on; Aircall's lists stay far below. */
const maximumRows = 1_000;

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

class AnswerFilter {
  readonly #request: FilterRequest;
  readonly #area: GrantArea;
  readonly #treatments: Treatments;
  readonly #fields: FieldFilter;
  #rowsHidden = 0;
  /** Rows of this list could be hidden. Said whether there were any or not: else a search would tell of those that are. */
  #mayHideRows = false;

  constructor(request: FilterRequest) {
    const { capability, obligations, keys, company, agentId, nowMs, linkTo } = request;
    this.#request = request;
    this.#area = capability.rows?.area ?? capability.area;
    this.#treatments = new Treatments(obligations);
    this.#fields = new FieldFilter({
      treatments: this.#treatments,
      tokens: { key: keys.token, company, agentId },
      nowMs,
      linkTo,
    });
  }

  run(): Filtered {
    const { capability, body } = this.#request;
    const { answer } = capability.endpoint;
    if (answer.envelope === 'none') return this.#given(undefined, null);
    if (!this.#isSubjectChecked()) return withheld({ unreadable: false, rowsHidden: 1 });
    switch (answer.envelope) {
      case 'list':
        return this.#list(answer, body);
      case 'one':
        return this.#one(answer, body);
      case 'bare':
        return this.#single(body, answer.of, '', (shown) => shown);
    }
  }

  /** A limit on an area that does not occur in the answer says something about the row that the request is about. */
  #isSubjectChecked(): boolean {
    const inAnswer: readonly GrantArea[] = [this.#area, ...this.#request.capability.embeds];
    return this.#treatments
      .limitedAreas()
      .every((area) => inAnswer.includes(area) || this.#treatments.wasLookedFirst(area) || !this.#treatments.rowsOf(area).some(limitsRows));
  }

  #list(answer: Extract<Answer, { envelope: 'list' }>, body: unknown): Filtered {
    if (!isObject(body)) return this.#unreadable();
    const { endpoint } = this.#request.capability;
    const isElsewhere = endpoint.answerUnconfirmed === true && !Object.hasOwn(body, answer.key);
    const key = isElsewhere ? Object.keys(body).find((name) => Array.isArray(body[name])) : answer.key;
    const raw = key !== undefined && Object.hasOwn(body, key) ? body[key] : undefined;
    if (!Array.isArray(raw)) return this.#unreadable();
    const beside = endpoint.pagination?.by === 'token' ? endpoint.pagination.at : 'meta';
    this.#fields.noteUnknown(
      Object.keys(body).filter((name) => name !== key && name !== beside),
      answer.key,
    );
    const plan = planAnswer(answer.of, this.#area, this.#treatments);
    this.#mayHideRows = this.#treatments.rowsOf(this.#area).some(limitsRows);
    const inside = this.#rowsWithin(raw);
    for (const row of inside) this.#fields.learn(row, plan);
    const rows = inside.map((row, place) => this.#fields.filter(row, plan, { path: `${answer.key}/${place}`, row: idOf(row, answer.of) }));
    // What stands beside the rows, `meta`, tells of rows that are not shown: it is for the caller to write anew.
    return this.#given({ [answer.key]: rows }, rows.length);
  }

  #one(answer: Extract<Answer, { envelope: 'one' }>, body: unknown): Filtered {
    if (!isObject(body)) return this.#unreadable();
    const { key, of } = answer;
    const wrap = (shown: ExactJson): ExactJson => ({ [key]: shown });
    if (Object.hasOwn(body, key)) {
      this.#fields.noteUnknown(
        Object.keys(body).filter((name) => name !== key),
        key,
      );
      return this.#single(body[key], of, key, wrap);
    }
    const isBare = this.#request.capability.endpoint.answerUnconfirmed === true && of.key !== undefined && Object.hasOwn(body, of.key);
    return isBare ? this.#single(body, of, key, wrap) : this.#unreadable();
  }

  #single(row: unknown, of: Entity, path: string, wrap: (shown: ExactJson) => ExactJson): Filtered {
    if (!isObject(row)) return this.#unreadable();
    if (this.#rowsWithin([row]).length === 0) return withheld({ unreadable: false, rowsHidden: 1 });
    const plan = planAnswer(of, this.#area, this.#treatments);
    this.#fields.learn(row, plan);
    return this.#given(wrap(this.#fields.filter(row, plan, { path, row: idOf(row, of) })), 1);
  }

  #rowsWithin(rows: readonly unknown[]): readonly UnknownRecord[] {
    const { capability, nowMs } = this.#request;
    const binding = capability.rows?.binding ?? {};
    const constraints = this.#treatments
      .rowsOf(this.#area)
      .map((constraint) => (this.#isOfSubject() ? tellable(constraint, binding) : constraint));
    const within = rows
      .slice(0, maximumRows)
      .filter((row): row is UnknownRecord => isObject(row) && constraints.every((constraint) => isWithin(row, constraint, binding, nowMs)));
    this.#rowsHidden += rows.length - within.length;
    return within;
  }

  /**
   * The answer hangs on the row that the path names, as a summary hangs on its call. What its own rows do not tell, the decision
   * has made sure of: it allows only when the arguments prove a limit, or when the row that they name is looked at first.
   */
  #isOfSubject(): boolean {
    const { area, subject } = this.#request.capability;
    return subject !== null && (this.#area === area || this.#area === subject.area);
  }

  #unreadable(): Filtered {
    return withheld({ unreadable: true, unknownFields: [...this.#fields.unknownFields] });
  }

  #given(body: ExactJson | undefined, rowsReturned: number | null): Filtered {
    const { untrustedText, fieldsMasked, hasDropped, textGiven, unknownFields } = this.#fields;
    return {
      body,
      untrustedText: Object.keys(untrustedText).length > 0 ? untrustedText : null,
      filtered: hasDropped || this.#mayHideRows || this.#rowsHidden > 0 || fieldsMasked > 0,
      rowsReturned: this.#request.capability.rows === null ? null : rowsReturned,
      rowsHidden: this.#rowsHidden,
      fieldsMasked,
      textGiven,
      hidden: false,
      unreadable: false,
      unknownFields: [...unknownFields],
    };
  }
}

function idOf(row: UnknownRecord, { key }: Entity): string | null {
  const id = key !== undefined && Object.hasOwn(row, key) ? row[key] : undefined;
  return typeof id === 'string' && /^[\w-]{1,64}$/.test(id) ? id : idText(id);
}
