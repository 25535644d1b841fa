// serve/: one long-running process that answers over HTTP. In: the gateway, ready made, and where to listen. Out: a server that runs
// until it is stopped, and stops in good order: what is under way ends and is recorded. Never: a public address without TLS in front
// and sealed keys; a decision of its own about what an agent may do.
export { createFetchMedia } from './fetch-media.ts';
export { createLoadKeys } from './load-keys.ts';
export type { KeysPlace, LoadKeysOptions } from './load-keys.ts';
export { checkExposure, hostsOf, isThisMachine } from './exposure.ts';
export { startServer } from './server.ts';
export type { Opened, RunningServer, ServerOptions } from './server.ts';
export { createApprovalPages } from './approvals/pages.ts';
export type { ApprovalPages, ApprovalPagesOptions, PageReply, PageRequest } from './approvals/pages.ts';
