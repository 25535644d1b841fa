/** Tables of the people who decide about approvals, and of their logins. */
export const peopleTables = `
CREATE TABLE people (
  company TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  -- The name without case, spaces, dots and accents: two that read alike are one person.
  name_key TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('approver')),
  -- A JSON list of the areas it holds for; NULL: all.
  areas TEXT,
  -- What is kept in place of the password; says itself how it was made.
  password TEXT NOT NULL,
  -- 1: it was made for the person, who chooses an own one before anything else.
  must_change INTEGER NOT NULL CHECK (must_change IN (0, 1)),
  made_at TEXT NOT NULL,
  made_by TEXT NOT NULL,
  PRIMARY KEY (company, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX people_by_name ON people (company, name_key);

CREATE TABLE people_sessions (
  company TEXT NOT NULL,
  -- SHA-256 of what the browser holds, hex.
  hash TEXT NOT NULL,
  person_id TEXT NOT NULL,
  -- Milliseconds since 1970.
  made_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  PRIMARY KEY (company, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX people_sessions_by_person ON people_sessions (company, person_id);
CREATE INDEX people_sessions_by_expiry ON people_sessions (company, expires_ms);
`;
