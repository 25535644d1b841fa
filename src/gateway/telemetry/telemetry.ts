// The gateway's telemetry put together: the text for Prometheus always, and OpenTelemetry through its API, which does nothing
// until an SDK is there.
import { metrics, trace } from '@opentelemetry/api';
import type { Meter, Tracer } from '@opentelemetry/api';
import type { Clock } from '../../base/index.ts';
import { createMetrics } from './metrics.ts';
import type { Telemetry } from './observe.ts';
import { createOtelSink } from './otel-sink.ts';
import { createPrometheusSink, prometheusContentType } from './prometheus.ts';
import { createSpans } from './spans.ts';

export type OpenTelemetry = Telemetry & {
  /** What `/metrics` answers. Without personal data, but not for the public. */
  readonly prometheus: { readonly contentType: string; readonly text: () => string };
};

/** @param parts `meter` and `tracer` of an SDK; default: what somebody registered with the API, else nothing. */
export function createTelemetry(parts: {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly version: string;
  readonly meter?: Meter | undefined;
  readonly tracer?: Tracer | undefined;
}): OpenTelemetry {
  const { clock, version } = parts;
  const meter = parts.meter ?? metrics.getMeter('trunkline', version);
  const tracer = parts.tracer ?? trace.getTracer('trunkline', version);
  const prometheus = createPrometheusSink();
  return {
    clock,
    metrics: createMetrics([createOtelSink(meter), prometheus]),
    spans: createSpans(tracer),
    prometheus: { contentType: prometheusContentType, text: prometheus.text },
  };
}
