// The last net before the log: whoever makes a record has already put hashes in place of phone numbers and addresses. What still
// looks like one is taken out here, so that the record can be written all the same: a record that was refused for what a client
// sent would let that client act, or be turned away, without a trace.
import type { Json } from '../../base/index.ts';
import type { AuditFacts } from './record.ts';

export const withheldText = '[withheld]';

/**
 * The facts without what looks like a phone number, an e-mail address, a link with a secret in it or a key of an agent, and how
 * many such places there were. Hashes (`hmac:…`) stay. So do the names of those who answer for an agent or act at the desk, which
 * may be e-mail addresses: the log must say who.
 */
export function withholdPersonalData(facts: AuditFacts): { readonly facts: AuditFacts; readonly withheld: number } {
  const names = operatorsOf(facts);
  let withheld = 0;
  const clean = (text: string, longDigitsStay: boolean): string => {
    const signs = signsIn(text);
    if (signs === none) return text;
    const found = replaced(text, { names, longDigitsStay, signs });
    withheld += found.count;
    return wellFormed(found.text);
  };
  // Long digits are ids where we wrote them; where the client did, only under a name that says so.
  const walk = (value: unknown, name: string, fromClient: boolean): unknown => {
    const longDigitsStay = !fromClient || idName.test(name);
    if (typeof value === 'string') return clean(value, longDigitsStay);
    if (typeof value === 'number' && !longDigitsStay && isLongNumber(value)) {
      withheld += 1;
      return withheldText;
    }
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) {
      const items = value.map((item) => walk(item, name, fromClient));
      return items.some((item, index) => item !== value[index]) ? items : value;
    }
    return walkObject(value, fromClient);
  };
  // What is clean is given back as it is: that is nearly all, and copies cost more than looking.
  const walkObject = (value: object, fromClient: boolean): object => {
    let isClean = true;
    const members: [name: string, member: unknown][] = [];
    for (const key of Object.keys(value)) {
      const member: unknown = Reflect.get(value, key);
      const cleanKey = clean(key, !fromClient);
      const cleanMember = walk(member, key, fromClient || key === 'arguments' || key === 'client');
      isClean &&= cleanKey === key && cleanMember === member;
      members.push([cleanKey, cleanMember]);
    }
    return isClean ? value : Object.fromEntries(members);
  };
  return { facts: walk(facts, '', false) as AuditFacts, withheld }; // the same shape; only text and long numbers are replaced
}

/** What a text has that makes it worth a closer look. */
const none = 0;
const signOf = { at: 1, link: 2, key: 4, digits: 8, surrogate: 16 } as const;

/** One pass over the text, as nearly all texts have none of it. */
function signsIn(text: string): number {
  let signs = none;
  let digits = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 48 && code <= 57) digits += 1;
    else if (code === 64) signs |= signOf.at;
    else if (code === 47 && text.startsWith('://', index - 1)) signs |= signOf.link;
    else if (code === 95 && text.startsWith('acg_', index - 3)) signs |= signOf.key;
    else if (code >= 0xd800 && code <= 0xf8ff) signs |= signOf.surrogate;
  }
  if (digits >= 7 && !(text.length >= 32 && digest.test(text))) signs |= signOf.digits;
  return signs;
}

/** Names under which long digits are ids or moments, not phone numbers. */
const idName = /(?:^|_)(?:id|ids|uuid|seq|ms|at|from|to|after|before)$|(?:Id|Ids|Ms|Seq|At)$/;

const digest = /^(?:hmac:[a-z]{3}:)?[0-9a-f]{32,128}$/;
/** What has many digits and is no phone number: hashes, moments and dates, network addresses and UUIDs. */
const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const harmless = new RegExp(
  [
    'hmac:[a-z]{3}:[0-9a-f]{32}\\b',
    '[0-9a-f]{32,}\\b',
    '(?:19|20)\\d{2}-[01]\\d-[0-3]\\d(?:[T ]\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d{1,6})?)?Z?)?(?![\\d-])',
    `(?:${octet}\\.){3}${octet}(?:/\\d{1,2})?(?!\\.?\\d)`,
    '[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\\b',
  ]
    .map((form) => `(?<![\\w+.-])${form}`)
    .join('|'),
  'g',
);

