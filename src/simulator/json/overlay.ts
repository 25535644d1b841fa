import type { Overrides } from '../company/state.ts';
import { exactJson, jsonText } from '../raw-json.ts';

/** Lays overridden fields over a record's JSON text; a field whose override is `undefined` disappears. */
export function overlaid(text: string, overrides: Overrides | undefined): string {
  if (overrides === undefined) return text;
  return jsonText({ ...(exactJson(text) as Record<string, unknown>), ...overrides });
}
