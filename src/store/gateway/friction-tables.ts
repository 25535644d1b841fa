/** Tables of what stands between an agent and an act, and of what it has done so far. Times are milliseconds since 1970. */
export const frictionTables = `
CREATE TABLE confirmations_used (
  company TEXT NOT NULL,
  nonce TEXT NOT NULL,
  expires_ms INTEGER NOT NULL,
  PRIMARY KEY (company, nonce)
) STRICT, WITHOUT ROWID;
CREATE INDEX confirmations_used_by_expiry ON confirmations_used (company, expires_ms);

CREATE TABLE approvals (
  company TEXT NOT NULL,
  -- From 1; people see it as AP-1. Never given again.
  number INTEGER NOT NULL CHECK (number > 0),
  agent_id TEXT NOT NULL,
  capability TEXT NOT NULL,
  policy_version TEXT NOT NULL,
  -- HMAC over everything that must be the same when it is used, hex.
  digest TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'refused', 'used', 'expired')),
  asked_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  decided_ms INTEGER,
  decided_by TEXT,
  -- HMAC over the approval, hex: nobody approves by writing into this file.
  proof TEXT,
  -- What the person is shown, encrypted; NULL once nobody needs it any more.
  request TEXT,
  PRIMARY KEY (company, number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX approvals_open ON approvals (company, digest) WHERE state IN ('pending', 'approved');
CREATE INDEX approvals_by_agent ON approvals (company, agent_id, state);
CREATE INDEX approvals_by_expiry ON approvals (company, expires_ms);

CREATE TABLE idempotency_keys (
  company TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  capability TEXT NOT NULL,
  -- HMAC of the key, hex: clients put anything into it.
  key TEXT NOT NULL,
  -- HMAC over the arguments, hex.
  digest TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'done', 'unknown')),
  begun_ms INTEGER NOT NULL,
  -- The process that carries it out.
  kernel TEXT NOT NULL,
  namespace TEXT NOT NULL,
  pid INTEGER NOT NULL,
  started TEXT NOT NULL,
  -- How it was let through, for the record of a replay.
  confirmed INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
  approval INTEGER,
  approver TEXT,
  -- Aircall's answer, encrypted; NULL where there is none or it was too large to keep.
  answer TEXT,
  PRIMARY KEY (company, agent_id, capability, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (company, begun_ms);

CREATE TABLE agent_usage (
  company TEXT NOT NULL,
  -- Days since 1970-01-01, UTC.
  day INTEGER NOT NULL,
  agent_id TEXT NOT NULL,
  area TEXT NOT NULL,
  "rows" INTEGER NOT NULL CHECK ("rows" >= 0),
  writes INTEGER NOT NULL CHECK (writes >= 0),
  PRIMARY KEY (company, day, agent_id, area)
) STRICT, WITHOUT ROWID;

-- Requests that were let through.
CREATE TABLE agent_requests (
  company TEXT NOT NULL,
  -- Days since 1970-01-01, UTC.
  day INTEGER NOT NULL,
  agent_id TEXT NOT NULL,
  requests INTEGER NOT NULL CHECK (requests >= 0),
  PRIMARY KEY (company, day, agent_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE agent_objects (
  company TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  capability TEXT NOT NULL,
  object_id TEXT NOT NULL,
  uses INTEGER NOT NULL CHECK (uses >= 0),
  last_ms INTEGER NOT NULL,
  PRIMARY KEY (company, agent_id, capability, object_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX agent_objects_by_age ON agent_objects (company, last_ms);

CREATE TABLE agent_texts (
  company TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  read_ms INTEGER NOT NULL,
  PRIMARY KEY (company, agent_id)
) STRICT, WITHOUT ROWID;
`;
