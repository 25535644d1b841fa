import { request as httpRequest } from 'node:http';
import { expect, test } from 'vitest';
import { everything, openGatewayLab } from '../../../test/support/gateway-lab.ts';
import type { GatewayLab, LabAgent } from '../../../test/support/gateway-lab.ts';
import type { Loose } from '../../../test/support/simulated.ts';
import { decisionKey } from './tool-result.ts';

const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
};

test('a page of another site, and a name of this server that is not its own, are refused before anything is read', async () => {
  const { lab, agent } = await open();
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { host: 'evil.example' },
    { host: `evil.example:${lab.port}` },
  ]) {
    const answer = await post(lab, agent, 'x'.repeat(1_000_000), headers);
    expect(answer).toMatchObject({ status: 403, body: { error: { data: { code: 'bad_origin' } } } });
  }
  expect(lab.records().map(({ decision }) => decision?.code)).toEqual(['bad_origin', 'bad_origin', 'bad_origin', 'bad_origin']);
});

test.each([
  ['no key', {}, 'unauthenticated'],
  ['a key of somebody’s invention', { authorization: 'Bearer acg_test_aaaa_bbbb_cccc' }, 'unauthenticated'],
  ['a key in another scheme', { authorization: 'Digest x' }, 'unauthenticated'],
])('%s gets 401 whatever is in the body, and stands in the log', async (_what, headers, code) => {
  const { lab } = await open();
  const answer = await post(lab, null, '{"jsonrpc":', headers);
  expect(answer).toMatchObject({ status: 401, body: { error: { data: { code } } } });
  expect(answer.headers['www-authenticate']).toContain('resource_metadata=');
  expect(lab.records()).toMatchObject([{ phase: 'auth', decision: { code: 'unauthenticated' }, where: { surface: 'mcp' } }]);
});

test('a paused agent, and one whose key was revoked, get 401 at the next request', async () => {
  const { lab, agent } = await open();
  await lab.changePolicy(({ agents }) => {
    const one = agents[agent.id];
    return one === undefined ? {} : { agents: { ...agents, [agent.id]: { ...one, status: 'paused' } } };
  });
  const answer = await post(lab, agent, call('gateway_whoami', {}));
  expect(answer).toMatchObject({ status: 401, body: { error: { data: { code: 'agent_inactive' } } } });
  expect(lab.records().at(-1)).toMatchObject({ decision: { code: 'agent_inactive' } });
});

