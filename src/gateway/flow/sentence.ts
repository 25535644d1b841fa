// The plain English line of a record: who did or tried what, on what, and why it was let through or not. Made of names that
// operators set, ids, counts and our own words; nothing that came with the request or from Aircall gets in.
import { tellDeed } from '../capabilities/use.ts';
import type { Capability } from '../capabilities/capability.ts';
import type { CallArguments, Decision } from '../policy/decision.ts';

export type Told = {
  /** The agent's name. */
  readonly agent: string;
  readonly capability: Capability;
  readonly at: CallArguments['at'];
};

export function toldDenial(told: Told, why: string): string {
  return `${attempt(told)} Denied: ${sentence(why)}`;
}

/** A request that names nothing that exists. */
export function toldUnknown(agent: string, why: string): string {
  return `${agent} asked for something the gateway does not offer. Denied: ${sentence(why)}`;
}

/** What the gateway answers by itself; `did`: “asked what it may do”. */
export function toldOwn(agent: string, did: string): string {
  return `${agent} ${did}. Allowed: every agent may.`;
}

/** `capability`: what it was for, where that is known. */
export function toldMalformed(agent: string, capability: Capability | null, why: string): string {
  const what = capability === null ? 'a request' : `a request for “${capability.endpoint.title}”`;
  return `${agent} sent ${what} that cannot be read. Denied: ${sentence(why)}`;
}

/** `from`: the network the request came from, shortened. */
export function toldStranger(where: string, why: string, who: 'without a valid key' | 'whose key was not looked at'): string {
  return `A caller ${who} tried ${where}. Denied: ${sentence(why)}`;
}

export function toldIntent({ agent, capability, at }: Told, why: string): string {
  return `${agent} is about to ${tellDeed(capability, 'present', { at, rows: null })}. Allowed: ${sentence(why)}`;
}

/** The answer of the first time is about to be given again. */
export function toldReplay({ agent, capability, at }: Told, why: string): string {
  const asked = `${agent} asked again to ${tellDeed(capability, 'present', { at, rows: null })}`;
  return `${asked} and is about to get the answer of the first time. Nothing is done again. Allowed: ${sentence(why)}`;
}

/** What is asked for, as an approver or the agent itself reads it. */
export function toldRequest({ agent, capability, at }: Told): string {
  return `${agent} asks to ${tellDeed(capability, 'present', { at, rows: null })}.`;
}

export function toldPlan({ agent, capability, at }: Told): string {
  return `${agent} asked what would happen if it were to ${tellDeed(capability, 'present', { at, rows: null })}. Nothing was done.`;
}

export function toldApproval(told: Told, approval: { readonly id: string; readonly expiresAt: string }, why: string): string {
  return `${ask(told)} Waiting for approval (request ${approval.id}, expires ${minuteOf(approval.expiresAt)}): ${sentence(why)}`;
}

export function toldConfirmation(told: Told): string {
  return `${ask(told)} Asked to confirm first; nothing was done.`;
}

export function toldShown(told: Told): string {
  return `${ask(told)} It was shown what that is about, and must confirm; nothing was done.`;
}

export function toldDeclined(told: Told): string {
  return `${ask(told)} The confirmation it asked for was not given; nothing was done.`;
}

/** A presented token, approval or key was worth nothing. */
export function toldProblem(told: Told, why: string): string {
  return `${ask(told)} Not done: ${sentence(why)}`;
}

export type Shown = {
  readonly rowsReturned: number | null;
  readonly rowsHidden: number;
  readonly fieldsMasked: number;
  readonly textApart: boolean;
  readonly source: 'live' | 'cache';
  readonly replayed: boolean;
  readonly approver: string | null;
  readonly confirmed: boolean;
};

export function toldSuccess({ agent, capability, at }: Told, why: string, shown: Shown): string {
  const { rowsReturned, rowsHidden, fieldsMasked, textApart, source, replayed, approver, confirmed } = shown;
  const limits = [
    ...(rowsHidden > 0 ? [`${rowsHidden} ${rowsHidden === 1 ? 'other' : 'others'} hidden: outside its limits`] : []),
    ...(fieldsMasked > 0 ? ['some values hidden or masked'] : []),
    ...(textApart ? ['text marked untrusted'] : []),
    ...(source === 'cache' ? ['from a copy a few seconds old'] : []),
  ];
  const did = replayed
    ? `${agent} asked again to ${tellDeed(capability, 'present', { at, rows: null })} and got the answer of the first time`
    : `${agent} ${tellDeed(capability, 'past', { at, rows: rowsReturned })}`;
  const approved = approver === null ? '' : ` Approved by ${approver}.`;
  const agreed = confirmed ? ' It was confirmed first.' : '';
  return `${did}${limits.length > 0 ? ` (${limits.join('; ')})` : ''}.${approved}${agreed} Allowed: ${sentence(why)}`;
}

export function toldHidden(told: Told): string {
  return `${attempt(told)} It lies outside the agent's limits. Answered as if it did not exist; nothing was done.`;
}

export function toldFailure(told: Told, what: string): string {
  return `${attempt(told)} It was allowed. ${sentence(what)}`;
}

/** Of a request that is not made: what would become of it. */
export function toldVerdict({ effect, obligations }: Pick<Decision, 'effect' | 'obligations'>): string {
  const looksFirst = obligations.some(({ kind }) => kind === 'look_first');
  return looksFirst ? `${verdicts[effect]} The row is looked up before it is done, and has to lie within your limits.` : verdicts[effect];
}

const verdicts: Readonly<Record<Decision['effect'], string>> = {
  allow: 'It would be allowed.',
  deny: 'It would be denied.',
  needs_approval: 'A person would have to approve it first.',
  needs_confirm: 'It would have to be confirmed first.',
  dry_run: 'Only what would be done would be told; nothing would be done.',
};

/** A sentence with one full stop at its end. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?”"]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

function attempt({ agent, capability, at }: Told): string {
  return `${agent} tried to ${tellDeed(capability, 'present', { at, rows: null })}.`;
}

function ask({ agent, capability, at }: Told): string {
  return `${agent} asked to ${tellDeed(capability, 'present', { at, rows: null })}.`;
}

function minuteOf(moment: string): string {
  return `${moment.slice(0, 16).replace('T', ' ')} UTC`;
}
