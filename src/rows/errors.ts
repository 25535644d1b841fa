import { TrunklineError } from '../base/index.ts';

/** A field nobody declared arrived under the contract `newColumns: 'stop'`. Only its stream stops. */
export class NewFieldRefused extends TrunklineError {
  constructor(facts: { readonly table: string; readonly field: string }) {
    super({
      code: 'new_field_refused',
      message: `Aircall sent a new field "${facts.field}" for ${facts.table}, and the settings say to stop at new fields.`,
      hint: `Set "newColumns" of this stream to "evolve" to store it, or to "ignore" to go on without it.`,
    });
  }
}

/** A found field changed its type under `onTypeChange: 'stop'`. Only its stream stops. */
export class TypeChangeRefused extends TrunklineError {
  constructor(facts: { readonly table: string; readonly column: string; readonly from: string; readonly to: string }) {
    super({
      code: 'type_change_refused',
      message: `The column "${facts.column}" of ${facts.table} holds ${facts.from}, Aircall sent ${facts.to}, and the settings say to stop.`,
      hint: `Set "onTypeChange" of this stream to "widen", or to "quarantine" to set such values aside.`,
    });
  }
}

/** A stream's declaration contradicts itself: a mistake in the program, found before any record is read. */
export class ShapeInvalid extends TrunklineError {
  constructor(table: string, problem: string) {
    super({ code: 'shape_invalid', message: `The declaration of ${table} cannot be used: ${problem}.` });
  }
}
