// What the conformance suites leave out: bad days, deletions, waits, secrets, and the requests a read costs.
import { expect, test } from 'vitest';
import { createClient } from '../src/client/index.ts';
import { rawJson } from '../src/simulator/index.ts';
import { sync } from '../src/sync/index.ts';
import { configure, Platform, savedState } from './support/airbyte-platform.ts';
import { lastStates, openSource, ordinary } from './support/airbyte-source.ts';
import { MemoryTables } from './support/memory-destination.ts';

const none: readonly string[] = [];

test('a stream that fails fails alone, keeps what it had, and the next read mends it', async () => {
  const { simulator, read } = await openSource();
  const platform = new Platform();
  simulator.faults.always({ endpoint: 'calls.list', where: ({ query }) => query.includes('page=4') }, { kind: 'status', status: 500 });
  const first = await read({ platform });
  expect(first.attempt.violations).toEqual(none);
  expect(first.code).toBe(1);
  expect(first.attempt.errors).toMatchObject([
    { failure_type: 'transient_error', stream_descriptor: { name: 'calls' }, message: expect.stringContaining('Aircall failed') as string },
  ]);
  expect(ordinary.filter((name) => first.attempt.statuses(name).at(-1) !== 'COMPLETE')).toEqual(['calls']);
  expect(first.attempt.logs.at(-1)).toMatchObject({ level: 'ERROR', message: '1 of 9 streams are not complete: calls.' });
  simulator.faults.clear();
  const second = await read({ platform });
  expect([second.attempt.violations, second.code]).toEqual([[], 0]);
  expect(platform.differences(simulator.truth())).toEqual(none);
});

test.each([
  ['an answer that is no JSON', { kind: 'html', status: 200 }, 'system_error'],
  ['404', { kind: 'status', status: 404 }, 'system_error'],
  ['400', { kind: 'status', status: 400 }, 'system_error'],
  ['broken connections', { kind: 'reset', after: 'nothing' }, 'transient_error'],
] as const)('an error says who has to act: %s', async (_name, fault, type) => {
  const { simulator, read, streams } = await openSource();
  simulator.faults.always({ endpoint: 'tags.list' }, fault);
  const { attempt, code } = await read({ catalog: configure(streams, 'incremental', ['tags', 'company']) });
  expect([attempt.violations, code]).toEqual([[], 1]);
  expect(attempt.errors).toMatchObject([{ failure_type: type, stream_descriptor: { name: 'tags' } }]);
  expect(attempt.statuses('company').at(-1)).toBe('COMPLETE');
});

test('a count that never fits leaves the stream incomplete, with everything that was seen', async () => {
  const { simulator, read, streams } = await openSource();
  simulator.faults.always({ endpoint: 'tags.list' }, { kind: 'total', change: (total) => total + 2 });
  const { attempt, code } = await read({ catalog: configure(streams, 'incremental', ['tags']) });
  expect([attempt.violations, code]).toEqual([[], 1]);
  expect(attempt.records('tags')).toHaveLength(simulator.truth().tags.size);
  expect(attempt.errors).toMatchObject([
    { failure_type: 'transient_error', message: expect.stringMatching(/could not be proven complete/) as string },
  ]);
});

test('a 429 is waited out within the quota and told as it happens, and a long one still gives signs of life', async () => {
  const { simulator, read, streams, config } = await openSource({ simulator: { calls: 260, requestsPerMinute: 40 } });
  const catalog = configure(streams, 'incremental', ['calls', 'contacts', 'users']);
  simulator.faults.during({ endpoint: 'users.list' }, { kind: 'tooMany', headers: true, resetAfterSeconds: 60 }, 660_000);
  const { attempt, code } = await read({ catalog, config: { ...config, quota: 20, reserve: 14 } });
  expect([attempt.violations, code]).toEqual([[], 0]);
  const limited = attempt.messages.flatMap((message) =>
    message.type === 'TRACE' && message.trace.type === 'STREAM_STATUS' && message.trace.stream_status.reasons !== undefined
      ? [message.trace.stream_status]
      : [],
  );
  expect(limited.map(({ stream_descriptor: stream }) => stream.name)).toEqual(expect.arrayContaining(['users', 'calls']));
  for (const { status, reasons } of limited) {
    expect([status, reasons]).toEqual(['RUNNING', [{ type: 'RATE_LIMITED', rate_limited: { quota_reset: expect.any(Number) as number } }]]);
  }
  expect(attempt.states('users').length).toBeGreaterThanOrEqual(2);
  expect(attempt.states('users').some(({ records }) => records === 0)).toBe(true);
  expect(simulator.requests.busiestMinute()).toBeLessThanOrEqual(6);
}, 90_000);

