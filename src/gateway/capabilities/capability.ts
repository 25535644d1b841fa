// What an agent's access to one endpoint means. Everything here is derived from the endpoint's description in aircall/: a
// capability never repeats a fact, and an endpoint without gateway facts cannot be described.
import type { Effect, Endpoint, Entity } from '../../aircall/index.ts';
import type { GrantArea, RuledClass } from '../policy/types.ts';

export type Capability = {
  /** The endpoint's id, such as `calls.comment`. */
  readonly id: string;
  readonly endpoint: Endpoint;
  readonly area: GrantArea;
  /** A `resource` reads or changes what Aircall stores; an `action` makes something happen in the world. */
  readonly kind: 'resource' | 'action';
  /** The lowest level of its area that permits it. */
  readonly need: 'read' | 'write' | 'full';
  readonly effect: Effect;
  /** Requests to Aircall that one use costs at most, with the look-up before it. */
  readonly cost: number;
  /** What stands between an agent that is granted it and the act. */
  readonly friction: 'none' | 'confirm' | 'approve';
  /** The rows of the answer; null where it has no body, or a body that is no row of an area. */
  readonly rows: AnswerRows | null;
  /** Areas, other than its own, whose objects can stand inside the answer. */
  readonly embeds: readonly GrantArea[];
  /** Which personal data the answer can hold, and in which area's objects. */
  readonly classes: readonly { readonly area: GrantArea; readonly class: RuledClass }[];
  /** Parameters by which a value of a class can be searched for: `phone_number` of `calls.search`. */
  readonly searches: readonly { readonly parameter: string; readonly class: RuledClass }[];
  /** What a path parameter names: the row that is read, changed, or that the answer hangs on. */
  readonly subject: Subject | null;
  /** Query parameters by which Aircall itself can narrow a list to a constraint, by their names in the API. */
  readonly narrows: { readonly users?: string; readonly tags?: string; readonly directions?: string; readonly newerThan?: string };
  /** Body parameters that hold an address which Aircall, or a person, will call: checked against the allowed hosts. */
  readonly addresses: readonly string[];
  /** “list calls”, “comment on call {id}”; `{id}` is a path parameter, `{rows}` the number of rows given. */
  readonly deed: { readonly present: string; readonly past: string };
};

export type AnswerRows = {
  /** One object, or a list of them. */
  readonly many: boolean;
  /** The key of the envelope; null where the object itself is the body. */
  readonly key: string | null;
  readonly of: Entity;
  readonly area: GrantArea;
  readonly binding: RowBinding;
};

/** Where a row says what constraints ask for; each a list of keys from the row inwards. Absent: the row does not say. */
export type RowBinding = {
  readonly id?: Path;
  readonly teams?: Path;
  readonly numbers?: Path;
  readonly users?: Path;
  readonly tags?: Path;
  readonly direction?: Path;
  /** In UNIX seconds. */
  readonly startedAt?: Path;
};

/** `['user', 'id']`; `'*'` stands for every element of a list: `['teams', '*', 'id']`. */
export type Path = readonly string[];

export type Subject = {
  readonly parameter: string;
  readonly area: GrantArea;
  /** The capability that fetches it, with the same id; null where Aircall offers none. */
  readonly lookUp: string | null;
};
