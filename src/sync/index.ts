// sync/: one run from source to receipt. In: a client, a destination, settings. Out: rows in tables, a result that proves
// by counts what arrived. Never: process, console, settings files, or a destination's library.
export { chooseStreams } from './choose-streams.ts';
export { pendingPackages } from './packages-home.ts';
export { pipeline } from './pipeline.ts';
export { planSync } from './plan.ts';
export { sync } from './sync.ts';
export type { StreamOutcome, StreamResult, SyncEvent, SyncOptions, SyncPlan, SyncResult } from './types.ts';
