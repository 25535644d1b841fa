import { InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instruments } from './instruments.ts';
import { createMetrics } from './metrics.ts';
import type { GatewayMetrics } from './metrics.ts';
import { createOtelSink } from './otel-sink.ts';
import { createPrometheusSink } from './prometheus.ts';

test('counters, histograms and gauges are written as Prometheus reads them', () => {
  const sink = createPrometheusSink();
  const metrics = createMetrics([sink]);
  metrics.upstream({ capability: 'calls.list', status: 200, durationMs: 300 });
  metrics.upstream({ capability: 'calls.list', status: 204, durationMs: 90_000 });
  metrics.upstream({ capability: 'tags.list', status: 429, durationMs: 10 });
  metrics.upstream({ capability: 'tags.list', status: null, durationMs: 10 });
  metrics.approvalsWaiting(() => 3);
  metrics.budgetUsed(() => {
    throw new TypeError('cannot be read');
  });
  expect(sink.text()).toBe(`# HELP trunkline_gateway_upstream_requests_total Requests to Aircall, by the kind of answer.
# TYPE trunkline_gateway_upstream_requests_total counter
trunkline_gateway_upstream_requests_total{capability="calls.list",status="2xx"} 2
trunkline_gateway_upstream_requests_total{capability="tags.list",status="429"} 1
trunkline_gateway_upstream_requests_total{capability="tags.list",status="none"} 1
# HELP trunkline_gateway_upstream_duration_seconds From the sending of a request to Aircall to its answer.
# TYPE trunkline_gateway_upstream_duration_seconds histogram
${histogram('2xx', [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1], 2, 90.3)}
${histogram('429', [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 1, 0.01)}
${histogram('none', [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 1, 0.01)}
# HELP trunkline_gateway_approvals_waiting Requests that wait for a person.
# TYPE trunkline_gateway_approvals_waiting gauge
trunkline_gateway_approvals_waiting 3
`);
});

test('a label cannot end its line or its quotation marks', () => {
  const sink = createPrometheusSink();
  createMetrics([sink]).filtered({ capability: 'a"} 1\nb\\', rowsHidden: 1, fieldsMasked: 0, unknownFields: 0 });
  expect(sink.text().split('\n')[2]).toBe(String.raw`trunkline_gateway_rows_hidden_total{capability="a\"} 1\nb\\"} 1`);
});

test('labels without end do not fill the process', () => {
  const sink = createPrometheusSink();
  const metrics = createMetrics([sink]);
  for (let at = 0; at < 6_000; at += 1) metrics.filtered({ capability: `made up ${at}`, rowsHidden: 1, fieldsMasked: 0, unknownFields: 0 });
  expect(sink.text().split('\n')).toHaveLength(5_000 + 3);
});

test('nothing measured is no text', () => {
  expect(createPrometheusSink().text()).toBe('');
});

test('Prometheus and OpenTelemetry are told the same', async () => {
  const durationMs = fc.double({ min: 0, max: 20_000, noNaN: true });
  const count = fc.nat({ max: 50 });
  const capability = fc.constantFrom('calls.list', 'tags.delete');
  const tell: fc.Arbitrary<(metrics: GatewayMetrics) => void> = fc.oneof(
    fc
      .record({
        surface: fc.constantFrom('rest', 'mcp'),
        capability: fc.option(capability),
        effect: fc.constant('read'),
        decision: fc.option(fc.constant('allow')),
        code: fc.option(fc.constant('not_found')),
        durationMs,
      })
      .map((facts) => (metrics: GatewayMetrics) => metrics.request(facts)),
    fc
      .record({ capability, status: fc.option(fc.integer({ min: 200, max: 599 })), durationMs })
      .map((facts) => (metrics: GatewayMetrics) => metrics.upstream(facts)),
    fc.record({ waitMs: durationMs, sent: fc.boolean() }).map((facts) => (metrics: GatewayMetrics) => metrics.waited(facts)),
    fc
      .record({ capability, rowsHidden: count, fieldsMasked: count, unknownFields: count })
      .map((facts) => (metrics: GatewayMetrics) => metrics.filtered(facts)),
    fc
      .record({ durability: fc.constantFrom('process', 'power'), stored: fc.boolean(), durationMs })
      .map((facts) => (metrics: GatewayMetrics) => metrics.appended(facts)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(tell, { maxLength: 60 }), count, async (facts, waiting) => {
      const exporter = new InMemoryMetricExporter(1); // cumulative, as Prometheus counts
      const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 600_000 })] });
      const sink = createPrometheusSink();
      const metrics = createMetrics([createOtelSink(provider.getMeter('test')), sink]);
      metrics.approvalsWaiting(() => waiting);
      for (const each of facts) each(metrics);
      await provider.forceFlush();
      const lines = exporter
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
        .flatMap(({ descriptor, dataPoints }) => dataPoints.flatMap(({ attributes, value }) => lineOf(descriptor.name, attributes, value)));
      await provider.shutdown();
      const text = sink
        .text()
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#') && !line.includes('_bucket{') && !line.includes('_sum'));
      expect(text.sort()).toEqual(lines.sort());
    }),
    { numRuns: 50 },
  );
});

/** A point of the SDK as a line of ours. */
function lineOf(name: string, attributes: Readonly<Record<string, unknown>>, value: unknown): string {
  const instrument = Object.values(instruments).find((each) => each.name === name);
  const labels = (instrument?.labels ?? []).map((label) => `${label}="${String(attributes[label])}"`).join(',');
  const text = labels === '' ? '' : `{${labels}}`;
  const plain = name.replaceAll('.', '_');
  if (typeof value === 'number') return `${plain}${instrument?.kind === 'counter' ? '_total' : ''}${text} ${value}`;
  return `${plain}_seconds_count${text} ${(value as { count: number }).count}`; // a histogram
}

function histogram(status: string, buckets: readonly number[], count: number, sum: number): string {
  const name = 'trunkline_gateway_upstream_duration_seconds';
  const bounds = instruments.upstreamDuration.bounds;
  return [
    ...bounds.map((bound, at) => `${name}_bucket{status="${status}",le="${bound}"} ${buckets[at] ?? 0}`),
    `${name}_bucket{status="${status}",le="+Inf"} ${count}`,
    `${name}_sum{status="${status}"} ${sum}`,
    `${name}_count{status="${status}"} ${count}`,
  ].join('\n');
}
