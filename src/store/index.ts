// store/: what must outlive a process on this machine, in small SQLite files: the request budget that all processes
// share, the history of runs, and the gateway's agents, approvals and log. In: requests for a slot, facts about a run, rows of the
// gateway. Out: the same. Never: rows of a company's data, a secret that is not hashed or sealed, or knowledge of Aircall.
export { openBudget } from './budget/budget.ts';
export type { OpenBudget, OpenBudgetOptions } from './budget/budget.ts';
export { stateFolder, syncPath } from './folders.ts';
export { isRunning } from './machine.ts';
export { openRuns } from './runs/runs.ts';
export type { OpenRunsOptions, Runs } from './runs/runs.ts';
export type { PackageFacts, Run, RunEnd, RunId, RunNote, RunStart, StreamFacts } from './runs/run.ts';
export { openGatewayDatabase } from './gateway/database.ts';
export type { Database, Statement } from './database.ts';
export { checkpointAside } from './checkpoints.ts';
export { AgentStore, companiesOf } from './gateway/agents.ts';
export type { StoredKey, StoredKeyring, StoredPolicy } from './gateway/agents.ts';
export { AuditStore } from './gateway/audit.ts';
export type { RecordFilter, StoredCheckpoint, StoredHead, StoredRecord } from './gateway/audit.ts';
export type { SegmentStore, StoredSegment } from './gateway/segments.ts';
export { FrictionStore } from './gateway/friction.ts';
export type { AreaUse, KeyPlace, ObjectUse, StoredApproval, StoredIdempotency } from './gateway/friction.ts';
export { findServing, servingSignEveryMs, takeServingPlace } from './gateway/serving.ts';
export type { ServingPlace } from './gateway/serving.ts';
export { PeopleStore } from './gateway/people.ts';
export type { StoredPerson, StoredSession } from './gateway/people.ts';
