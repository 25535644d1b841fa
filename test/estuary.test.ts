// The Estuary Flow capture as Flow's runtime asks it: what it answers to single requests, and what it says to bad ones.
import { expect, test } from 'vitest';
import { openCapture } from './support/flow-capture.ts';
import { startHere, startProcess } from './support/flow-connector.ts';
import { decode, type Messages } from './support/flow-protocol.ts';
import { type Binding, flawsOf, type FlowRuntime } from './support/flow-runtime.ts';
import { judge } from './support/flow-schema.ts';
import { textFile } from './structure/files.ts';

const none: readonly string[] = [];
const nine = ['company', 'users', 'user_availability', 'teams', 'numbers', 'tags', 'webhooks', 'contacts', 'calls'];
const perCall = ['transcriptions', 'summaries', 'topics', 'sentiments', 'action_items', 'evaluations', 'playbook_results'];

test('every request is answered once, after spec on the same stdin, by a process that ends with its input', async () => {
  const { runtime } = await openCapture();
  const bindings = [...(await runtime.discover())].map((each) => runtime.bind(each));
  runtime.bindings = bindings;
  const capture = { name: 'acmeCo/capture', connectorType: 'IMAGE', config: runtime.config, bindings: [] };
  const all = [{ discover: { config: runtime.config } }, runtime.validateRequest(), { apply: { capture, version: '1' } }, { spec: {} }];
  const answers = await runtime.ask(all, { isProcess: true });
  expect(answers.map(({ kind }) => kind)).toEqual(['discovered', 'validated', 'applied', 'spec']);
  for (const request of all) {
    const [answer, ...more] = await runtime.ask([request, request]);
    expect(more).toEqual([answer]);
  }
  expect(runtime.violations).toEqual(none);
});

test('nothing is written before a request has come in, and no input at all is no failure', async () => {
  const connector = startProcess();
  connector.end();
  const end = await connector.ended;
  expect([connector.bytes, end.code, end.stderr]).toEqual([0, 0, '']);
});

test('the schemas are sound, their defaults fit, and every resource has a path, a key and a way to be deleted', async () => {
  const { runtime } = await openCapture();
  const [spec, discovered] = await runtime.ask([{ spec: {} }, { discover: { config: runtime.config } }]);
  if (spec?.kind !== 'spec' || discovered?.kind !== 'discovered') throw new Error('answers something else');
  expect(flawsOf(spec, discovered.bindings)).toEqual(none);
  expect(judge(runtime.config, spec.configSchema).misfits).toEqual(none);
  expect(judge({ name: 'calls', _meta: { path: ['calls'] } }, spec.resourceConfigSchema).misfits).toEqual(none);
  expect(discovered.bindings.map(({ recommendedName }) => recommendedName)).toEqual([...nine, ...perCall]);
  expect(discovered.bindings.filter(({ disable }) => disable === true).map(({ recommendedName }) => recommendedName)).toEqual(perCall);
  for (const { documentSchema, key } of discovered.bindings) {
    const name = key[0]!.slice(1);
    const value = judge({ [name]: 1 }, documentSchema).misfits.length === 0 ? 1 : 'a';
    const reduced = (meta: object) => judge({ [name]: value, ...meta }, documentSchema);
    expect(reduced({ _meta: { op: 'd' } })).toEqual({ misfits: [], reductions: [{ strategy: 'merge', delete: true }] });
    for (const alive of [{}, { _meta: {} }, { _meta: { op: 'u' } }]) expect(reduced(alive)).toEqual({ misfits: [], reductions: [] });
  }
});

test('every secret of the configuration is marked as one', async () => {
  const { runtime } = await openCapture();
  const [spec] = await runtime.ask([{ spec: {} }]);
  const text = JSON.stringify((spec as Messages['spec']).configSchema);
  for (const name of ['api_id', 'api_token', 'access_token']) expect(text).toMatch(new RegExp(`"${name}":\\{[^}]*"secret":true`, 'u'));
});

