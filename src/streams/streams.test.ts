// Every stream against the simulator, without a destination: what is yielded, what it costs, what a second run asks for.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog, systemClock, type JsonObject } from '../base/index.ts';
import { type Aircall, createClient } from '../client/index.ts';
import { type Simulator, startSimulator } from '../simulator/index.ts';
import { defaultStreams } from './list.ts';
import { defaultReread } from './reread.ts';
import { ServerTime } from './server-time.ts';
import type { Item, ReadContext, Stream } from './stream.ts';
import { fieldOf } from './time-lister.ts';

let simulator: Simulator;
let aircall: Aircall;

beforeAll(async () => {
  simulator = await startSimulator({ seed: 11, calls: 12_400, contacts: 1_234, users: 30, requestsPerMinute: 'off' });
  const { apiId, apiToken, baseUrl } = simulator;
  aircall = createClient({ credential: { apiId, apiToken }, baseUrl, budget: 'off' });
});

afterAll(async () => {
  await aircall.close();
  await simulator.close();
});

type Outcome = {
  readonly rows: Map<string, unknown>;
  readonly items: Item[];
  readonly state: JsonObject | null;
  readonly requests: number;
};

async function read(stream: Stream, change: Partial<ReadContext> = {}): Promise<Outcome> {
  const serverTime = new ServerTime(systemClock);
  serverTime.observe(Date.now());
  const rows = new Map<string, unknown>();
  const items: Item[] = [];
  let state = change.state ?? null;
  let requests = 0;
  const context: ReadContext = {
    aircall,
    request: {
      onSend: () => {
        requests += 1;
      },
    },
    state: null,
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
    callExtras: { contact: true, timeline: true, aiVoice: true },
    clock: systemClock,
    log: silentLog,
    ...change,
  };
  for await (const item of stream.read(context)) {
    if (item.kind === 'records') for (const record of item.records) rows.set(String(fieldOf(record, stream.shape.key)), record);
    else items.push(item);
    if (item.kind === 'checkpoint') state = item.state;
  }
  return { rows, items, state, requests };
}

test.each(defaultStreams.map((stream) => [stream.name, stream] as const))(
  '%s: the first read brings all there is, proven',
  async (name, stream) => {
    const { rows, items, requests } = await read(stream);
    const truth = simulator.truth()[name as keyof ReturnType<Simulator['truth']>];
    expect([...rows.keys()].toSorted()).toEqual([...truth.keys()].toSorted());
    expect(items.filter(({ kind }) => kind === 'incomplete')).toEqual([]);
    expect(requests).toBeLessThanOrEqual(1.01 * Math.max(1, Math.ceil(truth.size / 50)) + 10);
  },
);

test.each(defaultStreams.map((stream) => [stream.name, stream] as const))(
  '%s: a quiet second run writes nothing and asks for little',
  async (name, stream) => {
    const first = await read(stream);
    const second = await read(stream, { state: structuredClone(first.state) });
    expect(second.items.filter(({ kind }) => kind === 'incomplete')).toEqual([]);
    if (name !== 'calls') expect(second.rows.size).toBe(0);
    const listed = name === 'calls' || name === 'contacts' || name === 'company' ? 1 : Math.ceil(first.rows.size / 50);
    expect(second.requests).toBeLessThanOrEqual(Math.max(1, listed));
  },
);

test('a contact that changed and one that is new come with the next run, for one request', async () => {
  const contacts = defaultStreams.find(({ name }) => name === 'contacts')!;
  const first = await read(contacts);
  const settled = await read(contacts, { state: first.state });
  const some = [...first.rows.keys()][700]!;
  await aircall.contacts.update(BigInt(some), { firstName: 'Changed' });
  const created = await aircall.contacts.create({ phoneNumbers: [{ label: 'Work', value: '+15550100777' }], firstName: 'New' });
  const second = await read(contacts, { state: settled.state });
  expect(second.rows.has(some)).toBe(true);
  expect(second.rows.has(String(created.id))).toBe(true);
  expect(second.requests).toBe(1);
});

test('a range is read again without moving the state', async () => {
  const calls = defaultStreams.find(({ name }) => name === 'calls')!;
  const to = Math.floor(Date.now() / 1000) - 40 * 86_400;
  const range = { from: to - 5 * 86_400, to };
  const { rows, items } = await read(calls, { range });
  const wanted = [...simulator.truth().calls.values()].filter(
    (call) => Number(call['started_at']) >= range.from && Number(call['started_at']) <= range.to,
  );
  expect(rows.size).toBe(wanted.length);
  expect(rows.size).toBeGreaterThan(0);
  expect(items.some(({ kind }) => kind === 'checkpoint')).toBe(false);
});

test('a start date limits the calls, and an earlier one later adds what is missing', async () => {
  const calls = defaultStreams.find(({ name }) => name === 'calls')!;
  const now = Math.floor(Date.now() / 1000);
  const startedAfter = (seconds: number) =>
    [...simulator.truth().calls.values()].filter((call) => Number(call['started_at']) >= seconds).length;
  const later = await read(calls, { startAt: now - 30 * 86_400 });
  expect(later.rows.size).toBe(startedAfter(now - 30 * 86_400));
  const earlier = await read(calls, { startAt: now - 60 * 86_400, state: later.state });
  expect(new Set([...later.rows.keys(), ...earlier.rows.keys()]).size).toBe(startedAfter(now - 60 * 86_400));
  expect(earlier.rows.size).toBeLessThan(startedAfter(now - 60 * 86_400));
});
