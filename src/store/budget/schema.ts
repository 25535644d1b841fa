import type { DatabaseKind } from '../database.ts';

/**
 * The file of one company's request budget. All times are milliseconds of the file's own time (machine-time.ts).
 *
 * What it says matters for a minute, so that it need not survive the loss of power, and a slot costs no fsync.
 */
export const budgetDatabase: DatabaseKind = {
  name: 'budget',
  applicationId: 0x54_4c_42_31,
  synchronous: 'off',
  migrations: [
    `
    -- One row: the file's time, and what holds for everyone.
    CREATE TABLE state (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      now_ms REAL NOT NULL,
      uptime_ms REAL NOT NULL,
      wall_ms REAL NOT NULL,
      kernel TEXT NOT NULL,
      last_slot INTEGER NOT NULL,
      taken INTEGER NOT NULL,
      blocked_until_ms REAL NOT NULL,
      limit_seen INTEGER,
      limit_until_ms REAL NOT NULL,
      remaining INTEGER,
      remaining_slot INTEGER NOT NULL,
      remaining_until_ms REAL NOT NULL,
      credits TEXT NOT NULL
    ) STRICT;

    -- One row per process that uses the budget.
    CREATE TABLE holders (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      kernel TEXT NOT NULL,
      namespace TEXT NOT NULL,
      pid INTEGER NOT NULL,
      started TEXT NOT NULL,
      quota INTEGER NOT NULL,
      reserve INTEGER NOT NULL,
      seen_ms REAL NOT NULL
    ) STRICT;

    -- Every request that still counts. frees_ms is null until its answer has ended.
    CREATE TABLE slots (
      id INTEGER PRIMARY KEY,
      holder INTEGER NOT NULL,
      sent_ms REAL NOT NULL,
      timeout_ms REAL NOT NULL,
      frees_ms REAL
    ) STRICT;
    CREATE INDEX slots_by_end ON slots (frees_ms);

    -- Who waits, so that processes take turns. since_ms is when the first in the line came, wake_ms when it looks again.
    CREATE TABLE waiters (
      holder INTEGER NOT NULL,
      priority TEXT NOT NULL,
      waiting INTEGER NOT NULL,
      since_ms REAL NOT NULL,
      wake_ms REAL NOT NULL,
      PRIMARY KEY (holder, priority)
    ) STRICT, WITHOUT ROWID;

    INSERT INTO state VALUES (1, 0, 0, 0, '', 0, 0, 0, NULL, 0, NULL, 0, 0, '{}');
    `,
    `
    -- When an agent last waited, and when the next slot is due to those that are paced for it.
    ALTER TABLE state ADD COLUMN agent_ms REAL NOT NULL DEFAULT -1e15;
    ALTER TABLE state ADD COLUMN due_ms REAL NOT NULL DEFAULT 0;
    `,
  ],
};