test('fields nobody declared, missing fields and wrong types do not stop a read, and are told', async () => {
  const { simulator, read, streams } = await openSource({ simulator: { calls: 60 } });
  simulator.company.drift({
    stream: 'users',
    fields: {
      mood: { level: 3, big: rawJson('123456789012345678901'), huge: rawJson('1e999') },
      email: 7.5,
      available: 'perhaps',
      time_zone: undefined,
    },
  });
  simulator.company.drift({ stream: 'tags', share: 0.3, fields: { id: null } });
  const { attempt, code } = await read({ catalog: configure(streams, 'incremental', ['users', 'tags']) });
  expect([attempt.violations, code]).toEqual([[], 0]);
  const [user] = attempt.records('users');
  expect(user!.data).toMatchObject({ mood: { level: 3, big: '123456789012345678901', huge: null }, email: '7.5', time_zone: null });
  expect(user!.meta!.changes).toHaveLength(2);
  expect(user!.meta!.changes).toEqual(
    expect.arrayContaining([
      { field: 'available', change: 'NULLED', reason: 'SOURCE_SERIALIZATION_ERROR' },
      { field: 'mood', change: 'TRUNCATED', reason: 'SOURCE_SERIALIZATION_ERROR' },
    ]),
  );
  const warnings = attempt.logs.filter(({ level }) => level === 'WARN').map(({ message }) => message);
  expect(warnings).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^users: Aircall sends a field nobody declared, mood;/),
      expect.stringMatching(/^users: values of users\.available were left out: expected true or false, received text/),
      expect.stringMatching(/^tags: a record was left out: its key "id" is nothing/),
    ]),
  );
  expect(new Set(warnings).size).toBe(warnings.length);
  const rejected = attempt.messages.flatMap((message) =>
    message.type === 'STATE' ? [message.state.sourceStats.rejectedRecordCount ?? 0] : [],
  );
  expect(attempt.records('tags').length + rejected.reduce((sum, each) => sum + each, 0)).toBe(simulator.company.tags.count);
});

test('deletions come as marked rows; very many of them are held until they are confirmed, once', async () => {
  const { simulator, read, config, clock } = await openSource({ simulator: { calls: 60, users: 30 } });
  const platform = new Platform();
  await read({ platform });
  const users = [...simulator.company.users.all()];
  simulator.company.users.remove(users[3]!.id);
  const few = await read({ platform });
  expect([few.attempt.violations, few.code]).toEqual([[], 0]);
  expect(platform.deleted('users')).toEqual([String(users[3]!.id)]);

  for (const { id } of users.slice(5, 20)) simulator.company.users.remove(id);
  const [contact] = simulator.company.contacts.all();
  simulator.company.contacts.remove(contact!.id);
  clock.advance(120_000);
  const many = await read({ platform });
  expect([many.attempt.violations, many.code]).toEqual([[], 1]);
  expect(many.attempt.errors).toMatchObject([
    { failure_type: 'config_error', message: expect.stringMatching(/15 of 29 rows of users .*confirm_deletions/) as string },
    { failure_type: 'config_error', message: expect.stringMatching(/15 of 29 rows of user_availability /) as string },
  ]);
  expect(platform.deleted('users')).toHaveLength(1);

  const confirmed = await read({ platform, config: { ...config, confirm_deletions: true } });
  expect([confirmed.attempt.violations, confirmed.code]).toEqual([[], 0]);
  expect(platform.deleted('users')).toHaveLength(16);
  expect(platform.deleted('contacts')).toEqual([String(contact!.id)]);
  expect(platform.differences({ users: simulator.truth().users, contacts: simulator.truth().contacts })).toEqual(none);
  const controls = confirmed.attempt.messages.filter(({ type }) => type === 'CONTROL');
  expect(controls).toMatchObject([{ control: { connectorConfig: { config: { ...config, confirm_deletions: false } } } }]);
});

