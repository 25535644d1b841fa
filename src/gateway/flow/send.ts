// To Aircall and back: the one place from which a request leaves, the agent's turn and time measured, and reads shared between
// agents that ask for the same.
import { BudgetExhausted, planRequest } from '../../client/index.ts';
import type { Capability } from '../capabilities/capability.ts';
import type { CallArguments } from '../policy/decision.ts';
import { defaultBudget } from '../policy/types.ts';
import type { FlowContext } from './context.ts';
import type { Asker } from './fair-queue.ts';
import type { UpstreamAnswer } from './parts.ts';
import type { Allowed } from './turn.ts';

export type Fetched = { readonly answer: UpstreamAnswer; readonly from: 'live' | 'cache'; readonly ageMs: number };

export async function write(flow: FlowContext, allowed: Allowed): Promise<Fetched> {
  const { capability } = allowed;
  try {
    return { answer: await send(flow, allowed, { capability, given: effective(allowed), isAct: true }), from: 'live', ageMs: 0 };
  } finally {
    flow.cache.clear();
  }
}

export async function read(flow: FlowContext, allowed: Allowed): Promise<Fetched> {
  const { capability, decision, call, meter } = allowed;
  const { cache, clock, settings } = flow;
  const given = effective(allowed);
  // Whether a copy of a single row is at hand must not tell that the row exists.
  const showsOne = capability.subject !== null && decision.obligations.some(({ kind }) => kind === 'rows' || kind === 'look_first');
  if (showsOne) return { answer: await send(flow, allowed, { capability, given, isAct: true }), from: 'live', ageMs: 0 };
  const key = planRequest(capability.endpoint, given).path;
  for (;;) {
    const started = clock.monotonic();
    let isOwn = false;
    const load = ({ signal, onSend }: { readonly signal: AbortSignal; readonly onSend: () => void }) => {
      isOwn = true;
      return send(flow, allowed, { capability, given, isAct: true, signal, onSend });
    };
    try {
      const { answer, from, ageMs, requests } = await cache.get(key, load, { signal: call.signal, onSend: () => {} });
      if (requests === 0 && from === 'live') meter.upstreamMs = clock.monotonic() - started;
      return { answer, from, ageMs };
    } catch (error) {
      // It was another agent, who asked the same before, whose time was over. This one may have some left to wait for itself.
      const mayWait = !isOwn && error instanceof BudgetExhausted;
      if (mayWait) meter.queueMs += clock.monotonic() - started;
      if (!mayWait || meter.queueMs >= settings.maximumWaitMs) throw error;
    }
  }
}

/** Sends one request for a turn: what it asks for, or a look before it. */
export async function send(
  { upstream, clock, shares, settings }: FlowContext,
  { agentId, agent, call, meter }: Allowed,
  {
    capability,
    given,
    isAct,
    signal = call.signal,
    onSend,
  }: {
    readonly capability: Capability;
    readonly given: CallArguments;
    /** Not just a look before it. */
    readonly isAct: boolean;
    readonly signal?: AbortSignal;
    readonly onSend?: () => void;
  },
): Promise<UpstreamAnswer> {
  const queuedMs = clock.monotonic();
  let sentMs: number | null = null;
  const asker: Asker = { agentId, ...(agent?.budget ?? defaultBudget) };
  shares.noteAsked(asker, queuedMs);
  try {
    return await upstream.send(capability.endpoint, given, {
      asker,
      signal,
      priority: capability.effect === 'live' ? 'live' : 'agent',
      maximumWaitMs: Math.max(0, settings.maximumWaitMs - meter.queueMs),
      onSend: () => {
        const nowMs = clock.monotonic();
        if (sentMs === null) meter.queueMs += nowMs - queuedMs;
        sentMs ??= nowMs;
        meter.requests += 1;
        if (isAct) meter.sent = true;
        shares.noteSent(agentId, nowMs);
        onSend?.();
      },
    });
  } finally {
    const endedMs = clock.monotonic();
    if (sentMs === null) meter.queueMs += endedMs - queuedMs;
    else meter.upstreamMs += endedMs - sentMs;
  }
}

/** The arguments with what narrows the list. */
function effective({ capability, given, decision }: Allowed): CallArguments {
  const narrowed = decision.obligations.flatMap((obligation) => (obligation.kind === 'narrow' ? [obligation.query] : []));
  const { pagination, query = {} } = capability.endpoint;
  const mayHideRows = decision.obligations.some((obligation) => obligation.kind === 'rows' && obligation.area === capability.rows?.area);
  // From page to page of one row each, whether there is a next one would tell of each row that is hidden.
  const whole = mayHideRows && pagination?.by === 'page' && 'per_page' in query ? [{ per_page: pagination.maximumPerPage }] : [];
  return narrowed.length + whole.length === 0
    ? given
    : { ...given, query: [...narrowed, ...whole].reduce<CallArguments['query']>((query, more) => ({ ...query, ...more }), given.query) };
}
