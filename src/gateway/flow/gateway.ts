// The way of every request, from any surface, in one fixed order:
//
//   key ─► capability ─► arguments ─► decide ─► friction ─► INTENT (durable) ─► look first ─► Aircall ─► filter
//       ─► OUTCOME (durable) ─► answer
//
// Nothing goes to Aircall before its intent is safe in the log, and nothing comes back before its outcome is. Where something
// cannot be known, the answer is no.
import { isObject } from '../../base/index.ts';
import type { Clock, ExactJson, Json, Log } from '../../base/index.ts';
import { BudgetExhausted, planRequest } from '../../client/index.ts';
import type { AuditDecision, AuditFacts, AuditOutcome } from '../audit/record.ts';
import { capabilityOf } from '../capabilities/capabilities.ts';
import type { Capability } from '../capabilities/capability.ts';
import { parseArguments } from '../capabilities/arguments.ts';
import { isWithin } from '../filter/rows.ts';
import { AlreadyUsed, QuotaReached, TooManyWaiting } from '../friction/errors.ts';
import { accessOf } from '../policy/access.ts';
import { decide } from '../policy/decide.ts';
import type { CallArguments, Decision, DecisionCode, Obligation, Usage } from '../policy/decision.ts';
import { defaultBudget } from '../policy/types.ts';
import type { Agent, Policy } from '../policy/types.ts';
import type { Admission, Gateway, GatewayCall, GatewayCode, GatewayReply, OwnRequest, ReplyAnswer, ReplyRefusal } from './call.ts';
import { absent, failureOf, refusalOf, repeated } from './failure.ts';
import type { Failure, FailureContext } from './failure.ts';
import type { Asker } from './fair-queue.ts';
import { RefusalFolder } from './fold.ts';
import { networkOf } from './network.ts';
import { ownWords, tellAccess, tellBudget, tellDecision, tellStanding } from './own.ts';
import { withPages } from './pages.ts';
import type {
  Also,
  AuditLog,
  BoundRequest,
  Examined,
  Filter,
  Filtered,
  Friction,
  KeyBook,
  PolicySource,
  Upstream,
  UpstreamAnswer,
} from './parts.ts';
import { RawCache } from './raw-cache.ts';
import { decisionRecord, nobody, ownAllowance, ownRefusal, recordOf } from './record.ts';
import type { Presented, Who } from './record.ts';
import * as tell from './sentence.ts';
import { Shares } from './shares.ts';

export type GatewayParts = {
  readonly policies: PolicySource;
  readonly keys: KeyBook;
  readonly audit: AuditLog;
  readonly friction: Friction;
  readonly upstream: Upstream;
  readonly filter: Filter;
  readonly clock: Clock;
  /** Names a request: unique, without meaning. */
  readonly newCallId: () => string;
  readonly log: Log;
};

export type GatewaySettings = {
  /** Where agents reach the gateway, for links between pages; without a slash at the end. */
  readonly publicUrl: string;
  /** The longest a request waits for its turn, in milliseconds. Default: 8,000. */
  readonly maximumWaitMs?: number;
  /** For how long an answer to a read is used again, in milliseconds; 0: never. Default: 5,000. */
  readonly cacheMs?: number;
  /** What all kept answers may take together, roughly. Default: 32 MB. */
  readonly cacheBytes?: number;
  /** How many requests of one agent run at once. Default: 8. */
  readonly maximumAtOnce?: number;
  /** How safe the records of reads are; those of writes are always safe from a loss of power. Default: `process`. */
  readonly readDurability?: 'process' | 'power';
};

/** For metrics. Without personal data. */
export type GatewayNote =
  | { readonly kind: 'reply'; readonly capability: string | null; readonly result: string; readonly durationMs: number }
  | { readonly kind: 'unknown_fields'; readonly capability: string; readonly names: readonly string[] };

export type OpenGateway = Gateway & {
  /**
   * On start, before the first request: makes an outcome `unknown` of every intent that none follows. One process at a time
   * may serve a company; whoever opens the gateway holds that place. Rejects when the log cannot be written: then do not serve.
   */
  recover(): Promise<{ readonly unknown: number }>;
  /** No more requests; those under way end and are recorded. Safe to call twice. */
  close(): Promise<void>;
};

export function createGateway(parts: GatewayParts, settings: GatewaySettings, note: (fact: GatewayNote) => void = () => {}): OpenGateway {
  return new Flow(parts, settings, note);
}

/** One request on its way. */
type Turn = {
  readonly id: string;
  readonly call: GatewayCall;
  readonly startedMs: number;
  readonly nowMs: number;
};

/** A turn of an agent that has shown its key. */
type Known = Turn & {
  readonly who: Who;
  readonly agentId: string;
  readonly policy: Policy;
  readonly agent: Agent | undefined;
};

/** A turn that asks for a capability with arguments that fit. */
type Asked = Known & {
  readonly capability: Capability;
  /** Real values, as the schema writes them. */
  readonly given: CallArguments;
  /** As the agent wrote them: its tokens where it sent tokens. */
  readonly asked: CallArguments;
  readonly revealed: boolean;
  readonly redacted: Json;
  readonly digest: string;
  readonly bound: BoundRequest;
  readonly examined: Examined;
};

/** The read that shows the row which a write is about, as this agent may use it. */
type LookUp = {
  readonly capability: Capability;
  readonly given: CallArguments;
  readonly decision: Decision;
  readonly bound: BoundRequest;
};

/** A turn that was let through. */
type Allowed = Asked & { readonly decision: Decision };

type Result = GatewayReply['result'];
type Outcome = { readonly result: Result; readonly decision: Decision | null };

/** What is measured while Aircall is asked. */
type Meter = { requests: number; sent: boolean; queueMs: number; upstreamMs: number };

type Pending = { readonly facts: AuditFacts; readonly also: Also };

class Flow implements OpenGateway {
  readonly #parts: GatewayParts;
  readonly #settings: Required<GatewaySettings>;
  readonly #note: (fact: GatewayNote) => void;
  readonly #shares: Shares;
  readonly #cache: RawCache;
  readonly #folder: RefusalFolder;
  readonly #running = new Set<Promise<unknown>>();
  /** Outcomes that could not be written, oldest first. While there is one, nothing else is done. */
  readonly #pending: Pending[] = [];
  #writingPending: Promise<boolean> | null = null;
  #closing: Promise<void> | null = null;
  #turnedAway = 0;

