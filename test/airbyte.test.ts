// The Airbyte source as that platform's conformance suites look at it: spec, check, discover, read, one by one.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type AirbyteMessage, isRecord, misfits, parseMessage } from './support/airbyte-model.ts';
import { type Attempt, configure, type ConfiguredCatalog, Platform, savedState } from './support/airbyte-platform.ts';
import { expectResumableStates, lastStates, openSource, ordinary } from './support/airbyte-source.ts';
import { openShell } from './support/cli.ts';
import { Dice } from './support/dice.ts';
import { serve } from './support/http-server.ts';

const none: readonly string[] = [];

function messagesOf(stdout: string): readonly AirbyteMessage[] {
  expect(stdout.endsWith('\n')).toBe(true);
  return stdout.slice(0, -1).split('\n').map(parseMessage);
}

type Node = Readonly<Record<string, unknown>>;

/** Every schema inside a schema, with its path. */
function* schemasIn(schema: Node, path = '$'): Generator<{ readonly path: string; readonly schema: Node }> {
  yield { path, schema };
  const { properties, items, oneOf } = schema;
  if (isRecord(properties)) for (const [name, inner] of Object.entries(properties)) yield* schemasIn(inner as Node, `${path}.${name}`);
  if (isRecord(items)) yield* schemasIn(items, `${path}[]`);
  if (Array.isArray(oneOf)) for (const [index, inner] of oneOf.entries()) yield* schemasIn(inner as Node, `${path}|${index}`);
}

async function specification() {
  const { stdout, code } = await openShell().run('airbyte', 'spec');
  const [message, ...more] = messagesOf(stdout);
  expect(code).toBe(0);
  expect(more).toEqual([]);
  if (message?.type !== 'SPEC') throw new Error('no SPEC');
  return message.spec.connectionSpecification as Node & { readonly properties: Readonly<Record<string, Node>> };
}

test('spec describes a form that keeps every rule for forms', async () => {
  const spec = await specification();
  expect(spec).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#', type: 'object', additionalProperties: true });
  const forbidden = [
    'not',
    'anyOf',
    'allOf',
    'patternProperties',
    'prefixItems',
    'if',
    'then',
    'else',
    '$ref',
    'dependentSchemas',
    'dependentRequired',
  ];
  const secretNames = [
    'access_token',
    'api_token',
    'token',
    'secret',
    'client_secret',
    'password',
    'key',
    'api_id',
    'refresh_token',
    'credentials',
  ];
  const orders = new Set<unknown>();
  for (const { path, schema } of schemasIn(spec)) {
    for (const keyword of forbidden) expect(schema, path).not.toHaveProperty(keyword);
    expect(['string', 'integer', 'number', 'boolean', 'object'], path).toContain(schema['type']);
    const name = path.split('.').at(-1)!;
    expect(schema['airbyte_secret'] === true, path).toBe(secretNames.includes(name));
    if ('additionalProperties' in schema) expect(schema['additionalProperties'], path).toBe(true);
    expect('format' in schema, path).toBe('pattern' in schema);
    if (path === '$') continue;
    expect(orders.has(schema['order']), path).toBe(false);
    orders.add(schema['order']);
    expect([typeof schema['title'], typeof schema['description']], path).toEqual(['string', 'string']);
  }
});

test('the document of Airbyte’s own connector fits the form, with milliseconds and without', async () => {
  const spec = await specification();
  for (const start of ['2022-03-01T00:00:00.000Z', '2022-03-01T00:00:00Z']) {
    expect(misfits({ api_id: 'abc', api_token: 'def', start_date: start }, spec)).toEqual(none);
  }
  expect(misfits({ api_id: 'abc', api_token: 'def', start_date: '2022-03-01' }, spec)).toHaveLength(2);
  expect(misfits({ access_token: 'abc', _limit: 5, anything: [1] }, spec)).toEqual(none);
});

test('check says that a good connection works, for two requests', async () => {
  const { airbyte, simulator } = await openSource({ realTime: true });
  const { stdout, code } = await airbyte('check', '--config', 'config.json');
  expect(messagesOf(stdout)).toEqual([{ type: 'CONNECTION_STATUS', connectionStatus: { status: 'SUCCEEDED' } }]);
  expect(code).toBe(0);
  expect(simulator.requests.count).toBe(2);
});