test('what is discovered is the same, byte for byte, in every process and for every account', async () => {
  const answers: string[] = [];
  for (const seed of [3, 4]) {
    const { runtime } = await openCapture({ simulator: { seed, calls: 0, contacts: 0 } });
    for (const isProcess of [true, false]) {
      const connector = isProcess ? startProcess() : startHere();
      connector.write(`{"discover":${JSON.stringify({ config: runtime.config })}}\n`);
      connector.end();
      for await (const line of connector.lines()) answers.push(line);
    }
  }
  expect(answers).toHaveLength(4);
  expect(new Set(answers).size).toBe(1);
});

test('flags it does not know, keys it does not know and defaults that are left out are no obstacle', async () => {
  const { runtime } = await openCapture();
  const { messages, end } = await runtime.askAll(
    [
      { spec: {} },
      { discover: { config: runtime.config, futureKey: { a: [1] } }, $trace: 'x' },
      { validate: { name: 'acmeCo/capture', config: runtime.config, lastCapture: { config: 'encrypted' } } },
      { apply: {} },
      { open: { capture: { config: runtime.config }, range: { keyEnd: '4294967295' } } },
    ],
    { isProcess: true, arguments: ['--log.level=info', '--unheard-of', 'value'] },
  );
  expect(end.code).toBe(0);
  expect(messages.map(({ kind }) => kind)).toEqual(['spec', 'discovered', 'validated', 'applied', 'opened']);
  expect(messages[2]).toMatchObject({ bindings: [] });
  expect(runtime.violations).toEqual(none);
});

test('a request of several megabytes may come in pieces that part lines and characters anywhere', async () => {
  const { runtime } = await openCapture();
  await runtime.publish();
  const request = runtime.validateRequest() as { validate: { bindings: { collection: object }[] } };
  for (const binding of request.validate.bindings)
    Object.assign(binding.collection, { readSchema: { description: 'é漢字🙂'.repeat(40_000) } });
  const bytes = Buffer.from(`${JSON.stringify({ spec: {} })}\n${JSON.stringify(request)}\n`);
  expect(bytes.length).toBeGreaterThan(4_000_000);
  const connector = startProcess();
  for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7 + 13) % 65_537) connector.write(bytes.subarray(at, at + size));
  connector.end();
  const kinds: string[] = [];
  for await (const line of connector.lines()) kinds.push(decode(line).kind);
  expect([kinds, (await connector.ended).code]).toEqual([['spec', 'validated'], 0]);
});

type Bad = {
  readonly input: string | object | Uint8Array;
  /** In the last line on stderr. */
  readonly says: RegExp;
  readonly code?: number;
  readonly env?: Record<string, string>;
};

