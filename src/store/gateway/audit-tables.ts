/**
 * Tables of the log. What can be searched is computed from the stored bytes, so that nothing a search goes by can be changed
 * without the record itself; the bytes, their place and their links are what the chain protects.
 */
export const auditTables = `
CREATE TABLE audit_records (
  company TEXT NOT NULL,
  -- From 1, without gaps.
  seq INTEGER NOT NULL CHECK (seq > 0),
  -- Canonical JSON; exactly what was hashed.
  bytes TEXT NOT NULL,
  prev TEXT NOT NULL,
  hash TEXT NOT NULL,
  call_id TEXT GENERATED ALWAYS AS (CASE WHEN json_valid(bytes) THEN json_extract(bytes, '$.callId') END) VIRTUAL,
  agent_id TEXT GENERATED ALWAYS AS (CASE WHEN json_valid(bytes) THEN json_extract(bytes, '$.who.agent.id') END) VIRTUAL,
  capability TEXT GENERATED ALWAYS AS (CASE WHEN json_valid(bytes) THEN json_extract(bytes, '$.what.capability') END) VIRTUAL,
  UNIQUE (company, seq)
) STRICT;
CREATE INDEX audit_records_by_call ON audit_records (company, call_id);
CREATE INDEX audit_records_by_agent ON audit_records (company, agent_id, seq);
CREATE INDEX audit_records_by_capability ON audit_records (company, capability, seq);

-- Where the chain ends. Its own HMAC, so that nobody without the key can move it.
CREATE TABLE audit_heads (
  company TEXT NOT NULL PRIMARY KEY,
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL,
  time TEXT NOT NULL,
  -- How many checkpoints there are.
  checkpoints INTEGER NOT NULL,
  -- Marks of the rows that decide what agents may do, as they were then; JSON.
  deciding TEXT NOT NULL,
  mac TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_checkpoints (
  company TEXT NOT NULL,
  seq INTEGER NOT NULL,
  head TEXT NOT NULL,
  time TEXT NOT NULL,
  signature TEXT NOT NULL,
  key_id TEXT NOT NULL,
  PRIMARY KEY (company, seq)
) STRICT, WITHOUT ROWID;

-- Records that were written to files and went from here, a row for each file. The end of the last row is where what is kept begins.
CREATE TABLE audit_segments (
  company TEXT NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  -- What its first record follows on.
  prev TEXT NOT NULL,
  -- Of its last record, which the next one follows on.
  hash TEXT NOT NULL,
  time TEXT NOT NULL,
  checkpoints INTEGER NOT NULL,
  file TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  -- Of all that, so that nobody without the key can call archived what was deleted.
  mac TEXT NOT NULL,
  PRIMARY KEY (company, last_seq)
) STRICT, WITHOUT ROWID;

-- Requests that went to Aircall and whose end is not recorded yet; a help for looking, the records are what counts.
CREATE TABLE audit_open_calls (
  company TEXT NOT NULL,
  call_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (company, call_id)
) STRICT, WITHOUT ROWID;
`;
