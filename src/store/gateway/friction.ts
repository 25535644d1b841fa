// The rows about confirmations, approvals, idempotency keys and counters, of one company. Everything that changes a row says
// whether it did, and is meant to run inside the transaction of a record: there, of two processes that want the same row, one
// gets it and the other one is told.
import type { Database, Statement } from '../database.ts';
import { thisMachine } from '../machine.ts';
import type { Liveness, Machine, ProcessIdentity } from '../machine.ts';

export type ApprovalState = 'pending' | 'approved' | 'refused' | 'used' | 'expired';

export type StoredApproval = {
  readonly number: number;
  readonly agentId: string;
  readonly capability: string;
  readonly policyVersion: string;
  readonly digest: string;
  /** As stored: one that has expired may still say `pending` or `approved`. */
  readonly state: ApprovalState;
  readonly askedMs: number;
  readonly expiresMs: number;
  readonly decidedMs: number | null;
  readonly decidedBy: string | null;
  readonly proof: string | null;
  readonly request: string | null;
};

/** Where an idempotency key stands; `key` is already hashed. */
export type KeyPlace = { readonly agentId: string; readonly capability: string; readonly key: string };

export type StoredIdempotency = {
  readonly digest: string;
  readonly state: 'running' | 'done' | 'unknown';
  readonly begunMs: number;
  /** Whether the process that carries it out still lives. */
  readonly runner: Liveness;
  readonly confirmed: boolean;
  readonly approval: number | null;
  readonly approver: string | null;
  readonly answer: string | null;
};

/** How often an agent may use something on one object. */
export type ObjectUse = { readonly agentId: string; readonly capability: string; readonly objectId: string };

/** An agent on a day: days since 1970, UTC. */
export type AgentDay = { readonly agentId: string; readonly day: number };

export type AreaUse = { readonly agentId: string; readonly area: string; readonly day: number };

/** Reading throws `EnvironmentError` when the store cannot be read. */
export class FrictionStore {
  readonly #database: Database;
  readonly #company: string;
  readonly #machine: Machine;
  readonly #sql: ReturnType<typeof prepareStatements>;

  /** @param parts `machine`: default the one we run on. */
  constructor(parts: { readonly database: Database; readonly company: string; readonly machine?: Machine | undefined }) {
    this.#database = parts.database;
    this.#company = parts.company;
    this.#machine = parts.machine ?? thisMachine;
    this.#sql = parts.database.read(() => prepareStatements(parts.database));
  }

  isNonceUsed(nonce: string): boolean {
    return this.#database.read(() => this.#sql.nonce.get(this.#company, nonce)) !== undefined;
  }

  /** False when it was used before. */
  useNonce(nonce: string, expiresMs: number): boolean {
    return this.#sql.useNonce.run(this.#company, nonce, expiresMs) === 1;
  }

  forgetNonce(nonce: string): void {
    this.#sql.forgetNonce.run(this.#company, nonce);
  }

  approval(number: number): StoredApproval | null {
    const row = this.#database.read(() => this.#sql.approval.get(this.#company, number));
    return row === undefined ? null : approvalOf(row);
  }

  /** The one approval of a digest that is pending or approved and has not expired. */
  openApproval(digest: string, nowMs: number): StoredApproval | null {
    const row = this.#database.read(() => this.#sql.openApproval.get(this.#company, digest, nowMs));
    return row === undefined ? null : approvalOf(row);
  }

  /** Newest first. */
  approvals(options: { readonly limit: number }): readonly StoredApproval[] {
    return this.#database.read(() => this.#sql.approvals.all(this.#company, options.limit)).map(approvalOf);
  }

  /** Pending and not expired, oldest first. */
  waiting(nowMs: number): readonly StoredApproval[] {
    return this.#database.read(() => this.#sql.waiting.all(this.#company, nowMs)).map(approvalOf);
  }

  /** Under that version of the policy: what was asked for under another one is worth nothing. */
  countWaiting(options: { readonly agentId: string; readonly policyVersion: string; readonly nowMs: number }): number {
    const { agentId, policyVersion, nowMs } = options;
    return this.#value(() => this.#sql.countWaiting.get(this.#company, agentId, policyVersion, nowMs));
  }

  countAllWaiting({ policyVersion, nowMs }: { readonly policyVersion: string; readonly nowMs: number }): number {
    return this.#value(() => this.#sql.countAllWaiting.get(this.#company, policyVersion, nowMs));
  }

