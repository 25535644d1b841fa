// What an agent's access to one endpoint means. Everything here is derived from the endpoint's description in aircall/: a
// capability never repeats a fact, and an endpoint without gateway facts cannot be described.
import type { AgentUse, Effect, Endpoint, Entity, Field, Parameter } from '../../aircall/index.ts';
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
  /** The most uses by one agent on one and the same subject, ever; null: as many as it likes. */
  readonly mostPerObject: number | null;
  /** The rows of the answer; null where it has no body. */
  readonly rows: AnswerRows | null;
  /** Areas, other than its own, whose objects can stand inside the answer, or be its rows. */
  readonly embeds: readonly GrantArea[];
  /** Which personal data the answer can hold, and in which area's objects. Words can hold phone numbers and e-mail addresses too. */
  readonly classes: readonly { readonly area: GrantArea; readonly class: RuledClass }[];
  /** Parameters by which a value of a class can be searched for: `phone_number` of `calls.search`. */
  readonly searches: readonly Search[];
  /** What a path parameter names: the row that is read, changed, or that the answer hangs on. */
  readonly subject: Subject | null;
  /** All parameters that name an object by its id, the subject among them. */
  readonly references: readonly Reference[];
  /** Query parameters by which Aircall itself can narrow a list to a constraint, by their names in the API. */
  readonly narrows: {
    /** One user. */
    readonly users?: string;
    /** Calls that have all of the given tags. */
    readonly tags?: string;
    /** One direction. */
    readonly directions?: string;
    /** UNIX seconds; the moment itself may be left out. */
    readonly newerThan?: string;
  };
  /** Body parameters that hold an address which Aircall, or a person, will call. See `valuesAt`. */
  readonly addresses: readonly Path[];
  /** “list calls”, “comment on call {id}”; `{id}` is a path parameter, `{rows}` the number of rows given. See `tellDeed`. */
  readonly deed: AgentUse['deed'];
};

export type AnswerRows = {
  /** One object, or a list of them. */
  readonly many: boolean;
  /** The key of the envelope; null where the object itself is the body. */
  readonly key: string | null;
  readonly of: Entity;
  /** Whose rows they are: the numbers of a user are rows of `numbers`. */
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

export type Place = 'at' | 'query' | 'body';

export type Search = {
  readonly place: 'at' | 'query';
  readonly parameter: string;
  readonly class: RuledClass;
  /** An id may stand there instead, and searches for nothing. */
  readonly orId: boolean;
};

export type Reference = {
  readonly place: Place;
  readonly path: Path;
  /** The entity: `user`, `team`, `number`, `tag`, `call`, `contact`, … */
  readonly names: string;
  /** The area of that entity's rows; null where it is only a part of another. */
  readonly area: GrantArea | null;
};

/**
 * What a field of an answer is to an agent: its class; for text and free-form JSON that could hold anyone's words,
 * `freetext`; null for values that are neither personal nor anyone's words.
 */
export function agentClassOf(field: Field): Field['class'] | null {
  const declared = field.agentClass ?? field.class;
  if (declared !== undefined) return declared;
  if (field.kind === 'json') return 'freetext';
  if (field.kind === 'text') return field.values === undefined && field.form === undefined ? 'freetext' : null;
  return null;
}

/** As `agentClassOf`, of what an agent sends. */
export function argumentClassOf(parameter: Parameter): Parameter['class'] | null {
  if (parameter.class !== undefined) return parameter.class;
  const { type, values, format, fields } = parameter;
  if (type === 'text' || type === 'text[]') return values === undefined && format === undefined ? 'freetext' : null;
  if (type === 'object' || type === 'object[]') return fields === undefined ? 'freetext' : null;
  return null;
}
