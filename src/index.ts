// trunkline: an Aircall account in your own database, from a program. `sync` loads what changed, `open` reads what was loaded.
// The client on its own is `trunkline/client`, the simulated Aircall for tests `trunkline/simulator`.
export { EnvironmentError, Interrupted, isTrunklineError, TrunklineError, UsageError } from './base/index.ts';
export type { Log, LogFacts } from './base/index.ts';
export { AircallError, CredentialRefused } from './client/index.ts';
export type { Credential } from './client/index.ts';
export { DestinationLocked, DestinationUnreachable, LeaseHeld } from './load/index.ts';
export type { Receipt, TableCounts } from './load/index.ts';
export type { FieldSettings } from './rows/index.ts';
export type { CallExtras, Reread, RereadSchedule } from './streams/index.ts';
export type { StreamOutcome, StreamResult, SyncEvent, SyncResult } from './sync/index.ts';
export { open, sync } from './library/index.ts';
export type { Condition, OpenedDestination, OpenOptions, Rows, SyncOptions, Table, Where } from './library/index.ts';