  lastApproval(): number {
    return this.#value(() => this.#sql.lastApproval.get(this.#company));
  }

  /** False when the number is taken, or an approval of the same digest waits or was given. */
  insertApproval(approval: Omit<StoredApproval, 'state' | 'decidedMs' | 'decidedBy' | 'proof'>): boolean {
    const { number, agentId, capability, policyVersion, digest, askedMs, expiresMs, request } = approval;
    this.#sql.expire.run(this.#company, askedMs);
    return (
      this.#sql.insertApproval.run(this.#company, number, agentId, capability, policyVersion, digest, askedMs, expiresMs, request) === 1
    );
  }

  /** False when it does not wait any more. */
  decideApproval(
    number: number,
    facts: { readonly state: 'approved' | 'refused'; readonly by: string; readonly proof: string | null; readonly nowMs: number },
  ): boolean {
    return this.#sql.decideApproval.run(facts.state, facts.nowMs, facts.by, facts.proof, this.#company, number, facts.nowMs) === 1;
  }

  /** False when it is not approved for this digest, has expired or was used. */
  useApproval(number: number, facts: { readonly digest: string; readonly nowMs: number }): boolean {
    return this.#sql.useApproval.run(this.#company, number, facts.digest, facts.nowMs) === 1;
  }

  giveApprovalBack(number: number, digest: string): void {
    this.#sql.giveApprovalBack.run(this.#company, number, digest);
  }

  /** Keys from before `sinceMs` count as never used. */
  idempotency(place: KeyPlace, sinceMs: number): StoredIdempotency | null {
    const row = this.#database.read(() => this.#sql.idempotency.get(this.#company, place.agentId, place.capability, place.key, sinceMs));
    return row === undefined ? null : idempotencyOf(row, this.#machine);
  }

  /** False when the key is in use since `sinceMs`. */
  beginIdempotency(
    place: KeyPlace,
    facts: Pick<StoredIdempotency, 'digest' | 'begunMs' | 'confirmed' | 'approval' | 'approver'> & { readonly sinceMs: number },
  ): boolean {
    const { kernel, namespace, pid, started } = this.#machine.self;
    const { agentId, capability, key } = place;
    this.#sql.dropOldKey.run(this.#company, agentId, capability, key, facts.sinceMs);
    const { digest, begunMs, confirmed, approval, approver } = facts;
    const process_ = [kernel, namespace, pid, started] as const;
    return (
      this.#sql.beginIdempotency.run(
        this.#company,
        agentId,
        capability,
        key,
        digest,
        begunMs,
        ...process_,
        confirmed ? 1 : 0,
        approval,
        approver,
      ) === 1
    );
  }

  /** Only what this process began and has not ended. */
  endIdempotency(
    place: KeyPlace,
    facts: { readonly begunMs: number; readonly state: 'done' | 'unknown'; readonly answer: string | null },
  ): void {
    const { agentId, capability, key } = place;
    const { pid, started } = this.#machine.self;
    this.#sql.endIdempotency.run(facts.state, facts.answer, this.#company, agentId, capability, key, facts.begunMs, pid, started);
  }

  /** Only what this process began and has not ended. */
  forgetIdempotency(place: KeyPlace, begunMs: number): void {
    const { pid, started } = this.#machine.self;
    this.#sql.forgetIdempotency.run(this.#company, place.agentId, place.capability, place.key, begunMs, pid, started);
  }

