// What a stream is told, from what the operator wants and what the run knows.
import { silentLog, systemClock } from '../base/index.ts';
import { defaultReread, type ReadContext } from '../streams/index.ts';
import type { SyncOptions } from './types.ts';

export type RunFacts = Pick<ReadContext, 'state' | 'known' | 'serverTime' | 'outOfTime' | 'request'> & { readonly options: SyncOptions };

export function readContext({ options, ...facts }: RunFacts): ReadContext {
  const { startAt, range } = options;
  return {
    ...facts,
    aircall: options.aircall,
    startAt: startAt === undefined ? null : secondsOf(startAt),
    full: options.full ?? false,
    range: range === undefined ? null : { from: secondsOf(range.from), to: secondsOf(range.to) },
    sweep: options.sweep ?? false,
    confirmed: options.confirmed ?? false,
    confirm: options.confirm ?? (() => Promise.resolve(false)),
    requestsPerMinute: options.requestsPerMinute ?? Infinity,
    reread: options.reread ?? defaultReread,
    callExtras: { contact: true, timeline: true, aiVoice: true, ...options.callExtras },
    clock: options.clock ?? systemClock,
    log: options.log ?? silentLog,
  };
}

function secondsOf(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
