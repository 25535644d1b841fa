// Copying what was committed from the write-ahead file into the database ends with two syncs of the disk. SQLite does it inside the
// commit that makes the file long enough (sqlite.org/wal.html, “Automatic Checkpoint”), and the event loop stands still meanwhile.
// A process that serves has a thread for it.
import { createRequire } from 'node:module';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Log } from '../base/index.ts';
import type { Database } from './database.ts';

/** In pages. Beyond the second one commits do it themselves, as the thread cannot end the file while others write into it. */
const automatic = { alone: 1000, withThread: 4000 } as const;
const everyMs = 1000;

/** JavaScript as text: the sources are TypeScript, which a thread of Node 20 does not read. */
const thread = `
  const { parentPort, workerData } = require('node:worker_threads');
  const Database = require(workerData.library);
  const database = new Database(workerData.path);
  const version = database.prepare('PRAGMA data_version');
  const checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  let seen;
  const look = () => {
    const { data_version: now } = version.get([]);
    if (now === seen) return;
    seen = now;
    checkpoint.get([]);
  };
  const looking = setInterval(look, workerData.everyMs);
  parentPort.on('message', () => {
    clearInterval(looking);
    database.close();
    parentPort.close();
  });
`;

/**
 * Does the checkpoints of a database in a thread, until the returned function is called; before the database is closed. When the
 * thread fails, commits do them again.
 */
export function checkpointAside(database: Database, log: Log): () => Promise<void> {
  const setAutomatic = (pages: number): void => void database.read(() => database.prepare(`PRAGMA wal_autocheckpoint = ${pages}`).get());
  const library = createRequire(import.meta.url).resolve('libsql');
  const worker = new Worker(thread, { eval: true, workerData: { library, path: database.path, everyMs }, execArgv: [] });
  const ended = once(worker, 'exit').catch(() => {});
  let isWanted = true;
  worker.once('error', (error) => {
    if (!isWanted) return;
    isWanted = false;
    log.warn('checkpoints are made by the commits again: their thread failed', { error: error.name });
    setAutomatic(automatic.alone);
  });
  worker.unref();
  setAutomatic(automatic.withThread);
  return async () => {
    // Whoever waits for its end may have nothing else to wait for.
    worker.ref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    if (isWanted) worker.postMessage('end');
    isWanted = false;
    await ended;
  };
}