  constructor(parts: GatewayParts, settings: GatewaySettings, note: (fact: GatewayNote) => void) {
    this.#parts = parts;
    this.#settings = {
      maximumWaitMs: 8000,
      cacheMs: 5000,
      cacheBytes: 32 * 1024 * 1024,
      maximumAtOnce: 8,
      readDurability: 'process',
      ...settings,
    };
    this.#note = note;
    this.#shares = new Shares({ maximumAtOnce: this.#settings.maximumAtOnce });
    this.#cache = new RawCache({ clock: parts.clock, ttlMs: this.#settings.cacheMs, maximumBytes: this.#settings.cacheBytes });
    this.#folder = new RefusalFolder({
      clock: parts.clock,
      write: ({ facts, also }) => parts.audit.append(facts, { durability: 'process', also }),
    });
  }

  readonly handle = (call: GatewayCall): Promise<GatewayReply> => {
    const running = this.#handle(call);
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
    return running;
  };

  readonly admit = (call: GatewayCall): Promise<Admission> => {
    const running = this.#admit(call);
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
    return running;
  };

  async recover(): Promise<{ readonly unknown: number }> {
    const { audit, friction } = this.#parts;
    const unfinished = await audit.unfinished();
    if (unfinished.length === 0) return { unknown: 0 };
    const told: string[] = [];
    for (const intent of unfinished) {
      const what = intent.sentence.replace(/ Allowed: .*$/s, '').replace(/\.$/, '');
      told.push(what);
      await audit.append(
        {
          callId: intent.callId,
          who: intent.who,
          what: intent.what,
          where: intent.where,
          decision: intent.decision,
          change: null,
          phase: 'outcome',
          outcome: { ...noOutcome, status: 'unknown', source: null },
          sentence: `${what} when the gateway stopped. Whether it happened is not known.`,
        },
        { durability: 'process' },
      );
    }
    const count = `${unfinished.length} ${unfinished.length === 1 ? 'request' : 'requests'}`;
    const shown = told.slice(0, 5).join('; ') + (told.length > 5 ? '; and others' : '');
    await audit.append(systemRecord(this.#parts.newCallId(), `The gateway restarted with ${count} of unknown outcome: ${shown}.`), {
      durability: 'power',
      also: friction.abandonRunning(),
    });
    return { unknown: unfinished.length };
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await Promise.allSettled(this.#running);
      await this.#writePending();
      await this.#folder.close();
      if (this.#turnedAway === 0) return;
      const turnedAway = `${this.#turnedAway} ${this.#turnedAway === 1 ? 'request' : 'requests'}`;
      const sentence = `The gateway turned away ${turnedAway} while it stopped.`;
      await this.#parts.audit.append(systemRecord(this.#parts.newCallId(), sentence), { durability: 'process' });
    })();
    return this.#closing;
  }

  async #handle(call: GatewayCall): Promise<GatewayReply> {
    const { clock, newCallId, log } = this.#parts;
    const turn: Turn = { id: newCallId(), call, startedMs: clock.monotonic(), nowMs: clock.now() };
    let agentId: string | null = null;
    let outcome: Outcome;
    try {
      outcome = await this.#pass(turn, (known) => (agentId = known));
    } catch (error) {
      // Nothing of it goes out: what an exception says may be anything.
      log.error('the gateway failed at a request', { call: turn.id, error: error instanceof Error ? error.name : typeof error });
      outcome = { result: internal(), decision: null };
    }
    const { result, decision } = outcome;
    this.#tellMetrics(turn, result);
    return { decisionId: turn.id, decision, result, budget: agentId === null ? null : this.#budgetOf(agentId, turn.nowMs) };
  }

  async #admit(call: GatewayCall): Promise<Admission> {
    const { clock, newCallId, log } = this.#parts;
    const turn: Turn = { id: newCallId(), call, startedMs: clock.monotonic(), nowMs: clock.now() };
    let outcome: Outcome;
    try {
      const known = await this.#enter(turn);
      if (!('result' in known)) {
        const first = this.#judge(known, null, { given: noArguments, invalid: null });
        if (first.code !== 'agent_inactive') return { kind: 'admitted', agentId: known.agentId, policy: known.policy };
        outcome = await this.#refuse(known, null, first);
      } else outcome = known;
    } catch (error) {
      log.error('the gateway failed at a request', { call: turn.id, error: error instanceof Error ? error.name : typeof error });
      outcome = { result: internal(), decision: null };
    }
    this.#tellMetrics(turn, outcome.result);
    return { kind: 'refused', reply: { decisionId: turn.id, ...outcome, budget: null } };
  }

  /** What is looked at before who asks, and who asks. */
  async #enter(turn: Turn): Promise<Known | Outcome> {
    if (this.#closing !== null) {
      this.#turnedAway += 1;
      return only(
        refusalOf({ code: 'shutting_down', message: 'The gateway is stopping.', fix: 'Ask again in a moment.', retryAfterSeconds: 5 }),
      );
    }
    if (!(await this.#writePending())) return only(unrecordable());
    if (turn.call.badOrigin) return this.#refuseOrigin(turn);
    return this.#authenticate(turn);
  }

  async #pass(turn: Turn, named: (agentId: string) => void): Promise<Outcome> {
    const { call } = turn;
    const known = await this.#enter(turn);
    if ('result' in known) return known;
    named(known.agentId);
    const leave = this.#shares.enter(known.agentId);
    if (leave === null) return this.#refuseCrowd(known);
    try {
      if (call.malformed !== null) return await this.#refuseMalformed(known, call.malformed);
      if (call.own != null) return await this.#answerOwn(known, call.own);
      return await this.#decide(known);
    } finally {
      leave();
    }
  }

  // ---- who ------------------------------------------------------------------------------------------------------------

  async #authenticate(turn: Turn): Promise<Known | Outcome> {
    const { call, nowMs } = turn;
    const { keys, policies, log } = this.#parts;
    try {
      const found = keys.find(call.key ?? { key: '', agentId: null }, { ip: call.ip, nowMs });
      if (found.kind === 'refused') return await this.#refuseStranger(turn, found);
      const policy = policies.current();
      const agent = Object.hasOwn(policy.agents, found.agentId) ? policy.agents[found.agentId] : undefined;
      const who: Who = {
        agent: { id: found.agentId, name: agent?.name ?? found.agentId },
        keyId: found.keyId,
        owner: agent?.owner ?? null,
      };
      return { ...turn, who, agentId: found.agentId, policy, agent };
    } catch (error) {
      log.error('keys or policy cannot be read', { call: turn.id, error: error instanceof Error ? error.name : typeof error });
      return only(
        refusalOf({
          code: 'store_unavailable',
          message: 'The gateway cannot read who may do what, so it does nothing.',
          fix: 'Ask an operator to look at the gateway.',
          retryAfterSeconds: 5,
        }),
      );
    }
  }

  async #refuseOrigin(turn: Turn): Promise<Outcome> {
    const text = 'The request was sent to a host, or from a web page, that is not one of the gateway’s.';
    const facts = recordOf({
      callId: turn.id,
      call: turn.call,
      who: nobody,
      capability: null,
      arguments: null,
      argumentsDigest: null,
      phase: 'auth',
      decision: ownRefusal({ code: 'bad_origin', kind: 'agent', text }),
      outcome: null,
      sentence: tell.toldStranger('to use the gateway', text),
    });
    const fix = 'Use the address that the operator gave out; agents do not run in web pages.';
    return this.#deny(`origin|${networkOf(turn.call.ip) ?? ''}`, facts, {
      result: refusalOf({ code: 'bad_origin', message: text, fix }),
      decision: null,
    });
  }

  async #refuseStranger(turn: Turn, found: Extract<ReturnType<KeyBook['find']>, { readonly kind: 'refused' }>): Promise<Outcome> {
    const { call } = turn;
    const capability = call.endpoint === null ? null : (capabilityOf(call.endpoint.id) ?? null);
    const where = capability === null ? 'to use the gateway' : `${call.method ?? 'to use'} ${capability.endpoint.path}`;
    const facts = recordOf({
      callId: turn.id,
      call,
      who: { ...nobody, keyId: found.keyId },
      capability,
      arguments: null,
      argumentsDigest: null,
      phase: 'auth',
      decision: ownRefusal({ code: 'unauthenticated', kind: 'agent', text: found.text }),
      outcome: null,
      sentence: tell.toldStranger(where, found.text),
    });
    // Whoever has no key chooses everything else: what they are told apart by is only where they come from.
    const kind = `stranger|${found.reason}|${found.keyId ?? ''}|${networkOf(call.ip) ?? ''}`;
    const refusal = refusalOf({
      code: 'unauthenticated',
      message: 'No valid key of this gateway was given.',
      fix: 'Send an agent key as a bearer token, or as the password of HTTP Basic with the agent’s id as user name.',
    });
    return this.#deny(kind, facts, { result: refusal, decision: null });
  }

  // ---- whether --------------------------------------------------------------------------------------------------------

  async #refuseCrowd(known: Known): Promise<Outcome> {
    const text = `At most ${this.#settings.maximumAtOnce} requests of one agent run at once.`;
    const decision = ownRefusal({ code: 'quota_exhausted', kind: 'quota', text, policyVersion: known.policy.version });
    const facts = this.#recordOf(known, { phase: 'intent', decision, sentence: tell.toldMalformed(nameOf(known), text) });
    return this.#deny(`${known.agentId}|crowd`, facts, {
      result: refusalOf({ code: 'quota_exhausted', message: text, fix: 'Send fewer at once.', retryAfterSeconds: 1 }),
      decision: null,
    });
  }

  async #refuseMalformed(known: Known, text: string): Promise<Outcome> {
    // An agent that may do nothing is told that, and nothing about its requests.
    const first = this.#judge(known, null, { given: noArguments, invalid: null });
    if (first.code === 'agent_inactive') return this.#refuse(known, null, first);
    const decision = ownRefusal({ code: 'invalid_request', kind: 'schema', text, policyVersion: known.policy.version });
    const facts = this.#recordOf(known, { phase: 'intent', decision, sentence: tell.toldMalformed(nameOf(known), text) });
    return this.#deny(`${known.agentId}|malformed`, facts, {
      result: refusalOf({ code: 'invalid_request', message: text, fix: null }),
      decision: null,
    });
  }

  async #decide(known: Known): Promise<Outcome> {
    const { call, agentId } = known;
    const { filter } = this.#parts;
    const capability = call.endpoint === null ? null : (capabilityOf(call.endpoint.id) ?? null);
    if (capability === null) return this.#refuse(known, null, this.#judge(known, null, { given: noArguments, invalid: null }));
    const { arguments: raw, revealed } = filter.reveal(capability, agentId, call.arguments);
    const parsed = parseArguments(capability, raw);
    if (!parsed.ok) return this.#refuse(known, capability, this.#judge(known, capability, { given: noArguments, invalid: parsed.text }));

    const asked = this.#examine(known, capability, { given: parsed.arguments, raw: call.arguments, revealed });
    const decision = this.#judge(known, capability, { given: parsed.arguments, invalid: null, asked });
    if (decision.effect === 'deny') return this.#refuse(asked, capability, decision);
    if (call.dryRun || decision.effect === 'dry_run') return this.#plan({ ...asked, decision });
    const allowed: Allowed = { ...asked, decision };
    const { problem, stored } = asked.examined;
    if (stored !== null && decision.effect === 'allow') return this.#replay(allowed, stored);
    if (problem !== null) return this.#refuseProblem(allowed, problem);
    switch (decision.effect) {
      case 'needs_approval':
        return this.#askApproval(allowed);
      case 'needs_confirm':
        return this.#askConfirmation(allowed);
      case 'allow':
        return this.#act(allowed);
    }
  }

  #examine(
    known: Known,
    capability: Capability,
    { given, raw, revealed }: { readonly given: CallArguments; readonly raw: CallArguments; readonly revealed: boolean },
  ): Asked {
    const { call, agentId, policy, agent, nowMs } = known;
    const { filter, friction } = this.#parts;
    const bound: BoundRequest = {
      agentId,
      capability,
      arguments: given,
      policyVersion: policy.version,
      nowMs,
      mostWritesToday: agent?.constraints[capability.area]?.maximumWritesPerDay ?? null,
      mostRequestsToday: agent?.budget?.maximumRequestsPerDay ?? null,
      mostRowsToday: agent?.constraints[capability.area]?.maximumRowsPerDay ?? null,
    };
    const { confirmToken, approvalId, idempotencyKey } = call;
    return {
      ...known,
      capability,
      given,
      asked: revealed ? raw : given,
      revealed,
      redacted: filter.redact(capability, given),
      digest: filter.digest(given),
      bound,
      examined: friction.examine(bound, {
        confirmToken,
        approvalId,
        idempotencyKey: capability.effect === 'read' ? null : idempotencyKey,
      }),
    };
  }

  #judge(
    { agentId, policy, call, nowMs }: Known,
    capability: Capability | null,
    { given, invalid, asked }: { readonly given: CallArguments; readonly invalid: string | null; readonly asked?: Asked },
  ): Decision {
    const { friction } = this.#parts;
    return decide(policy, capability, {
      agentId,
      capability: capability?.id ?? null,
      invalid,
      arguments: given,
      dryRun: call.dryRun,
      nowMs,
      usage: asked === undefined ? noUsage : friction.usage(asked.bound),
      readTextAtMs: friction.readTextAtMs(agentId),
      approved: asked?.examined.approved ?? false,
      confirmed: asked?.examined.confirmed ?? false,
    });
  }

  // ---- what needs nothing of Aircall ----------------------------------------------------------------------------------

  async #answerOwn(known: Known, own: OwnRequest): Promise<Outcome> {
    const first = this.#judge(known, null, { given: noArguments, invalid: null });
    if (first.code === 'agent_inactive' || known.agent === undefined) return this.#refuse(known, null, first);
    const body = this.#tellOwn({ ...known, agent: known.agent }, own);
    const did = ownWords(own);
    const facts = this.#recordOf(known, {
      phase: 'intent',
      decision: ownAllowance(known.policy.version),
      outcome: { ...noOutcome, durationMs: { total: Math.round(this.#parts.clock.monotonic() - known.startedMs), queue: 0, upstream: 0 } },
      sentence: tell.toldOwn(nameOf(known), did),
    });
    // A tool of the gateway's own; its name is not the agent's words.
    const named = { ...facts, where: { ...facts.where, tool: known.call.tool } };
    const result = {
      kind: 'answer',
      status: 200,
      body,
      untrustedText: null,
      filtered: false,
      source: { from: 'live', ageMs: 0 },
      replayed: false,
    } as const;
    return this.#deny(`${known.agentId}|own|${did}`, named, { result, decision: null });
  }

  #tellOwn(known: Known & { readonly agent: Agent }, own: OwnRequest): ExactJson {
    const { policy, agent, agentId, nowMs } = known;
    switch (own.kind) {
      case 'whoami':
        return tellAccess(policy, agent, nowMs);
      case 'explain':
        return tellDecision(own.endpoint, this.#foresee(known, own));
      case 'budget':
        return tellBudget(this.#budgetOf(agentId, nowMs), agent.budget ?? defaultBudget, this.#parts.upstream.waiting(agentId).all);
      case 'approval_status':
        return tellStanding(this.#parts.friction.standing(agentId, own.approvalId, nowMs));
      case 'protocol':
        return {};
    }
  }

  /** The decision about a request that is not made. */
  #foresee(known: Known, asked: Extract<OwnRequest, { readonly kind: 'explain' }>): Decision {
    const call = { ...known.call, own: null, ...asked, confirmToken: null, approvalId: null, idempotencyKey: null };
    const turn = { ...known, call };
    const capability = asked.endpoint === null ? null : (capabilityOf(asked.endpoint.id) ?? null);
    if (capability === null) return this.#judge(turn, null, { given: noArguments, invalid: null });
    const { arguments: raw, revealed } = this.#parts.filter.reveal(capability, known.agentId, call.arguments);
    const parsed = parseArguments(capability, raw);
    if (!parsed.ok) return this.#judge(turn, capability, { given: noArguments, invalid: parsed.text });
    const examined = this.#examine(turn, capability, { given: parsed.arguments, raw: call.arguments, revealed });
    return this.#judge(turn, capability, { given: parsed.arguments, invalid: null, asked: examined });
  }

  // ---- no -------------------------------------------------------------------------------------------------------------

  async #refuse(known: Known | Asked, capability: Capability | null, decision: Decision): Promise<Outcome> {
    const { rule, code } = decision;
    const sentence =
      capability === null
        ? tell.toldUnknown(nameOf(known), rule.text)
        : 'given' in known
          ? tell.toldDenial(toldOf(known), rule.text)
          : tell.toldMalformed(nameOf(known), decision.fix ?? rule.text);
    const facts = this.#recordOf(known, { capability, phase: 'intent', decision: decisionRecord(decision), sentence });
    const kind = `${known.agentId}|${known.who.keyId ?? ''}|${code ?? ''}|${capability?.id ?? ''}`;
    return this.#deny(kind, facts, { result: refusalFor(decision), decision });
  }

  async #refuseProblem(allowed: Allowed, problem: NonNullable<Examined['problem']>): Promise<Outcome> {
    const { capability, decision } = allowed;
    const { code, text } = problem;
    const facts = this.#recordOf(allowed, {
      capability,
      phase: 'intent',
      decision: {
        ...decisionRecord(decision, presentedIn(allowed)),
        ...(code === 'approval_pending' ? { approvalId: problem.approval.id } : {}),
        effect: code.startsWith('approval') ? 'needs_approval' : code === 'confirm_invalid' ? 'needs_confirm' : 'deny',
        code,
        rule: { id: `friction.${code}`, kind: 'friction', text },
      },
      sentence: tell.toldProblem(toldOf(allowed), text),
    });
    return this.#deny(`${allowed.agentId}|${code}|${capability.id}`, facts, { result: refusalOfProblem(problem), decision });
  }

  async #askApproval(allowed: Allowed): Promise<Outcome> {
    const { bound, capability, decision } = allowed;
    const { friction } = this.#parts;
    const told = toldOf(allowed);
    for (let attempt = 1; ; attempt += 1) {
      let draft: ReturnType<Friction['draftApproval']>;
      try {
        draft = friction.draftApproval(bound, tell.toldRequest(told));
      } catch (error) {
        if (!(error instanceof TooManyWaiting)) throw error;
        return this.#refuseQuota(allowed, error.message, error.hint ?? null);
      }
      const { id, expiresAt, store } = draft;
      const approval = { id, expiresAt };
      const facts = this.#recordOf(allowed, {
        capability,
        phase: 'intent',
        decision: { ...decisionRecord(decision, presentedIn(allowed)), approvalId: id },
        sentence: tell.toldApproval(told, approval),
      });
      const result = refusalOf({
        code: 'approval_required',
        message: `A person must approve this first: ${tell.sentence(decision.rule.text)}`,
        fix: `Ask a person to approve request ${id}, then send the very same request again with it.`,
        approval,
      });
      try {
        return await this.#deny(`${allowed.agentId}|approval|${id}`, facts, { result, decision }, store);
      } catch (error) {
        if (!(error instanceof AlreadyUsed) || attempt === 3) throw error;
      }
    }
  }

  /** Asks back, and shows the row as it is now where the agent may read it. */
  async #askConfirmation(allowed: Allowed): Promise<Outcome> {
    const { bound, capability, decision } = allowed;
    const told = toldOf(allowed);
    const facts = this.#recordOf(allowed, {
      capability,
      phase: 'intent',
      decision: decisionRecord(decision, presentedIn(allowed)),
      sentence: tell.toldConfirmation(told),
    });
    const ask = (row: ExactJson | null): Outcome => {
      const { token, expiresAt } = this.#parts.friction.mintConfirmation(bound);
      const result = refusalOf({
        code: 'confirm_required',
        message: `This needs a confirmation first: ${tell.sentence(decision.rule.text)}`,
        fix: 'Send the very same request again with the confirm token.',
        confirm: { token, expiresAt, sentence: tell.toldRequest(told), row },
      });
      return { result, decision };
    };
    const look = this.#lookUpOf(allowed);
    if (look === null) return this.#deny(`${allowed.agentId}|confirm|${capability.id}`, facts, ask(null));
    try {
      const also = this.#parts.friction.countRequest(look.bound);
      await this.#parts.audit.append(facts, { durability: this.#settings.readDurability, also });
    } catch (error) {
      if (error instanceof QuotaReached) return this.#refuseQuota(allowed, error.message, error.hint ?? null);
      this.#noteUnrecordable(error);
      return only(unrecordable());
    }
    return this.#showRow(allowed, look, ask);
  }

  /** The read that shows the row which a write is about; null where there is none, or the agent may not use it. */
  #lookUpOf(allowed: Allowed): LookUp | null {
    const { capability, given } = allowed;
    const lookUp = capability.subject?.lookUp == null ? undefined : capabilityOf(capability.subject.lookUp);
    const id = capability.subject === null ? undefined : given.at[capability.subject.parameter];
    const [parameter, ...more] = Object.keys(lookUp?.endpoint.at ?? {});
    if (lookUp === undefined || lookUp.effect !== 'read' || id === undefined || parameter === undefined || more.length > 0) return null;
    const parsed = parseArguments(lookUp, { at: { [parameter]: id }, query: {}, body: null });
    if (!parsed.ok) return null;
    const mostRowsToday = allowed.agent?.constraints[lookUp.area]?.maximumRowsPerDay ?? null;
    const bound: BoundRequest = { ...allowed.bound, capability: lookUp, arguments: parsed.arguments, mostRowsToday };
    const decision = decide(allowed.policy, lookUp, {
      agentId: allowed.agentId,
      capability: lookUp.id,
      invalid: null,
      arguments: parsed.arguments,
      dryRun: false,
      nowMs: allowed.nowMs,
      usage: this.#parts.friction.usage(bound),
      readTextAtMs: this.#parts.friction.readTextAtMs(allowed.agentId),
      approved: false,
      confirmed: false,
    });
    return decision.effect === 'allow' ? { capability: lookUp, given: parsed.arguments, decision, bound } : null;
  }

  async #showRow(allowed: Allowed, look: LookUp, ask: (row: ExactJson | null) => Outcome): Promise<Outcome> {
    const { filter, friction, clock } = this.#parts;
    const meter: Meter = { requests: 0, sent: false, queueMs: 0, upstreamMs: 0 };
    const told = toldOf(allowed);
    const nothing = { also: () => {}, happened: false };
    try {
      if (await this.#isOutside(allowed, meter)) return await this.#hide(allowed, meter);
      const answer = await this.#send(allowed, { capability: look.capability, given: look.given, meter, isAct: false });
      // Third-party text is no part of a plan: reading it would taint the very agent that is asked to confirm.
      const obligations = [...look.decision.obligations.filter(({ kind }) => kind !== 'text_apart'), { kind: 'text_apart' } as const];
      const shown = filter.answer({ capability: look.capability, agentId: allowed.agentId, obligations, answer, nowMs: clock.now() });
      if (shown.hidden) return await this.#hide(allowed, meter);
      const key = look.capability.rows?.key ?? null;
      const row = key === null ? shown.body : isObject(shown.body) ? shown.body[key] : undefined;
      const { fieldsMasked } = shown;
      const outcome = { ...this.#measured(allowed, meter), upstreamStatus: answer.status, rowsReturned: 1, fieldsMasked, textGiven: false };
      const also = friction.count(look.bound, { rows: 1, wrote: false, textGiven: false });
      return await this.#conclude(
        allowed,
        { ...nothing, outcome: { ...outcome, source: 'live' as const }, sentence: tell.toldShown(told), also },
        ask(shown.unreadable || row === undefined ? null : row),
      );
    } catch (error) {
      const { refusal, status } = failureOf(error, this.#failureContext(allowed, meter));
      const outcome = { ...this.#measured(allowed, meter), status, upstreamStatus: refusal.upstreamStatus };
      const sentence = tell.toldFailure(told, refusal.message);
      return this.#conclude(allowed, { ...nothing, outcome, sentence }, { result: refusal, decision: allowed.decision });
    }
  }

  async #refuseQuota(allowed: Allowed, text: string, fix: string | null): Promise<Outcome> {
    const { capability, decision } = allowed;
    const facts = this.#recordOf(allowed, {
      capability,
      phase: 'intent',
      decision: {
        ...decisionRecord(decision, presentedIn(allowed)),
        effect: 'deny',
        code: 'quota_exhausted',
        rule: { id: 'quota', kind: 'quota', text },
      },
      sentence: tell.toldDenial(toldOf(allowed), text),
    });
    const result = refusalOf({ code: 'quota_exhausted', message: text, fix });
    return this.#deny(`${allowed.agentId}|quota|${capability.id}`, facts, { result, decision });
  }

  /** Records a refusal, or something else behind which nothing goes to Aircall, or many alike in one, then gives it. Rejects only with what `also` throws. */
  async #deny(kind: string, facts: AuditFacts, outcome: Outcome, also?: Also): Promise<Outcome> {
    try {
      await this.#folder.note(kind, { facts, also });
      return outcome;
    } catch (error) {
      if (error instanceof AlreadyUsed) throw error;
      this.#noteUnrecordable(error);
      return only(unrecordable());
    }
  }

  // ---- plans ----------------------------------------------------------------------------------------------------------

  async #plan(allowed: Allowed): Promise<Outcome> {
    const { capability, asked, decision } = allowed;
    const { method } = capability.endpoint;
    const { path, body } = planRequest(capability.endpoint, asked);
    const facts = this.#recordOf(allowed, {
      capability,
      phase: 'intent',
      decision: { ...decisionRecord(decision, presentedIn(allowed)), effect: 'dry_run' },
      outcome: { ...noOutcome, status: 'dry_run', source: null },
      sentence: tell.toldPlan(toldOf(allowed)),
    });
    const result = { kind: 'plan', sentence: tell.toldRequest(toldOf(allowed)), request: { method, path, body } } as const;
    return this.#deny(`${allowed.agentId}|plan|${capability.id}`, facts, { result, decision });
  }

  // ---- yes ------------------------------------------------------------------------------------------------------------

  async #act(allowed: Allowed): Promise<Outcome> {
    const refused = await this.#intend(allowed);
    if (refused !== null) return refused;
    const { capability } = allowed;
    const isWrite = capability.effect !== 'read';
    const meter: Meter = { requests: 0, sent: false, queueMs: 0, upstreamMs: 0 };
    let fetched: { readonly answer: UpstreamAnswer; readonly from: 'live' | 'cache'; readonly ageMs: number };
    try {
      if (await this.#isOutside(allowed, meter)) return await this.#hide(allowed, meter);
      fetched = isWrite ? await this.#write(allowed, meter) : await this.#read(allowed, meter);
    } catch (error) {
      return this.#fail(allowed, meter, error);
    }
    return this.#release(allowed, { ...fetched, meter, replayed: false });
  }

  /** Null once the intent is safe. */
  async #intend(allowed: Allowed): Promise<Outcome | null> {
    const { capability, decision, examined, bound, call } = allowed;
    const facts = this.#recordOf(allowed, {
      capability,
      phase: 'intent',
      decision: decisionRecord(decision, presentedIn(allowed)),
      sentence: tell.toldIntent(toldOf(allowed), decision.rule.text),
    });
    try {
      await this.#parts.audit.append(facts, { durability: this.#durabilityOf(capability), also: examined.consume });
      return null;
    } catch (error) {
      if (error instanceof QuotaReached) return this.#refuseQuota(allowed, error.message, error.hint ?? null);
      if (error instanceof AlreadyUsed) {
        const { confirmToken, approvalId, idempotencyKey } = call;
        const again = this.#parts.friction.examine(bound, { confirmToken, approvalId, idempotencyKey });
        const code = { confirmation: 'confirm_invalid', approval: 'approval_expired', idempotency_key: 'idempotency_in_progress' } as const;
        return this.#refuseProblem(allowed, again.problem ?? { code: code[error.what], text: error.message });
      }
      this.#noteUnrecordable(error);
      return only(unrecordable());
    }
  }

  /** Looks at the row as it is now, where the decision demands it. True: it lies outside, or is not there. */
  async #isOutside(allowed: Allowed, meter: Meter): Promise<boolean> {
    for (const obligation of allowed.decision.obligations) {
      if (obligation.kind === 'look_first' && !(await this.#isRowWithin(allowed, meter, obligation))) return true;
    }
    return false;
  }

  async #isRowWithin(allowed: Allowed, meter: Meter, look: Extract<Obligation, { readonly kind: 'look_first' }>): Promise<boolean> {
    const lookUp = capabilityOf(look.capability);
    const [parameter, ...more] = Object.keys(lookUp?.endpoint.at ?? {});
    if (lookUp === undefined || lookUp.rows === null || lookUp.effect !== 'read' || parameter === undefined || more.length > 0)
      return false;
    const given: CallArguments = { at: { [parameter]: look.id }, query: {}, body: null };
    const { body } = await this.#send(allowed, { capability: lookUp, given, meter, isAct: false });
    const { key, binding } = lookUp.rows;
    const row = key === null ? body : isObject(body) && Object.hasOwn(body, key) ? body[key] : undefined;
    return isObject(row) && isWithin(row, look.constraint, binding, this.#parts.clock.now());
  }

  async #write(allowed: Allowed, meter: Meter): Promise<{ answer: UpstreamAnswer; from: 'live'; ageMs: 0 }> {
    const { capability } = allowed;
    try {
      return { answer: await this.#send(allowed, { capability, given: effective(allowed), meter, isAct: true }), from: 'live', ageMs: 0 };
    } finally {
      this.#cache.clear();
    }
  }

  async #read(allowed: Allowed, meter: Meter): Promise<{ answer: UpstreamAnswer; from: 'live' | 'cache'; ageMs: number }> {
    const { capability, decision, call } = allowed;
    const given = effective(allowed);
    // Whether a copy of a single row is at hand must not tell that the row exists.
    const showsOne = capability.subject !== null && decision.obligations.some(({ kind }) => kind === 'rows' || kind === 'look_first');
    if (showsOne) {
      return { answer: await this.#send(allowed, { capability, given, meter, isAct: true }), from: 'live', ageMs: 0 };
    }
    const key = planRequest(capability.endpoint, given).path;
    const { clock } = this.#parts;
    for (;;) {
      const started = clock.monotonic();
      let isOwn = false;
      const load = ({ signal, onSend }: { readonly signal: AbortSignal; readonly onSend: () => void }) => {
        isOwn = true;
        return this.#send(allowed, { capability, given, meter, isAct: true, signal, onSend });
      };
      try {
        const { answer, from, ageMs, requests } = await this.#cache.get(key, load, { signal: call.signal, onSend: () => {} });
        if (requests === 0 && from === 'live') meter.upstreamMs = clock.monotonic() - started;
        return { answer, from, ageMs };
      } catch (error) {
        // It was another agent, who asked the same before, whose time was over. This one may have some left to wait for itself.
        const mayWait = !isOwn && error instanceof BudgetExhausted;
        if (mayWait) meter.queueMs += clock.monotonic() - started;
        if (!mayWait || meter.queueMs >= this.#settings.maximumWaitMs) throw error;
      }
    }
  }

  async #send(
    { agentId, agent, call }: Allowed,
    {
      capability,
      given,
      meter,
      isAct,
      signal = call.signal,
      onSend,
    }: {
      readonly capability: Capability;
      readonly given: CallArguments;
      readonly meter: Meter;
      /** Not just a look before it. */
      readonly isAct: boolean;
      readonly signal?: AbortSignal;
      readonly onSend?: () => void;
    },
  ): Promise<UpstreamAnswer> {
    const { upstream, clock } = this.#parts;
    const queuedMs = clock.monotonic();
    let sentMs: number | null = null;
    const asker: Asker = { agentId, ...(agent?.budget ?? defaultBudget) };
    this.#shares.noteAsked(asker, queuedMs);
    try {
      return await upstream.send(capability.endpoint, given, {
        asker,
        signal,
        priority: capability.effect === 'live' ? 'live' : 'agent',
        maximumWaitMs: Math.max(0, this.#settings.maximumWaitMs - meter.queueMs),
        onSend: () => {
          const nowMs = clock.monotonic();
          if (sentMs === null) meter.queueMs += nowMs - queuedMs;
          sentMs ??= nowMs;
          meter.requests += 1;
          if (isAct) meter.sent = true;
          this.#shares.noteSent(agentId, nowMs);
          onSend?.();
        },
      });
    } finally {
      const endedMs = clock.monotonic();
      if (sentMs === null) meter.queueMs += endedMs - queuedMs;
      else meter.upstreamMs += endedMs - sentMs;
    }
  }

  async #replay(allowed: Allowed, stored: NonNullable<Examined['stored']>): Promise<Outcome> {
    const { capability, decision } = allowed;
    const facts = this.#recordOf(allowed, {
      capability,
      phase: 'intent',
      decision: decisionRecord(decision, presentedIn(allowed)),
      sentence: tell.toldIntent(toldOf(allowed), decision.rule.text),
    });
    try {
      await this.#parts.audit.append(facts, { durability: 'process' });
    } catch (error) {
      this.#noteUnrecordable(error);
      return only(unrecordable());
    }
    const meter: Meter = { requests: 0, sent: false, queueMs: 0, upstreamMs: 0 };
    try {
      // A row that has moved out of the agent's limits since is not shown once more.
      if (stored.body !== undefined && (await this.#isOutside(allowed, meter))) return await this.#hide(allowed, meter);
    } catch (error) {
      return this.#fail(allowed, meter, error);
    }
    if (stored.status < 400) return this.#release(allowed, { answer: stored, from: 'live', ageMs: 0, meter, replayed: true });
    const result = repeated(stored.status);
    return this.#conclude(
      allowed,
      {
        outcome: { ...this.#measured(allowed, meter), status: 'replayed', upstreamStatus: stored.status },
        sentence: tell.toldFailure(toldOf(allowed), result.message),
        also: () => {},
        happened: false,
      },
      { result, decision },
    );
  }

  /** Filters what came back, records how it ended, and only then gives it. */
  async #release(
    allowed: Allowed,
    got: {
      readonly answer: UpstreamAnswer;
      readonly from: 'live' | 'cache';
      readonly ageMs: number;
      readonly meter: Meter;
      readonly replayed: boolean;
    },
  ): Promise<Outcome> {
    const { capability, decision, bound, examined, agentId, asked } = allowed;
    const { answer, from, ageMs, meter, replayed } = got;
    const { filter, friction, clock, log } = this.#parts;
    const isWrite = capability.effect !== 'read';
    let filtered: Filtered;
    let body: ExactJson | undefined;
    try {
      filtered = filter.answer({ capability, agentId, obligations: decision.obligations, answer, nowMs: clock.now() });
      if (filtered.unreadable) throw new TypeError('The answer has not the shape that is described.');
      body = withPages({
        capability,
        asked,
        raw: answer.body,
        filtered: filtered.body,
        rowsReturned: filtered.rowsReturned,
        mayHideRows: decision.obligations.some(({ kind }) => kind === 'rows'),
        publicUrl: this.#settings.publicUrl,
      });
    } catch (error) {
      log.error('an answer could not be filtered', {
        call: allowed.id,
        capability: capability.id,
        error: error instanceof Error ? error.name : '',
      });
      const message = isWrite ? 'It was carried out, but its answer cannot be shown.' : 'The answer cannot be shown.';
      return this.#conclude(
        allowed,
        {
          outcome: { ...this.#measured(allowed, meter), status: 'withheld', upstreamStatus: answer.status, source: from, ageMs },
          sentence: tell.toldFailure(toldOf(allowed), message),
          also: replayed ? () => {} : examined.settle(answer),
          happened: isWrite,
        },
        { result: refusalOf({ code: 'internal', message, fix: 'Give the decision id to an operator.' }), decision },
      );
    }
    if (filtered.hidden && (!isWrite || replayed)) return this.#hide(allowed, meter);
    if (filtered.unknownFields.length > 0) this.#note({ kind: 'unknown_fields', capability: capability.id, names: filtered.unknownFields });

    const { rowsReturned, rowsHidden, fieldsMasked, textGiven, untrustedText } = filtered;
    const settle = replayed ? () => {} : examined.settle(answer);
    const count = friction.count(bound, { rows: rowsReturned ?? 0, wrote: isWrite && !replayed, textGiven });
    const result: ReplyAnswer = {
      kind: 'answer',
      status: answer.status,
      body,
      untrustedText,
      filtered: filtered.filtered,
      source: { from, ageMs: Math.round(ageMs) },
      replayed,
    };
    return this.#conclude(
      allowed,
      {
        outcome: {
          ...this.#measured(allowed, meter),
          status: replayed ? 'replayed' : 'ok',
          upstreamStatus: answer.status,
          rowsReturned,
          rowsHidden,
          fieldsMasked,
          textGiven,
          source: from,
          ageMs: Math.round(ageMs),
        },
        sentence: tell.toldSuccess(toldOf(allowed), decision.rule.text, {
          rowsReturned,
          rowsHidden,
          fieldsMasked,
          textApart: untrustedText !== null,
          source: from,
          replayed,
          approver: examined.approver,
        }),
        also: () => {
          settle();
          count();
        },
        happened: isWrite && !replayed,
      },
      { result, decision },
    );
  }

  /** To the agent the row does not exist; the log says what really was. */
  async #hide(allowed: Allowed, meter: Meter): Promise<Outcome> {
    const { decision, examined, capability } = allowed;
    const text = 'The row lies outside the limits of the agent.';
    return this.#conclude(
      allowed,
      {
        outcome: { ...this.#measured(allowed, meter), status: 'hidden', upstreamStatus: 200, rowsReturned: 0, rowsHidden: 1 },
        decision: {
          ...decisionRecord(decision, presentedIn(allowed)),
          effect: 'deny',
          code: 'outside_constraint',
          rule: { id: `constraint.${capability.area}`, kind: 'constraint', text },
        },
        sentence: tell.toldHidden(toldOf(allowed)),
        also: examined.stored === null ? examined.release : () => {},
        happened: false,
      },
      { result: absent(), decision },
    );
  }

  async #fail(allowed: Allowed, meter: Meter, error: unknown): Promise<Outcome> {
    const { capability, decision, examined, bound } = allowed;
    const { log, friction } = this.#parts;
    const isWrite = capability.effect !== 'read';
    const failure = failureOf(error, this.#failureContext(allowed, meter));
    const { refusal, status } = failure;
    if (refusal.code === 'connection_invalid') log.error('Aircall refuses the credential of the gateway', { call: allowed.id });
    const textGiven = refusal.untrustedHint !== null;
    return this.#conclude(
      allowed,
      {
        outcome: { ...this.#measured(allowed, meter), status, upstreamStatus: refusal.upstreamStatus, textGiven },
        sentence: tell.toldFailure(toldOf(allowed), refusal.message),
        also: () => {
          settling(examined, failure, { actSent: meter.sent })();
          friction.count(bound, { rows: 0, wrote: false, textGiven })();
          // Who left the line, or waited in vain, has cost nothing.
          if (meter.requests === 0) friction.takeRequestBack(bound)();
        },
        happened: isWrite && failure.fate === 'unknown',
      },
      { result: refusal, decision },
    );
  }

  #failureContext({ capability, revealed, policy, agentId }: Allowed, { sent }: Meter): FailureContext {
    const { upstream, clock } = this.#parts;
    return {
      isWrite: capability.effect !== 'read',
      sent,
      blockedUntilMs: upstream.budget().blockedUntilMs,
      nowMs: clock.now(),
      hidesWords: revealed || !mayReadWords(policy, agentId, capability),
    };
  }

  /** Writes the outcome. Without it nothing goes out, and nothing else is done until it is written. */
  async #conclude(
    allowed: Allowed,
    end: {
      readonly outcome: AuditOutcome;
      readonly decision?: AuditDecision;
      readonly sentence: string;
      readonly also: Also;
      /** Something was changed at Aircall, or may have been. */
      readonly happened: boolean;
    },
    outcome: Outcome,
  ): Promise<Outcome> {
    const { capability, decision } = allowed;
    const { also, happened } = end;
    const facts = this.#recordOf(allowed, {
      capability,
      phase: 'outcome',
      decision: end.decision ?? decisionRecord(decision, presentedIn(allowed)),
      outcome: end.outcome,
      sentence: end.sentence,
    });
    try {
      await this.#parts.audit.append(facts, { durability: this.#durabilityOf(capability), also });
      return outcome;
    } catch (error) {
      if (error instanceof QuotaReached && !happened) return this.#withhold(allowed, end.outcome, error);
      this.#noteUnrecordable(error);
      const withheld =
        happened || facts.outcome === null
          ? facts
          : { ...facts, outcome: { ...facts.outcome, status: 'withheld' as const, textGiven: false } };
      this.#pending.push({ facts: withheld, also });
      if (!happened) return only(unrecordable());
      const message = 'Aircall was asked and the end of it could not be recorded. It has probably happened; do not send it again.';
      return {
        result: refusalOf({ code: 'outcome_unrecorded', message, fix: 'Look before sending it again, and tell an operator.' }),
        decision,
      };
    }
  }

  /** Other requests have brought a counter to its limit in the meantime: what came back is not given. */
  #withhold(allowed: Allowed, outcome: AuditOutcome, { message, hint }: QuotaReached): Promise<Outcome> {
    return this.#conclude(
      allowed,
      {
        outcome: { ...outcome, status: 'withheld', rowsReturned: 0, textGiven: false },
        sentence: tell.toldFailure(toldOf(allowed), message),
        also: allowed.examined.release,
        happened: false,
      },
      { result: refusalOf({ code: 'quota_exhausted', message, fix: hint ?? null }), decision: allowed.decision },
    );
  }

  /** True when no outcome waits to be written. */
  #writePending(): Promise<boolean> {
    if (this.#pending.length === 0) return Promise.resolve(true);
    this.#writingPending ??= (async () => {
      try {
        for (let next = this.#pending[0]; next !== undefined; next = this.#pending[0]) {
          await this.#writeLate(next);
          this.#pending.shift();
        }
        return true;
      } catch (error) {
        this.#noteUnrecordable(error);
        return false;
      } finally {
        this.#writingPending = null;
      }
    })();
    return this.#writingPending;
  }

  async #writeLate({ facts, also }: Pending): Promise<void> {
    const { audit, log } = this.#parts;
    try {
      await audit.append(facts, { durability: 'power', also });
    } catch (error) {
      if (isUnavailable(error)) throw error;
      // What was to be changed with it does not fit any more. The record is worth more.
      log.error('an outcome was recorded late and alone', { call: facts.callId });
      await audit.append(facts, { durability: 'power' });
    }
  }

  // ---- small things ---------------------------------------------------------------------------------------------------

  #durabilityOf({ effect }: Capability): 'process' | 'power' {
    return effect === 'read' ? this.#settings.readDurability : 'power';
  }

  #recordOf(
    known: Known | Asked,
    facts: {
      readonly capability?: Capability | null;
      readonly phase: AuditFacts['phase'];
      readonly decision: AuditDecision;
      readonly outcome?: AuditOutcome;
      readonly sentence: string;
    },
  ): AuditFacts {
    const { capability = null, phase, decision, outcome = null, sentence } = facts;
    const isAsked = 'given' in known;
    return recordOf({
      callId: known.id,
      call: known.call,
      who: known.who,
      capability,
      arguments: isAsked ? known.redacted : null,
      argumentsDigest: isAsked ? known.digest : null,
      phase,
      decision,
      outcome,
      sentence,
    });
  }

  #measured({ startedMs }: Turn, meter: Meter): AuditOutcome {
    const { requests, queueMs, upstreamMs } = meter;
    const totalMs = this.#parts.clock.monotonic() - startedMs;
    return {
      ...noOutcome,
      requests,
      durationMs: { total: Math.round(totalMs), queue: Math.round(queueMs), upstream: Math.round(upstreamMs) },
    };
  }

  #budgetOf(agentId: string, nowMs: number): GatewayReply['budget'] {
    const { clock, upstream, policies, friction } = this.#parts;
    try {
      const { agents } = policies.current();
      const budget = (Object.hasOwn(agents, agentId) ? agents[agentId]?.budget : undefined) ?? defaultBudget;
      const asker = { agentId, weight: budget.weight };
      const share = this.#shares.of(asker, { monoMs: clock.monotonic(), wallMs: clock.now() }, upstream.budget());
      const most = budget.maximumRequestsPerDay;
      const today = most === null ? null : { limit: most, ...leftToday(most, friction.requestsToday(agentId, nowMs), nowMs) };
      return share === null && today === null ? null : { share, waiting: upstream.waiting(agentId).own, today };
    } catch {
      return null;
    }
  }

  #noteUnrecordable(error: unknown): void {
    this.#parts.log.error('the audit log cannot be written', { error: error instanceof Error ? error.name : typeof error });
  }

  #tellMetrics({ call, startedMs }: Turn, result: Result): void {
    const name = result.kind === 'refusal' ? result.code : result.kind;
    const capability = call.endpoint === null ? null : (capabilityOf(call.endpoint.id)?.id ?? null);
    this.#note({ kind: 'reply', capability, result: name, durationMs: this.#parts.clock.monotonic() - startedMs });
  }
}

