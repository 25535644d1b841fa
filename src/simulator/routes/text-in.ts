import type { UnknownRecord } from '../../base/index.ts';

/** The text of a field; undefined when there is none. */
export function textIn(body: UnknownRecord, name: string): string | undefined {
  const value = body[name];
  return typeof value === 'string' ? value : undefined;
}
