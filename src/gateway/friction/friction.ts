// What stands between a decision and the act: confirmations, approvals, idempotency keys, counters. `examine` only looks; what
// changes something runs inside the transaction of the record that tells about it, and looks again there: of any number of
// requests at once, in any number of processes, one wins.
import { isObject } from '../../base/index.ts';
import type { Clock, ExactJson } from '../../base/index.ts';
import type { FrictionStore, KeyPlace, ObjectUse, StoredApproval, StoredIdempotency } from '../../store/index.ts';
import type { Also, BoundRequest, Examined, Friction } from '../flow/parts.ts';
import type { Usage } from '../policy/decision.ts';
import { approvalId, readApprovalId } from './approval-id.ts';
import { readConfirmation, writeConfirmation } from './confirmation.ts';
import type { Confirmation } from './confirmation.ts';
import { keyDigest, repeatDigest, requestDigest } from './digest.ts';
import { AlreadyUsed, QuotaReached, TooManyWaiting } from './errors.ts';
import { isProofOfApproval } from './keys.ts';
import type { FrictionKeys } from './keys.ts';
import { openValue, sealValue, sizeOf } from './sealed.ts';
import { showRequest } from './shown.ts';
import { standingOf } from './standing.ts';

export type FrictionParts = {
  readonly store: FrictionStore;
  readonly company: string;
  readonly keys: FrictionKeys;
  /** Gives so many random bytes. */
  readonly random: (size: number) => Buffer;
  readonly clock: Pick<Clock, 'now'>;
  /** How long a request waits for a person, and may then be used. Default 15. */
  readonly approvalMinutes?: number | undefined;
};

const minuteMs = 60_000;
const dayMs = 86_400_000;
const confirmationMs = 5 * minuteMs;
const idempotencyMs = dayMs;
/** No request takes so long: one that says it still runs was forgotten. */
const longestRunMs = 10 * minuteMs;
const tidyEveryMs = 10 * minuteMs;
const mostWaiting = 20;
/** Answers to writes are one object. */
const largestAnswerBytes = 256 * 1024;