test.each<[string, string, Record<string, string>, number]>([
  ['no JSON', 'no', {}, 400],
  ['half of JSON', '{"jsonrpc":"2.0","id":1,"method":"tools/list"', {}, 400],
  ['a name twice', '{"jsonrpc":"2.0","id":1,"id":2,"method":"tools/list"}', {}, 400],
  ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]', {}, 400],
  ['an answer nobody asked for', '{"jsonrpc":"2.0","id":1,"result":{}}', {}, 400],
  ['another JSON-RPC', '{"jsonrpc":"1.0","id":1,"method":"tools/list"}', {}, 400],
  ['an id that is an object', '{"jsonrpc":"2.0","id":{},"method":"tools/list"}', {}, 400],
  ['an id beyond all numbers', '{"jsonrpc":"2.0","id":90071992547409931,"method":"tools/list"}', {}, 400],
  [
    'deep nesting',
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"aircall_calls_list","arguments":{"a":${'['.repeat(500)}${']'.repeat(500)}}}}`,
    {},
    400,
  ],
  ['a prototype', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"__proto__":{"name":"x"}}}', {}, 400],
  ['too large', `{"jsonrpc":"2.0","id":1,"method":"tools/list","x":"${'x'.repeat(300_000)}"}`, {}, 413],
  ['no JSON by its type', '{}', { 'content-type': 'text/plain' }, 415],
  ['a form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
  ['compressed', '{}', { 'content-encoding': 'gzip' }, 400],
  ['another method by header', '{}', { 'x-http-method-override': 'DELETE' }, 400],
  ['an empty body', '', {}, 400],
])('%s is refused with a clear answer and one record', async (_what, body, headers, status) => {
  const { lab, agent } = await open();
  const answer = await post(lab, agent, body, headers);
  expect(answer.status).toBe(status);
  expect(answer.body).toMatchObject({
    jsonrpc: '2.0',
    error: { code: expect.any(Number) as number, message: expect.any(String) as string },
  });
  expect(lab.records()).toMatchObject([{ decision: { effect: 'deny', code: 'invalid_request' } }]);
  expect(lab.upstream()).toEqual([]);
});

test.each([
  ['the method', { 'mcp-method': 'tools/list' }],
  ['the tool', { 'mcp-name': 'aircall_calls_list' }],
  ['the version', { 'mcp-protocol-version': '2025-11-25' }],
])('headers and body that differ about %s are refused, and recorded once', async (_what, wrong) => {
  const { lab, agent } = await open();
  const answer = await post(lab, agent, call('aircall_contacts_list', {}), { ...modern('aircall_contacts_list'), ...wrong });
  expect(answer.status).toBe(400);
  expect(answer.body).toHaveProperty('error.code');
  expect(lab.records()).toHaveLength(1);
  expect(lab.records()[0]).toMatchObject({ decision: { effect: 'deny', code: 'invalid_request' } });
  expect(lab.upstream()).toEqual([]);
});

test.each(['GET', 'DELETE', 'PUT', 'PATCH', 'OPTIONS', 'HEAD'])(
  '%s gets 405: there is no session to listen to or to end',
  async (method) => {
    const { lab, agent } = await open();
    const answer = await post(lab, agent, null, {}, method);
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    expect(lab.records()).toHaveLength(1);
  },
);

test.each(['/mcp/', '/mcp?key=acg_test', '/mcp?access_token=x', '/mcp/../v1/calls'])('the address %s is none', async (path) => {
  const { lab, agent } = await open();
  const answer = await post(lab, agent, call('gateway_whoami', {}), modern('gateway_whoami'), 'POST', path);
  expect([400, 404]).toContain(answer.status);
  expect(lab.records().length).toBe(1);
});

test.each([
  'resources/list',
  'prompts/get',
  'completion/complete',
  'logging/setLevel',
  'sampling/createMessage',
  'constructor',
  '__proto__',
])('the part of the protocol %s is not there, which is said and recorded', async (method) => {
  const { lab, agent } = await open();
  const answer = await post(lab, agent, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { _meta: meta } }), modern(null, method));
  expect(answer.body).toMatchObject({ id: 1, error: { code: expect.any(Number) as number } });
  expect(lab.records()).toMatchObject([{ decision: { effect: 'deny' } }]);
});

test.each<[string, unknown]>([
  ['no tool', { arguments: {} }],
  ['a tool that is a number', { name: 7 }],
  ['arguments that are a list', { name: 'aircall_calls_list', arguments: [] }],
  ['arguments that are a text', { name: 'aircall_calls_list', arguments: 'x' }],
])('a call with %s is an error of the protocol with one record', async (_what, params) => {
  const { lab, agent } = await open();
  for (const headers of [modern('aircall_calls_list'), {}]) {
    const before = lab.records().length;
    const body = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { ...(params as object), ...('mcp-method' in headers ? { _meta: meta } : {}) },
    };
    const answer = await post(lab, agent, JSON.stringify(body), headers);
    expect(errorOf(answer), answer.text).toMatchObject({ code: expect.any(Number) as number });
    await expect.poll(() => lab.records().length).toBe(before + 1);
  }
  expect(lab.upstream()).toEqual([]);
});

test.each([{}, { per_page: 'x' }, { nothing: 1 }, { page: 1.5 }, { per_page: 1e99 }, { from: null }])(
  'arguments that do not fit are a result the model can read: %j',
  async (given) => {
    const { lab, agent } = await open();
    const { result } = (await post(lab, agent, call('aircall_calls_retrieve', given), modern('aircall_calls_retrieve'))).body;
    expect(result).toMatchObject({ isError: true, structuredContent: { code: 'invalid_request' } });
    expect(lab.upstream()).toEqual([]);
  },
);

test('a state of the request that was forged, altered or made for another agent does nothing, and is recorded', async () => {
  const { lab, agent } = await open();
  const other = await lab.addAgent('Other', { grants: everything() });
  const id = String([...lab.simulator.company.contacts.all()][0]?.id);
  const given = { id };
  const first = await post(lab, agent, call('aircall_contacts_delete', given), modern('aircall_contacts_delete'));
  expect(first.body.result).toMatchObject({ resultType: 'input_required' });
  const { requestState } = first.body.result;
  const inputResponses = { confirm: { action: 'accept', content: { confirm: true } } };
  const again = (who: LabAgent, state: unknown, more: object = {}) =>
    post(
      lab,
      who,
      call('aircall_contacts_delete', { ...given, ...more }, { requestState: state, inputResponses }),
      modern('aircall_contacts_delete'),
    );

  for (const [who, state] of [
    [other, requestState],
    [agent, `${String(requestState).slice(0, -2)}AA`],
    [agent, 'v1.e30.AAAA'],
    [agent, 'x'],
  ] as const) {
    const before = lab.records().length;
    const answer = await again(who, state);
    expect(answer.body.error, answer.text).toMatchObject({ code: -32602, message: 'Invalid or expired requestState' });
    expect(lab.records().slice(before)).toMatchObject([{ decision: { effect: 'deny', code: 'invalid_request' } }]);
  }
  // Good, but for another contact.
  const elsewhere = await again(agent, requestState, { id: String(Number(id) + 1) });
  expect(elsewhere.body.result).toMatchObject({ isError: true, structuredContent: { code: 'confirm_invalid' } });
  expect(deletions(lab)).toBe(0);
  // The right one works, once.
  expect((await again(agent, requestState)).body.result).toMatchObject({ structuredContent: { data: null } });
  expect((await again(agent, requestState)).body.result).toMatchObject({ isError: true, structuredContent: { code: 'confirm_invalid' } });
  const both = await Promise.all([again(agent, requestState), again(agent, requestState)]);
  expect(both.every(({ body }) => body.result.isError === true)).toBe(true);
  expect(deletions(lab)).toBe(1);
});

test.each([{}, { idempotency_key: 'again' }])('a confirmation that was refused is worth nothing any more: with %j', async (more) => {
  const { lab, agent } = await open();
  const given = { id: String([...lab.simulator.company.contacts.all()][0]?.id), ...more };
  const first = await post(lab, agent, call('aircall_contacts_delete', given), modern('aircall_contacts_delete'));
  const { requestState } = first.body.result;
  const answer = (confirm: object, extra: object = {}) =>
    post(
      lab,
      agent,
      call('aircall_contacts_delete', { ...given, ...extra }, { requestState, inputResponses: { confirm } }),
      modern('aircall_contacts_delete'),
    );
  const no = await answer({ action: 'decline' });
  expect(no.body.result).toMatchObject({
    isError: true,
    structuredContent: { code: 'confirm_required' },
    _meta: { [decisionKey]: { effect: 'needs_confirm' } },
  });
  for (const extra of [{}, { idempotency_key: 'another' }]) {
    const yes = await answer({ action: 'accept', content: { confirm: true } }, extra);
    expect(yes.body.result).toMatchObject({ isError: true, structuredContent: { code: 'confirm_invalid' } });
  }
  expect(deletions(lab)).toBe(0);
  // Refused again and again, it fills no disk.
  const before = lab.records().length;
  for (let time = 0; time < 30; time += 1) await answer({ action: 'decline' });
  expect(lab.records().length - before).toBeLessThanOrEqual(10);
});

test('there are no resources, so that each asked for is one that is not there; other parts are not offered', async () => {
  const { lab, agent } = await open();
  const uri = 'test://nowhere';
  const ask = (method: string, params: object, name: string | null) =>
    post(lab, agent, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } }), modern(name, method));
  const read = await ask('resources/read', { uri }, uri);
  expect(read.body).toEqual({ jsonrpc: '2.0', id: 1, error: { code: -32602, message: 'Resource not found', data: { uri } } });
  for (const method of ['resources/list', 'prompts/list', 'completion/complete', 'no/such/thing']) {
    expect(await ask(method, {}, null), method).toMatchObject({ status: 404, body: { error: { code: -32601 } } });
  }
  // What the headers say must still be what the body says.
  expect((await ask('resources/read', { uri }, 'test://elsewhere')).body.error).toMatchObject({ code: -32020 });
  expect(lab.records().slice(-6)).toMatchObject(Array.from({ length: 6 }, () => ({ decision: { code: 'invalid_request' } })));
  expect(JSON.stringify(lab.records())).not.toContain('nowhere');
});

test('one agent cannot take all places of those that wait for news', async () => {
  const { lab, agent } = await open();
  const listen = (id: number) =>
    JSON.stringify({
      jsonrpc: '2.0',
      id,
      method: 'subscriptions/listen',
      params: { notifications: { toolsListChanged: true }, _meta: meta },
    });
  const leaving = new AbortController();
  const headers = {
    ...modern(null, 'subscriptions/listen'),
    authorization: `Bearer ${agent.key}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  const open8 = Array.from({ length: 8 }, (_, id) =>
    fetch(`${lab.url}/mcp`, { method: 'POST', headers, body: listen(id), signal: leaving.signal }).then(({ status }) => status),
  );
  expect(await Promise.all(open8)).toEqual(Array.from({ length: 8 }, () => 200));
  const ninth = await post(lab, agent, listen(9), modern(null, 'subscriptions/listen'));
  expect(ninth).toMatchObject({ status: 429, body: { id: 9, error: { data: { code: 'invalid_request' } } } });
  leaving.abort();
  await expect
    .poll(
      async () => (await fetch(`${lab.url}/mcp`, { method: 'POST', headers, body: listen(10), signal: AbortSignal.timeout(200) })).status,
    )
    .toBe(200);
});

