// The rows about the people who decide, of one company, and their logins. Everything that changes a row is meant to run inside the
// transaction of the record that tells about it, and says whether it did.
import type { Database, Statement } from '../database.ts';

export type StoredPerson = {
  readonly id: string;
  readonly name: string;
  /** Two names with the same key are one person. */
  readonly nameKey: string;
  readonly role: 'approver';
  /** Null: all. */
  readonly areas: readonly string[] | null;
  /** What is kept in place of the password. */
  readonly password: string;
  /** The person has not chosen it. */
  readonly mustChange: boolean;
  /** ISO-8601 moment. */
  readonly madeAt: string;
  readonly madeBy: string;
};

export type StoredSession = {
  /** Of what the browser holds, hex. */
  readonly hash: string;
  readonly personId: string;
  readonly madeMs: number;
  readonly expiresMs: number;
};

/** Reading throws `EnvironmentError` when the store cannot be read. */
export class PeopleStore {
  readonly #database: Database;
  readonly #company: string;
  readonly #sql: ReturnType<typeof prepareStatements>;

  constructor(parts: { readonly database: Database; readonly company: string }) {
    this.#database = parts.database;
    this.#company = parts.company;
    this.#sql = parts.database.read(() => prepareStatements(parts.database));
  }

  /** By name. */
  people(): readonly StoredPerson[] {
    return (this.#database.read(() => this.#sql.people.all(this.#company)) as PersonRow[]).map(personOf);
  }

  personOfName(nameKey: string): StoredPerson | null {
    const row = this.#database.read(() => this.#sql.personOfName.get(this.#company, nameKey)) as PersonRow | undefined;
    return row === undefined ? null : personOf(row);
  }

  /** False when there is somebody of that name. */
  insertPerson(person: StoredPerson): boolean {
    const { id, name, nameKey, role, areas, password, mustChange, madeAt, madeBy } = person;
    const list = areas === null ? null : JSON.stringify(areas);
    return this.#sql.insertPerson.run(this.#company, id, name, nameKey, role, list, password, mustChange ? 1 : 0, madeAt, madeBy) === 1;
  }

  /** False when the person is gone. */
  setAreas(id: string, areas: readonly string[] | null): boolean {
    return this.#sql.setAreas.run(areas === null ? null : JSON.stringify(areas), this.#company, id) === 1;
  }

  /** Ends the person's logins, too. False when the person is gone, or has another password than `from` by now. */
  setPassword(id: string, facts: { readonly from: string; readonly to: string; readonly mustChange: boolean }): boolean {
    const isSet = this.#sql.setPassword.run(facts.to, facts.mustChange ? 1 : 0, this.#company, id, facts.from) === 1;
    if (isSet) this.#sql.dropSessionsOf.run(this.#company, id);
    return isSet;
  }

  /** With the logins. False when the person is gone already. */
  removePerson(id: string): boolean {
    this.#sql.dropSessionsOf.run(this.#company, id);
    return this.#sql.removePerson.run(this.#company, id) === 1;
  }

  /** Forgets what has expired, too. */
  insertSession({ hash, personId, madeMs, expiresMs }: StoredSession): void {
    this.#sql.dropOldSessions.run(this.#company, madeMs);
    this.#sql.insertSession.run(this.#company, hash, personId, madeMs, expiresMs);
  }

  /** A login that has not expired, and whose it is. */
  session(hash: string, nowMs: number): { readonly session: StoredSession; readonly person: StoredPerson } | null {
    const row = this.#database.read(() => this.#sql.session.get(this.#company, hash, nowMs)) as (PersonRow & StoredSession) | undefined;
    if (row === undefined) return null;
    const { hash: found, personId, madeMs, expiresMs } = row;
    return { session: { hash: found, personId, madeMs, expiresMs }, person: personOf(row) };
  }

  dropSession(hash: string): boolean {
    return this.#sql.dropSession.run(this.#company, hash) === 1;
  }
}

type PersonRow = Omit<StoredPerson, 'areas' | 'mustChange'> & { readonly areas: string | null; readonly mustChange: number };

function personOf(row: PersonRow): StoredPerson {
  const { id, name, nameKey, role, areas, password, mustChange, madeAt, madeBy } = row;
  // Written by us, as a list of texts. A text that is no JSON throws: the person then holds for nothing.
  const list = areas === null ? null : (JSON.parse(areas) as readonly string[]);
  return { id, name, nameKey, role, areas: list, password, mustChange: mustChange !== 0, madeAt, madeBy };
}

const personColumns = `people.id AS id, people.name AS name, people.name_key AS nameKey, people.role AS role, people.areas AS areas,
  people.password AS password, people.must_change AS mustChange, people.made_at AS madeAt, people.made_by AS madeBy`;
const sessionColumns = `people_sessions.hash AS hash, people_sessions.person_id AS personId, people_sessions.made_ms AS madeMs,
  people_sessions.expires_ms AS expiresMs`;

function prepareStatements(database: Database) {
  const prepare = (sql: string): Statement => database.prepare(sql);
  return {
    people: prepare(`SELECT ${personColumns} FROM people WHERE company = ? ORDER BY name`),
    personOfName: prepare(`SELECT ${personColumns} FROM people WHERE company = ? AND name_key = ?`),
    insertPerson: prepare(
      `INSERT OR IGNORE INTO people (company, id, name, name_key, role, areas, password, must_change, made_at, made_by)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    setAreas: prepare('UPDATE people SET areas = ? WHERE company = ? AND id = ?'),
    setPassword: prepare('UPDATE people SET password = ?, must_change = ? WHERE company = ? AND id = ? AND password = ?'),
    removePerson: prepare('DELETE FROM people WHERE company = ? AND id = ?'),
    insertSession: prepare('INSERT INTO people_sessions (company, hash, person_id, made_ms, expires_ms) VALUES (?, ?, ?, ?, ?)'),
    session: prepare(
      `SELECT ${personColumns}, ${sessionColumns} FROM people_sessions
       JOIN people ON people.company = people_sessions.company AND people.id = people_sessions.person_id
       WHERE people_sessions.company = ? AND people_sessions.hash = ? AND people_sessions.expires_ms > ?`,
    ),
    dropSession: prepare('DELETE FROM people_sessions WHERE company = ? AND hash = ?'),
    dropSessionsOf: prepare('DELETE FROM people_sessions WHERE company = ? AND person_id = ?'),
    dropOldSessions: prepare('DELETE FROM people_sessions WHERE company = ? AND expires_ms <= ?'),
  };
}
