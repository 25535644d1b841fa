// Which key a request was made with. Looked up in the store each time: a key revoked by another process is refused at the next
// request.
import { randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { AgentStore, StoredKey } from '../../store/index.ts';
import type { PresentedKey } from '../flow/call.ts';
import type { KeyBook, KeyFinding, KeyProblem } from '../flow/parts.ts';
import { isAmong } from './addresses.ts';
import { hashOf, readKey, sameHash } from './agent-key.ts';

/** Of the gateway’s own keys, which it knows without asking anybody. */
export type OwnKeyBook = { readonly find: (...asked: Parameters<KeyBook['find']>) => KeyFinding };

/** How often the last use of a key is written down. */
const useNotedEveryMs = 60_000;

/**
 * `find` costs one look into the store, one hash and one comparison, whether or not the key is known. What is wrong with a known
 * key is told only to the log, and only once the secret has proven right.
 */
export function openKeyBook(parts: { readonly store: AgentStore; readonly pepper: KeyObject }): OwnKeyBook {
  const { store, pepper } = parts;
  const nobody = randomBytes(32).toString('hex');
  const notedAtMs = new Map<string, number>();

  const noteUse = (keyId: string, nowMs: number): void => {
    const last = notedAtMs.get(keyId);
    if (last !== undefined && Math.abs(nowMs - last) < useNotedEveryMs) return;
    notedAtMs.set(keyId, nowMs);
    try {
      store.noteUse(keyId, new Date(nowMs).toISOString());
    } catch {
      // When a key was last used is for people to look at. Whether anything may happen without a writable store is decided by the log.
    }
  };

  return {
    find(presented: PresentedKey, { ip, nowMs }): KeyFinding {
      if (presented.key === '') return refused('missing', null, 'No key was given.');
      const read = readKey(presented.key);
      const stored = store.key(read?.keyId ?? '');
      const isRight = sameHash(hashOf(read?.keyId ?? '', read?.secret ?? '', pepper), stored?.hash ?? nobody);
      if (read === null) return refused('malformed', null, 'What was given is not a key of this gateway.');
      if (stored === null) return refused('unknown', null, 'There is no such key.');
      if (!isRight) return refused('wrong_secret', stored, 'The key has the id of a known one and another secret.');
      const problem = problemOf(stored, presented, { ip, nowMs });
      if (problem !== null) return problem;
      noteUse(stored.keyId, nowMs);
      return { kind: 'known', keyId: stored.keyId, agentId: stored.agentId };
    },
  };
}

function problemOf(key: StoredKey, presented: PresentedKey, from: { ip: string | null; nowMs: number }): KeyFinding | null {
  if (key.revokedAt !== null)
    return refused('revoked', key, `The key was revoked on ${key.revokedAt.slice(0, 10)} by ${key.revokedBy ?? '?'}.`);
  // A moment that cannot be read is one that has passed.
  if (key.expiresAt !== null && !(from.nowMs < Date.parse(key.expiresAt)))
    return refused('expired', key, `The key expired on ${key.expiresAt.slice(0, 10)}.`);
  if (key.addresses !== null && !isAmong(from.ip, key.addresses))
    return refused('address', key, 'The key may not be used from the address the request came from.');
  if (presented.agentId !== null && presented.agentId !== key.agentId)
    return refused('wrong_agent', key, 'The key was given together with the id of another agent.');
  return null;
}

function refused(reason: KeyProblem, key: StoredKey | null, text: string): KeyFinding {
  return { kind: 'refused', keyId: key?.keyId ?? null, agentId: key?.agentId ?? null, reason, text };
}