test('a stream of an agent that is paused is cut', async () => {
  const { lab, agent } = await open();
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'subscriptions/listen',
    params: { notifications: { toolsListChanged: true }, _meta: meta },
  });
  const stream = post(lab, agent, body, modern(null, 'subscriptions/listen')).then(
    () => 'ended',
    () => 'cut',
  );
  await expect.poll(() => lab.records().some(({ sentence }) => sentence.includes('asked to be told when its tools change'))).toBe(true);
  await lab.changePolicy(({ agents }) => {
    const one = agents[agent.id];
    return one === undefined ? {} : { agents: { ...agents, [agent.id]: { ...one, status: 'paused' } } };
  });
  await lab.clock.advance(2_000);
  expect(await stream).toBe('cut');
});

test('a client that lies about what it can do gets no further than one that does not', async () => {
  const { lab, agent } = await open();
  const id = String([...lab.simulator.company.contacts.all()][0]?.id);
  const yes = { inputResponses: { confirm: { action: 'accept', content: { confirm: true } } } };
  const answer = await post(lab, agent, call('aircall_contacts_delete', { id }, yes), modern('aircall_contacts_delete'));
  expect(answer.body.result).toMatchObject({ resultType: 'input_required' });
  expect(deletions(lab)).toBe(0);
});

