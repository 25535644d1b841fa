// Puts measuring around the parts of the flow, from outside: the flow itself knows nothing of it, and a part that is measured
// does exactly what it does without.
import type { Clock } from '../../base/index.ts';
import { capabilityOf } from '../capabilities/capabilities.ts';
import type { Gateway, GatewayReply } from '../flow/call.ts';
import type { AuditLog, Filter, Upstream } from '../flow/parts.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { GatewaySpans, SpanEnd } from './spans.ts';

export type Telemetry = {
  readonly metrics: GatewayMetrics;
  readonly spans: GatewaySpans;
  readonly clock: Pick<Clock, 'monotonic'>;
};

/** Every request: one span, one count, its duration. */
export function observeGateway(gateway: Gateway, { metrics, spans, clock }: Telemetry): Gateway {
  const handle: Gateway['handle'] = (call) => {
    const { surface, method, endpoint, tool, protocol, traceparent } = call;
    const capability = endpoint === null ? undefined : capabilityOf(endpoint.id);
    const startedMs = clock.monotonic();
    const facts = { surface, method, route: capability?.endpoint.path ?? null, tool, protocol, traceparent: traceparent ?? null };
    return spans.request(
      facts,
      () => gateway.handle(call),
      (reply) => {
        const code = reply.result.kind === 'refusal' ? reply.result.code : null;
        const decision = reply.decision?.effect ?? null;
        metrics.request({
          surface,
          capability: capability?.id ?? null,
          effect: capability?.effect ?? null,
          decision,
          code,
          durationMs: clock.monotonic() - startedMs,
        });
        return { attributes: attributesOf(reply, capability?.id ?? null, capability?.effect ?? null), failure: code };
      },
    );
  };
  return { handle, admit: (call) => gateway.admit(call) };
}

/** The parts of the flow, each measured. */
export function observeParts<P extends ObservedParts>(parts: P, telemetry: Telemetry): P {
  const { audit, upstream, filter } = parts;
  return {
    ...parts,
    audit: observeAudit(audit, telemetry),
    upstream: observeUpstream(upstream, telemetry),
    filter: observeFilter(filter, telemetry),
  };
}

type ObservedParts = { readonly audit: AuditLog; readonly upstream: Upstream; readonly filter: Filter };

/** Every request to Aircall: one span, one count, its wait and its duration. */
function observeUpstream(upstream: Upstream, { metrics, spans, clock }: Telemetry): Upstream {
  metrics.budgetUsed(() => upstream.budget().used);
  return {
    budget: () => upstream.budget(),
    waiting: (agentId) => upstream.waiting(agentId),
    send(endpoint, given, options) {
      const askedMs = clock.monotonic();
      let sentMs: number | null = null;
      const onSend = () => {
        // Once: a request that is sent again has not waited again.
        if (sentMs === null) {
          sentMs = clock.monotonic();
          metrics.waited({ waitMs: sentMs - askedMs, sent: true });
        }
        options.onSend?.();
      };
      const tell = (status: number | null) => {
        const nowMs = clock.monotonic();
        if (sentMs === null) metrics.waited({ waitMs: nowMs - askedMs, sent: false });
        else metrics.upstream({ capability: endpoint.id, status, durationMs: nowMs - sentMs });
      };
      return spans.upstream(
        { method: endpoint.method, route: endpoint.path },
        async () => {
          try {
            const answer = await upstream.send(endpoint, given, { ...options, onSend });
            tell(answer.status);
            return answer;
          } catch (error) {
            tell(statusOf(error));
            throw error;
          }
        },
        ({ status }): SpanEnd => ({ attributes: { 'http.response.status_code': status }, failure: status >= 400 ? String(status) : null }),
      );
    },
  };
}

/** Every record: how long it took until it was safe. */
function observeAudit(audit: AuditLog, { metrics, clock }: Telemetry): AuditLog {
  return {
    unfinished: () => audit.unfinished(),
    async append(facts, options) {
      const startedMs = clock.monotonic();
      let stored = false;
      try {
        const place = await audit.append(facts, options);
        stored = true;
        return place;
      } finally {
        metrics.appended({ durability: options.durability, stored, durationMs: clock.monotonic() - startedMs });
      }
    },
  };
}

/** Every answer: what was taken out of it. Counts alone; the names of fields may be anything. */
function observeFilter(filter: Filter, { metrics }: Pick<Telemetry, 'metrics'>): Filter {
  return {
    reveal: (capability, agentId, given) => filter.reveal(capability, agentId, given),
    redact: (capability, given) => filter.redact(capability, given),
    digest: (given) => filter.digest(given),
    answer(asked) {
      const filtered = filter.answer(asked);
      const { rowsHidden, fieldsMasked, unknownFields } = filtered;
      metrics.filtered({ capability: asked.capability.id, rowsHidden, fieldsMasked, unknownFields: unknownFields.length });
      return filtered;
    },
  };
}

function attributesOf(
  { decisionId, decision, result }: GatewayReply,
  capability: string | null,
  effect: string | null,
): SpanEnd['attributes'] {
  return {
    'trunkline.decision_id': decisionId,
    ...(capability === null ? {} : { 'trunkline.capability': capability }),
    ...(effect === null ? {} : { 'trunkline.effect': effect }),
    ...(decision === null ? {} : { 'trunkline.decision': decision.effect, 'trunkline.policy_version': decision.policyVersion }),
    'trunkline.result': result.kind,
    ...(result.kind === 'refusal' ? { 'trunkline.code': result.code } : {}),
    ...(result.kind === 'answer' ? { 'trunkline.filtered': result.filtered, 'trunkline.source': result.source.from } : {}),
  };
}

/** Errors of client/ carry Aircall's status where there was one. */
function statusOf(error: unknown): number | null {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : null;
}
