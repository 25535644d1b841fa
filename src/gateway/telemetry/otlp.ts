// Sends spans and metrics to a collector over OTLP (opentelemetry.io/docs/specs/otlp), with OpenTelemetry's own SDK. Off unless
// asked for; its packages are optional and loaded here, when it is.
import type { Meter, Tracer } from '@opentelemetry/api';
import { EnvironmentError } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';

export type OtlpOptions = {
  /** Where the collector is, such as `http://127.0.0.1:4318`; null: what the standard variables OTEL_EXPORTER_OTLP_* say. */
  readonly endpoint: string | null;
  /** Of Trunkline. */
  readonly version: string;
  /** How often metrics are sent. Default: 60,000. */
  readonly intervalMs?: number | undefined;
  readonly clock: Clock;
};

export type OtlpExport = {
  readonly meter: Meter;
  readonly tracer: Tracer;
  /** Sends what is left, waits at most ten seconds for the collector, and ends. Never rejects. Safe to call twice. */
  readonly close: () => Promise<void>;
};

const longestCloseMs = 10_000;

/** Throws `EnvironmentError` when the packages are not installed. */
export async function startOtlp({ endpoint, version, clock, intervalMs = 60_000 }: OtlpOptions): Promise<OtlpExport> {
  const sdk = await loadSdk();
  const base = endpoint?.replace(/\/+$/, '') ?? null;
  const at = (path: string) => (base === null ? {} : { url: `${base}${path}` });
  // What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say goes before our own.
  const resource = sdk
    .defaultResource()
    .merge(sdk.resourceFromAttributes({ 'service.name': 'trunkline', 'service.version': version }))
    .merge(sdk.detectResources({ detectors: [sdk.envDetector] }));
  const reader = new sdk.PeriodicExportingMetricReader({
    exporter: new sdk.OTLPMetricExporter(at('/v1/metrics')),
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: Math.min(intervalMs, 10_000),
  });
  const meters = new sdk.MeterProvider({ resource, readers: [reader] });
  const tracers = new sdk.TracerProvider({
    resource,
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter: new sdk.OTLPTraceExporter(at('/v1/traces')) })],
  });
  let closed: Promise<void> | null = null;
  return {
    meter: meters.getMeter('trunkline', version),
    tracer: tracers.getTracer('trunkline', version),
    close() {
      closed ??= (async () => {
        const patience = new AbortController();
        // A collector that is not there is no reason to fail: the log is the record.
        const sent = Promise.allSettled([meters.shutdown(), tracers.shutdown()]);
        await Promise.race([sent, clock.sleep(longestCloseMs, patience.signal).catch(() => {})]);
        patience.abort();
      })();
      return closed;
    },
  };
}

async function loadSdk() {
  try {
    const [metrics, traces, resources, metricExport, traceExport] = await Promise.all([
      import('@opentelemetry/sdk-metrics'),
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/exporter-metrics-otlp-http'),
      import('@opentelemetry/exporter-trace-otlp-http'),
    ]);
    const { MeterProvider, PeriodicExportingMetricReader } = metrics;
    const { BatchSpanProcessor, TracerProvider } = traces;
    const { defaultResource, detectResources, envDetector, resourceFromAttributes } = resources;
    const { OTLPMetricExporter } = metricExport;
    const { OTLPTraceExporter } = traceExport;
    return {
      MeterProvider,
      PeriodicExportingMetricReader,
      BatchSpanProcessor,
      TracerProvider,
      defaultResource,
      detectResources,
      envDetector,
      resourceFromAttributes,
      OTLPMetricExporter,
      OTLPTraceExporter,
    };
  } catch (cause) {
    throw new EnvironmentError(
      {
        code: 'otlp_missing',
        message: 'The optional packages that send metrics and spans over OTLP are not installed.',
        hint:
          'Run "npm install @opentelemetry/sdk-metrics@2.12.0 @opentelemetry/sdk-trace@2.12.0 @opentelemetry/resources@2.12.0 ' +
          '@opentelemetry/exporter-metrics-otlp-http@0.223.0 @opentelemetry/exporter-trace-otlp-http@0.223.0", or turn it off.',
      },
      { cause },
    );
  }
}
