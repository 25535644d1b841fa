import type { DatabaseKind } from '../database.ts';

/** The history of runs of one home folder. */
export const runsDatabase: DatabaseKind = {
  name: 'runs',
  applicationId: 0x54_4c_52_31,
  synchronous: 'normal',
  migrations: [
    `
    CREATE TABLE runs (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      command TEXT NOT NULL,
      version TEXT NOT NULL,
      host TEXT NOT NULL,
      kernel TEXT NOT NULL,
      namespace TEXT NOT NULL,
      pid INTEGER NOT NULL,
      started TEXT NOT NULL,
      started_at TEXT NOT NULL,
      noted_ms REAL NOT NULL,
      ended_at TEXT,
      exit INTEGER,
      summary TEXT,
      error TEXT,
      requests INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE streams (
      run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      stream TEXT NOT NULL,
      outcome TEXT NOT NULL,
      "rows" INTEGER NOT NULL,
      written INTEGER NOT NULL,
      deleted INTEGER NOT NULL,
      quarantined INTEGER NOT NULL,
      windows INTEGER NOT NULL,
      requests INTEGER NOT NULL,
      message TEXT,
      UNIQUE (run, stream)
    ) STRICT;

    CREATE TABLE packages (
      run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      package_id TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      "rows" INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      committed_at TEXT NOT NULL,
      UNIQUE (run, package_id)
    ) STRICT;
    `,
  ],
};
