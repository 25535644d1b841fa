// One server span for each request of an agent, and a client span for each request to Aircall within it. They carry ids of the
// catalogue, words of ours and the decision id: nothing of what was asked, found or said.
import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api';

export interface GatewaySpans {
  /** Runs the work inside a server span; `end` is told what came of it. */
  request<T>(
    facts: {
      readonly surface: string;
      readonly method: string | null;
      /** The catalogue's path; null when no route fits. */
      readonly route: string | null;
      /** A tool of ours, by MCP; null otherwise. */
      readonly tool: string | null;
      readonly protocol: string | null;
      /** As the client sent it; anything else than a W3C traceparent begins a trace of its own. */
      readonly traceparent: string | null;
    },
    work: () => Promise<T>,
    end: (result: T) => SpanEnd,
  ): Promise<T>;
  /** Runs the work inside a client span, below the request it belongs to. Nothing of it is sent to Aircall. */
  upstream<T>(facts: { readonly method: string; readonly route: string }, work: () => Promise<T>, end: (result: T) => SpanEnd): Promise<T>;
}

export type SpanEnd = { readonly attributes: Attributes; /** A code of ours; null when nothing failed. */ readonly failure: string | null };

export function createSpans(tracer: Tracer): GatewaySpans {
  const current = new AsyncLocalStorage<Context>();

  async function within<T>(span: Span, context: Context, work: () => Promise<T>, end: (result: T) => SpanEnd): Promise<T> {
    try {
      const result = await current.run(trace.setSpan(context, span), work);
      const { attributes, failure } = end(result);
      span.setAttributes(attributes);
      if (failure !== null) span.setAttribute('error.type', failure).setStatus({ code: SpanStatusCode.ERROR });
      return result;
    } catch (error) {
      // What an error says is not for here.
      span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown').setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  }

  return {
    request({ surface, method, route, tool, protocol, traceparent }, work, end) {
      const parent = parentOf(traceparent);
      // Names and attributes of MCP as OpenTelemetry's conventions for generative AI have them.
      const isMcpCall = surface === 'mcp' && tool !== null;
      const name = isMcpCall
        ? `tools/call ${tool}`
        : ['trunkline.gateway', knownMethod(method), route].filter((part) => part !== null).join(' ');
      const attributes: Attributes = {
        'trunkline.surface': surface,
        ...(route === null ? {} : { 'http.route': route }),
        ...(isMcpCall ? { 'mcp.method.name': 'tools/call', 'gen_ai.tool.name': tool } : {}),
        ...(surface === 'mcp' && protocol !== null ? { 'mcp.protocol.version': protocol } : {}),
      };
      return within(tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent), parent, work, end);
    },
    upstream({ method, route }, work, end) {
      const parent = current.getStore() ?? ROOT_CONTEXT;
      const attributes: Attributes = { 'http.request.method': method, 'url.template': route };
      const span = tracer.startSpan(`trunkline.aircall ${method} ${route}`, { kind: SpanKind.CLIENT, attributes }, parent);
      return within(span, parent, work, end);
    },
  };
}

const traceparentShape = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** w3.org/TR/trace-context. */
function parentOf(traceparent: string | null): Context {
  const [, traceId = '', spanId = '', flags = ''] = traceparentShape.exec(traceparent ?? '') ?? [];
  if (/^0*$/.test(traceId) || /^0*$/.test(spanId)) return ROOT_CONTEXT;
  const traceFlags = Number.parseInt(flags, 16) & 1 ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

/** Only names that are in the catalogue: a client may send any word as a method. */
function knownMethod(method: string | null): string | null {
  return method !== null && /^(?:GET|POST|PUT|PATCH|DELETE)$/.test(method) ? method : null;
}