const noArguments: CallArguments = { at: {}, query: {}, body: null };

const noUsage: Usage = { requestsToday: 0, rowsToday: 0, writesToday: 0, commentsOnCall: 0 };

const dayMs = 86_400_000;

function leftToday(most: number, sent: number, nowMs: number): { readonly remaining: number; readonly resetAtMs: number } {
  return { remaining: Math.max(0, most - sent), resetAtMs: (Math.floor(nowMs / dayMs) + 1) * dayMs };
}

const noOutcome: AuditOutcome = {
  status: 'ok',
  upstreamStatus: null,
  rowsReturned: null,
  rowsHidden: null,
  fieldsMasked: null,
  textGiven: false,
  source: null,
  ageMs: null,
  requests: 0,
  durationMs: { total: 0, queue: 0, upstream: 0 },
};

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

/** What becomes of the idempotency key, the confirmation and the approval. */
function settling({ settle, release }: Examined, { fate, refusal }: Failure, { actSent }: { readonly actSent: boolean }): Also {
  if (fate === 'unknown') return settle(null);
  if (fate === 'not_sent' || !actSent) return release;
  return settle({ status: refusal.upstreamStatus ?? 502, body: undefined });
}

function presentedIn({ examined, call, capability }: Asked): Presented {
  const { approvalId, approver, confirmed, stored } = examined;
  const isKeyed = call.idempotencyKey !== null && capability.effect !== 'read';
  return { approvalId, approver, confirmed, idempotency: isKeyed ? (stored === null ? 'new' : 'replay') : null };
}

