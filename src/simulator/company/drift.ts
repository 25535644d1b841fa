// Fields that change behind everyone's back: new ones, other types, values nobody documented. A drift stays until it is
// taken off, and the ground truth has it too.
import { seedOf } from '../random.ts';
import { exactJson, jsonText } from '../raw-json.ts';
import type { Overrides } from './state.ts';

export const streamNames = ['calls', 'contacts', 'users', 'user_availability', 'teams', 'numbers', 'tags', 'webhooks', 'company'] as const;
export type StreamName = (typeof streamNames)[number];

export type DriftRule = {
  readonly stream: StreamName;
  /** Which part of the records has it, 0 to 1; always the same ones. Default: all. */
  readonly share?: number;
  /** Laid over the record. A value of `undefined` removes the field, `rawJson(…)` writes any JSON text. */
  readonly fields: Overrides | ((record: Readonly<Record<string, unknown>>) => Overrides);
};

export class Drift {
  readonly #rules = new Map<StreamName, Set<DriftRule>>();

  /** Lays a rule over a stream; the returned function takes it off. */
  add(rule: DriftRule): () => void {
    const rules = this.#rules.get(rule.stream) ?? new Set();
    this.#rules.set(rule.stream, rules.add(rule));
    return () => {
      rules.delete(rule);
      if (rules.size === 0) this.#rules.delete(rule.stream);
    };
  }

  /** The text of a record under the rules of its stream. */
  apply(stream: StreamName, id: number, text: string): string {
    const rules = this.#rules.get(stream);
    if (rules === undefined) return text;
    let drifted: Record<string, unknown> | undefined;
    for (const rule of rules) {
      if (seedOf(id, 17) / 4_294_967_296 >= (rule.share ?? 1)) continue;
      drifted ??= { ...(exactJson(text) as Record<string, unknown>) };
      Object.assign(drifted, typeof rule.fields === 'function' ? rule.fields(drifted) : rule.fields);
    }
    return drifted === undefined ? text : jsonText(drifted);
  }
}
