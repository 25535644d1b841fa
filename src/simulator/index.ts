// simulator/: a seeded Aircall over real HTTP, for tests, demos and benchmarks. In: a seed, sizes, a clock, faults to lay on
// top. Out: an address that answers like Aircall, and the ground truth behind it. Never: a kindness to our own client that
// Aircall would not show.
export { startSimulator } from './simulator.ts';
export type { Simulator } from './simulator.ts';
export type { SimulatorOptions } from './options.ts';
export type { Truth, TrueRecord, TrueRecords, TruthOptions } from './company/truth.ts';
export { rawJson } from './raw-json.ts';
