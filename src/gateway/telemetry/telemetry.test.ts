// The whole gateway with telemetry around it, and a collector that is a real HTTP server.
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { everything, openGatewayLab } from '../../../test/support/gateway-lab.ts';
import type { GatewayLab, LabAgent } from '../../../test/support/gateway-lab.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { systemClock } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';
import { observeGateway, observeParts } from './observe.ts';
import { startOtlp } from './otlp.ts';
import { createTelemetry } from './telemetry.ts';
import type { OpenTelemetry } from './telemetry.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

test('spans and metrics of a request arrive at a collector, below the span of the client', async () => {
  const collector = await openCollector();
  const { lab, agent, finish } = await openObserved(collector.url);
  await lab.ask(agent, 'GET', '/v1/calls', { headers: { traceparent: `00-${traceId}-${spanId}-01` } });
  await finish();

  const spans = collector.spans();
  const server = spans.find(({ name }) => name === 'trunkline.gateway GET /v1/calls');
  expect(server).toMatchObject({ traceId, parentSpanId: spanId, kind: 2 });
  expect(attributesOf(server)).toMatchObject({
    'http.route': '/v1/calls',
    'trunkline.surface': 'rest',
    'trunkline.capability': 'calls.list',
    'trunkline.decision': 'allow',
    'trunkline.result': 'answer',
    'trunkline.decision_id': expect.any(String),
  });
  const upstream = spans.find(({ name }) => name === 'trunkline.aircall GET /v1/calls');
  expect(upstream).toMatchObject({ traceId, parentSpanId: server?.spanId, kind: 3 });
  expect(attributesOf(upstream)).toMatchObject({ 'http.response.status_code': 200 });
  expect(collector.resource()).toMatchObject({ 'service.name': 'trunkline', 'service.version': '1.2.3' });

  const labels = { surface: 'rest', capability: 'calls.list', effect: 'read', decision: 'allow', code: 'ok' };
  expect(collector.points('trunkline.gateway.requests')).toEqual([{ attributes: labels, value: 1 }]);
  expect(collector.points('trunkline.gateway.upstream.requests')).toEqual([
    { attributes: { capability: 'calls.list', status: '2xx' }, value: 1 },
  ]);
  expect(collector.points('trunkline.gateway.approvals.waiting')).toEqual([{ attributes: {}, value: 0 }]);
  // An intent and an outcome.
  expect(collector.points('trunkline.gateway.audit.append.duration')).toEqual([
    { attributes: { durability: 'process', result: 'stored' }, value: 2 },
  ]);
});

