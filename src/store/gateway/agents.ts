// The rows about agents, of one company: versions of the policy, keys, and where the gateway's own keys lie. What is stored
// must be said in the log too, so everything that changes a row is meant to run inside the transaction of a record; only
// `noteUse` is not.
import type { Database, Statement } from '../database.ts';

export type StoredPolicy = {
  readonly number: number;
  readonly version: string;
  /** The policy as JSON. */
  readonly policy: string;
  /** ISO-8601 moment. */
  readonly at: string;
  readonly by: string;
  readonly sentence: string;
};

export type StoredKey = {
  readonly keyId: string;
  readonly agentId: string;
  readonly hash: string;
  readonly madeAt: string;
  readonly madeBy: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly revokedBy: string | null;
  /** Null: from anywhere. */
  readonly addresses: readonly string[] | null;
  readonly lastUsedAt: string | null;
};

export type StoredKeyring = { readonly keyring: string; readonly envelope: string | null; readonly madeAt: string };

/** The companies that a gateway database knows. */
export function companiesOf(database: Database): readonly string[] {
  const rows = database.read(() => database.prepare('SELECT company FROM gateway_keyrings ORDER BY company').all());
  return rows.map((row) => (row as { company: string }).company); // the one column asked for
}

/** Every function throws `EnvironmentError` when the store cannot be read or written. */
export class AgentStore {
  readonly #database: Database;
  readonly #company: string;
  readonly #sql: ReturnType<typeof prepareStatements>;

  constructor(parts: { readonly database: Database; readonly company: string }) {
    this.#database = parts.database;
    this.#company = parts.company;
    this.#sql = parts.database.read(() => prepareStatements(parts.database));
  }

  /** The number of the policy in force; 0 before there is any. One look at an index. */
  policyNumber(): number {
    return this.#database.read(() => (this.#sql.policyNumber.get(this.#company) as { number: number }).number);
  }

  /** The policy of a number; 0: the one in force. */
  policy(number: number): StoredPolicy | null {
    const row = this.#database.read(() =>
      number === 0 ? this.#sql.lastPolicy.get(this.#company) : this.#sql.policy.get(this.#company, number),
    );
    return (row as StoredPolicy | undefined) ?? null; // the columns are named as the type's
  }

  policyOfVersion(version: string): StoredPolicy | null {
    const row = this.#database.read(() => this.#sql.policyOfVersion.get(this.#company, version));
    return (row as StoredPolicy | undefined) ?? null;
  }

  /** Newest first. */
  policies(options: { readonly limit: number }): readonly StoredPolicy[] {
    return this.#database.read(() => this.#sql.policies.all(this.#company, options.limit)) as StoredPolicy[];
  }

  /** Fails when another process has stored a policy of that number: numbers are the order of changes. */
  insertPolicy(policy: StoredPolicy): void {
    const { number, version, policy: text, at, by, sentence } = policy;
    this.#sql.insertPolicy.run(this.#company, number, version, text, at, by, sentence);
  }

  key(keyId: string): StoredKey | null {
    const row = this.#database.read(() => this.#sql.key.get(this.#company, keyId)) as KeyRow | undefined;
    return row === undefined ? null : keyOf(row);
  }

  /** Oldest first; of one agent, or of all. */
  keys(agentId?: string): readonly StoredKey[] {
    const rows = this.#database.read(() =>
      agentId === undefined ? this.#sql.keys.all(this.#company) : this.#sql.keysOfAgent.all(this.#company, agentId),
    );
    return (rows as KeyRow[]).map(keyOf);
  }

  insertKey(key: StoredKey): void {
    const { keyId, agentId, hash, madeAt, madeBy, expiresAt, addresses } = key;
    const list = addresses === null ? null : JSON.stringify(addresses);
    this.#sql.insertKey.run(this.#company, keyId, agentId, hash, madeAt, madeBy, expiresAt, list);
  }

  /** Takes effect on the next request, in every process. A key that is already revoked stays as it is. */
  revokeKey(keyId: string, facts: { readonly at: string; readonly by: string }): void {
    this.#sql.revokeKey.run(facts.at, facts.by, this.#company, keyId);
  }

  /** Brings the end of a key forward; never moves it back. */
  shortenKey(keyId: string, expiresAt: string): void {
    this.#sql.shortenKey.run(expiresAt, this.#company, keyId, expiresAt);
  }

  /** Notes when a key was last used. Not while another process writes: the next use notes it then. */
  noteUse(keyId: string, at: string): void {
    this.#database.tryWrite(() => ({ changed: this.#sql.noteUse.run(at, this.#company, keyId) }));
  }

  keyring(): StoredKeyring | null {
    return (this.#database.read(() => this.#sql.keyring.get(this.#company)) as StoredKeyring | undefined) ?? null;
  }

  /** Stores a keyring unless there is one, and returns the one that is there then. */
  async makeKeyring(keyring: StoredKeyring, signal?: AbortSignal): Promise<StoredKeyring> {
    return this.#database.write(() => {
      this.#sql.insertKeyring.run(this.#company, keyring.keyring, keyring.envelope, keyring.madeAt);
      return this.#sql.keyring.get(this.#company) as StoredKeyring;
    }, signal);
  }

  /** Puts an envelope in place of another one of the same keyring; false when something else is there by now. */
  async replaceEnvelope(facts: { readonly from: StoredKeyring; readonly to: string }, signal?: AbortSignal): Promise<boolean> {
    const { from, to } = facts;
    const { changed } = await this.#database.write(
      () => ({ changed: this.#sql.replaceEnvelope.run(to, this.#company, from.keyring, from.envelope) }),
      signal,
    );
    return changed === 1;
  }

  /** Whether a row can be written: begins a transaction, changes nothing, ends it. Throws when it cannot. */
  async probe(signal?: AbortSignal): Promise<void> {
    await this.#database.write(() => {
      this.#sql.probe.run(this.#company);
      return {};
    }, signal);
  }
}

