// Logins of people in the browser: who tries, who gets in, for how long. A stranger learns neither which names there are nor which part
// was wrong, neither from words nor from time. Each login and each refused one stands in the log; so does its end.
import { createHash } from 'node:crypto';
import { TrunklineError } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';
import type { PeopleStore, StoredPerson } from '../../store/index.ts';
import type { AuditFacts } from '../audit/record.ts';
import { RefusalFolder } from '../flow/fold.ts';
import { networkOf } from '../flow/network.ts';
import type { Also, AuditLog } from '../flow/parts.ts';
import { nameKey } from '../policy/names.ts';
import { Secret } from '../secrets/secret.ts';
import { AttemptCounter } from './attempts.ts';
import { isPassword, longestPassword } from './password.ts';
import type { PasswordWork } from './password.ts';
import { personOf } from './person.ts';
import type { Person } from './person.ts';

export type LoginParts = {
  readonly store: PeopleStore;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly work: PasswordWork;
  readonly clock: Clock;
};

export type Session = {
  readonly person: Person;
  /** Names the login in the store. */
  readonly hash: string;
  readonly expiresMs: number;
};

export type LoginResult =
  | { readonly kind: 'done'; readonly token: Secret; readonly session: Session }
  | { readonly kind: 'refused' }
  /** Too many attempts, or too many at once. */
  | { readonly kind: 'wait'; readonly waitMs: number };

export interface Logins {
  /** Rejects with `AuditUnavailable` when it cannot be recorded; then nobody is logged in. */
  login(given: { readonly name: string; readonly password: string; readonly ip: string | null }): Promise<LoginResult>;
  /** Null: nobody is logged in with that. */
  find(token: string): Session | null;
  /** To be run in the transaction of what somebody does: false when the login has ended by then. */
  holds(session: Session): boolean;
  logout(session: Session): Promise<void>;
  /** Writes down what was only counted so far. Safe to call twice. */
  close(): Promise<void>;
}

/** How long a login holds, whatever is done with it. */
export const sessionMs = 60 * 60_000;
const windowMs = 15 * 60_000;
/** Of one address for one name; of one address; for one name. The last is what a password must stand, however many addresses guess. */
const most = { pair: 5, address: 20, name: 50 } as const;
/** A guess takes most of a second: who comes later than so many waits on a page, not in memory. */
const mostInLine = 8;
const busyWaitMs = 5_000;