test('check fails a bad connection with exit code 0, one status and a message that says what to do', async () => {
  const { airbyte, shell, config } = await openSource({ realTime: true });
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ ...config, api_token: 'wrong' }, /refused the credential.*Check the API id/],
    [{ ...config, api_token: undefined }, /"api_token" is missing/],
    [{ ...config, access_token: 'abc' }, /both an API key and an access token/],
    [{ base_url: config['base_url'] }, /"api_id" and "api_token" are missing/],
    [{ ...config, start_date: '01/03/2022' }, /"start_date" is not written like/],
    [{ ...config, start_date: '2022-02-31T25:00:00Z' }, /"start_date" is no date/],
    [{ ...config, start_date: '2199-01-01T00:00:00Z' }, /future/],
    [{ ...config, quota: 'lots' }, /"quota": expected number/],
    [{ ...config, quota: 10, reserve: 10 }, /"reserve" leaves nothing/],
    [{ ...config, base_url: 'http://api.example.com' }, /http/],
    [{ ...config, api_token: 'two words' }, /apiToken.*holds spaces/],
    [[], /is not an object/],
  ];
  for (const [document, expected] of cases) {
    shell.write('bad.json', document);
    const { stdout, code } = await airbyte('check', '--config', 'bad.json');
    const statuses = messagesOf(stdout).filter(({ type }) => type === 'CONNECTION_STATUS');
    expect([code, statuses], stdout).toEqual([
      0,
      [{ type: 'CONNECTION_STATUS', connectionStatus: { status: 'FAILED', message: expect.stringMatching(expected) as string } }],
    ]);
    expect(stdout).not.toContain('two words');
  }
  for (const [name, content] of [
    ['broken.json', '{"api_id": "s3cr3t-and-more'],
    ['missing.json', null],
  ] as const) {
    if (content !== null) shell.write(name, content);
    const { stdout, code } = await airbyte('check', '--config', name);
    expect(code).toBe(0);
    expect(messagesOf(stdout)).toEqual([
      { type: 'CONNECTION_STATUS', connectionStatus: { status: 'FAILED', message: expect.stringContaining(name) as string } },
    ]);
    expect(stdout).not.toContain('s3cr3t');
  }
});

test('check fails within the minute that platforms wait when Aircall cannot be reached or lets everyone wait', async () => {
  const { airbyte, shell, config, simulator, clock } = await openSource();
  const dead = await serve((_received, response) => response.destroy());
  shell.write('dead.json', { ...config, base_url: dead.url });
  const startedMs = clock.now();
  const unreachable = await airbyte('check', '--config', 'dead.json');
  simulator.faults.always({}, { kind: 'tooMany' });
  const busy = await airbyte('check', '--config', 'config.json');
  for (const { stdout, code } of [unreachable, busy]) {
    const statuses = messagesOf(stdout).filter(({ type }) => type === 'CONNECTION_STATUS');
    expect([code, statuses]).toEqual([
      0,
      [
        {
          type: 'CONNECTION_STATUS',
          connectionStatus: { status: 'FAILED', message: expect.stringMatching(/connection broke|no answer within 45 seconds/) as string },
        },
      ],
    ]);
  }
  expect(clock.now() - startedMs).toBeLessThan(120_000);
});

test('discover lists the streams of sync, the same bytes every time, and asks Aircall nothing', async () => {
  const { airbyte, simulator } = await openSource();
  simulator.requests.clear();
  const first = await airbyte('discover', '--config=config.json');
  const second = await airbyte('discover', '--debug', '--config', 'config.json');
  expect(first.stdout).toBe(second.stdout);
  expect(first.code).toBe(0);
  expect(simulator.requests.count).toBe(0);
  const [message] = messagesOf(first.stdout);
  if (message?.type !== 'CATALOG') throw new Error('no CATALOG');
  const { streams } = message.catalog;
  const names = streams.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => ordinary.includes(name)).toSorted()).toEqual(ordinary.toSorted());
  expect(names).toHaveLength(16);
  for (const {
    name,
    json_schema: schema,
    source_defined_primary_key: key,
    default_cursor_field: cursor,
    is_resumable: resumable,
  } of streams) {
    const properties = (schema as { readonly properties: Readonly<Record<string, Node>> }).properties;
    expect(schema, name).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#', type: 'object', additionalProperties: true });
    expect([resumable, cursor], name).toEqual([true, ['_observed_at']]);
    expect(properties['_observed_at'], name).toMatchObject({ type: 'string', format: 'date-time' });
    expect(properties['_ab_cdc_deleted_at'], name).toMatchObject({ type: ['null', 'string'], airbyte_type: 'timestamp_with_timezone' });
    for (const path of key) expect(['integer', 'string'], name).toContain(properties[path[0]!]?.['type']);
    for (const { path, schema: inner } of schemasIn(schema)) {
      for (const keyword of ['$ref', 'allOf', 'not', 'oneOf', 'required']) expect(inner, `${name} ${path}`).not.toHaveProperty(keyword);
      if ('additionalProperties' in inner) expect(inner['additionalProperties'], `${name} ${path}`).toBe(true);
      const types = [inner['type']].flat();
      expect(
        types.filter((type) => type !== 'null'),
        `${name} ${path}`,
      ).toHaveLength(1);
      if (types.includes('array')) expect(inner, `${name} ${path}`).toHaveProperty('items');
      if (types.includes('object')) expect(inner, `${name} ${path}`).toHaveProperty('properties');
    }
  }
  const calls = streams.find(({ name }) => name === 'calls')!.json_schema as { readonly properties: Node };
  for (const name of ['recording', 'voicemail', 'has_recording', 'has_voicemail']) expect(calls.properties).toHaveProperty(name);
});

