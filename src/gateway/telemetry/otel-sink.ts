// To OpenTelemetry, through its API alone: nothing happens unless somebody has registered an SDK.
import type { Counter, Histogram, Meter } from '@opentelemetry/api';
import type { Instrument, MetricSink } from './instruments.ts';

export function createOtelSink(meter: Meter): MetricSink {
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  return {
    add(instrument, value, labels) {
      made(counters, instrument, () => meter.createCounter(instrument.name, optionsOf(instrument))).add(value, labels);
    },
    record(instrument, value, labels) {
      const advice = { explicitBucketBoundaries: [...(instrument.bounds ?? [])] };
      made(histograms, instrument, () => meter.createHistogram(instrument.name, { ...optionsOf(instrument), advice })).record(
        value,
        labels,
      );
    },
    observe(instrument, read) {
      meter.createObservableGauge(instrument.name, optionsOf(instrument)).addCallback((result) => {
        const value = read();
        if (value !== null) result.observe(value);
      });
    },
  };
}

function optionsOf({ unit, description }: Instrument) {
  return { unit, description };
}

function made<T>(known: Map<string, T>, { name }: Instrument, make: () => T): T {
  const found = known.get(name) ?? make();
  known.set(name, found);
  return found;
}
