// The way of every request, from any surface, in one fixed order, and the file of each phase:
//
//   key ─► capability ─► arguments ─► decide ─► friction ─► INTENT (durable) ─► look first ─► Aircall
//   enter  └───────────── judge ────────────┘   └────────── act ───────────┘    look-first    send
//
//       ─► filter ─► OUTCOME (durable) ─► answer
//          release   └───── conclude ─────────┘
//
// Off that way lie refuse, plan (of a dry run), ask-approval, ask-confirmation, decline, replay and own: nothing is done at Aircall
// there, at most looked at. What goes from phase to phase is a turn; what all turns share is the context.
//
// Nothing goes to Aircall before its intent is safe in the log, and nothing comes back before its outcome is. Where something
// cannot be known, the answer is no.
import { capabilityOf } from '../capabilities/capabilities.ts';
import { act } from './act.ts';
import { shareOf } from './agent-share.ts';
import { askApproval } from './ask-approval.ts';
import { askConfirmation } from './ask-confirmation.ts';
import type { Admission, Gateway, GatewayCall, GatewayReply } from './call.ts';
import { createContext } from './context.ts';
import type { FlowContext, GatewayNote, GatewaySettings } from './context.ts';
import { decline } from './decline.ts';
import { enter } from './enter.ts';
import { isInactive, judge, judgeAgent } from './judge.ts';
import { answerOwn } from './own.ts';
import type { GatewayParts } from './parts.ts';
import { plan } from './plan.ts';
import { counted } from '../policy/limit-words.ts';
import { systemRecord } from './record.ts';
import { unrecordable } from './recorder.ts';
import { recover } from './recover.ts';
import { refuse, refuseCrowd, refuseMalformed, refuseProblem } from './refuse.ts';
import { replay } from './replay.ts';
import { startMeter, undecided } from './turn.ts';
import type { Allowed, Known, Reply, Turn } from './turn.ts';

export type OpenGateway = Gateway & {
  /**
   * On start, before the first request: makes an outcome of every intent that none follows, and counts the unknown ones. One process at a time
   * may serve a company; whoever opens the gateway holds that place. Rejects when the log cannot be written: then do not serve.
   */
  recover(): Promise<{ readonly unknown: number }>;
  /** No more requests; those under way end and are recorded. Safe to call twice. */
  close(): Promise<void>;
};

export function createGateway(parts: GatewayParts, settings: GatewaySettings, note: (fact: GatewayNote) => void = () => {}): OpenGateway {
  return new Flow(createContext(parts, settings, note));
}

class Flow implements OpenGateway {
  readonly #flow: FlowContext;
  readonly #running = new Set<Promise<unknown>>();
  #closing: Promise<void> | null = null;
  #turnedAway = 0;

  constructor(flow: FlowContext) {
    this.#flow = flow;
  }

  readonly handle = (call: GatewayCall): Promise<GatewayReply> => this.#run(this.#handle(call));

  readonly admit = (call: GatewayCall): Promise<Admission> => this.#run(this.#admit(call));

  recover(): Promise<{ readonly unknown: number }> {
    return recover(this.#flow);
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      const { recorder, audit, newCallId } = this.#flow;
      await Promise.allSettled(this.#running);
      await recorder.close();
      if (this.#turnedAway === 0) return;
      const turnedAway = counted(this.#turnedAway, 'request');
      const sentence = `The gateway turned away ${turnedAway} while it stopped.`;
      await audit.append(systemRecord(newCallId(), sentence), { durability: 'process' });
    })();
    return this.#closing;
  }

  async #handle(call: GatewayCall): Promise<GatewayReply> {
    const turn = this.#begin(call);
    const known = await this.#guard(turn, () => this.#enter(turn));
    const reply = 'result' in known ? known : await this.#guard(turn, () => this.#pass(known));
    this.#tellMetrics(turn, reply);
    const budget = 'result' in known ? null : shareOf(this.#flow, known);
    return { decisionId: turn.id, ...reply, budget };
  }

  async #admit(call: GatewayCall): Promise<Admission> {
    const turn = this.#begin(call);
    const known = await this.#guard(turn, async () => {
      const entered = await this.#enter(turn);
      if ('result' in entered) return entered;
      const first = judgeAgent(this.#flow, entered);
      return isInactive(first) ? refuse(this.#flow, entered, first) : entered;
    });
    if (!('result' in known)) return { kind: 'admitted', agentId: known.agentId, policy: known.policy };
    this.#tellMetrics(turn, known);
    return { kind: 'refused', reply: { decisionId: turn.id, ...known, budget: null } };
  }

  /** What is looked at before who asks, and who asks. */
  async #enter(turn: Turn): Promise<Known | Reply> {
    if (this.#closing !== null) {
      this.#turnedAway += 1;
      const message = 'The gateway is stopping.';
      return undecided({ code: 'shutting_down', message, fix: 'Ask again in a moment.', retryAfterSeconds: 5 });
    }
    if (!(await this.#flow.recorder.catchUp())) return unrecordable();
    return enter(this.#flow, turn);
  }

  async #pass(known: Known): Promise<Reply> {
    const { call, agentId } = known;
    const leave = this.#flow.shares.enter(agentId);
    if (leave === null) return refuseCrowd(this.#flow, known);
    try {
      if (call.malformed !== null) return await refuseMalformed(this.#flow, known, call.malformed);
      if (call.own != null) return await answerOwn(this.#flow, known, call.own);
      return await this.#decide(known);
    } finally {
      leave();
    }
  }

  async #decide(known: Known): Promise<Reply> {
    const flow = this.#flow;
    const judged = judge(flow, known);
    const { asked, decision } = judged;
    if (asked !== null && known.call.declined === true) return decline(flow, asked, decision);
    if (asked === null || decision.effect === 'deny') return refuse(flow, known, judged);
    const allowed: Allowed = { ...asked, decision, meter: startMeter() };
    if (known.call.dryRun || decision.effect === 'dry_run') return plan(flow, allowed);
    const { problem, stored } = asked.examined;
    if (stored !== null && decision.effect === 'allow') return replay(flow, allowed, stored);
    if (problem !== null) return refuseProblem(flow, allowed, problem);
    switch (decision.effect) {
      case 'needs_approval':
        return askApproval(flow, allowed);
      case 'needs_confirm':
        return askConfirmation(flow, allowed);
      case 'allow':
        return act(flow, allowed);
    }
  }

  #begin(call: GatewayCall): Turn {
    const { clock, newCallId } = this.#flow;
    return { id: newCallId(), call, startedMs: clock.monotonic(), nowMs: clock.now() };
  }

  #run<Ended>(running: Promise<Ended>): Promise<Ended> {
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
    return running;
  }

  /** Never rejects. Nothing of an exception goes out: what it says may be anything. */
  async #guard<Ended>({ id }: Turn, pass: () => Promise<Ended>): Promise<Ended | Reply> {
    try {
      return await pass();
    } catch (error) {
      this.#flow.log.error('the gateway failed at a request', { call: id, error: error instanceof Error ? error.name : typeof error });
      return undecided({ code: 'internal', message: 'The gateway failed at this request.', fix: 'Give the decision id to an operator.' });
    }
  }

  #tellMetrics({ call, startedMs }: Turn, { result }: Reply): void {
    const { note, clock } = this.#flow;
    const name = result.kind === 'refusal' ? result.code : result.kind;
    const capability = call.endpoint === null ? null : (capabilityOf(call.endpoint.id)?.id ?? null);
    note({ kind: 'reply', capability, result: name, durationMs: clock.monotonic() - startedMs });
  }
}
