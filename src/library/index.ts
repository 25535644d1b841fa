// library/: what a program gets with `import … from 'trunkline'`: a sync with everything wired, and what was loaded as typed
// rows. In: options. Out: results, rows. Never: the process, its environment or its terminal.
export { connect } from './connect.ts';
export type { Connection, ConnectOptions } from './connect.ts';
export { open } from './open.ts';
export type { OpenedDestination, OpenOptions } from './open.ts';
export type { Rows } from './row-types.ts';
export { sync } from './sync.ts';
export type { SyncOptions } from './sync.ts';
export type { Table } from './table.ts';
export type { Condition, Where } from './where.ts';