  /** Everything that runs, but in other processes that live, is of unknown outcome. */
  abandonRunning(): void {
    const { kernel, namespace, pid, started } = this.#machine.self;
    for (const row of this.#sql.running.all(this.#company)) {
      const key = row as KeyPlace & ProcessIdentity; // the columns are named so
      const isSelf = key.kernel === kernel && key.namespace === namespace && key.pid === pid && key.started === started;
      if (isSelf || this.#machine.liveness(key) === 'dead') this.#sql.abandon.run(this.#company, key.agentId, key.capability, key.key);
    }
  }

  /** Of the area that day; `requests`: of the agent, in all areas. */
  usage(of: AreaUse): { readonly rows: number; readonly writes: number; readonly requests: number } {
    const row = this.#database.read(() => this.#sql.usage.get(this.#company, of.day, of.agentId, of.area));
    const { rows, writes, requests } = row as { rows: number; writes: number; requests: number }; // the columns asked for
    return { rows, writes, requests };
  }

  addRows(of: AreaUse, rows: number): void {
    this.#sql.addUse.run(this.#company, of.day, of.agentId, of.area, rows);
  }

  /** False, with nothing changed, when that would be more than `most`. */
  addWrite(of: AreaUse, most: number | null): boolean {
    this.#sql.addUse.run(this.#company, of.day, of.agentId, of.area, 0);
    return this.#sql.addWrite.run(this.#company, of.day, of.agentId, of.area, most ?? Number.MAX_SAFE_INTEGER) === 1;
  }

  takeWriteBack(of: AreaUse): void {
    this.#sql.takeWriteBack.run(this.#company, of.day, of.agentId, of.area);
  }

  /** Requests of the agent that day. */
  requests({ day, agentId }: AgentDay): number {
    return this.#value(() => this.#sql.requests.get(this.#company, day, agentId));
  }

  /** False, with nothing changed, when that would be more than `most`. */
  addRequest({ day, agentId }: AgentDay, most: number | null): boolean {
    return this.#sql.addRequest.run(this.#company, day, agentId, most ?? Number.MAX_SAFE_INTEGER) === 1;
  }

  takeRequestBack({ day, agentId }: AgentDay): void {
    this.#sql.takeRequestBack.run(this.#company, day, agentId);
  }

  uses(of: ObjectUse): number {
    return this.#value(() => this.#sql.uses.get(this.#company, of.agentId, of.capability, of.objectId));
  }

  /** False, with nothing changed, when that would be more than `most`. */
  addObjectUse(of: ObjectUse, facts: { readonly most: number; readonly nowMs: number }): boolean {
    const { agentId, capability, objectId } = of;
    this.#sql.meetObject.run(this.#company, agentId, capability, objectId, facts.nowMs);
    return this.#sql.addObjectUse.run(facts.nowMs, this.#company, agentId, capability, objectId, facts.most) === 1;
  }

  takeObjectUseBack(of: ObjectUse): void {
    this.#sql.takeObjectUseBack.run(this.#company, of.agentId, of.capability, of.objectId);
  }

  /** When the agent was last given text of third parties; null: not that we know. */
  readTextAtMs(agentId: string): number | null {
    const row = this.#database.read(() => this.#sql.readText.get(this.#company, agentId));
    return row === undefined ? null : (row as { value: number }).value; // the one column asked for
  }

  noteTextRead(agentId: string, nowMs: number): void {
    this.#sql.noteTextRead.run(this.#company, agentId, nowMs);
  }

  /**
   * Drops what nobody can need: nonces a day after they mean nothing, keys after two days, what people were shown a day after it
   * expired, approvals and daily counters after 30 days, uses of objects after a year. The day more is for clocks that are set back.
   */
  prune(nowMs: number): void {
    const daysAgo = (days: number) => nowMs - days * dayMs;
    this.#sql.pruneNonces.run(this.#company, daysAgo(1));
    this.#sql.pruneKeys.run(this.#company, daysAgo(2));
    this.#sql.expire.run(this.#company, nowMs);
    this.#sql.pruneRequests.run(this.#company, daysAgo(1));
    this.#sql.pruneApprovals.run(this.#company, daysAgo(30), this.#company);
    this.#sql.pruneUsage.run(this.#company, Math.floor(daysAgo(30) / dayMs));
    this.#sql.pruneRequestCounts.run(this.#company, Math.floor(daysAgo(30) / dayMs));
    this.#sql.pruneObjects.run(this.#company, daysAgo(366));
  }

  /** The one column of a row, `value`; 0 where there is no row. */
  #value(look: () => unknown): number {
    return this.#database.read(() => (look() as { value: number } | undefined)?.value ?? 0);
  }
}

const dayMs = 86_400_000;

// Rows of the library carry a field of its own, so that ours are picked by name.
function approvalOf(row: unknown): StoredApproval {
  const { number, agentId, capability, policyVersion, digest, state, askedMs, expiresMs, decidedMs, decidedBy, proof, request } =
    row as StoredApproval;
  return { number, agentId, capability, policyVersion, digest, state, askedMs, expiresMs, decidedMs, decidedBy, proof, request };
}

