// Reads the target of a request, the raw path and query of its first line, into parts that mean the same to every decoder. What
// two programs could read in two ways is refused: the gateway must never check one thing and send another.

/** The path's parts, decoded once, and the query's values by their key, each as often as it was given. */
export type Target = {
  readonly segments: readonly string[];
  readonly query: ReadonlyMap<string, readonly string[]>;
};

export type TargetProblem = { readonly problem: string };

const longestTarget = 8192;
/** Of an identity provider; the first letters are those of `{"` in base64. */
const jsonWebToken = /^eyJ[\w-]*\.[\w-]*\.[\w.-]*$/;
const mostParameters = 100;

/** What is wrong is said in our words; nothing of the target is in it. */
export function readTarget(target: string): Target | TargetProblem {
  if (target.length > longestTarget) return { problem: 'The address is too long.' };
  if (!target.startsWith('/')) return { problem: 'The address must begin with a slash.' };
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const segments = readPath(path);
  if ('problem' in segments) return segments;
  const query = readQuery(mark === -1 ? '' : target.slice(mark + 1));
  if ('problem' in query) return query;
  return { segments: segments.parts, query: query.values };
}

/** What RFC 3986 lets stand in a path as it is, less `;` and all that decoders disagree about, and escapes. */
const pathLetters = /^[A-Za-z0-9._~!$&'()*+,=:@%/-]*$/;
/** The same for a query, without `+`, which some decoders read as a space, and with the brackets of `tags[]`. */
const queryLetters = /^[A-Za-z0-9._~!$'()*,:@/?%=&[\]-]*$/;
const plainKey = /^[A-Za-z][A-Za-z0-9_]{0,63}(?:\[\])?$/;
/** Escapes of two upper- or lower-case digits; anything else after a percent sign is none. */
const brokenEscape = /%(?![0-9A-Fa-f]{2})/;

function readPath(path: string): { readonly parts: readonly string[] } | TargetProblem {
  if (!pathLetters.test(path) || brokenEscape.test(path)) return { problem: 'The path holds characters that no path of this gateway has.' };
  const parts: string[] = [];
  for (const raw of path.slice(1).split('/')) {
    const part = decodeOnce(raw);
    if (part === null) return { problem: 'The path holds an escape that is not used in paths.' };
    if (part === '') return { problem: 'The path holds an empty part.' };
    if (part === '.' || part === '..') return { problem: 'The path holds a part that points elsewhere.' };
    if (/[%/\\;?#]/.test(part)) return { problem: 'The path holds an escape that is not used in paths.' };
    parts.push(part);
  }
  return { parts };
}

function readQuery(text: string): { readonly values: ReadonlyMap<string, readonly string[]> } | TargetProblem {
  const values = new Map<string, string[]>();
  if (text === '') return { values };
  if (text.includes('+')) return { problem: 'The query holds a plus sign; write %2B for a plus and %20 for a space.' };
  if (!queryLetters.test(text) || brokenEscape.test(text)) return { problem: 'The query holds characters that must be escaped.' };
  const pairs = text.split('&');
  if (pairs.length > mostParameters) return { problem: 'The query has too many parameters.' };
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals < 1) return { problem: 'Every parameter of the query must have a name and an equals sign.' };
    const key = decodeOnce(pair.slice(0, equals));
    const rawValue = pair.slice(equals + 1);
    const value = decodeOnce(rawValue);
    if (key === null || !plainKey.test(key)) return { problem: 'The query has a name that no parameter has.' };
    if (value === null || /[%\\]/.test(value)) return { problem: 'The query holds an escape that is not used here.' };
    // Some decoders end a value there.
    if (/[=[\]?]/.test(rawValue)) return { problem: 'The query holds characters that must be escaped.' };
    if (/^acg_/i.test(value) || jsonWebToken.test(value))
      return { problem: 'A key must be sent in the Authorization header, never in the address. Take this key out of use.' };
    const given = values.get(key);
    if (given === undefined) values.set(key, [value]);
    else given.push(value);
  }
  return { values };
}

/** Null for what is not plain ASCII without controls once it is decoded. */
function decodeOnce(raw: string): string | null {
  const decoded = raw.replaceAll(/%([0-9A-Fa-f]{2})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  return /^[\x20-\x7e]*$/.test(decoded) ? decoded : null;
}