test('a deleted contact is noticed within a week by itself', async () => {
  const { simulator, read, clock } = await openSource({ simulator: { calls: 20 } });
  const platform = new Platform();
  await read({ platform });
  const [contact] = simulator.company.contacts.all();
  simulator.company.contacts.remove(contact!.id);
  for (let day = 0; day < 8; day += 1) {
    clock.advance(24 * 3600_000);
    expect((await read({ platform })).code).toBe(0);
  }
  expect(platform.deleted('contacts')).toEqual([String(contact!.id)]);
  expect(platform.differences({ contacts: simulator.truth().contacts })).toEqual(none);
});

test('a first read and a quiet one cost the requests that sync pays', async () => {
  const { simulator, read, clock, config, shell } = await openSource({ simulator: { calls: 700, contacts: 330 } });
  const aircall = createClient({
    credential: { apiId: simulator.apiId, apiToken: simulator.apiToken },
    baseUrl: simulator.baseUrl,
    budget: 'off',
    clock,
  });
  const tables = new MemoryTables();
  const requestsOf = async (run: () => Promise<unknown>) => {
    simulator.requests.clear();
    await run();
    return simulator.requests.count;
  };
  const synced = () => sync({ aircall, destination: tables.destination(), home: `${shell.cwd}/packages`, clock });
  const platform = new Platform();
  const first = { airbyte: await requestsOf(() => read({ platform, config })), sync: await requestsOf(synced) };
  clock.advance(120_000);
  const quiet = { airbyte: await requestsOf(() => read({ platform, config })), sync: await requestsOf(synced) };
  await aircall.close();
  expect(first.airbyte).toBe(first.sync);
  expect(quiet.airbyte).toBe(quiet.sync);
});

test('secrets stand in no line, not even when the API sends them back', async () => {
  const { simulator, read, config, secrets } = await openSource({ simulator: { calls: 60 } });
  const basic = Buffer.from(`${simulator.apiId}:${simulator.apiToken}`).toString('base64');
  for (const stream of ['users', 'tags', 'contacts'] as const) {
    simulator.company.drift({ stream, fields: { name: `Basic ${basic}`, note: `${simulator.apiId} ${encodeURIComponent(basic)}` } });
  }
  simulator.faults.always({ endpoint: 'numbers.list' }, { kind: 'html', status: 500 });
  const wishes = [
    { flags: ['--debug'] },
    { flags: ['--debug'], config: { ...config, api_token: simulator.apiToken, start_date: simulator.apiToken } },
    { flags: ['--debug'], config: { ...config, api_id: simulator.accessToken } },
    { flags: ['--debug'], config: { ...config, base_url: `http://${simulator.apiToken}.example.com` } },
    { flags: ['--debug'], states: `{"${simulator.apiToken}` },
    { flags: ['--debug'], states: [savedState('users', { [simulator.apiToken]: 1 })] },
  ];
  for (const wish of wishes) {
    const { stdout, stderr } = await read(wish).catch((error: unknown) => {
      throw error;
    });
    for (const secret of secrets) expect(`${stdout}${stderr}`.includes(secret), JSON.stringify(wish).slice(0, 60)).toBe(false);
  }
});

test('where the shared budget cannot be kept, the read counts for itself and says so', async () => {
  const { read, shell, config, streams } = await openSource({ simulator: { calls: 10 } });
  shell.write('a-file', 'not a folder');
  shell.env['XDG_STATE_HOME'] = `${shell.cwd}/a-file`;
  shell.env['LOCALAPPDATA'] = `${shell.cwd}/a-file`;
  const { attempt, code } = await read({ config: { ...config, quota: 120 }, catalog: configure(streams, 'incremental', ['users']) });
  expect([attempt.violations, code]).toEqual([[], 0]);
  expect(attempt.logs[0]).toMatchObject({ level: 'INFO', message: expect.stringMatching(/counted in this process alone/) as string });
});

test('an attempt that died is taken up by the next one of the same full refresh', async () => {
  const { simulator, read, streams } = await openSource();
  const catalog = configure(streams, 'full_refresh', ordinary);
  simulator.faults.always({ endpoint: 'contacts.list', where: ({ query }) => query.includes('page=2') }, { kind: 'status', status: 503 });
  const platform = new Platform();
  const first = await read({ catalog, platform });
  expect(first.code).toBe(1);
  simulator.faults.clear();
  const second = await read({ catalog, platform, states: lastStates(first.attempt) });
  expect([second.attempt.violations, second.code]).toEqual([[], 0]);
  expect(second.attempt.records('users')).toEqual([]);
  expect(platform.differences(simulator.truth())).toEqual(none);
});
