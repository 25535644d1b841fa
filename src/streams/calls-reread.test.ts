// What is spread over a week reaches every call within that week, although the six months move on meanwhile.
import { expect, onTestFinished, test } from 'vitest';
import { type JsonObject, silentLog } from '../base/index.ts';
import { createClient } from '../client/index.ts';
import { startSimulator } from '../simulator/index.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { calls } from './calls.ts';
import { defaultReread } from './reread.ts';
import { ServerTime } from './server-time.ts';
import { fieldOf } from './time-lister.ts';

test('every call is read again within a week of daily runs', async () => {
  const clock = new FakeClock({ startMs: Date.UTC(2026, 4, 13, 12) });
  const simulator = await startSimulator({ seed: 8, calls: 900, requestsPerMinute: 'off', clock });
  const { apiId, apiToken, baseUrl } = simulator;
  const aircall = createClient({ credential: { apiId, apiToken }, baseUrl, budget: 'off', clock });
  onTestFinished(async () => {
    await aircall.close();
    await simulator.close();
  });
  let state: JsonObject | null = null;
  const read = async () => {
    const serverTime = new ServerTime(clock);
    const seen = new Set<string>();
    for await (const item of calls.read({
      aircall,
      request: { onAnswer: (answer) => serverTime.observe(answer.serverTimeMs) },
      state,
      startAt: null,
      full: false,
      range: null,
      sweep: false,
      confirmed: false,
      confirm: () => Promise.resolve(false),
      requestsPerMinute: Infinity,
      reread: defaultReread,
      outOfTime: () => false,
      known: null,
      serverTime,
      callExtras: { contact: false, timeline: false, aiVoice: false },
      clock,
      log: silentLog,
    })) {
      if (item.kind === 'checkpoint') ({ state } = item);
      if (item.kind === 'records') for (const record of item.records) seen.add(String(fieldOf(record, 'id')));
    }
    return seen;
  };
  await read();
  for (let week = 1; week <= 2; week += 1) {
    const again = new Set<string>();
    for (let day = 1; day <= 7; day += 1) {
      await clock.advance(24 * 3600_000);
      for (const key of await read()) again.add(key);
    }
    expect(
      [...simulator.truth().calls.keys()].filter((key) => !again.has(key)),
      `week ${week}`,
    ).toEqual([]);
  }
});