test('discover refuses a configuration that cannot be used', async () => {
  const { airbyte, shell } = await openSource();
  shell.write('bad.json', { api_id: 'abc' });
  const { stdout, code } = await airbyte('discover', '--config', 'bad.json');
  expect(code).toBe(1);
  expect(messagesOf(stdout)).toMatchObject([{ type: 'TRACE', trace: { type: 'ERROR', error: { failure_type: 'config_error' } } }]);
});

test('a full refresh brings every record of every stream, valid, keyed, counted, and later than the refresh before', async () => {
  const { simulator, read, streams, clock } = await openSource({ simulator: { calls: 90, openCalls: 1 }, config: { number_users: true } });
  const catalog = configure(streams, 'full_refresh');
  const platform = new Platform();
  const first = await read({ catalog, platform });
  expect(first.attempt.violations).toEqual(none);
  expect(first.code).toBe(0);
  expect(platform.differences(simulator.truth())).toEqual(none);
  for (const { stream } of catalog.streams) {
    const { name } = stream;
    expect(first.attempt.records(name).length, name).toBeGreaterThan(0);
    expect(first.attempt.statuses(name), name).toEqual(['STARTED', 'RUNNING', 'COMPLETE']);
    const extra = first.attempt
      .records(name)
      .flatMap(({ data }) => Object.keys(data).filter((field) => !(field in (stream.json_schema['properties'] as object))));
    expect(extra, name).toEqual([]);
  }
  expect(first.attempt.records('numbers').every(({ data }) => Array.isArray(data['users']))).toBe(true);
  expect(first.attempt.records('calls')[0]!.data).toMatchObject({ recording: null, voicemail: null });

  clock.advance(60_000);
  const second = await read({ catalog });
  expect(second.attempt.violations).toEqual(none);
  const latest = Math.max(...first.attempt.records().map(({ emitted_at: at }) => at));
  expect(Math.min(...second.attempt.records().map(({ emitted_at: at }) => at))).toBeGreaterThan(latest);
  const keysOf = (attempt: Attempt) =>
    new Set(attempt.records().map(({ stream, data }) => `${stream} ${String(data['id'] ?? data['webhook_id'] ?? data['call_id'])}`));
  expect([...keysOf(first.attempt)].filter((key) => !keysOf(second.attempt).has(key))).toEqual(none);
});

test('an incremental read goes on from the merged last states of the one before', async () => {
  const { simulator, clock, read } = await openSource({ simulator: { embedding: 'as-created' } });
  const platform = new Platform();
  const first = await read({ platform });
  clock.advance(120_000);
  const [user] = simulator.company.users.all();
  simulator.company.users.update(user!.id, { name: 'Another Name' });
  const [tag] = [...simulator.company.tags.all()].slice(-1);
  simulator.company.tags.remove(tag!.id);
  const second = await read({ platform, states: lastStates(first.attempt) });
  expect([...first.attempt.violations, ...second.attempt.violations]).toEqual(none);
  expect(second.attempt.records('users')).toHaveLength(1);
  expect(second.attempt.records('tags').map(({ data }) => data)).toMatchObject([
    { id: tag!.id, name: null, _ab_cdc_deleted_at: expect.any(String) as string },
  ]);
  const newest = first.attempt
    .records()
    .reduce((latest, { data }) => (String(data['_observed_at']) > latest ? String(data['_observed_at']) : latest), '');
  for (const { data } of second.attempt.records()) expect(String(data['_observed_at']) > newest).toBe(true);
  expect(platform.differences({ users: simulator.truth().users, tags: simulator.truth().tags })).toEqual(none);
});

