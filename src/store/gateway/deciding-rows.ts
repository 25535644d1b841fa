// The rows that decide what agents may do, as text. The log binds them to its end: who can write into the file and has not the keys
// can change such a row, take it out, put one in or put an older one back, but not so that it fits.

/** By what they are, for people: “keys of agents”. */
export type DecidingRows = Readonly<Record<string, string>>;

const places = {
  // What a policy says is bound by its version, a hash of all of it.
  'the policy in force': { of: 'policies', columns: ['number', 'version'], order: 'number DESC LIMIT 1' },
  'the keys of agents': {
    of: 'agent_keys',
    columns: ['key_id', 'agent_id', 'hash', 'expires_at', 'revoked_at', 'revoked_by', 'addresses'],
    order: 'key_id',
  },
  'the people who approve': {
    of: 'people',
    columns: ['id', 'name', 'name_key', 'role', 'areas', 'password', 'must_change'],
    order: 'id',
  },
  'the logins of people': { of: 'people_sessions', columns: ['hash', 'person_id', 'expires_ms'], order: 'hash' },
  // Once used, an approval is not among them any more.
  'the approvals given': {
    of: 'approvals',
    columns: ['number', 'agent_id', 'capability', 'policy_version', 'digest', 'expires_ms', 'decided_by', 'proof'],
    where: `state = 'approved'`,
    order: 'number',
  },
  'who has read outside text': { of: 'agent_texts', columns: ['agent_id', 'read_ms'], order: 'agent_id' },
  'what was archived of the log': {
    of: 'audit_segments',
    columns: ['first_seq', 'last_seq', 'prev', 'hash', 'time', 'checkpoints', 'file', 'sha256', 'mac'],
    order: 'last_seq DESC LIMIT 1',
  },
  'what agents used on the last day': {
    of: 'agent_usage',
    columns: ['day', 'agent_id', 'area', '"rows"', 'writes'],
    where: 'day = (SELECT max(day) FROM agent_usage WHERE company = ?1)',
    order: 'day, agent_id, area',
  },
  'the requests of the last day': {
    of: 'agent_requests',
    columns: ['day', 'agent_id', 'requests'],
    where: 'day = (SELECT max(day) FROM agent_requests WHERE company = ?1)',
    order: 'day, agent_id',
  },
} as const satisfies Record<string, { of: string; columns: readonly string[]; where?: string; order: string }>;

const names = Object.keys(places);

/** Columns of a SELECT, `?1` being the company; {@link decidingRowsOf} reads them. */
export const decidingColumns = Object.values(places)
  .map((place, index) => {
    // Each value as SQL would write it: two different rows are never the same text.
    const row = place.columns.map((column) => `quote(${column})`).join(` || ',' || `);
    const where = 'where' in place ? `company = ?1 AND ${place.where}` : 'company = ?1';
    return `(SELECT coalesce(group_concat(line, ';'), '') FROM (SELECT ${row} AS line FROM ${place.of} WHERE ${where} ORDER BY ${place.order})) AS c${index}`;
  })
  .join(', ');

export function decidingRowsOf(row: unknown): DecidingRows {
  const columns = row as Readonly<Record<string, string>>; // decidingColumns
  return Object.fromEntries(names.map((name, index) => [name, columns[`c${index}`] ?? '']));
}