test.each([
  ['no traceparent', {}],
  ['a broken one', { traceparent: '00-zz-01' }],
  ['one of zeros', { traceparent: `00-${'0'.repeat(32)}-${spanId}-01` }],
  ['one with a tail', { traceparent: `00-${traceId}-${spanId}-01-evil` }],
])('%s begins a trace of its own', async (_name, headers) => {
  const collector = await openCollector();
  const { lab, agent, finish } = await openObserved(collector.url);
  await lab.ask(agent, 'GET', '/v1/tags', { headers });
  await finish();
  const server = collector.spans().find(({ name }) => name === 'trunkline.gateway GET /v1/tags');
  expect(server?.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(server?.traceId).not.toBe(traceId);
  expect(server?.parentSpanId ?? '').toBe('');
});

test('refusals, unknown routes and strangers are counted by their codes', async () => {
  const collector = await openCollector();
  const { lab, agent, telemetry, finish } = await openObserved(collector.url);
  const nobody = await lab.addAgent('Nobody', { grants: {} });
  await lab.ask(nobody, 'GET', '/v1/contacts');
  await lab.ask(agent, 'GET', '/v1/secret-plans-of-marie');
  const { body } = await lab.ask(agent, 'GET', '/v1/tags');
  // One that has read nothing strangers wrote needs no person.
  const fresh = await lab.addAgent('Fresh', { grants: everything() });
  await lab.ask(fresh, 'DELETE', `/v1/tags/${body.tags[0].id}`);
  await lab.ask(null, 'GET', '/v1/users', { authorization: 'Bearer acg_live_nonsense' });
  await finish();

  const counted = collector.points('trunkline.gateway.requests').map(({ attributes }) => attributes);
  expect(counted).toEqual(
    expect.arrayContaining([
      { surface: 'rest', capability: 'contacts.list', effect: 'read', decision: 'deny', code: 'not_granted' },
      { surface: 'rest', capability: 'unknown', effect: 'unknown', decision: 'deny', code: 'unknown_capability' },
      { surface: 'rest', capability: 'tags.delete', effect: 'delete', decision: 'needs_confirm', code: 'confirm_required' },
      { surface: 'rest', capability: 'users.listV1', effect: 'read', decision: 'none', code: 'unauthenticated' },
    ]),
  );
  const spans = collector.spans();
  expect(spans.map(({ name }) => name)).toContain('trunkline.gateway GET');
  expect(attributesOf(spans.find(({ name }) => name === 'trunkline.gateway DELETE /v1/tags/:id'))).toMatchObject({
    'error.type': 'confirm_required',
  });
  // What Prometheus reads says the same.
  for (const attributes of counted) {
    const labels = ['surface', 'capability', 'effect', 'decision', 'code'].map((name) => `${name}="${attributes[name]}"`);
    expect(telemetry.prometheus.text()).toContain(`trunkline_gateway_requests_total{${labels.join(',')}} 1\n`);
  }
});

test('neither spans nor metrics hold anything personal, secret, or said by anybody', async () => {
  const collector = await openCollector();
  const { lab, agent, telemetry, finish } = await openObserved(collector.url);
  const contacts = await lab.ask(agent, 'GET', '/v1/contacts');
  await lab.ask(agent, 'GET', `/v1/contacts/search?phone_number=${encodeURIComponent('+33612345678')}`);
  await lab.ask(agent, 'GET', '/v1/calls?fetch_contact=true');
  await lab.ask(agent, 'POST', '/v1/contacts', { body: { first_name: 'Zebulon', phone_numbers: [{ label: 'x', value: '+33698765432' }] } });
  await lab.ask(agent, 'GET', '/v1/zebulon@example.com');
  await lab.ask(agent, 'ZEBULON', '/v1/calls');
  await lab.ask(agent, 'GET', '/v1/tags', {
    headers: { 'user-agent': 'Zebulon/1', tracestate: 'zebulon=1', baggage: 'name=zebulon', 'idempotency-key': 'zebulon' },
  });
  await finish();

  const out = `${collector.bodies().join('\n')}\n${telemetry.prometheus.text()}`;
  const rows = contacts.body.contacts as readonly Readonly<Record<string, unknown>>[]; // as the list gives them
  const values = rows.flatMap((row) => [
    ...textsOf(row).filter((text) => /\d{6}|@/.test(text)),
    ...textsOf([row['first_name'], row['last_name']]),
  ]);
  expect(values.length).toBeGreaterThan(20);
  for (const text of [...values, agent.key, agent.id, '33612345678', '33698765432', 'ebulon', 'EBULON', 'olga', 'Watcher']) {
    expect(out).not.toContain(text);
  }
});

test('what a client says of its trace is not passed on to Aircall', async () => {
  const collector = await openCollector();
  const seen: IncomingMessage['headers'][] = [];
  let target = '';
  const proxy = await listen(
    createServer((incoming, outgoing) => {
      seen.push(incoming.headers);
      const { method, url, headers } = incoming;
      const onward = httpRequest(`${target}${url ?? ''}`, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      incoming.pipe(onward);
    }),
  );
  const { lab, agent, finish } = await openObserved(collector.url, { baseUrl: proxy });
  target = lab.simulator.baseUrl;
  const { status } = await lab.ask(agent, 'GET', '/v1/calls', {
    headers: { traceparent: `00-${traceId}-${spanId}-01`, tracestate: 'a=b', baggage: 'c=d' },
  });
  await finish();
  expect(status).toBe(200);
  expect(seen).toHaveLength(1);
  expect(Object.keys(seen[0] ?? {})).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(?:traceparent|tracestate|baggage)$/)]));
  expect(JSON.stringify(seen)).not.toContain(traceId);
});

test('without an SDK everything works, and Prometheus has its text', async () => {
  const { lab, agent, telemetry } = await openObserved(null);
  expect((await lab.ask(agent, 'GET', '/v1/calls')).status).toBe(200);
  const text = telemetry.prometheus.text();
  expect(text).toContain('trunkline_gateway_approvals_waiting 0\n');
  expect(text).toMatch(/^trunkline_gateway_request_duration_seconds_count\{surface="rest",decision="allow"\} 1$/m);
});

test('a collector that is not there stops nothing and loses nothing but itself', async () => {
  // It tries again for ten seconds by this clock.
  const { lab, agent, finish } = await openObserved('http://127.0.0.1:9', { clock: new FakeClock({ hurry: true }) });
  expect((await lab.ask(agent, 'GET', '/v1/calls')).status).toBe(200);
  await finish();
  expect((await lab.ask(agent, 'GET', '/v1/tags')).status).toBe(200);
});