function toldOf({ capability, given, ...known }: Asked): tell.Told {
  return { agent: nameOf(known), capability, at: given.at };
}

function nameOf({ who, agentId }: Known): string {
  return who.agent?.name ?? agentId;
}

const codes: Readonly<Record<DecisionCode, GatewayCode>> = {
  agent_inactive: 'agent_inactive',
  unknown_capability: 'unknown_capability',
  invalid_request: 'invalid_request',
  forbidden_by_guardrail: 'forbidden_by_guardrail',
  forbidden_by_rule: 'forbidden_by_rule',
  not_granted: 'not_granted',
  outside_constraint: 'not_found',
  outside_hours: 'outside_hours',
  filter_not_allowed: 'filter_not_allowed',
  quota_exhausted: 'quota_exhausted',
  approval_required: 'approval_required',
  confirm_required: 'confirm_required',
};

/** Whether words that Aircall wrote, or repeated, may be shown: anybody's name may stand in them. */
function mayReadWords(policy: Policy, agentId: string, { area }: Capability): boolean {
  const access = accessOf(policy, agentId);
  return access?.treatment(area, 'freetext') === 'show' && access.treatment(area, 'person') === 'show';
}

function refusalFor({ code, rule, fix }: Decision): ReplyRefusal {
  if (code === 'outside_constraint') return absent();
  return refusalOf({ code: code === null ? 'internal' : codes[code], message: tell.sentence(rule.text), fix });
}

