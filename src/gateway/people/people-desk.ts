// Where operators say who may decide. Each change is one transaction with the record that tells about it.
import { UsageError } from '../../base/index.ts';
import type { Clock, Json } from '../../base/index.ts';
import type { PeopleStore, StoredPerson } from '../../store/index.ts';
import type { Also, AuditLog } from '../flow/parts.ts';
import type { Surface } from '../policy/decision.ts';
import { isPersonName, nameKey } from '../policy/names.ts';
import type { Policy } from '../policy/types.ts';
import { Secret } from '../secrets/secret.ts';
import { checkPassword, hashPassword, isPassword, makePassword } from './password.ts';
import type { PasswordWork } from './password.ts';
import { personOf, tellAreas } from './person.ts';
import type { ApproverAreas, Person } from './person.ts';

export type PeopleDeskParts = {
  readonly store: PeopleStore;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly work: PasswordWork;
  readonly clock: Pick<Clock, 'now'>;
};

/** Who makes a change, and where. */
export type Doer = { readonly operator: string; readonly surface: Surface };

export type PersonChanged = { readonly person: Person; readonly sentence: string; readonly seq: number };

/** With the password that was made for the person, where none was given. */
export type PersonAdmitted = PersonChanged & { readonly password: Secret | null };

export class PeopleDesk {
  readonly #parts: PeopleDeskParts;

  constructor(parts: PeopleDeskParts) {
    this.#parts = parts;
  }

  people(): readonly Person[] {
    return this.#parts.store.people().map(personOf);
  }

  /** By name, whatever the case of letters. Null: there is nobody of that name. */
  find(name: string): Person | null {
    const person = this.#parts.store.personOfName(nameKey(name));
    return person === null ? null : personOf(person);
  }

