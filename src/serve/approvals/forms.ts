// What shows that a form was sent from one of our own pages, by the browser that was shown it.
import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Goes into a hidden field. Bound to what the browser holds in a cookie, which no other site can read, and to what the form is for.
 */
export function formToken(held: string, purpose: string): string {
  return createHmac('sha256', held).update(`trunkline form 1\0${purpose}`).digest('base64url');
}

export function isFormToken(given: string, held: string, purpose: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(formToken(held, purpose))];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The value of a cookie; null when there is none, or two: then one of them is not ours. */
export function cookieOf(header: string | undefined, name: string): string | null {
  const values = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? (values[0] ?? null) : null;
}

/** The fields of a form; null when it names one twice. */
export function fieldsOf(body: string): ReadonlyMap<string, string> | null {
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(body)) {
    if (fields.has(name)) return null;
    fields.set(name, value);
  }
  return fields;
}
