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
    if (quiet.test(text)) return wellFormed(text);
    const found = replaced(text, { names, longDigitsStay });
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
    if (Array.isArray(value)) return value.map((item) => walk(item, name, fromClient));
    if (typeof value !== 'object' || value === null) return value;
    const members = Object.entries(value).map(([key, member]) => {
      return [clean(key, !fromClient), walk(member, key, fromClient || key === 'arguments' || key === 'client')];
    });
    return Object.fromEntries(members);
  };
  return { facts: walk(facts, '', false) as AuditFacts, withheld }; // the same shape; only text and long numbers are replaced
}

/** Nothing in it can be personal: too few digits for a number, no sign of an address or a link. */
const quiet = /^(?!.*(?:@|:\/\/|acg_))(?!(?:[^0-9]*[0-9]){7})[^\uD800-\uDFFF]*$/s;
/** Names under which long digits are ids or moments, not phone numbers. */
const idName = /(?:^|_)(?:id|ids|uuid|seq|ms|at|from|to|after|before)$|(?:Id|Ids|Ms|Seq|At)$/;

const digest = /^hmac:[a-z]{3}:[0-9a-f]{32}$/;
/** What has many digits and is no phone number: hashes, moments and dates, network addresses and UUIDs. */
const harmless =
  /\bhmac:[a-z]{3}:[0-9a-f]{32}\b|\b[0-9a-f]{32,}\b|\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?Z?)?(?![\d-])|\b(?:\d{1,3}\.){3}\d{1,3}(?:\/\d{1,2})?\b(?!\.\d)|\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi;

const email = /[^\s@"'<>(),;:[\]]+@[^\s@"'<>(),;:[\]]+\.[^\s@"'<>(),;:[\].]{2,}/gu;
const agentKey = /\bacg_[A-Za-z0-9]+_[A-Za-z0-9]+_[A-Za-z0-9_-]{8,}/g;
/** Links with a password, a query or a fragment: signed links are credentials. */
const secretLink = /\b[a-z][a-z0-9+.-]*:\/\/(?:[^\s"'<>/?#]*@[^\s"'<>]*|[^\s"'<>?#]*[?#][^\s"'<>]*)/gi;
const between = '[\\s\\u00a0\\u202f.()/\\u2010-\\u2015-]';
const phones = [
  // In international form: a plus or tel:, then 7 to 15 digits with anything usual between them.
  new RegExp(`(?:\\+|\\btel:)${between}{0,2}(?:\\d${between}{0,2}){6,14}\\d`, 'gi'),
  // With the prefix 00, or in a national form with a leading zero.
  /(?<![\w.:-])00[1-9]\d{7,13}(?![\w-])/g,
  /(?<![\w.:-])0\d{8,10}(?![\w-])/g,
  // In groups: nine digits or more with at least two places where something stands between them.
  new RegExp(`(?<![\\w:.-])\\(?\\d{1,4}\\)?(?:${between}{1,2}\\(?\\d{1,4}\\)?){2,7}(?![\\w:]|[.-]\\d)`, 'g'),
];
/** More digits than ids of Aircall's have today, as many as phone numbers with their country have. */
const longDigits = /(?<![\w.:-])\d{11,15}(?![\w-])/g;

type Place = { readonly names: readonly string[]; readonly longDigitsStay: boolean };

function replaced(text: string, { names, longDigitsStay }: Place): { readonly text: string; readonly count: number } {
  if (digest.test(text) || names.includes(text)) return { text, count: 0 };
  let count = 0;
  const kept: string[] = [];
  // What is to stay is set aside, and put back at the end.
  const keep = (part: string): string => `\uE000${String.fromCharCode(0xe100 + kept.push(part) - 1)}\uE000`;
  const withhold = (part: string): string => {
    count += 1;
    return /^\s/.test(part) ? ` ${withheldText}` : withheldText;
  };
  let open = text.replaceAll('\uE000', '\uFFFD');
  for (const name of names) if (name.includes('@')) open = open.replaceAll(name, keep);
  open = open.replaceAll(agentKey, withhold).replaceAll(secretLink, withhold).replaceAll(email, withhold).replaceAll(harmless, keep);
  for (const [index, phone] of phones.entries()) {
    open = open.replaceAll(phone, (part) => (index === 3 && digitsIn(part) < 9 ? part : withhold(part)));
  }
  if (!longDigitsStay) open = open.replaceAll(longDigits, withhold);
  return { text: open.replaceAll(/\uE000(.)\uE000/gs, (_, mark: string) => kept[mark.charCodeAt(0) - 0xe100] ?? withheldText), count };
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
    for (const [key, member] of Object.entries(value) as [string, Json][]) {
      if (typeof member === 'string' && (key === 'owner' || key === 'operator' || key === 'approver' || key === 'by')) names.push(member);
      else look(member);
    }
  };
  look(change?.before);
  look(change?.after);
  return names.filter((name): name is string => typeof name === 'string' && name !== '');
}
