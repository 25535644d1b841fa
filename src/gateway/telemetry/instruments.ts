// What the gateway counts and measures: names, units and labels, once for every way they leave the process. Labels are ids of
// the catalogue and words of ours; what a request or an answer says is in none of them.

export type Instrument = {
  readonly kind: 'counter' | 'histogram' | 'gauge';
  /** As OpenTelemetry writes it. */
  readonly name: string;
  /** UCUM: `s` for seconds, `{request}` for what is counted. */
  readonly unit: string;
  readonly description: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, ascending. */
  readonly bounds?: readonly number[];
};

export type Labels = Readonly<Record<string, string>>;

const short = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
const long = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60] as const;

export const instruments = {
  requests: {
    kind: 'counter',
    name: 'trunkline.gateway.requests',
    unit: '{request}',
    description: 'Requests of agents, by what was decided and how it ended.',
    labels: ['surface', 'capability', 'effect', 'decision', 'code'],
  },
  requestDuration: {
    kind: 'histogram',
    name: 'trunkline.gateway.request.duration',
    unit: 's',
    description: 'From a request to its answer, records and waiting included.',
    labels: ['surface', 'decision'],
    bounds: short,
  },
  upstreamRequests: {
    kind: 'counter',
    name: 'trunkline.gateway.upstream.requests',
    unit: '{request}',
    description: 'Requests to Aircall, by the kind of answer.',
    labels: ['capability', 'status'],
  },
  upstreamDuration: {
    kind: 'histogram',
    name: 'trunkline.gateway.upstream.duration',
    unit: 's',
    description: 'From the sending of a request to Aircall to its answer.',
    labels: ['status'],
    bounds: long,
  },
  budgetWait: {
    kind: 'histogram',
    name: 'trunkline.gateway.budget.wait',
    unit: 's',
    description: 'How long requests waited for their turn on the shared budget.',
    labels: ['result'],
    bounds: long,
  },
  budgetUsed: {
    kind: 'gauge',
    name: 'trunkline.gateway.budget.used',
    unit: '{request}',
    description: 'Requests of the last minute that count against the shared budget.',
    labels: [],
  },
  rowsHidden: {
    kind: 'counter',
    name: 'trunkline.gateway.rows.hidden',
    unit: '{row}',
    description: 'Rows taken out of answers because of limits of the agent.',
    labels: ['capability'],
  },
  fieldsMasked: {
    kind: 'counter',
    name: 'trunkline.gateway.fields.masked',
    unit: '{field}',
    description: 'Values masked, replaced by tokens, or hidden in answers.',
    labels: ['capability'],
  },
  unknownFields: {
    kind: 'counter',
    name: 'trunkline.gateway.fields.unknown',
    unit: '{field}',
    description: 'Fields of Aircall’s answers that are in no description, and were therefore dropped.',
    labels: ['capability'],
  },
  auditAppend: {
    kind: 'histogram',
    name: 'trunkline.gateway.audit.append.duration',
    unit: 's',
    description: 'How long a record took until it was safe.',
    labels: ['durability', 'result'],
    bounds: short,
  },
  approvalsWaiting: {
    kind: 'gauge',
    name: 'trunkline.gateway.approvals.waiting',
    unit: '{request}',
    description: 'Requests that wait for a person.',
    labels: [],
  },
} as const satisfies Readonly<Record<string, Instrument>>;

/** Where measurements go. */
export interface MetricSink {
  /** Of a counter. */
  add(instrument: Instrument, value: number, labels: Labels): void;
  /** Of a histogram. */
  record(instrument: Instrument, value: number, labels: Labels): void;
  /** Of a gauge: `read` is asked whenever somebody looks, and gives null when it cannot say. */
  observe(instrument: Instrument, read: () => number | null): void;
}