test('a connection cut in the middle of a write: it is finished and recorded, and not done twice with the same key', async () => {
  const { lab, agent } = await open();
  lab.simulator.faults.next({ endpoint: 'tags.create' }, { kind: 'hang', after: 'nothing', forMs: 1000, isCarriedOut: true });
  const given = { name: 'Urgent', color: '#ff0000', idempotency_key: 'once' };
  const leaving = new AbortController();
  const cut = post(lab, agent, call('aircall_tags_create', given), modern('aircall_tags_create'), 'POST', '/mcp', leaving.signal).catch(
    () => 'cut',
  );
  await expect.poll(() => lab.upstream()).toEqual(['POST /v1/tags']);
  leaving.abort();
  expect(await cut).toBe('cut');
  await lab.clock.advance(1000);
  await expect.poll(() => lab.records().at(-1)).toMatchObject({ phase: 'outcome', outcome: { status: 'ok' } });
  const again = await post(lab, agent, call('aircall_tags_create', given), modern('aircall_tags_create'));
  expect(again.body.result).toMatchObject({ structuredContent: { replayed: true } });
  expect(lab.upstream().filter((line) => line === 'POST /v1/tags')).toHaveLength(1);
});

test('nothing that is thrown inside goes out, in either era', async () => {
  const secret = 'hunter2 at /etc/passwd';
  const lab = await openGatewayLab({
    around: (gateway) => ({
      ...gateway,
      handle: (asked) =>
        asked.own?.kind === 'whoami' || asked.endpoint !== null ? Promise.reject(new Error(secret)) : gateway.handle(asked),
    }),
  });
  const agent = await lab.addAgent('Reader', { grants: everything() });
  for (const name of ['gateway_whoami', 'aircall_calls_list']) {
    for (const headers of [modern(name), {}]) {
      const params = { name, arguments: {}, ...('mcp-method' in headers ? { _meta: meta } : {}) };
      const answer = await post(lab, agent, JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }), headers);
      expect(errorOf(answer)).toMatchObject({ code: -32603, message: 'Internal error' });
      expect(answer.text).not.toContain('hunter2');
    }
  }
});