test('from every checkpoint a read brings exactly what came after it', async () => {
  const { read, streams } = await openSource();
  await expectResumableStates({ read, streams }, ['calls', 'contacts', 'users', 'transcriptions']);
});

test('a state in the far future brings no records and one state for each stream, whoever wrote it', async () => {
  const { read, streams } = await openSource({ simulator: { calls: 60 } });
  const catalog = configure(streams);
  const first = await read({ catalog });
  const future = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replace(/^20\d\d-/, '9876-');
    if (typeof value === 'number' && value > 1_500_000_000) return value + 200_000_000_000;
    if (Array.isArray(value)) return value.map(future);
    return isRecord(value) ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, future(inner)])) : value;
  };
  const ours = lastStates(first.attempt).map((state) => future(state));
  const foreign = streams.map(({ name }) => savedState(name, { created_at: '9999-04-12T18:13:36.000Z' }));
  const epoch = streams.map(({ name }) => savedState(name, { started_at: 95_000_000_000 }));
  for (const states of [ours, foreign, epoch]) {
    const { attempt, code } = await read({ catalog, states });
    expect(attempt.violations).toEqual(none);
    expect([code, attempt.records().length]).toEqual([0, 0]);
    for (const { name } of streams) expect(attempt.states(name), name).toHaveLength(1);
  }
});

test('a state is understood in every form in which it may be handed over', async () => {
  const { read, streams, simulator } = await openSource({ simulator: { calls: 60 } });
  const catalog = configure(streams, 'incremental', ['users', 'tags']);
  const first = await read({ catalog });
  const states = lastStates(first.attempt);
  const blobs = Object.fromEntries(states.map(({ stream }) => [stream.stream_descriptor.name, stream.stream_state]));
  const known = [
    states,
    states.map((state) => ({ ...state, id: 4, sourceStats: { recordCount: 3 } })),
    states.map((state) => ({ type: 'STATE', state })),
    states.map((state) => JSON.stringify({ type: 'STATE', state })).join('\n'),
    first.stdout,
    `\uFEFF${JSON.stringify(states)}`,
    [{ type: 'GLOBAL', global: { shared_state: null, stream_states: states.map(({ stream }) => stream) } }],
    [{ type: 'GLOBAL', global: { shared_state: {}, stream_states: states.map(({ stream }) => stream) } }],
    blobs,
    [{ type: 'LEGACY', data: blobs }],
    [{ data: blobs }],
    { type: 'LEGACY', data: blobs },
    [...states, savedState('gone', { any: 'thing' })],
  ];
  for (const form of known) {
    const { attempt, code } = await read({ catalog, states: form });
    expect(attempt.violations, JSON.stringify(form).slice(0, 90)).toEqual(none);
    expect([code, attempt.records().length], JSON.stringify(form).slice(0, 90)).toEqual([0, 0]);
  }
  const all = simulator.truth().users.size + simulator.truth().tags.size;
  const marker = (blob: unknown) => states.map(({ stream }) => savedState(stream.stream_descriptor.name, blob));
  const scratch = [
    '',
    'null',
    '{}',
    '[]',
    marker(null),
    marker({}),
    marker({ __ab_no_cursor_state_message: true }),
    marker({ created_at: '2022-03-01T00:00:00Z' }),
  ];
  for (const form of scratch) {
    const { attempt, code } = await read({ catalog, states: form });
    expect(attempt.violations).toEqual(none);
    expect([code, attempt.records().length], JSON.stringify(form)).toEqual([0, all]);
  }
});

test('a stream that another attempt of the same full refresh has finished is not read again', async () => {
  const { read, streams } = await openSource({ simulator: { calls: 60 } });
  const catalog = configure(streams, 'full_refresh', ['users', 'calls']);
  const finished = ['users', 'calls'].map((name) => savedState(name, { __ab_full_refresh_sync_complete: true }));
  const again = await read({ catalog, states: finished });
  expect(again.attempt.violations).toEqual(none);
  expect([again.code, again.attempt.records().length, again.attempt.states('users').length]).toEqual([0, 0, 1]);
  const first = await read({ catalog });
  const rest = await read({ catalog, states: lastStates(first.attempt) });
  expect(rest.attempt.records('users')).toEqual([]);
});