/** Everything that is wrong in some way, made from a task that is right. */
async function badInputs(): Promise<{
  readonly runtime: FlowRuntime;
  readonly bad: Readonly<Record<string, Bad>>;
  readonly secrets: readonly string[];
}> {
  const { runtime, secrets } = await openCapture();
  await runtime.publish({ names: ['tags', 'calls'] });
  const { config, bindings } = runtime;
  const [tags, calls] = bindings as [Binding, Binding];
  const open = (change: { bindings?: readonly Binding[]; state?: unknown; range?: Record<string, unknown> } = {}) =>
    runtime.openRequest(change.bindings ?? bindings, change);
  const withConfig = (change: object) => ({ validate: { config: { ...config, ...change }, bindings: [] } });
  const withAdvanced = (change: object) => withConfig({ advanced: { ...(config['advanced'] as object), ...change } });
  const resource = (change: object): readonly Binding[] => [{ ...tags, resourceConfig: { ...tags.resourceConfig, ...change } }];
  const keyed = (key: readonly string[]): readonly Binding[] => [{ ...tags, collection: { ...tags.collection, key } }];
  const state = (entry: unknown) => ({ bindingStateV1: { 'tags.v0': entry } });
  const bad: Readonly<Record<string, Bad>> = {
    'a line that is no JSON': { input: '{"spec":\n', says: /is not JSON/ },
    'a line that is no object': { input: '[]\n', says: /none of the requests.*spec, discover/ },
    'half a line': { input: '{"spec":{}}\n{"discover":{"config":', says: /ended in the middle of a request/ },
    'two requests in one line': { input: { spec: {}, apply: {} }, says: /spec and apply at once/ },
    'a request nobody knows': { input: { fetch: {} }, says: /none of the requests/ },
    'a line that is no UTF-8': { input: Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d, 0x0a), says: /not UTF-8/ },
    'bindings that are no list': { input: { validate: { config, bindings: 3 } }, says: /validate\.bindings is missing or of another type/ },
    'an acknowledgement before a session': { input: { acknowledge: { checkpoints: 1 } }, says: /before a session is open/ },
    'a runtime that speaks protobuf': {
      input: { spec: {} },
      env: { FLOW_RUNTIME_CODEC: 'proto' },
      says: /speaks JSON.*FLOW_RUNTIME_CODEC/,
    },
    'no configuration': { input: { discover: {} }, says: /"credentials" is missing/ },
    'a configuration that is text': { input: { discover: { config: 'x' } }, says: /it is not an object/ },
    'half a credential': { input: withConfig({ credentials: { api_id: 'a' } }), says: /"credentials\.api_token" is missing/ },
    'an empty credential': { input: withConfig({ credentials: { access_token: '' } }), says: /"credentials\.access_token" is empty/ },
    'a credential where it was in another connector': {
      input: { discover: { config: { api_id: 'a', api_token: 'b' } } },
      says: /belong into "credentials"/,
    },
    'a key that nobody knows': { input: withConfig({ start_dat: '2026-01-01' }), says: /"start_dat" is unknown/ },
    'a date that is none': { input: withConfig({ start_date: '2026-02-30T00:00:00Z' }), says: /"start_date" is not a date such as/ },
    'a date in the future': { input: withConfig({ start_date: '2199-01-01T00:00:00Z' }), says: /"start_date" lies in the future/ },
    'a quota that is none': { input: withConfig({ quota: 'many' }), says: /"quota" is not a number/ },
    'a reserve that leaves nothing': { input: withConfig({ quota: 5, reserve: 5 }), says: /"reserve" leaves nothing/ },
    'plain http to another machine': { input: withAdvanced({ base_url: 'http://aircall.example.com' }), says: /must begin with https/ },
    'a schedule that is none': {
      input: withAdvanced({ reread: [{ name: 'a', span: 'weekly', every: 'PT1H' }] }),
      says: /"advanced\.reread\.0\.span" is not a duration/,
    },
    'a resource nobody knows': { input: open({ bindings: resource({ name: 'faxes' }) }), says: /does not exist; there are company, users/ },
    'a resource as in another connector': { input: open({ bindings: resource({ stream: 'calls' }) }), says: /"stream" is unknown/ },
    'an interval that is none': { input: open({ bindings: resource({ interval: '5 minutes' }) }), says: /"interval" is not a duration/ },
    'a resource twice': { input: open({ bindings: [tags, tags] }), says: /binding 1 names tags, as another/ },
    'a collection with another key': {
      input: open({ bindings: keyed(['/name']) }),
      says: /tags must have the key \/id, by which its deletions/,
    },
    'a binding without its collection': {
      input: { validate: { config, bindings: [{ resourceConfig: { name: 'tags' }, collectionIndex: 0 }] } },
      says: /without its collection/,
    },
    'one shard of several': { input: open({ range: { keyBegin: 5, keyEnd: 4_294_967_295 } }), says: /several shards/ },
    'a range with nothing in it': { input: open({ range: {} }), says: /several shards/ },
    'a binding without its state key': {
      input: { open: { capture: { config, bindings: [{ resourceConfig: tags.resourceConfig, collection: tags.collection }] } } },
      says: /without its state key/,
    },
    'a state that is text': { input: open({ state: 'x' }), says: /open\.state is missing or of another type/ },
    'a state of bindings that is none': { input: open({ state: { bindingStateV1: 5 } }), says: /state of the task.*"bindingStateV1"/ },
    'a state without version': { input: open({ state: state({}) }), says: /state of tags.*no "version"/ },
    'a state of a later version': { input: open({ state: state({ version: 99 }) }), says: /state of tags.*none that this release knows/ },
    'a state whose stream is text': { input: open({ state: state({ version: 1, stream: 'x' }) }), says: /"stream" is not an object/ },
    'a state whose cutoff is none': {
      input: open({ state: state({ version: 1, backfill: { cutoff: 'x' } }) }),
      says: /"backfill\.cutoff" is no moment/,
    },
    'everything at once': {
      input: { ...open({ bindings: [...resource({ name: 'faxes' }), ...keyed(['/a']), { ...calls, resourceConfig: {} }] }) },
      says: /binding 0 names a resource.*tags must have the key.*binding 2, "name" is missing/,
    },
  };
  return { runtime, bad, secrets };
}