export function createFriction(parts: FrictionParts): Friction {
  const { store, company, keys, random, clock } = parts;
  const approvalMs = (parts.approvalMinutes ?? 15) * minuteMs;
  const digestFacts = { key: keys.confirm, company };
  const seal = { key: keys.idempotency, random };
  /** Requests whose write `consume` has counted. */
  const counted = new WeakSet<BoundRequest>();
  let lastNumber = 0;
  let tidiedMs = -Infinity;

  return {
    examine(request, presented) {
      // Most requests present nothing, and need none.
      const isShown = presented.confirmToken !== null || presented.approvalId !== null;
      const digest = isShown ? requestDigest(request, digestFacts) : '';
      const key = presented.idempotencyKey === null ? null : examineKey(request, presented.idempotencyKey);
      // A repeated request comes with the token and the approval that its first try used up: the key goes first.
      if (key?.found != null) return repeated(key.found, examineFound(key, request.nowMs));

      const confirmation = presented.confirmToken === null ? null : examineToken(presented.confirmToken, digest, request.nowMs);
      const approval = presented.approvalId === null ? null : examineApproval(presented.approvalId, digest, request);
      const problem = confirmation?.problem ?? approval?.problem ?? null;
      const given: Given = {
        request,
        digest,
        confirmation: confirmation?.good ?? null,
        approval: approval?.good ?? null,
        key,
      };
      return {
        confirmed: given.confirmation !== null,
        approved: given.approval !== null,
        approvalId: given.approval === null ? null : approvalId(given.approval.number),
        approver: given.approval?.decidedBy ?? null,
        problem,
        stored: null,
        ...acts(given, problem),
      };
    },

    mintConfirmation(request) {
      const expiresMs = Math.trunc(request.nowMs) + confirmationMs;
      const token = writeConfirmation({ key: keys.confirm, digest: requestDigest(request, digestFacts), expiresMs, nonce: random(16) });
      return { token, expiresAt: new Date(expiresMs).toISOString() };
    },

    draftApproval(request, told) {
      const { agentId, capability, policyVersion } = request;
      const nowMs = Math.trunc(request.nowMs);
      const digest = requestDigest(request, digestFacts);
      const open = store.openApproval(digest, nowMs);
      if (open !== null) return { id: approvalId(open.number), expiresAt: iso(open.expiresMs), store: nothing };

      const isFull = () => store.countWaiting({ agentId, policyVersion, nowMs }) >= mostWaiting;
      if (isFull()) throw new TooManyWaiting(mostWaiting);
      const number = Math.max(lastNumber, store.lastApproval()) + 1;
      lastNumber = number;
      const expiresMs = nowMs + approvalMs;
      const place = approvalPlace({ company, number, agentId, digest });
      const sealed = sealValue(showRequest(told, request.arguments), place, seal);
      const facts = { number, agentId, capability: capability.id, policyVersion, digest, askedMs: nowMs, expiresMs, request: sealed };
      return {
        id: approvalId(number),
        expiresAt: iso(expiresMs),
        store() {
          tidy(nowMs);
          if (isFull() || !store.insertApproval(facts)) throw new AlreadyUsed('approval');
        },
      };
    },

    usage(request): Usage {
      const object = limitedObject(request);
      const { rows, writes, requests } = store.usage(useOf(request));
      return {
        requestsToday: requests,
        rowsToday: rows,
        writesToday: writes,
        commentsOnCall: object === null ? 0 : store.uses(object),
      };
    },

    readTextAtMs: (agentId) => store.readTextAtMs(agentId),

    requestsToday: (agentId, nowMs) => store.requests(dayOf({ agentId, nowMs })),

    countRequest: (request) => () => countRequest(request),

    takeRequestBack: (request) => () => store.takeRequestBack(dayOf(request)),

    standing(agentId, id, now) {
      const number = readApprovalId(id);
      const row = number === null ? null : store.approval(number);
      if (row === null || row.agentId !== agentId) return null;
      return {
        id: approvalId(row.number),
        state: standingOf(row, now),
        capability: row.capability,
        expiresAt: iso(row.expiresMs),
      };
    },

    abandonRunning: () => () => {
      store.abandonRunning();
    },

    count(request, { rows, wrote, textGiven }) {
      return () => {
        tidy(request.nowMs);
        if (rows > 0) countRows(request, rows);
        if (wrote && !counted.has(request)) noteWrite(request);
        if (textGiven) store.noteTextRead(request.agentId, Math.trunc(Math.max(request.nowMs, clock.now())));
      };
    },
  };

  function examineToken(token: string, digest: string, nowMs: number): Looked<Confirmation> {
    const read = readConfirmation(token, { key: keys.confirm, digest });
    const bad = (text: string): Looked<Confirmation> => ({ good: null, problem: { code: 'confirm_invalid', text } });
    if (read === null) return bad('The confirmation does not belong to exactly this request, or the rules have changed since.');
    if (read.expiresMs <= nowMs) return bad('The confirmation has expired.');
    if (store.isNonceUsed(read.nonce)) return bad('The confirmation was used already.');
    return { good: read, problem: null };
  }

  function examineApproval(id: string, digest: string, request: BoundRequest): Looked<StoredApproval> {
    const number = readApprovalId(id);
    const row = number === null ? null : store.approval(number);
    const bad = (code: 'approval_refused' | 'approval_expired', text: string): Looked<StoredApproval> => ({
      good: null,
      problem: { code, text },
    });
    // Somebody else's approval looks like none.
    if (row === null || row.agentId !== request.agentId) return bad('approval_refused', 'There is no approval of that id for this agent.');
    const name = approvalId(row.number);
    if (row.digest !== digest) {
      return row.policyVersion === request.policyVersion
        ? bad('approval_refused', `Approval ${name} was asked for another request.`)
        : bad('approval_expired', `The rules have changed since approval ${name} was asked for.`);
    }
    if (row.state === 'refused') return bad('approval_refused', `A person has refused ${name}.`);
    if (row.state === 'used') return bad('approval_expired', `Approval ${name} was used already.`);
    if (row.state === 'expired' || row.expiresMs <= request.nowMs) return bad('approval_expired', `Approval ${name} has expired.`);
    if (row.state === 'pending') {
      const approval = { id: name, expiresAt: iso(row.expiresMs) };
      return { good: null, problem: { code: 'approval_pending', text: `${name} waits for a person.`, approval } };
    }
    const { decidedBy: by, expiresMs } = row;
    const isProven = by !== null && isProofOfApproval(row.proof, keys, { company, number: row.number, digest, by, expiresMs });
    if (!isProven) return bad('approval_refused', `Approval ${name} was not given by a person.`);
    return { good: row, problem: null };
  }

  function examineKey(request: BoundRequest, text: string): ExaminedKey {
    const { agentId, capability, nowMs } = request;
    const place: KeyPlace = { agentId, capability: capability.id, key: keyDigest(text, digestFacts) };
    const digest = repeatDigest(request, digestFacts);
    return { place, digest, found: store.idempotency(place, Math.trunc(nowMs) - idempotencyMs) };
  }

  /** What a key that is in use is worth: an answer, or the reason why there is none. */
  function examineFound({ place, digest, found }: ExaminedKey, nowMs: number): Pick<Examined, 'problem' | 'stored'> {
    const bad = (code: 'idempotency_mismatch' | 'idempotency_in_progress' | 'outcome_unknown', text: string) => ({
      problem: { code, text },
      stored: null,
    });
    if (found === null) return bad('outcome_unknown', 'Nothing is known about that key.');
    if (found.digest !== digest) return bad('idempotency_mismatch', 'The idempotency key was used for a request with other arguments.');
    if (found.state === 'running') {
      const mayRun = found.runner !== 'dead' && nowMs - found.begunMs < longestRunMs;
      return mayRun
        ? bad('idempotency_in_progress', 'A request with this idempotency key is being carried out.')
        : bad('outcome_unknown', 'A request with this idempotency key was begun and not ended. It may have happened.');
    }
    if (found.state === 'unknown') return bad('outcome_unknown', 'Whether the request with this idempotency key happened is not known.');
    if (found.answer === null) {
      return bad('outcome_unknown', 'The request with this idempotency key was carried out; its answer was too large to be kept.');
    }
    const stored = answerOf(openValue(found.answer, answerPlace(place, found), seal));
    if (stored === null) {
      return bad('outcome_unknown', 'The request with this idempotency key was carried out; its answer cannot be read any more.');
    }
    return { problem: null, stored };
  }

  function acts(given: Given, problem: Examined['problem']): Pick<Examined, 'consume' | 'discard' | 'release' | 'settle'> {
    const { request, digest, confirmation, approval, key } = given;
    const nowMs = Math.trunc(request.nowMs);
    const isWrite = request.capability.effect !== 'read';
    let isConsumed = false;
    return {
      consume() {
        if (problem !== null) throw new AlreadyUsed(problem.code === 'confirm_invalid' ? 'confirmation' : 'approval');
        if (confirmation !== null && !store.useNonce(confirmation.nonce, confirmation.expiresMs)) throw new AlreadyUsed('confirmation');
        if (approval !== null && !store.useApproval(approval.number, { digest, nowMs })) throw new AlreadyUsed('approval');
        if (key !== null) begin(key, given);
        countRequest(request);
        if (isWrite) {
          countWrite(request, request.mostWritesToday);
          counted.add(request);
          tidy(nowMs);
        }
        isConsumed = true;
      },
      discard() {
        if (confirmation !== null) store.useNonce(confirmation.nonce, confirmation.expiresMs);
      },
      release() {
        if (!isConsumed) return;
        if (confirmation !== null) store.forgetNonce(confirmation.nonce);
        if (approval !== null) store.giveApprovalBack(approval.number, digest);
        if (key !== null) store.forgetIdempotency(key.place, nowMs);
        if (isWrite) takeWriteBack(request);
      },
      settle: (answer) => () => {
        if (key === null || !isConsumed) return;
        const isKept = answer !== null && sizeOf(answer) <= largestAnswerBytes;
        const sealed = isKept ? sealValue(answer, answerPlace(key.place, { digest: key.digest, begunMs: nowMs }), seal) : null;
        store.endIdempotency(key.place, { begunMs: nowMs, state: answer === null ? 'unknown' : 'done', answer: sealed });
      },
    };
  }

  function begin({ place, digest }: ExaminedKey, { request, confirmation, approval }: Given): void {
    const begunMs = Math.trunc(request.nowMs);
    const begun = store.beginIdempotency(place, {
      digest,
      begunMs,
      sinceMs: begunMs - idempotencyMs,
      confirmed: confirmation !== null,
      approval: approval?.number ?? null,
      approver: approval?.decidedBy ?? null,
    });
    if (!begun) throw new AlreadyUsed('idempotency_key');
  }

  function countRequest(request: BoundRequest): void {
    if (!store.addRequest(dayOf(request), request.mostRequestsToday)) throw new QuotaReached('requests');
  }

  function countRows(request: BoundRequest, rows: number): void {
    const { capability, mostRowsToday } = request;
    const isFull = mostRowsToday !== null && !(store.usage(useOf(request)).rows < mostRowsToday);
    // What a write answers with is shown in any case: it has happened.
    if (isFull && capability.effect === 'read') throw new QuotaReached('rows');
    store.addRows(useOf(request), rows);
  }

  function countWrite(request: BoundRequest, most: number | null): void {
    const object = limitedObject(request);
    if (!store.addWrite(useOf(request), most)) throw new QuotaReached('writes');
    if (object === null) return;
    if (!store.addObjectUse(object, { most: object.most, nowMs: Math.trunc(request.nowMs) })) throw new QuotaReached('object');
  }

  /** It has happened: counted even where it should not have. */
  function noteWrite(request: BoundRequest): void {
    const object = limitedObject(request);
    store.addWrite(useOf(request), null);
    if (object !== null) store.addObjectUse(object, { most: Number.MAX_SAFE_INTEGER, nowMs: Math.trunc(request.nowMs) });
  }

  function takeWriteBack(request: BoundRequest): void {
    const object = limitedObject(request);
    store.takeWriteBack(useOf(request));
    if (object !== null) store.takeObjectUseBack(object);
  }

  function answerPlace({ agentId, capability, key }: KeyPlace, { digest, begunMs }: { digest: string; begunMs: number }): string[] {
    return ['answer', company, agentId, capability, key, digest, String(begunMs)];
  }

  function tidy(nowMs: number): void {
    if (nowMs - tidiedMs < tidyEveryMs && nowMs >= tidiedMs) return;
    tidiedMs = nowMs;
    store.prune(Math.trunc(nowMs));
  }
}

