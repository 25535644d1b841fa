// The text that Prometheus reads (github.com/prometheus/docs, exposition_formats.md, version 0.0.4). Of our own, because the SDK
// that could write it takes 16 MB, and this is all of it: counters, histograms, gauges, and the escaping of labels.
import type { Instrument, Labels, MetricSink } from './instruments.ts';

export const prometheusContentType = 'text/plain; version=0.0.4; charset=utf-8';

export type PrometheusSink = MetricSink & {
  /** Everything since the start. */
  readonly text: () => string;
};

type Series = { readonly labels: Labels; value: number; readonly buckets: number[]; count: number };

/** Labels come from closed lists; should one of them not, the process must not fill up with it. */
const mostSeries = 5_000;

export function createPrometheusSink(): PrometheusSink {
  const families = new Map<Instrument, Map<string, Series>>();
  const gauges = new Map<Instrument, () => number | null>();

  const seriesOf = (instrument: Instrument, labels: Labels): Series | undefined => {
    const family = families.get(instrument) ?? new Map<string, Series>();
    families.set(instrument, family);
    const key = labelText(instrument, labels);
    let series = family.get(key);
    if (series === undefined && family.size < mostSeries) {
      series = { labels, value: 0, count: 0, buckets: (instrument.bounds ?? []).map(() => 0) };
      family.set(key, series);
    }
    return series;
  };

  return {
    add(instrument, value, labels) {
      const series = seriesOf(instrument, labels);
      if (series !== undefined) series.value += value;
    },
    record(instrument, value, labels) {
      const series = seriesOf(instrument, labels);
      if (series === undefined) return;
      series.value += value;
      series.count += 1;
      const at = (instrument.bounds ?? []).findIndex((bound) => value <= bound);
      if (at !== -1) series.buckets[at] = (series.buckets[at] ?? 0) + 1;
    },
    observe(instrument, read) {
      gauges.set(instrument, read);
    },
    text() {
      const lines: string[] = [];
      for (const [instrument, family] of families) {
        lines.push(...head(instrument), ...[...family.values()].flatMap((series) => seriesLines(instrument, series)));
      }
      for (const [instrument, read] of gauges) {
        const value = read();
        if (value !== null) lines.push(...head(instrument), `${nameOf(instrument)} ${value}`);
      }
      return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
    },
  };
}

function head(instrument: Instrument): string[] {
  const name = nameOf(instrument);
  return [`# HELP ${name} ${instrument.description.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`, `# TYPE ${name} ${instrument.kind}`];
}

function seriesLines(instrument: Instrument, { labels, value, buckets, count }: Series): string[] {
  const name = nameOf(instrument);
  const text = labelText(instrument, labels);
  if (instrument.kind !== 'histogram') return [`${name}${braced(text)} ${value}`];
  let below = 0;
  const bounded = (instrument.bounds ?? []).map((bound, at) => {
    below += buckets[at] ?? 0;
    return bucketLine(name, text, String(bound), below);
  });
  return [
    ...bounded,
    bucketLine(name, text, '+Inf', count),
    `${name}_sum${braced(text)} ${value}`,
    `${name}_count${braced(text)} ${count}`,
  ];
}

function bucketLine(name: string, labels: string, bound: string, count: number): string {
  return `${name}_bucket{${labels === '' ? '' : `${labels},`}le="${bound}"} ${count}`;
}

/** `trunkline.gateway.requests` is `trunkline_gateway_requests_total`; seconds are named. */
function nameOf({ name, unit, kind }: Instrument): string {
  return `${name.replaceAll('.', '_')}${unit === 's' ? '_seconds' : ''}${kind === 'counter' ? '_total' : ''}`;
}

/** In the order of the instrument, so that the same labels are the same text. */
function labelText({ labels: names }: Instrument, labels: Labels): string {
  return names.map((name) => `${name}="${escaped(labels[name] ?? '')}"`).join(',');
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function braced(text: string): string {
  return text === '' ? '' : `{${text}}`;
}