test('bad input is refused with a sentence that says what is wrong, before anything is captured, and without a secret', async () => {
  const { runtime, bad, secrets } = await badInputs();
  for (const [what, { input, says, env }] of Object.entries(bad)) {
    const connector = startHere(env === undefined ? {} : { env });
    connector.write(typeof input === 'string' || input instanceof Uint8Array ? input : `${JSON.stringify(input)}\n`);
    connector.end();
    const kinds: string[] = [];
    for await (const line of connector.lines()) kinds.push(decode(line).kind);
    const { code, stderr, rest } = await connector.ended;
    const last = JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '{}') as { level?: string; message?: string };
    expect([what, kinds.filter((kind) => kind !== 'spec'), rest, last.level], what).toEqual([what, [], '', 'error']);
    expect(last.message, what).toMatch(says);
    expect(code, what).toBeGreaterThan(0);
    for (const secret of secrets) expect(stderr, what).not.toContain(secret);
  }
  expect(runtime.violations).toEqual(none);
});

test('a credential that Aircall refuses is an error, not an empty list', async () => {
  const { runtime, simulator, secrets } = await openCapture();
  await runtime.publish();
  runtime.config = {
    ...runtime.config,
    credentials: { credentials_title: 'API Token', api_id: simulator.apiId, api_token: 'wrong-token-of-a-test' },
  };
  for (const request of [{ discover: { config: runtime.config } }, runtime.validateRequest(), runtime.openRequest(runtime.bindings)]) {
    const { end } = await runtime.askAll([{ spec: {} }, request], { isProcess: 'open' in request });
    expect(end.code).toBe(3);
    expect(end.stderr).toMatch(/"level":"error","message":"[^"]*credential/i);
    for (const secret of [...secrets, 'wrong-token-of-a-test']) expect(end.stderr).not.toContain(secret);
  }
  expect(runtime.violations).toEqual(none);
});

test('an access token is as good as a key, and which of the two it is need not be said', async () => {
  const { runtime, simulator } = await openCapture();
  for (const credentials of [
    { credentials_title: 'Access Token', access_token: simulator.accessToken },
    { access_token: simulator.accessToken },
    { api_id: simulator.apiId, api_token: simulator.apiToken },
  ]) {
    runtime.config = { ...runtime.config, credentials };
    expect(await runtime.discover()).toHaveLength(nine.length + perCall.length);
  }
});

test('all that is wrong with a task is told at once, a refused credential too', async () => {
  const { runtime } = await openCapture();
  await runtime.publish();
  const [first] = runtime.bindings;
  runtime.bindings = [{ ...first!, resourceConfig: { name: 'faxes' } }];
  runtime.config = { ...runtime.config, credentials: { access_token: 'none-that-aircall-knows' } };
  const { end } = await runtime.askAll([runtime.validateRequest()]);
  expect(end.stderr).toMatch(/names a resource that does not exist.*Aircall/);
  expect(end.code).toBeGreaterThan(0);
});

test('the documentation names every property of the configuration and every resource', async () => {
  const { runtime } = await openCapture({ simulator: { calls: 0, contacts: 0 } });
  const [spec] = await runtime.ask([{ spec: {} }]);
  const { configSchema, resourceConfigSchema } = spec as Messages['spec'];
  const page = textFile('docs/estuary.md');
  const advanced = Object.keys((propertiesOf(configSchema)['advanced'] as { properties: object }).properties);
  const names = [
    ...Object.keys(propertiesOf(configSchema)).filter((name) => name !== 'advanced'),
    ...advanced.map((name) => `advanced.${name}`),
  ];
  const ofBindings = Object.keys(propertiesOf(resourceConfigSchema)).filter((name) => name !== '_meta');
  const missing = [...names, ...ofBindings, ...nine, ...perCall].filter((name) => !page.includes(`\`${name}\``));
  expect(missing).toEqual(none);
});

function propertiesOf(schema: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return schema['properties'] as Readonly<Record<string, unknown>>;
}
