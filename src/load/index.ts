// load/: the package, which makes what was read durable before a destination hears of it, and the interface every
// destination implements. In: rows, patches, deletions, state. Out: sealed packages and receipts.
// Never: a database library, a request to Aircall, or knowledge of a single stream.
export type {
  Capabilities,
  Damage,
  Destination,
  DroppedStream,
  Lease,
  LeaseHolder,
  LoadStep,
  LockWait,
  OpenOptions,
  QueryOptions,
  QueryResult,
  Recalled,
  Session,
} from './destination.ts';
export { DestinationFailed, DestinationLocked, DestinationUnreachable, LeaseHeld, LeaseLost, LoadRefused } from './errors.ts';
export { Draft } from './draft.ts';
export type { Sealing } from './draft.ts';
export { verifyPackage } from './manifest.ts';
export { openPackages } from './package-store.ts';
export type { PackageStore, PackageStoreOptions } from './package-store.ts';
export type {
  DeletionLine,
  Manifest,
  PackageFailure,
  PackageFile,
  PatchLine,
  Receipt,
  SealedPackage,
  StatesAfter,
  StreamStates,
  TableCounts,
} from './package.ts';
export { hasEnded, thisProcess } from './process-identity.ts';
export { siftPackage } from './sift.ts';
export type { Sifted } from './sift.ts';
export { columnTypesOf, familiesOf, hashTables, isWider, keyOf, rootNameOf } from './table-set.ts';
export type { Family } from './table-set.ts';
