/** JSON text with half surrogate pairs written as escapes: any JSON reader knows the text, and nothing of it is changed. */
export function escapeHalfPairs(json: string): string {
  return json.replaceAll(/\p{Surrogate}/gu, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
}