/** Where the request that a person is shown lies. */
export function approvalPlace(facts: {
  readonly company: string;
  readonly number: number;
  readonly agentId: string;
  readonly digest: string;
}): string[] {
  return ['approval', facts.company, String(facts.number), facts.agentId, facts.digest];
}

type Looked<T> = { readonly good: T; readonly problem: null } | { readonly good: null; readonly problem: NonNullable<Examined['problem']> };

type ExaminedKey = { readonly place: KeyPlace; readonly digest: string; readonly found: StoredIdempotency | null };

type Given = {
  readonly request: BoundRequest;
  readonly digest: string;
  readonly confirmation: Confirmation | null;
  readonly approval: StoredApproval | null;
  readonly key: ExaminedKey | null;
};

function repeated(found: StoredIdempotency, worth: Pick<Examined, 'problem' | 'stored'>): Examined {
  const isAnswered = worth.stored !== null;
  return {
    confirmed: isAnswered && found.confirmed,
    approved: isAnswered && found.approval !== null,
    approvalId: isAnswered && found.approval !== null ? approvalId(found.approval) : null,
    approver: isAnswered ? found.approver : null,
    ...worth,
    consume() {
      throw new AlreadyUsed('idempotency_key');
    },
    discard: nothing,
    release: nothing,
    settle: () => nothing,
  };
}

const nothing: Also = () => {};

function answerOf(value: unknown): NonNullable<Examined['stored']> | null {
  if (!isObject(value) || typeof value['status'] !== 'number') return null;
  return { status: value['status'], body: value['body'] as ExactJson | undefined }; // sealed by us, from such a value
}

function useOf({ capability, ...request }: BoundRequest) {
  return { ...dayOf(request), area: capability.area };
}

function dayOf({ agentId, nowMs }: Pick<BoundRequest, 'agentId' | 'nowMs'>) {
  return { agentId, day: Math.floor(nowMs / dayMs) };
}

/** The object that is used, where the capability may be used only so often on one. */
function limitedObject({ agentId, capability, arguments: { at } }: BoundRequest): (ObjectUse & { readonly most: number }) | null {
  const { mostPerObject: most, subject } = capability;
  if (most === null) return null;
  return { agentId, capability: capability.id, objectId: (subject === null ? undefined : at[subject.parameter]) ?? '', most };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
