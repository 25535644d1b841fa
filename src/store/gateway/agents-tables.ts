/** Tables of the gateway's agents: the policy in all its versions, the keys agents present, and where the gateway's own lie. */
export const agentsTables = `
CREATE TABLE policies (
  company TEXT NOT NULL,
  -- From 1, without gaps; the highest is in force.
  number INTEGER NOT NULL CHECK (number > 0),
  version TEXT NOT NULL,
  policy TEXT NOT NULL,
  at TEXT NOT NULL,
  by TEXT NOT NULL,
  sentence TEXT NOT NULL,
  PRIMARY KEY (company, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE agent_keys (
  company TEXT NOT NULL,
  key_id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  -- HMAC-SHA256 of the secret, hex. The secret itself is nowhere.
  hash TEXT NOT NULL,
  made_at TEXT NOT NULL,
  made_by TEXT NOT NULL,
  expires_at TEXT,
  revoked_at TEXT,
  revoked_by TEXT,
  -- A JSON list of addresses and networks it may be used from; NULL: from anywhere.
  addresses TEXT,
  last_used_at TEXT,
  PRIMARY KEY (company, key_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX agent_keys_by_agent ON agent_keys (company, agent_id);

CREATE TABLE gateway_keyrings (
  company TEXT NOT NULL PRIMARY KEY,
  -- Names this set of keys, also where they lie in a file elsewhere.
  keyring TEXT NOT NULL,
  -- The keys, sealed under the key-encryption key; NULL: they lie in a file of the user's.
  envelope TEXT,
  made_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Which process serves agents. One at a time: requests that a dead one left behind are settled by the next one, not by its twin.
CREATE TABLE gateway_serving (
  company TEXT NOT NULL PRIMARY KEY,
  kernel TEXT NOT NULL,
  namespace TEXT NOT NULL,
  pid INTEGER NOT NULL,
  started TEXT NOT NULL,
  host TEXT NOT NULL,
  -- Milliseconds since 1970, of the last sign of life.
  noted_at_ms INTEGER NOT NULL,
  -- Where other processes of this machine reach it; NULL: not yet, or not on this machine.
  url TEXT
) STRICT, WITHOUT ROWID;
`;
