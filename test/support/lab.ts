// A simulated company, a client for it, and somewhere to load into, ready for runs. Time is the test's own: nothing waits.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../src/base/index.ts';
import { createClient, createInProcessBudget, type Aircall, type ClientOptions } from '../../src/client/index.ts';
import { duckdb, type DuckdbOptions } from '../../src/destinations/index.ts';
import type { Destination } from '../../src/load/index.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts';
import { sync, type SyncEvent, type SyncOptions, type SyncResult } from '../../src/sync/index.ts';
import { type CompareOptions, type Difference, differencesOf, type Tables, tablesOfFile, tablesOfMemory } from './compare.ts';
import { FakeClock } from './fake-clock.ts';
import { MemoryTables } from './memory-destination.ts';

export type LabOptions = {
  readonly simulator?: SimulatorOptions;
  readonly client?: Partial<ClientOptions>;
  /** Requests a minute and what is left to others; default: no budget. */
  readonly budget?: { readonly requestsPerMinute: number; readonly reserve: number };
  /** Default: a clock of the test's own, on which every wait is over at once. */
  readonly clock?: Clock;
  /** Load into memory instead of a DuckDB file. */
  readonly inMemory?: boolean;
  readonly duckdb?: Partial<DuckdbOptions>;
};

export type Lab = {
  readonly simulator: Simulator;
  readonly aircall: Aircall;
  readonly clock: Clock;
  readonly folder: string;
  readonly home: string;
  /** The DuckDB file. */
  readonly path: string;
  /** What `inMemory` loads into. */
  readonly memory: MemoryTables;
  readonly destination: Destination;
  readonly tables: Tables;
  /** Everything the last run told while it ran. */
  readonly events: readonly SyncEvent[];
  run(change?: Partial<SyncOptions>): Promise<SyncResult>;
  /** Lets time pass, on the test's own clock. */
  pass(seconds: number): Promise<void>;
  /** What differs between the tables and what Aircall has now. */
  differences(options?: CompareOptions): Promise<readonly Difference[]>;
};

export async function openLab(options: LabOptions = {}): Promise<Lab> {
  const clock = options.clock ?? new FakeClock({ hurry: true });
  const simulator = await startSimulator({ seed: 3, calls: 300, contacts: 120, requestsPerMinute: 'off', clock, ...options.simulator });
  const { apiId, apiToken, baseUrl } = simulator;
  const budget = options.budget === undefined ? 'off' : createInProcessBudget({ ...options.budget, clock });
  const aircall = createClient({ credential: { apiId, apiToken }, baseUrl, budget, clock, ...options.client });
  const folder = temporaryFolder();
  onTestFinished(async () => {
    await aircall.close();
    await simulator.close();
  });
  const home = join(folder, '.trunkline');
  const path = join(folder, 'aircall.duckdb');
  const memory = new MemoryTables();
  const destination = options.inMemory === true ? memory.destination() : duckdb({ path, ...options.duckdb });
  const tablesNow = () => (options.inMemory === true ? tablesOfMemory(memory) : tablesOfFile(path));
  let events: SyncEvent[] = [];
  return {
    simulator,
    aircall,
    clock,
    folder,
    home,
    path,
    memory,
    destination,
    get tables() {
      return tablesNow();
    },
    get events() {
      return events;
    },
    run: (change = {}) => {
      events = [];
      return sync({ aircall, destination, home, clock, onEvent: (event) => events.push(event), ...change });
    },
    pass: async (seconds) => {
      if (!(clock instanceof FakeClock)) throw new TypeError('Only a clock of the test can be moved on.');
      await clock.advance(seconds * 1000);
    },
    differences: (compare) => differencesOf(tablesNow(), simulator.truth(), compare),
  };
}

/** A folder that goes when the test ends; in memory where the system has such a file system. */
export function temporaryFolder(): string {
  const base = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const folder = mkdtempSync(join(base, 'trunkline-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