export function createLogins({ store, audit, work, clock }: LoginParts): Logins {
  const counter = (limit: number) => new AttemptCounter({ limit: { most: limit, windowMs }, clock });
  const pairs = counter(most.pair);
  const addresses = counter(most.address);
  const names = counter(most.name);
  // Apart, so that a flood of names that are none cannot push out the counts of those that are.
  const strangers = counter(most.name);
  const folder = new RefusalFolder({
    clock,
    write: ({ facts, also }) => audit.append(facts, { durability: 'process', also }),
  });
  let line: Promise<unknown> = Promise.resolve();
  let inLine = 0;

  /** One at a time: the threads that hash are those that make the log safe, too. */
  const oneByOne = async <T>(act: () => Promise<T>): Promise<T> => {
    inLine += 1;
    const before = line;
    const mine = (async () => {
      await before.catch(() => {});
      return act();
    })();
    line = mine;
    try {
      return await mine;
    } finally {
      inLine -= 1;
    }
  };

  const append = (facts: AuditFacts, also: Also) => audit.append(facts, { durability: 'power', also });

  const note = async (result: Refusal, person: StoredPerson | null, ip: string | null): Promise<void> => {
    await folder.note(`${result} ${person?.id ?? ''}`, { facts: factsOfRefusal(result, { person, ip, work }) });
  };

  return {
    async login({ name, password, ip }) {
      const key = nameKey(name.slice(0, 200)).slice(0, 100);
      const stored = store.personOfName(key);
      const address = addressKey(ip);
      const counts = [
        { counter: pairs, key: JSON.stringify([key, address]) },
        { counter: addresses, key: address },
        { counter: stored === null ? strangers : names, key },
      ] as const;
      const waitMs = Math.max(...counts.map(({ counter, key }) => counter.waitMs(key)));
      if (waitMs > 0) {
        await note('too_many', stored, ip);
        return { kind: 'wait', waitMs };
      }
      if (inLine >= mostInLine) {
        await note('busy', null, ip);
        return { kind: 'wait', waitMs: busyWaitMs };
      }
      for (const { counter, key } of counts) counter.begin(key);
      const isLong = password.length > 4 * longestPassword;
      const isRight = await oneByOne(() => isPassword(isLong ? '' : password, stored?.password ?? null, work));
      if (!isRight || isLong || stored === null) {
        await note(stored === null ? 'unknown_name' : 'wrong_password', stored, ip);
        return { kind: 'refused' };
      }

      const token = work.random(32).toString('base64url');
      const nowMs = Math.trunc(clock.now());
      const row = { hash: hashOf(token), personId: stored.id, madeMs: nowMs, expiresMs: nowMs + sessionMs };
      const also = (): void => {
        // The person may have been removed, or given another password, while this one was looked at.
        if (store.personOfName(key)?.password !== stored.password) throw new PersonMoved();
        store.insertSession(row);
      };
      try {
        await append(authFacts(`${stored.name} logged in.`, { person: stored, ip, work, result: 'logged_in', by: stored.name }), also);
      } catch (error) {
        if (!(error instanceof PersonMoved)) throw error;
        await note('wrong_password', stored, ip);
        return { kind: 'refused' };
      }
      for (const { counter, key } of counts) counter.takeBack(key);
      pairs.forget(counts[0].key);
      return { kind: 'done', token: new Secret(token), session: { person: personOf(stored), hash: row.hash, expiresMs: row.expiresMs } };
    },

    find(token) {
      if (!/^[A-Za-z0-9_-]{43}$/.test(token)) return null;
      const found = store.session(hashOf(token), Math.trunc(clock.now()));
      return found === null ? null : { person: personOf(found.person), hash: found.session.hash, expiresMs: found.session.expiresMs };
    },

    holds: ({ hash, person }) => store.session(hash, Math.trunc(clock.now()))?.person.id === person.id,

    async logout({ hash, person }) {
      const stored = store.personOfName(nameKey(person.name));
      await append(
        authFacts(`${person.name} logged out.`, { person: stored, ip: null, work, result: 'logged_out', by: person.name }),
        () => {
          store.dropSession(hash);
        },
      );
    },

    close: () => folder.close(),
  };
}

type Refusal = 'unknown_name' | 'wrong_password' | 'too_many' | 'busy';

/** The person was removed, or given another password, in between. Never leaves this file. */
class PersonMoved extends TrunklineError {
  constructor() {
    super({ code: 'person_moved', message: 'The person was changed by another process at the same moment.' });
  }
}

/** What was typed stands nowhere: it may be a password in the wrong field. */
function factsOfRefusal(
  result: Refusal,
  { person, ip, work }: { readonly person: StoredPerson | null; readonly ip: string | null; readonly work: PasswordWork },
): AuditFacts {
  const as = person === null ? '' : ` as ${person.name}`;
  const sentence = {
    unknown_name: 'Somebody tried to log in under a name that nobody has. Refused.',
    wrong_password: `Somebody tried to log in${as} with a wrong password. Refused.`,
    too_many: `Somebody tried to log in${as} after too many attempts. Refused without a look at the password.`,
    busy: 'Somebody tried to log in while too many others did. Refused without a look at the password.',
  }[result];
  return authFacts(sentence, { person, ip, work, result, by: null });
}

function authFacts(
  sentence: string,
  facts: {
    readonly person: StoredPerson | null;
    readonly ip: string | null;
    readonly work: PasswordWork;
    readonly result: string;
    readonly by: string | null;
  },
): AuditFacts {
  const { person, ip, work, result, by } = facts;
  return {
    callId: `log_${work.random(12).toString('hex')}`,
    phase: 'auth',
    who: { agent: null, keyId: null, owner: null, operator: by, client: null, ip: networkOf(ip) },
    what: { capability: null, area: null, effect: null, arguments: null, argumentsDigest: null },
    where: { surface: 'browser', method: null, route: null, protocol: null, tool: null, traceId: null },
    decision: null,
    outcome: null,
    sentence,
    change: { before: null, after: { login: result, operator: person?.name ?? null } },
  };
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** One IPv4 address; of IPv6 the network, as one customer of a provider has all of it. */
function addressKey(ip: string | null): string {
  if (ip === null) return 'unknown';
  const plain = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1] ?? ip;
  return plain.includes(':') ? (networkOf(plain) ?? 'unknown') : plain;
}