const email = /[^\s@"'<>(),;:[\]]+@[^\s@"'<>(),;:[\]]+\.[^\s@"'<>(),;:[\].]{2,}/gu;
const agentKey = /\bacg_[A-Za-z0-9]+_[A-Za-z0-9]+_[A-Za-z0-9_-]{8,}/g;
/** Links with a password, a query or a fragment: signed links are credentials. */
const secretLink = /\b[a-z][a-z0-9+.-]*:\/\/(?:[^\s"'<>/?#]*@[^\s"'<>]*|[^\s"'<>?#]*[?#][^\s"'<>]*)/gi;
const between = '[\\s\\u00a0\\u202f.()/\\u2010-\\u2015-]';
/** A plus or tel:, then 7 to 15 digits with anything usual between them. */
const international = new RegExp(`(?:\\+|\\btel:)${between}{0,2}(?:\\d${between}{0,2}){6,14}\\d`, 'gi');
/** With the prefix 00, or in a national form with a leading zero. */
const prefixed = /(?<![\w.:-])(?:00[1-9]\d{7,13}|0\d{8,10})(?![\w-])/g;
/** Nine digits or more, with at least two places where something stands between them. */
const grouped = new RegExp(`(?<![\\w:./-])\\(?\\d{1,4}\\)?(?:${between}{1,2}\\(?\\d{1,4}\\)?){2,7}(?![\\w:]|[.-]\\d)`, 'g');
/** More digits than ids of Aircall's have today, as many as phone numbers with their country have. */
const longDigits = /(?<![\w.:-])\d{11,15}(?![\w-])/g;

type Place = { readonly names: readonly string[]; readonly longDigitsStay: boolean; readonly signs: number };

function replaced(text: string, { names, longDigitsStay, signs }: Place): { readonly text: string; readonly count: number } {
  if (names.includes(text)) return { text, count: 0 };
  let count = 0;
  const kept: string[] = [];
  // What is to stay is set aside, and put back at the end.
  const keep = (part: string): string => `\uE000${String.fromCharCode(0xe100 + kept.push(part) - 1)}\uE000`;
  const withhold = (): string => {
    count += 1;
    return withheldText;
  };
  let open = text.replaceAll('\uE000', '\uFFFD');
  if ((signs & signOf.key) !== 0) open = open.replaceAll(agentKey, withhold);
  if ((signs & signOf.at) !== 0) for (const name of names) if (name.includes('@')) open = open.replaceAll(name, keep);
  if ((signs & signOf.link) !== 0) open = open.replaceAll(secretLink, withhold);
  if ((signs & signOf.at) !== 0) open = open.replaceAll(email, withhold);
  if ((signs & signOf.digits) === 0) return { text: restored(open, kept), count };
  open = open.replaceAll(international, withhold).replaceAll(harmless, keep).replaceAll(prefixed, withhold);
  open = open.replaceAll(grouped, (part) => (digitsIn(part) < 9 ? part : withhold()));
  if (!longDigitsStay) open = open.replaceAll(longDigits, withhold);
  return { text: restored(open, kept), count };
}

function restored(open: string, kept: readonly string[]): string {
  return open.replaceAll(/\uE000(.)\uE000/gs, (_, mark: string) => kept[mark.charCodeAt(0) - 0xe100] ?? withheldText);
}

function digitsIn(text: string): number {
  return text.replaceAll(/\D/g, '').length;
}

function isLongNumber(value: number): boolean {
  return Number.isInteger(value) && value >= 1e10 && value < 1e15;
}

const lone = /\p{Surrogate}/gu;

function wellFormed(text: string): string {
  return text.replaceAll(lone, '\uFFFD');
}

/** The people of the desk that a record names, wherever it names them. */
function operatorsOf({ who, decision, change }: AuditFacts): readonly string[] {
  const names: (string | null | undefined)[] = [who.owner, who.operator, decision?.approver];
  const look = (value: Json | undefined): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, member] of Object.entries(value)) {
      if (typeof member === 'string' && (key === 'owner' || key === 'operator' || key === 'approver' || key === 'by')) names.push(member);
      else look(member);
    }
  };
  look(change?.before);
  look(change?.after);
  return names.filter((name): name is string => typeof name === 'string' && name !== '');
}
