// The streams that cost a request per call, where no destination can be asked which calls there are.
import { expect, onTestFinished, test } from 'vitest';
import { silentLog, type JsonObject } from '../base/index.ts';
import { createClient } from '../client/index.ts';
import { startSimulator, type SimulatorOptions } from '../simulator/index.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { streams } from './list.ts';
import { defaultReread } from './reread.ts';
import { ServerTime } from './server-time.ts';
import type { Item, ReadContext } from './stream.ts';

const summaries = streams.find(({ name }) => name === 'summaries')!;

async function company(options: SimulatorOptions = {}) {
  const clock = new FakeClock({ startMs: Date.UTC(2026, 4, 13, 12) });
  const simulator = await startSimulator({ seed: 5, calls: 700, requestsPerMinute: 'off', clock, ...options });
  const { apiId, apiToken, baseUrl } = simulator;
  const aircall = createClient({ credential: { apiId, apiToken }, baseUrl, budget: 'off', clock });
  onTestFinished(async () => {
    await aircall.close();
    await simulator.close();
  });

  /** Reads from a state. `stopAfter`: like a process that dies after so many items. */
  async function read(state: JsonObject | null, { stopAfter = Infinity, ...change }: Partial<ReadContext> & { stopAfter?: number } = {}) {
    const serverTime = new ServerTime(clock);
    const rows = new Map<string, Record<string, unknown>>();
    const items: Item[] = [];
    const states: JsonObject[] = [];
    simulator.requests.clear();
    const context: ReadContext = {
      aircall,
      request: { onAnswer: (answer) => serverTime.observe(answer.serverTimeMs) },
      state,
      startAt: null,
      full: false,
      range: null,
      sweep: false,
      confirmed: true,
      confirm: () => Promise.resolve(true),
      requestsPerMinute: Infinity,
      reread: defaultReread,
      outOfTime: () => false,
      known: null,
      serverTime,
      callExtras: { contact: true, timeline: true, aiVoice: true },
      clock,
      log: silentLog,
      ...change,
    };
    for await (const item of summaries.read(context)) {
      items.push(item);
      if (item.kind === 'checkpoint') states.push(structuredClone(item.state));
      if (item.kind === 'records') {
        for (const record of item.records as Record<string, unknown>[]) rows.set(String(record['call_id']), record);
      }
      if (items.length >= stopAfter) break;
    }
    const asked = simulator.requests.entries.filter(({ endpoint }) => endpoint === 'conversation.summary').map(({ path }) => path);
    const listed = simulator.requests.entries.filter(({ endpoint }) => endpoint === 'calls.list').length;
    return { rows, items, states, state: states.at(-1) ?? state, asked, listed };
  }

  /** Calls with enough talk that ended long enough ago. */
  const eligible = () =>
    [...simulator.truth().calls.values()]
      .filter(({ status, answered_at: answered, ended_at: ended }) => {
        const now = clock.now() / 1000;
        return status === 'done' && answered !== null && Number(ended) - Number(answered) >= 10 && Number(ended) <= now - 600;
      })
      .map(({ id }) => String(Number(id)));

  return { simulator, clock, read, eligible };
}

test('every answered call is asked for once, and a second read asks for none of them again', async () => {
  const { read, eligible } = await company();
  const first = await read(null);
  expect([...first.rows.keys()].toSorted()).toEqual(eligible().toSorted());
  expect(first.rows.size).toBeGreaterThan(200);
  expect(new Set(first.asked).size).toBe(first.asked.length);
  expect(first.asked.length).toBe(first.rows.size);
  expect(first.items.filter(({ kind }) => kind === 'incomplete')).toEqual([]);
  const second = await read(first.state);
  expect(second.asked).toEqual([]);
  expect(second.listed).toBeLessThanOrEqual(1);
});

test('listing costs little more than the calls have pages', async () => {
  const { read } = await company({ calls: 3000 });
  const { listed } = await read(null);
  expect(listed).toBeLessThanOrEqual(60 + 25);
});

test('wherever a read ends, the next one asks for what is left, and for little twice', async () => {
  const { read, eligible } = await company();
  const all = await read(null);
  for (let cut = 3; cut < all.items.length; cut += 61) {
    const begun = await read(null, { stopAfter: cut });
    const rest = await read(begun.states.at(-1) ?? null);
    const rows = new Set([...begun.rows.keys(), ...rest.rows.keys()]);
    expect([...rows].toSorted()).toEqual(eligible().toSorted());
    expect(begun.asked.length + rest.asked.length - rows.size).toBeLessThanOrEqual(100);
  }
});

test('a call without an answer is asked again an hour and a day after its end, and then no more', async () => {
  const { simulator, clock, read } = await company({ calls: 0 });
  const now = () => Math.floor(clock.now() / 1000);
  const call = simulator.company.calls.add({ startedAt: now() - 90, answeredAt: now() - 80, endedAt: now() - 30, hasRecording: false });
  let state: JsonObject | null = null;
  const seen: unknown[] = [];
  const look = async (afterSeconds: number) => {
    await clock.advance(afterSeconds * 1000);
    simulator.company.advance(0);
    const outcome = await read(state);
    state = outcome.state;
    const row = outcome.rows.get(String(call.id));
    seen.push([outcome.asked.length, row?.['_status'], row?.['_tries']]);
  };
  await look(0);
  await look(11 * 60);
  await look(5 * 60);
  await look(3600);
  await look(3600);
  await look(24 * 3600);
  await look(24 * 3600);
  expect(seen).toEqual([
    [0, undefined, undefined],
    [1, 'pending', 1],
    [0, undefined, undefined],
    [1, 'pending', 2],
    [0, undefined, undefined],
    [1, 'none', 3],
    [0, undefined, undefined],
  ]);
});

test('a call that lasts is asked for when it is over, without listing everything since', async () => {
  const { simulator, clock, read } = await company({ calls: 200 });
  const now = () => Math.floor(clock.now() / 1000);
  const open = simulator.company.calls.add({ startedAt: now() - 4000, answeredAt: now() - 3990, endedAt: null, status: 'answered' });
  const first = await read(null);
  expect(first.rows.has(String(open.id))).toBe(false);
  await clock.advance(3600_000);
  simulator.company.calls.update(open.id, { endedAt: now() - 1200, status: 'done', hasRecording: true });
  const second = await read(first.state);
  expect(second.rows.get(String(open.id))).toMatchObject({ _tries: 1 });
  expect(second.listed).toBeLessThanOrEqual(2);
});

test('a product that is not in the plan ends the reading and is not asked for again for a week', async () => {
  const { clock, read } = await company({ missingProducts: ['AI Assist'] });
  const first = await read(null);
  expect(first.items.at(-1)).toMatchObject({ kind: 'off' });
  expect(first.asked).toHaveLength(1);
  const second = await read(first.state);
  expect(second.asked).toEqual([]);
  expect(second.items).toEqual([expect.objectContaining({ kind: 'off' })]);
  await clock.advance(8 * 24 * 3600_000);
  expect((await read(first.state)).asked).toHaveLength(1);
});

test('what somebody broke in a state does not break the reading', async () => {
  const { read, eligible } = await company({ calls: 100 });
  const broken = { version: 1, closed: 'x', waiting: [null, [], ['abc', 1, 2, 3, 4, null], [1, 2], 'y'], done: [[], null] };
  expect([...(await read(broken as unknown as JsonObject)).rows.keys()].toSorted()).toEqual(eligible().toSorted());
});
