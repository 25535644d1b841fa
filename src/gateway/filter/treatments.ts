// What the obligations of a decision say about values, embedded objects and rows. What they do not say is hidden.
import type { Obligation } from '../policy/decision.ts';
import { fieldTreatments } from '../policy/types.ts';
import type { Constraint, FieldTreatment, GrantArea, RuledClass } from '../policy/types.ts';

export class Treatments {
  readonly textApart: boolean;
  /** Differs where something else is said about values or embedded objects. */
  readonly key: string;
  readonly #without = new Set<GrantArea>();
  readonly #rows = new Map<GrantArea, Constraint[]>();
  readonly #lookedFirst = new Set<GrantArea>();
  readonly #fields = new Map<string, { readonly area: GrantArea; readonly class: RuledClass; readonly treatment: FieldTreatment }>();

  constructor(obligations: readonly Obligation[]) {
    let textApart = false;
    for (const obligation of obligations) {
      switch (obligation.kind) {
        case 'without':
          this.#without.add(obligation.area);
          break;
        case 'rows':
          this.#rows.set(obligation.area, [...(this.#rows.get(obligation.area) ?? []), obligation.constraint]);
          break;
        case 'fields': {
          const key = keyOf(obligation.area, obligation.class);
          this.#fields.set(key, { ...obligation, treatment: stricter(this.#fields.get(key)?.treatment ?? 'show', obligation.treatment) });
          break;
        }
        case 'look_first':
          this.#lookedFirst.add(obligation.area);
          break;
        case 'text_apart':
          textApart = true;
          break;
        case 'narrow':
          // Done to the request; the answer is filtered as if it had not been.
          break;
      }
    }
    this.textApart = textApart;
    const fields = [...this.#fields].map(([key, { treatment }]) => `${key}=${treatment}`);
    this.key = [...this.#without, ';', ...fields].join(' ');
  }

  of(area: GrantArea, valueClass: RuledClass): FieldTreatment {
    return this.#fields.get(keyOf(area, valueClass))?.treatment ?? 'hide';
  }

  isWithout(area: GrantArea): boolean {
    return this.#without.has(area);
  }

  rowsOf(area: GrantArea): readonly Constraint[] {
    return this.#rows.get(area) ?? [];
  }

  /** The areas whose rows are limited. */
  limitedAreas(): readonly GrantArea[] {
    return [...this.#rows.keys()];
  }

  /** Whether the row that the request is about has been checked before anything was done. */
  wasLookedFirst(area: GrantArea): boolean {
    return this.#lookedFirst.has(area);
  }

  /**
   * Whether values of a class must not stand in any text of the answer. Only where every treatment of the class is to show it
   * may they: text of one area repeats what stands in fields of another. Areas whose objects are removed have no say, as what
   * is said of their values is no choice of anybody's.
   */
  mustScrub(valueClass: RuledClass): boolean {
    let isShown = false;
    for (const { area, class: ruled, treatment } of this.#fields.values()) {
      if (ruled !== valueClass || this.#without.has(area)) continue;
      if (treatment !== 'show') return true;
      isShown = true;
    }
    return !isShown;
  }
}

function keyOf(area: GrantArea, valueClass: RuledClass): string {
  return `${area}|${valueClass}`;
}

function stricter(one: FieldTreatment, other: FieldTreatment): FieldTreatment {
  return fieldTreatments.indexOf(one) > fieldTreatments.indexOf(other) ? one : other;
}