type KeyRow = Omit<StoredKey, 'addresses'> & { readonly addresses: string | null };

function keyOf(row: KeyRow): StoredKey {
  // Written by insertKey, as a list of texts. A text that is no JSON throws: the key is then refused.
  return { ...row, addresses: row.addresses === null ? null : (JSON.parse(row.addresses) as readonly string[]) };
}

const policyColumns = 'number, version, policy, at, by, sentence';
const keyColumns = `key_id AS keyId, agent_id AS agentId, hash, made_at AS madeAt, made_by AS madeBy, expires_at AS expiresAt,
  revoked_at AS revokedAt, revoked_by AS revokedBy, addresses, last_used_at AS lastUsedAt`;

function prepareStatements(database: Database) {
  const prepare = (sql: string): Statement => database.prepare(sql);
  return {
    policyNumber: prepare('SELECT coalesce(max(number), 0) AS number FROM policies WHERE company = ?'),
    lastPolicy: prepare(`SELECT ${policyColumns} FROM policies WHERE company = ? ORDER BY number DESC LIMIT 1`),
    policy: prepare(`SELECT ${policyColumns} FROM policies WHERE company = ? AND number = ?`),
    policyOfVersion: prepare(`SELECT ${policyColumns} FROM policies WHERE company = ? AND version = ? ORDER BY number DESC LIMIT 1`),
    policies: prepare(`SELECT ${policyColumns} FROM policies WHERE company = ? ORDER BY number DESC LIMIT ?`),
    insertPolicy: prepare('INSERT INTO policies (company, number, version, policy, at, by, sentence) VALUES (?, ?, ?, ?, ?, ?, ?)'),
    key: prepare(`SELECT ${keyColumns} FROM agent_keys WHERE company = ? AND key_id = ?`),
    keys: prepare(`SELECT ${keyColumns} FROM agent_keys WHERE company = ? ORDER BY made_at, key_id`),
    keysOfAgent: prepare(`SELECT ${keyColumns} FROM agent_keys WHERE company = ? AND agent_id = ? ORDER BY made_at, key_id`),
    insertKey: prepare(
      `INSERT INTO agent_keys (company, key_id, agent_id, hash, made_at, made_by, expires_at, addresses) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    revokeKey: prepare('UPDATE agent_keys SET revoked_at = ?, revoked_by = ? WHERE company = ? AND key_id = ? AND revoked_at IS NULL'),
    shortenKey: prepare('UPDATE agent_keys SET expires_at = ? WHERE company = ? AND key_id = ? AND (expires_at IS NULL OR expires_at > ?)'),
    noteUse: prepare('UPDATE agent_keys SET last_used_at = ? WHERE company = ? AND key_id = ?'),
    keyring: prepare('SELECT keyring, envelope, made_at AS madeAt FROM gateway_keyrings WHERE company = ?'),
    insertKeyring: prepare(
      'INSERT INTO gateway_keyrings (company, keyring, envelope, made_at) VALUES (?, ?, ?, ?) ON CONFLICT (company) DO NOTHING',
    ),
    replaceEnvelope: prepare('UPDATE gateway_keyrings SET envelope = ? WHERE company = ? AND keyring = ? AND envelope IS ?'),
    probe: prepare('UPDATE gateway_keyrings SET made_at = made_at WHERE company = ?'),
  };
}