test('what is wrong with a file is said without a piece of it, and nothing is read', async () => {
  const { airbyte, shell, streams, simulator } = await openSource();
  shell.write('catalog.json', configure(streams, 'incremental', ['users']));
  shell.write('state.json', []);
  simulator.requests.clear();
  const bad: readonly (readonly ['config' | 'catalog' | 'state', string | object, RegExp])[] = [
    ['config', '{"api_token": "hush', /config.*is not JSON/],
    ['config', { api_id: 'hush' }, /"api_token" is missing/],
    ['catalog', 'hush', /catalog.*is not JSON/],
    ['catalog', [], /"streams"/],
    ['catalog', { streams: {} }, /"streams"/],
    ['catalog', { streams: [{ sync_mode: 'incremental' }] }, /streams\[0\]/],
    ['catalog', { streams: [{ stream: { name: 'users' } }, { stream: { name: 'users' } }] }, /twice/],
    ['state', '{"hush', /state.*is not JSON/],
    ['state', 'hush hush\nhush', /state.*is not JSON/],
    ['state', [{ type: 'SOMETHING' }], /STREAM, GLOBAL and LEGACY/],
    ['state', ['hush'], /is not an object/],
    ['state', [{ type: 'STREAM', stream: {} }], /does not name its stream/],
    ['state', [{ type: 'GLOBAL', global: { shared_state: { hush: 1 }, stream_states: [] } }], /share/],
    ['state', [{ type: 'GLOBAL', global: {} }], /list of stream states/],
  ];
  for (const [what, content, expected] of bad) {
    shell.write('bad.json', content);
    const files = { config: 'config.json', catalog: 'catalog.json', state: 'state.json', [what]: 'bad.json' };
    const { stdout, code } = await airbyte('read', '--config', files.config, '--catalog', files.catalog, '--state', files.state);
    expect([code, messagesOf(stdout)], stdout).toMatchObject([
      1,
      [{ type: 'TRACE', trace: { error: { failure_type: 'config_error', message: expect.stringMatching(expected) as string } } }],
    ]);
    expect(stdout).not.toContain('hush');
  }
  expect(simulator.requests.count).toBe(0);
});

test('arguments that are missing or wrong end with 2, usage on stderr and nothing on stdout', async () => {
  const { airbyte } = await openSource();
  for (const line of [
    [],
    ['write'],
    ['check'],
    ['discover'],
    ['read', '--config', 'config.json'],
    ['check', '--confg', 'x'],
    ['spec', 'more'],
  ]) {
    const { code, stdout, stderr } = await airbyte(...line);
    expect([code, stdout], line.join(' ')).toEqual([2, '']);
    expect(stderr).toMatch(/airbyte|--config/);
  }
});

test('a stream that does not exist, a mode that does not exist and a broken state fail alone', async () => {
  const { read, streams } = await openSource({ simulator: { calls: 40 } });
  const good = configure(streams, 'incremental', ['users', 'tags', 'teams']);
  const [users, ...others] = good.streams.toSorted((a) => (a.stream.name === 'users' ? -1 : 1));
  const catalog = {
    streams: [
      { ...users!, stream: { ...users!.stream, name: '__AIRBYTE__stream_that_does_not_exist' } },
      { ...others[0]!, sync_mode: 'INVALID' },
      others[1]!,
      users!,
    ],
  } as unknown as ConfiguredCatalog;
  for (const broken of [
    { hush: 1 },
    'hush',
    5,
    [1],
    { version: 2 },
    { version: 1, state: 'hush' },
    { version: 1, state: null, observed_at: 'hush' },
    { created_at: 'hush' },
  ]) {
    const { attempt, code, stdout } = await read({ catalog, states: [savedState('users', broken)] });
    expect(attempt.violations).toEqual(none);
    expect(code).toBe(1);
    expect(attempt.errors.map(({ failure_type: type, stream_descriptor: stream }) => [type, stream?.name])).toEqual(
      expect.arrayContaining([
        ['config_error', '__AIRBYTE__stream_that_does_not_exist'],
        ['config_error', others[0]!.stream.name],
        ['config_error', 'users'],
      ]),
    );
    expect(attempt.statuses(others[1]!.stream.name).at(-1)).toBe('COMPLETE');
    expect(attempt.states('users')).toEqual([]);
    expect(stdout).not.toContain('hush');
  }
});

