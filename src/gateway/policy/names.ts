// What operators may call things. These texts stand in sentences of the log and in answers to agents, so they are one line of
// visible characters.

const nameShape = /^[\p{L}\p{N}](?:[\p{L}\p{N} _.-]{0,58}[\p{L}\p{N}_.-])?$/u;
const personShape = /^[\p{L}\p{N}](?:[\p{L}\p{N} _.@-]{0,58}[\p{L}\p{N}_.-])?$/u;
const lineShape = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]{0,300}$/u;
const idShape = /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9])?$/;

/** Of an agent: letters, digits, spaces and `-_.`, up to 60. */
export function isAgentName(text: string): boolean {
  return nameShape.test(text);
}

/** Of a person: as an agent's, and `@`. */
export function isPersonName(text: string): boolean {
  return personShape.test(text);
}

/** A sentence: up to 300 characters, none of them a control, a format mark or the end of a line. May be empty. */
export function isLine(text: string): boolean {
  return lineShape.test(text);
}

/** Of a rule or a guardrail: letters, digits and `-_.`, up to 64. */
export function isRuleId(text: string): boolean {
  return idShape.test(text);
}

/** What an identity provider calls somebody: visible ASCII, up to 255 (openid.net/specs/openid-connect-core-1_0.html#IDToken). */
export function isSubject(text: string): boolean {
  return /^[\x21-\x7e]{1,255}$/.test(text);
}

/** Two names with the same key are one person or agent: neither case, nor form of letters, nor spaces and dots make another. */
export function nameKey(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}