function refusalOfProblem(problem: NonNullable<Examined['problem']>): ReplyRefusal {
  const { code, text } = problem;
  return refusalOf({
    code,
    message: tell.sentence(text),
    approval: code === 'approval_pending' ? problem.approval : null,
    retryAfterSeconds: code === 'approval_pending' ? 30 : code === 'idempotency_in_progress' ? 1 : null,
  });
}

function unrecordable(): ReplyRefusal {
  return refusalOf({
    code: 'audit_unavailable',
    message: 'The gateway cannot record what it does, so it does nothing and shows nothing.',
    fix: 'Ask an operator to look at the gateway.',
    retryAfterSeconds: 5,
  });
}

function internal(): ReplyRefusal {
  return refusalOf({ code: 'internal', message: 'The gateway failed at this request.', fix: 'Give the decision id to an operator.' });
}

function only(result: ReplyRefusal): Outcome {
  return { result, decision: null };
}

function isUnavailable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'audit_unavailable';
}

function systemRecord(callId: string, sentence: string): AuditFacts {
  return {
    callId,
    phase: 'system',
    who: { agent: null, keyId: null, owner: null, operator: null, client: null, ip: null },
    what: { capability: null, area: null, effect: null, arguments: null, argumentsDigest: null },
    where: { surface: 'cli', method: null, route: null, protocol: null, tool: null, traceId: null },
    decision: null,
    outcome: null,
    sentence,
    change: null,
  };
}
