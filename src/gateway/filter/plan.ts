// The description of an answer, together with what the decision says about each of its fields: which are removed, which class
// each is of, and how that is shown to this agent. Made once for an answer, before any row is looked at, so that what is done
// never depends on what a row holds.
import type { Entity, Field, Fields, ListField, ScalarField } from '../../aircall/index.ts';
import { areaOfField } from '../capabilities/capabilities.ts';
import { agentClassOf } from '../capabilities/capability.ts';
import type { FieldTreatment, GrantArea, RuledClass } from '../policy/types.ts';
import type { Treatments } from './treatments.ts';

export type Node = {
  readonly name: string;
  readonly described: Field;
  readonly area: GrantArea;
  /** It is of an area that is not granted: removed, whatever a row holds. */
  readonly isWithout: boolean;
  /** Null: neither personal nor anyone's words. */
  readonly valueClass: RuledClass | 'secret' | null;
  /** Of its class; of `freetext` where it has none, for text that does not look as described. */
  readonly treatment: FieldTreatment;
  /** What is in an object, or in each object of a list. */
  readonly inside: Plan | null;
  /** What a list of plain values is made of. */
  readonly element: Node | null;
};

export type Plan = {
  /** By names alone, for the metric: `call.comments`. */
  readonly pattern: string;
  readonly fields: Fields;
  readonly nodes: readonly Node[];
  /** Those that are phone numbers, or hold some. */
  readonly withPhones: readonly Node[];
};

/** By all that a plan depends on: few serve nearly all answers, and making one takes longer than using it. */
const made = new WeakMap<Entity, Map<string, Plan>>();
/** Of one entity. More than that many agents with different grants do not ask in turn. */
const mostMade = 100;

/** The plan for rows of an entity that belongs to an area. */
export function planAnswer(of: Entity, area: GrantArea, treatments: Treatments): Plan {
  const plans = made.get(of) ?? new Map<string, Plan>();
  made.set(of, plans);
  const key = `${area} ${treatments.key}`;
  const known = plans.get(key);
  if (known !== undefined) return known;
  if (plans.size >= mostMade) plans.clear();
  const plan = planFields(of.fields, { area, pattern: of.name, treatments });
  plans.set(key, plan);
  return plan;
}

type Around = { readonly area: GrantArea; readonly pattern: string; readonly treatments: Treatments };

function planFields(fields: Fields, around: Around): Plan {
  const nodes = Object.entries(fields).map(([name, described]) => planField(name, described, around));
  return { pattern: around.pattern, fields, nodes, withPhones: nodes.filter(holdsPhones) };
}

function planField(name: string, described: Field, { area: outer, pattern: outerPattern, treatments }: Around): Node {
  const area = areaOfField(described, outer);
  const around = { area, pattern: `${outerPattern}.${name}`, treatments };
  const inner = described.kind === 'list' ? described.of : described;
  const valueClass = agentClassOf(described) ?? null;
  return {
    name,
    described,
    area,
    isWithout: treatments.isWithout(area),
    valueClass,
    treatment: treatmentOf(valueClass, around),
    inside: inner.kind === 'object' ? planFields(inner.fields, around) : null,
    element:
      described.kind === 'list' && described.of.kind !== 'object' ? planField(name, elementOf(described.of, described), around) : null,
  };
}

function treatmentOf(valueClass: Node['valueClass'], { area, treatments }: Around): FieldTreatment {
  if (valueClass === 'secret') return 'hide';
  // Whatever the field, a link to a file is given only to whom recordings are granted.
  if (valueClass === 'media') return treatments.isWithout('recordings') || treatments.of(area, 'media') !== 'show' ? 'hide' : 'show';
  return treatments.of(area, valueClass ?? 'freetext');
}

/** An element is what its list is, where it says nothing itself. */
function elementOf(of: ScalarField, list: ListField): ScalarField {
  const inherited = list.agentClass ?? list.class;
  return inherited === undefined || of.class !== undefined || of.agentClass !== undefined ? of : { ...of, class: inherited };
}

function holdsPhones({ valueClass, inside, element }: Node): boolean {
  return valueClass === 'phone' || (inside?.withPhones.length ?? 0) > 0 || element?.valueClass === 'phone';
}
