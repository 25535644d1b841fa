// streams/: what to read from Aircall, how to resume, and when to read again. In: the client, a stream's state, and what
// the destination knows. Out: records, proofs of completeness, deletions, and the states from which a later run goes on.
// Never: tables, files, or how a destination stores things.
export { defaultStreams, streams } from './list.ts';
export { defaultReread } from './reread.ts';
export type { Reread, RereadSchedule } from './reread.ts';
export { Observer } from './observer.ts';
export { ServerTime } from './server-time.ts';
export type { CallExtras, Estimate, Item, Known, ReadContext, Stream } from './stream.ts';
