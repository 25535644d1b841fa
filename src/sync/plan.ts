// What a sync would read and cost, without reading or writing it.
import { systemClock } from '../base/index.ts';
import { ServerTime } from '../streams/index.ts';
import { chooseStreams } from './choose-streams.ts';
import { KnownRows } from './known.ts';
import { pipeline } from './pipeline.ts';
import { readContext } from './read-context.ts';
import type { SyncOptions, SyncPlan } from './types.ts';

/** Asks Aircall for the size of each list: about one request a stream. Rejects like `sync`. */
export async function planSync(options: SyncOptions): Promise<SyncPlan> {
  const chosen = chooseStreams(options.streams);
  const serverTime = new ServerTime(options.clock ?? systemClock);
  const session = await options.destination.open({ signal: options.signal });
  try {
    const recalled = await session.recall(pipeline);
    const plans: SyncPlan['streams'][number][] = [];
    let requests = 0;
    for (const stream of chosen) {
      const context = readContext({
        options,
        state: recalled.states[stream.name] ?? null,
        known: new KnownRows({ session, recalled, stream, settle: () => Promise.resolve(), loaded: () => [] }),
        serverTime,
        outOfTime: () => true,
        request: {
          signal: options.signal,
          priority: 'interactive',
          onSend: () => {
            requests += 1;
          },
          onAnswer: ({ serverTimeMs }) => serverTime.observe(serverTimeMs),
        },
      });
      plans.push({ stream: stream.name, ...(await stream.estimate(context)) });
    }
    return { streams: plans, requests };
  } finally {
    await session.close();
  }
}