type IdempotencyRow = Omit<StoredIdempotency, 'runner' | 'confirmed'> & ProcessIdentity & { readonly confirmed: number };

function idempotencyOf(row: unknown, machine: Machine): StoredIdempotency {
  const { digest, state, begunMs, confirmed, approval, approver, answer, kernel, namespace, pid, started } = row as IdempotencyRow;
  const runner = machine.liveness({ kernel, namespace, pid, started });
  return { digest, state, begunMs, runner, confirmed: confirmed === 1, approval, approver, answer };
}

const approvalColumns = `number, agent_id AS agentId, capability, policy_version AS policyVersion, digest, state, asked_ms AS askedMs,
  expires_ms AS expiresMs, decided_ms AS decidedMs, decided_by AS decidedBy, proof, request`;
const idempotencyColumns = `digest, state, begun_ms AS begunMs, kernel, namespace, pid, started, confirmed, approval, approver, answer`;

function prepareStatements(database: Database) {
  const prepare = (sql: string): Statement => database.prepare(sql);
  const key = 'company = ? AND agent_id = ? AND capability = ? AND key = ?';
  const use = 'company = ? AND day = ? AND agent_id = ? AND area = ?';
  const object = 'company = ? AND agent_id = ? AND capability = ? AND object_id = ?';
  return {
    nonce: prepare('SELECT 1 AS value FROM confirmations_used WHERE company = ? AND nonce = ?'),
    useNonce: prepare('INSERT OR IGNORE INTO confirmations_used (company, nonce, expires_ms) VALUES (?, ?, ?)'),
    forgetNonce: prepare('DELETE FROM confirmations_used WHERE company = ? AND nonce = ?'),

    approval: prepare(`SELECT ${approvalColumns} FROM approvals WHERE company = ? AND number = ?`),
    openApproval: prepare(
      `SELECT ${approvalColumns} FROM approvals WHERE company = ? AND digest = ? AND state IN ('pending', 'approved') AND expires_ms > ?`,
    ),
    approvals: prepare(`SELECT ${approvalColumns} FROM approvals WHERE company = ? ORDER BY number DESC LIMIT ?`),
    waiting: prepare(`SELECT ${approvalColumns} FROM approvals WHERE company = ? AND state = 'pending' AND expires_ms > ? ORDER BY number`),
    countWaiting: prepare(
      `SELECT count(*) AS value FROM approvals
       WHERE company = ? AND agent_id = ? AND state = 'pending' AND policy_version = ? AND expires_ms > ?`,
    ),
    countAllWaiting: prepare(
      `SELECT count(*) AS value FROM approvals WHERE company = ? AND state = 'pending' AND policy_version = ? AND expires_ms > ?`,
    ),
    lastApproval: prepare('SELECT max(number) AS value FROM approvals WHERE company = ?'),
    expire: prepare(`UPDATE approvals SET state = 'expired' WHERE company = ? AND expires_ms <= ? AND state IN ('pending', 'approved')`),
    insertApproval: prepare(
      `INSERT OR IGNORE INTO approvals (company, number, agent_id, capability, policy_version, digest, state, asked_ms, expires_ms, request)
       VALUES (?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?)`,
    ),
    decideApproval: prepare(
      `UPDATE approvals SET state = ?, decided_ms = ?, decided_by = ?, proof = ? WHERE company = ? AND number = ? AND state = 'pending' AND expires_ms > ?`,
    ),
    useApproval: prepare(
      `UPDATE approvals SET state = 'used' WHERE company = ? AND number = ? AND digest = ? AND state = 'approved' AND expires_ms > ?`,
    ),
    giveApprovalBack: prepare(
      `UPDATE OR IGNORE approvals SET state = 'approved' WHERE company = ? AND number = ? AND digest = ? AND state = 'used'`,
    ),

    idempotency: prepare(`SELECT ${idempotencyColumns} FROM idempotency_keys WHERE ${key} AND begun_ms > ?`),
    dropOldKey: prepare(`DELETE FROM idempotency_keys WHERE ${key} AND begun_ms <= ?`),
    beginIdempotency: prepare(
      `INSERT OR IGNORE INTO idempotency_keys
         (company, agent_id, capability, key, digest, state, begun_ms, kernel, namespace, pid, started, confirmed, approval, approver)
       VALUES (?, ?, ?, ?, ?, 'running', ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    endIdempotency: prepare(
      `UPDATE idempotency_keys SET state = ?, answer = ? WHERE ${key} AND begun_ms = ? AND pid = ? AND started = ? AND state = 'running'`,
    ),
    forgetIdempotency: prepare(
      `DELETE FROM idempotency_keys WHERE ${key} AND begun_ms = ? AND pid = ? AND started = ? AND state = 'running'`,
    ),

    running: prepare(
      `SELECT agent_id AS agentId, capability, key, kernel, namespace, pid, started FROM idempotency_keys WHERE company = ? AND state = 'running'`,
    ),
    abandon: prepare(`UPDATE idempotency_keys SET state = 'unknown' WHERE ${key} AND state = 'running'`),

    usage: prepare(
      `SELECT coalesce(u."rows", 0) AS "rows", coalesce(u.writes, 0) AS writes, coalesce(r.requests, 0) AS requests FROM (SELECT 1)
       LEFT JOIN agent_usage AS u ON u.company = ?1 AND u.day = ?2 AND u.agent_id = ?3 AND u.area = ?4
       LEFT JOIN agent_requests AS r ON r.company = ?1 AND r.day = ?2 AND r.agent_id = ?3`,
    ),
    addUse: prepare(
      `INSERT INTO agent_usage (company, day, agent_id, area, "rows", writes) VALUES (?, ?, ?, ?, ?, 0)
       ON CONFLICT (company, day, agent_id, area) DO UPDATE SET "rows" = "rows" + excluded."rows"`,
    ),
    addWrite: prepare(`UPDATE agent_usage SET writes = writes + 1 WHERE ${use} AND writes < ?`),
    takeWriteBack: prepare(`UPDATE agent_usage SET writes = writes - 1 WHERE ${use} AND writes > 0`),
    requests: prepare('SELECT requests AS value FROM agent_requests WHERE company = ? AND day = ? AND agent_id = ?'),
    addRequest: prepare(
      `INSERT INTO agent_requests (company, day, agent_id, requests) SELECT ?1, ?2, ?3, 1 WHERE ?4 > 0
       ON CONFLICT (company, day, agent_id) DO UPDATE SET requests = requests + 1 WHERE requests < ?4`,
    ),
    takeRequestBack: prepare(
      'UPDATE agent_requests SET requests = requests - 1 WHERE company = ? AND day = ? AND agent_id = ? AND requests > 0',
    ),
    uses: prepare(`SELECT uses AS value FROM agent_objects WHERE ${object}`),
    meetObject: prepare(
      'INSERT OR IGNORE INTO agent_objects (company, agent_id, capability, object_id, uses, last_ms) VALUES (?, ?, ?, ?, 0, ?)',
    ),
    addObjectUse: prepare(`UPDATE agent_objects SET uses = uses + 1, last_ms = ? WHERE ${object} AND uses < ?`),
    takeObjectUseBack: prepare(`UPDATE agent_objects SET uses = uses - 1 WHERE ${object} AND uses > 0`),
    readText: prepare('SELECT read_ms AS value FROM agent_texts WHERE company = ? AND agent_id = ?'),
    noteTextRead: prepare(
      `INSERT INTO agent_texts (company, agent_id, read_ms) VALUES (?, ?, ?)
       ON CONFLICT (company, agent_id) DO UPDATE SET read_ms = max(read_ms, excluded.read_ms)`,
    ),

    pruneNonces: prepare('DELETE FROM confirmations_used WHERE company = ? AND expires_ms < ?'),
    pruneKeys: prepare('DELETE FROM idempotency_keys WHERE company = ? AND begun_ms < ?'),
    pruneRequests: prepare('UPDATE approvals SET request = NULL WHERE company = ? AND expires_ms < ? AND request IS NOT NULL'),
    // The newest row stays, so that its number is never given again.
    pruneApprovals: prepare(
      'DELETE FROM approvals WHERE company = ? AND expires_ms < ? AND number < (SELECT max(number) FROM approvals WHERE company = ?)',
    ),
    pruneUsage: prepare('DELETE FROM agent_usage WHERE company = ? AND day < ?'),
    pruneRequestCounts: prepare('DELETE FROM agent_requests WHERE company = ? AND day < ?'),
    pruneObjects: prepare('DELETE FROM agent_objects WHERE company = ? AND last_ms < ?'),
  };
}