test('where nothing can be recorded, nothing is listed and nothing is done', async () => {
  let isFull = false;
  const lab = await openGatewayLab({
    over: (parts) => ({
      ...parts,
      audit: {
        unfinished: () => parts.audit.unfinished(),
        append: (facts, options) =>
          isFull ? Promise.reject(Object.assign(new Error('disk'), { code: 'audit_unavailable' })) : parts.audit.append(facts, options),
      },
    }),
  });
  const agent = await lab.addAgent('Reader', { grants: everything() });
  isFull = true;
  const list = await post(
    lab,
    agent,
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: meta } }),
    modern(null, 'tools/list'),
  );
  expect(list).toMatchObject({ status: 503, body: { id: 1, error: { data: { code: 'audit_unavailable' } } } });
  const read = await post(lab, agent, call('aircall_calls_list', {}), modern('aircall_calls_list'));
  expect(read.body.result).toMatchObject({ isError: true, structuredContent: { code: 'audit_unavailable', retry_after_s: 5 } });
  expect(lab.upstream()).toEqual([]);
});

async function open() {
  const lab = await openGatewayLab();
  const agent = await lab.addAgent('Reader', { grants: everything() });
  return { lab, agent };
}

function call(name: string, given: object, more: object = {}): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: given, _meta: meta, ...more } });
}

function modern(name: string | null, method = 'tools/call'): Record<string, string> {
  return { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...(name === null ? {} : { 'mcp-name': name }) };
}

type Answer = { readonly status: number; readonly headers: NodeJS.Dict<string | string[]>; readonly text: string; readonly body: Loose };

function post(
  lab: GatewayLab,
  agent: LabAgent | null,
  body: string | null,
  headers: Readonly<Record<string, string>> = modern('gateway_whoami'),
  method = 'POST',
  path = '/mcp',
  signal?: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        host: '127.0.0.1',
        port: lab.port,
        method,
        path,
        agent: false,
        signal,
        headers: {
          accept: 'application/json, text/event-stream',
          ...(agent === null ? {} : { authorization: `Bearer ${agent.key}` }),
          ...(body === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const data =
            text.startsWith('event:') || text.startsWith('data:') || text.startsWith('id:')
              ? (/^data: (.+)$/m.exec(text)?.[1] ?? '')
              : text;
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            body: data.startsWith('{') ? JSON.parse(data) : {},
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body ?? undefined);
  });
}

function errorOf({ body }: Answer): unknown {
  return body.error;
}

function deletions(lab: GatewayLab): number {
  return lab.upstream().filter((line) => line.startsWith('DELETE ')).length;
}
