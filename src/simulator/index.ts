// simulator/: a seeded Aircall over real HTTP, for tests, demos and benchmarks. In: a seed, sizes, a clock, faults to lay on
// top. Out: an address that answers like Aircall, and the ground truth behind it. Never: a kindness to our own client that
// Aircall would not show.
export { startSimulator } from './simulator.ts';
export type { Simulator } from './simulator.ts';
export type { SimulatorOptions } from './options.ts';
export type { Collection, SimulatedCompany } from './controls.ts';
export type { Truth, TrueRecord, TrueRecords, TruthOptions } from './company/truth.ts';
export { streamNames } from './company/drift.ts';
export type { DriftRule, StreamName } from './company/drift.ts';
export type { CallChange, NewCall, StartedCall } from './company/change-calls.ts';
export type { EmbeddingChoice } from './company/embedding.ts';
export type { CallPlan } from './company/life-cycle.ts';
export type { CallState, ContactState, NumberState, TagState, TeamState, UserState, WebhookState } from './company/state.ts';
export { busyChurn, churnEvents } from './churn.ts';
export type { Churn, ChurnEvent, ChurnOptions, ChurnRates } from './churn.ts';
export type { Fault, FaultMatcher, Faults } from './faults.ts';
export { stormFaults } from './storm.ts';
export type { StormOptions } from './storm.ts';
export type { LoggedRequest, RequestLog } from './http/request-log.ts';
export type { OauthClient, OauthDesk } from './oauth-desk.ts';
export type { CompanyEvent } from './company/event-log.ts';
export type { DeliveryAttempt } from './webhook-delivery.ts';
export { oddities } from './oddities.ts';
export { rawJson } from './raw-json.ts';
