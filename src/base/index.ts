// base/: what every room may lean on. Errors, time, logging, and the interface of the request budget.
// In: nothing. Out: types and tiny functions. Never: knowledge of Aircall, files, or the network.
export { EnvironmentError, Interrupted, isTrunklineError, messageOf, TrunklineError, UsageError } from './errors.ts';
export type { ErrorFacts } from './errors.ts';
export { systemClock, throwIfAborted } from './clock.ts';
export type { Clock } from './clock.ts';
export { priorities } from './budget.ts';
export type { Budget, BudgetStatus, Priority, Slot, SlotOutcome, SlotRequest } from './budget.ts';
export { createLog, logLevels, silentLog } from './log.ts';
export type { Log, LogFacts, LogLevel, LogOptions } from './log.ts';
export { canonicalJson, isObject } from './json.ts';
export type { ExactJson, Json, JsonObject, UnknownRecord } from './json.ts';
export { nearest } from './nearest.ts';
export { version } from './version.ts';