  /**
   * Somebody who may decide from now on. Without a password one is made, which the person has to change at the first login. Throws
   * `UsageError` and `AuditUnavailable`; then nothing has changed.
   */
  async add(
    facts: { readonly name: string; readonly areas: ApproverAreas; readonly password: string | null; readonly policy: Policy },
    doer: Doer,
  ): Promise<PersonAdmitted> {
    const { store, clock, work } = this.#parts;
    const { areas, policy } = facts;
    const name = facts.name.normalize('NFC').trim();
    if (!isPersonName(name)) {
      throw new UsageError({
        code: 'person_name',
        message: 'That name cannot stand in the log.',
        hint: 'Letters, digits, spaces and - _ . @, at most 60, beginning with a letter or a digit.',
      });
    }
    const key = nameKey(name);
    if (store.personOfName(key) !== null) throw taken(name);
    const agent = Object.values(policy.agents).find(({ id, name: ofAgent }) => nameKey(id) === key || nameKey(ofAgent) === key);
    if (agent !== undefined) {
      throw new UsageError({
        code: 'person_is_agent',
        message: `${agent.name} is an agent: nobody of that name can approve.`,
        hint: 'People are added under their own names.',
      });
    }
    if (facts.password !== null) checkPassword(facts.password, name);
    const made = facts.password === null ? makePassword(work.random) : null;
    const row: StoredPerson = {
      id: `pe_${work.random(8).toString('hex')}`,
      name,
      nameKey: key,
      role: 'approver',
      areas: areas === 'all' ? null : areas,
      password: await hashPassword(made ?? facts.password ?? '', work),
      mustChange: made !== null,
      madeAt: new Date(clock.now()).toISOString(),
      madeBy: doer.operator,
    };
    const person = personOf(row);
    const changed = await this.#change(person, doer, {
      deed: `made ${name} an approver for ${tellAreas(areas)}`,
      before: null,
      after: factsOf(person),
      also: () => {
        if (!store.insertPerson(row)) throw taken(name);
      },
    });
    return { ...changed, password: made === null ? null : new Secret(made) };
  }

  /** Other areas, from the next request on. */
  async setAreas(name: string, areas: ApproverAreas, doer: Doer): Promise<PersonChanged> {
    const { store } = this.#parts;
    const before = personOf(this.#known(name));
    const after = { ...before, areas };
    return this.#change(after, doer, {
      deed: `made ${before.name} an approver for ${tellAreas(areas)}, no longer for ${tellAreas(before.areas)}`,
      before: factsOf(before),
      after: factsOf(after),
      also: () => {
        if (!store.setAreas(before.id, areas === 'all' ? null : areas)) throw missing(name);
      },
    });
  }

  /** Ends all logins of the person at once. What was approved before stays approved. */
  async remove(name: string, doer: Doer): Promise<PersonChanged> {
    const { store } = this.#parts;
    const person = personOf(this.#known(name));
    return this.#change(person, doer, {
      deed: `removed ${person.name}, who was an approver for ${tellAreas(person.areas)}`,
      before: factsOf(person),
      after: null,
      also: () => {
        if (!store.removePerson(person.id)) throw missing(name);
      },
    });
  }

  /** A new password in place of a lost one, and the end of all logins. Without a password one is made, as at `add`. */
  async resetPassword(name: string, given: string | null, doer: Doer): Promise<PersonAdmitted> {
    const { work } = this.#parts;
    const stored = this.#known(name);
    if (given !== null) checkPassword(given, stored.name);
    const made = given === null ? makePassword(work.random) : null;
    const deed = `gave ${stored.name} a new password, which ended all logins`;
    const changed = await this.#setPassword(stored, { password: made ?? given ?? '', mustChange: made !== null, deed }, doer);
    return { ...changed, password: made === null ? null : new Secret(made) };
  }

  /** A person's own choice, which ends all logins. Throws `UsageError` for a weak one, or one that is no other. */
  async choosePassword(name: string, chosen: string, surface: Surface): Promise<PersonChanged> {
    const { work } = this.#parts;
    const stored = this.#known(name);
    checkPassword(chosen, stored.name);
    if (await isPassword(chosen, stored.password, work)) {
      throw new UsageError({ code: 'password_same', message: 'That is the password you have.', hint: 'Choose another one.' });
    }
    const deed = 'chose a new password, which ended all logins';
    return this.#setPassword(stored, { password: chosen, mustChange: false, deed }, { operator: stored.name, surface });
  }

  async #setPassword(
    stored: StoredPerson,
    { password, mustChange, deed }: { readonly password: string; readonly mustChange: boolean; readonly deed: string },
    doer: Doer,
  ): Promise<PersonChanged> {
    const { store, work } = this.#parts;
    const person = { ...personOf(stored), mustChange };
    const to = await hashPassword(password, work);
    return this.#change(person, doer, {
      deed,
      before: { person: stored.name, mustChange: stored.mustChange },
      after: { person: stored.name, mustChange },
      also: () => {
        if (store.setPassword(stored.id, { from: stored.password, to, mustChange })) return;
        throw new UsageError({
          code: 'password_moved',
          message: `The password of ${stored.name} was changed by somebody else at the same moment.`,
          hint: 'Try again.',
        });
      },
    });
  }

  #known(name: string): StoredPerson {
    const person = this.#parts.store.personOfName(nameKey(name));
    if (person === null) throw missing(name);
    return person;
  }

  async #change(
    person: Person,
    { operator, surface }: Doer,
    change: { readonly deed: string; readonly before: Json; readonly after: Json; readonly also: Also },
  ): Promise<PersonChanged> {
    const { audit, work } = this.#parts;
    const { deed, before, after, also } = change;
    const sentence = `${operator} ${deed}.`;
    const { seq } = await audit.append(
      {
        callId: `adm_${work.random(12).toString('hex')}`,
        phase: 'admin',
        who: { agent: null, keyId: null, owner: null, operator, client: null, ip: null },
        what: { capability: null, area: null, effect: null, arguments: null, argumentsDigest: null },
        where: { surface, method: null, route: null, protocol: null, tool: null, traceId: null },
        decision: null,
        outcome: null,
        sentence,
        change: { before, after },
      },
      { durability: 'power', also },
    );
    return { person, sentence, seq };
  }
}

function factsOf({ id, name, role, areas }: Person): Json {
  return { id, operator: name, role, areas: areas === 'all' ? 'all' : [...areas] };
}

function taken(name: string): UsageError {
  return new UsageError({
    code: 'person_exists',
    message: `There is somebody named ${name} already, or named almost like that.`,
    hint: 'trunkline people list shows everybody. Case, spaces and dots do not make another name.',
  });
}

function missing(name: string): UsageError {
  return new UsageError({
    code: 'person_missing',
    message: isPersonName(name) ? `There is nobody named ${name}.` : 'There is nobody of that name.',
    hint: 'trunkline people list shows everybody.',
  });
}