test('hidden rows, masked fields and waiting approvals are measured', async () => {
  const { lab, agent, telemetry } = await openObserved(null);
  const { body: all } = await lab.ask(agent, 'GET', '/v1/calls');
  const user: unknown = all.calls.find((call: { user: unknown }) => call.user !== null)?.user.id;
  const watcher = await lab.addAgent('Narrow', {
    grants: everything(),
    constraints: { calls: { users: [String(user)] } },
    fields: [{ area: null, class: 'phone', treatment: 'mask' }],
  });
  await lab.changePolicy(() => ({ webhookHosts: ['hooks.example.com'] }));
  await lab.ask(watcher, 'GET', '/v1/calls');
  const asked = await lab.ask(watcher, 'POST', '/v1/webhooks', { body: { url: 'https://hooks.example.com/a', events: ['call.created'] } });
  const text = telemetry.prometheus.text();
  expect(text).toMatch(/^trunkline_gateway_rows_hidden_total\{capability="calls\.list"\} [1-9]\d*$/m);
  expect(text).toMatch(/^trunkline_gateway_fields_masked_total\{capability="calls\.list"\} [1-9]\d*$/m);
  expect(asked.body?.code).toBe('approval_required');
  expect(text).toContain('trunkline_gateway_approvals_waiting 1\n');
});

async function openObserved(endpoint: string | null, options: { readonly baseUrl?: string; readonly clock?: Clock } = {}) {
  const { baseUrl, clock = systemClock } = options;
  const otlp = endpoint === null ? null : await startOtlp({ endpoint, version: '1.2.3', clock });
  const sdk = otlp === null ? {} : { meter: otlp.meter, tracer: otlp.tracer };
  const telemetry: OpenTelemetry = createTelemetry({ clock: systemClock, version: '1.2.3', ...sdk });
  const lab: GatewayLab = await openGatewayLab({
    over: (parts) => observeParts(parts, telemetry),
    around: (gateway) => observeGateway(gateway, telemetry),
    ...(baseUrl === undefined ? {} : { client: { baseUrl } }),
  });
  telemetry.metrics.approvalsWaiting(() => lab.approvals.countWaiting());
  const agent: LabAgent = await lab.addAgent('Watcher', { grants: everything() });
  const finish = async () => otlp?.close();
  onTestFinished(finish);
  return { lab, agent, telemetry, finish };
}

type Attribute = { readonly key: string; readonly value: Readonly<Record<string, unknown>> };
type Span = {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly attributes: readonly Attribute[];
};
type Point = { readonly attributes: readonly Attribute[]; readonly asInt?: unknown; readonly asDouble?: unknown; readonly count?: unknown };
type Metric = { readonly name: string } & Readonly<
  Record<'sum' | 'gauge' | 'histogram', { readonly dataPoints: readonly Point[] } | undefined>
>;
type Body = {
  readonly resourceSpans?: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
  readonly resourceMetrics?: readonly { readonly scopeMetrics: readonly { readonly metrics: readonly Metric[] }[] }[];
};

/** Takes OTLP over HTTP in JSON, as any collector does, and keeps it. */
async function openCollector() {
  const texts: string[] = [];
  const url = await listen(
    createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        texts.push(Buffer.concat(chunks).toString());
        outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    }),
  );
  const bodies = () => texts.map((text) => JSON.parse(text) as Body); // the shape that OTLP describes
  return {
    url,
    bodies: () => texts,
    spans: () =>
      bodies().flatMap(({ resourceSpans = [] }) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))),
    resource: () => plain(bodies().flatMap(({ resourceSpans = [] }) => resourceSpans)[0]?.resource.attributes ?? []),
    /** The last value of each series. */
    points(name: string) {
      const metrics = bodies().flatMap(({ resourceMetrics = [] }) =>
        resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((each) => each.metrics)),
      );
      const last = metrics.findLast((metric) => metric.name === name);
      const points = (last?.sum ?? last?.gauge ?? last?.histogram)?.dataPoints ?? [];
      return points.map(({ attributes, asInt, asDouble, count }) => ({
        attributes: plain(attributes),
        value: Number(asInt ?? asDouble ?? count),
      }));
    },
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // that of a TCP server
}

function attributesOf(span: Span | undefined): Readonly<Record<string, unknown>> {
  return plain(span?.attributes ?? []);
}

function plain(attributes: readonly Attribute[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}
