// The forms that text in a request may be held to. Each turns text into the one way of writing it, so that what is checked,
// logged and sent is the same text; null for text that is not of the form.
import { textForms } from '../../aircall/index.ts';
import type { Parameter } from '../../aircall/index.ts';

export type Format = NonNullable<Parameter['format']>;

type Form = {
  /** For people: “must be …”. */
  readonly what: string;
  readonly canonical: (text: string) => string | null;
  /** For JSON Schema. */
  readonly schema: Readonly<Record<string, string | number>>;
};

/** Aircall's ids go beyond 2^53 and stay below 2^63. One way of writing each: no leading zeros. */
export const idPattern = '^[1-9][0-9]{0,18}$';
const id = new RegExp(idPattern);
const largestId = 2n ** 63n - 1n;

const uuidPattern = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';
const uuid = new RegExp(uuidPattern);
const emailPattern = "^[A-Za-z0-9.!#$&'*+=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9-]{0,62}\\.)*[A-Za-z0-9-]{1,63}$";
const email = new RegExp(emailPattern);
const longestEmail = 254;
const longestUrl = 2000;

/** The id as it is written; null where it is none. */
export function canonicalId(text: string): string | null {
  return id.test(text) && BigInt(text) <= largestId ? text : null;
}

export const formats: Readonly<Record<Format, Form>> = {
  // Numbers, and checked as such; text only ever comes as digits.
  'unix-seconds': { what: 'a moment in UNIX seconds', canonical: () => null, schema: {} },
  e164: byPattern('a phone number in E.164 form, such as +15550100123', '^\\+[1-9][0-9]{5,14}$'),
  email: { what: 'an e-mail address', canonical: canonicalEmail, schema: { pattern: emailPattern, maxLength: longestEmail } },
  'https-url': {
    what: 'an https address with a host name, and without user name or password',
    canonical: canonicalUrl,
    schema: { pattern: '^https://' },
  },
  'hex-color': byPattern('a colour as #RRGGBB', '^#[0-9A-Fa-f]{6}$'),
  'iana-time-zone': byPattern('an IANA time zone', textForms['time-zone'].source),
  'id-or-email': {
    what: 'an id or an e-mail address',
    canonical: (text) => canonicalId(text) ?? canonicalEmail(text),
    schema: { pattern: `${idPattern}|${emailPattern}`, maxLength: longestEmail },
  },
  'uuid-or-id': {
    what: 'a UUID or an id',
    canonical: (text) => canonicalId(text) ?? (uuid.test(text) ? text.toLowerCase() : null),
    schema: { pattern: `${idPattern}|${uuidPattern}` },
  },
  language: byPattern('a language as an IETF tag, such as en-US', textForms.language.source),
  'iso-date': byPattern(
    'a day or a moment in ISO-8601 form',
    '^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,3})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?$',
  ),
  // Not `.` and not `..`: it may stand in a path.
  token: byPattern('an id or a name of letters, digits and -_.:', '^[A-Za-z0-9_:-][A-Za-z0-9_.:-]{0,127}$'),
  'page-token': byPattern('the token of a page', '^[A-Za-z0-9_.:+/=-]{1,2048}$'),
};

function byPattern(what: string, pattern: string): Form {
  const fits = new RegExp(pattern);
  return { what, canonical: (text) => (fits.test(text) ? text : null), schema: { pattern } };
}

function canonicalEmail(text: string): string | null {
  return text.length <= longestEmail && email.test(text) && !text.includes('..') ? text : null;
}

/**
 * The address as it will be read by whoever calls it. Readers disagree about blanks, backslashes and user names, so that none
 * of them is let through: what the list of allowed hosts sees is the host that is called.
 */
function canonicalUrl(text: string): string | null {
  if (text.length > longestUrl || !/^https:\/\/[\x21-\x7e]+$/i.test(text)) return null;
  const authority = /^[^/?#]*/.exec(text.slice('https://'.length))?.[0] ?? '';
  if (!/^[A-Za-z0-9.-]+(?::\d{1,5})?$/.test(authority)) return null;
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const isNumeric = /^[\d.]+$/.test(url.hostname);
  if (url.protocol !== 'https:' || isNumeric || url.hostname.endsWith('.')) return null;
  return url.href;
}