test('whatever somebody edits in a state, the read ends by the rules and never blames the connector', async () => {
  const { read, streams } = await openSource({ simulator: { calls: 30, contacts: 20, missingProducts: ['AI Assist Pro'] } });
  const catalog = configure(streams, 'incremental', [...ordinary, 'summaries', 'evaluations']);
  const first = await read({ catalog });
  const good = lastStates(first.attempt);
  const dice = new Dice(7);
  const odd = [null, -1, 1e300, 'x', [], {}, [null], { 7: 1 }, true, [[1]], [1, 'a']];
  const edit = (value: unknown): unknown => {
    if (dice.chance(0.08)) return dice.pick(odd);
    if (Array.isArray(value)) return value.map(edit);
    return isRecord(value)
      ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, name === 'version' ? inner : edit(inner)]))
      : value;
  };
  for (let round = 0; round < 25; round += 1) {
    const states = good.map(({ stream }) => savedState(stream.stream_descriptor.name, edit(stream.stream_state)));
    const { attempt } = await read({ catalog, states });
    expect(
      [attempt.violations, attempt.errors.filter(({ failure_type: type }) => type === 'system_error')],
      JSON.stringify(states),
    ).toEqual([[], []]);
  }
});

test('a cursor that is not the source’s is ignored, and said so', async () => {
  const { read, streams } = await openSource({ simulator: { calls: 40 } });
  const catalog = configure(streams, 'incremental', ['numbers']);
  const asked = { streams: catalog.streams.map((stream) => ({ ...stream, cursor_field: ['created_at'] })) };
  const { attempt, code } = await read({ catalog: asked });
  expect([attempt.violations, code]).toEqual([[], 0]);
  expect(attempt.logs.filter(({ level }) => level === 'WARN').map(({ message }) => message)).toEqual([
    expect.stringMatching(/"created_at", which is ignored.*_observed_at/),
  ]);
});

test('a wrong credential ends every stream with what to do, for one request in all', async () => {
  const { read, simulator, config } = await openSource();
  simulator.requests.clear();
  const { attempt, code } = await read({ config: { ...config, api_token: 'f'.repeat(32) } });
  expect(attempt.violations).toEqual(none);
  expect(code).toBe(1);
  expect(simulator.requests.count).toBe(1);
  expect(attempt.errors).toHaveLength(9);
  for (const error of attempt.errors)
    expect(error).toMatchObject({ failure_type: 'config_error', message: expect.stringMatching(/Check the API id/) as string });
});

test('an OAuth token stands in for the key, and streams without their product are off without harm', async () => {
  const { read, simulator, streams, config } = await openSource({
    simulator: { calls: 60, missingProducts: ['AI Assist', 'AI Assist Pro'] },
  });
  const document = { access_token: simulator.accessToken, base_url: config['base_url'], quota: 0 };
  const { attempt, code } = await read({ config: document, catalog: configure(streams) });
  expect([attempt.violations, code]).toEqual([[], 0]);
  expect(attempt.statuses('summaries').at(-1)).toBe('COMPLETE');
  expect(attempt.logs.filter(({ message }) => message.startsWith('summaries is off'))).toHaveLength(1);
  // Where the platform would put an empty table in the place of a full one, it must not.
  const refresh = await read({ config: document, catalog: configure(streams, 'full_refresh', ['users', 'summaries']) });
  expect([refresh.attempt.violations, refresh.code]).toEqual([[], 1]);
  expect(refresh.attempt.statuses('summaries').at(-1)).toBe('INCOMPLETE');
  expect(refresh.attempt.statuses('users').at(-1)).toBe('COMPLETE');
});

test('the document names every field of the form and every stream, under the headings that platforms expect', async () => {
  const document = readFileSync(new URL('../docs/airbyte.md', import.meta.url), 'utf8');
  const { streams } = await openSource({ simulator: { calls: 1 } });
  const fields = Object.keys((await specification()).properties);
  for (const name of [...fields, ...streams.map((stream) => stream.name)]) expect(document).toContain(`\`${name}\``);
  const headings = [...document.matchAll(/^##? (.*)$/gm)].map(([, heading]) => heading!);
  const expected = [
    'Aircall for Airbyte',
    'Prerequisites',
    'Setup guide',
    'Supported sync modes',
    'Supported streams',
    'Performance considerations',
    'Data type map',
    'Troubleshooting',
    'Tutorials',
    'Changelog',
  ];
  expect(headings.filter((heading) => expected.includes(heading))).toEqual(expected);
});
