// What the gateway says about itself while it works. Whoever tells knows nothing of where it goes.
import { instruments } from './instruments.ts';
import type { MetricSink } from './instruments.ts';

export interface GatewayMetrics {
  /** A request was answered. `capability` null: there is no such route or tool; `decision` null: it did not get that far. */
  request(facts: {
    readonly surface: string;
    readonly capability: string | null;
    readonly effect: string | null;
    readonly decision: string | null;
    /** The code of a refusal; null for an answer or a plan. */
    readonly code: string | null;
    readonly durationMs: number;
  }): void;
  /** A request to Aircall ended; `status` null: without an answer. */
  upstream(facts: { readonly capability: string; readonly status: number | null; readonly durationMs: number }): void;
  /** A request got its turn on the budget, or gave up waiting for it. */
  waited(facts: { readonly waitMs: number; readonly sent: boolean }): void;
  filtered(facts: {
    readonly capability: string;
    readonly rowsHidden: number;
    readonly fieldsMasked: number;
    readonly unknownFields: number;
  }): void;
  appended(facts: { readonly durability: string; readonly stored: boolean; readonly durationMs: number }): void;
  /** How many requests wait for a person; asked whenever somebody looks. When it throws, nothing is said. */
  approvalsWaiting(read: () => number): void;
  /** The same for the requests of the last minute. */
  budgetUsed(read: () => number): void;
}

export function createMetrics(sinks: readonly MetricSink[]): GatewayMetrics {
  const {
    requests,
    requestDuration,
    upstreamRequests,
    upstreamDuration,
    budgetWait,
    budgetUsed,
    rowsHidden,
    fieldsMasked,
    unknownFields,
    auditAppend,
    approvalsWaiting,
  } = instruments;
  const all = (tell: (sink: MetricSink) => void) => {
    for (const sink of sinks) tell(sink);
  };
  return {
    request({ surface, capability, effect, decision, code, durationMs }) {
      const decided = decision ?? 'none';
      all((sink) => {
        const labels = { surface, capability: capability ?? 'unknown', effect: effect ?? 'unknown', decision: decided, code: code ?? 'ok' };
        sink.add(requests, 1, labels);
        sink.record(requestDuration, durationMs / 1000, { surface, decision: decided });
      });
    },
    upstream({ capability, status, durationMs }) {
      const kind = kindOf(status);
      all((sink) => {
        sink.add(upstreamRequests, 1, { capability, status: kind });
        sink.record(upstreamDuration, durationMs / 1000, { status: kind });
      });
    },
    waited({ waitMs, sent }) {
      all((sink) => sink.record(budgetWait, waitMs / 1000, { result: sent ? 'sent' : 'gave_up' }));
    },
    filtered(facts) {
      const { capability } = facts;
      all((sink) => {
        if (facts.rowsHidden > 0) sink.add(rowsHidden, facts.rowsHidden, { capability });
        if (facts.fieldsMasked > 0) sink.add(fieldsMasked, facts.fieldsMasked, { capability });
        if (facts.unknownFields > 0) sink.add(unknownFields, facts.unknownFields, { capability });
      });
    },
    appended({ durability, stored, durationMs }) {
      all((sink) => sink.record(auditAppend, durationMs / 1000, { durability, result: stored ? 'stored' : 'failed' }));
    },
    approvalsWaiting: (read) => all((sink) => sink.observe(approvalsWaiting, orNull(read))),
    budgetUsed: (read) => all((sink) => sink.observe(budgetUsed, orNull(read))),
  };
}

/** A store that cannot be read hides one number, not all of them. */
function orNull(read: () => number): () => number | null {
  return () => {
    try {
      return read();
    } catch {
      return null;
    }
  };
}

/** 429 apart from the rest: it says that the budget was missed. */
function kindOf(status: number | null): string {
  if (status === null) return 'none';
  return status === 429 ? '429' : `${Math.floor(status / 100)}xx`;
}
