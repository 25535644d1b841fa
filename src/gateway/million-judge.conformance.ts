// The judge of a million requests. Sees what agents sent, what reached Aircall, what the log holds and what agents got; knows the policies
// as they are stored, and the made-up world. Of how the gateway decides it knows nothing.
import { endpoints } from '../aircall/index.ts';
import type { Effect, Endpoint } from '../aircall/index.ts';
import type { AuditStore } from '../store/index.ts';
import type { AnyArguments } from '../../test/support/any-arguments.ts';
import type { AuditRecord } from './audit/record.ts';
import { areaOfId, marksIn } from './million-world.conformance.ts';
import type { World } from './million-world.conformance.ts';
import type { CallArguments } from './policy/decision.ts';
import { fieldTreatments } from './policy/types.ts';
import type { Agent, Constraint, FieldTreatment, Policy } from './policy/types.ts';
import { forbidden, isWithin, rulesFor } from './storm-judge.conformance.ts';

/** A request as it was made. */
export type Request = {
  readonly number: number;
  /** Whose key it came with; null where that key is worth nothing. */
  readonly agentId: string | null;
  /** Null: there is no such thing, or it is written so that it cannot be read. */
  readonly endpoint: Endpoint | null;
  readonly given: AnyArguments;
  readonly dryRun: boolean;
  readonly confirmToken: string | null;
  readonly approvalId: string | null;
  readonly idempotencyKey: string | null;
  /** Of the policy in force when it was made. */
  readonly policyNumber: number;
  readonly nowMs: number;
  /** What to send again to see it once more. */
  readonly line: string;
  /** Set by the gateway, which names it. */
  callId: string | null;
  /** What reached Aircall for it. */
  readonly acts: Endpoint[];
  readonly looks: Endpoint[];
};

export type Reply = {
  readonly kind: 'answer' | 'plan' | 'own' | 'refusal';
  readonly text: string;
  /** What came of Aircall's data. */
  readonly data: unknown;
  readonly code: string | null;
  readonly replayed: boolean;
  readonly confirmToken: string | null;
  readonly approvalId: string | null;
};

export type JudgeParts = {
  readonly log: AuditStore;
  /** What was in force under that number, as it is stored. */
  readonly policyOf: (number: number) => Policy | null;
  readonly policyNumber: () => number;
  readonly world: () => World;
  readonly nowMs: () => number;
};

/** A confirmation or an approval, for one agent and one very request, under one policy. */
type Leave = { readonly agentId: string; readonly same: string; readonly version: string; readonly untilMs: number; usedBy: number | null };

const mostKept = 2_000;

export class Judge {
  readonly wrong: string[] = [];
  upstream = 0;
  readonly #parts: JudgeParts;
  readonly #policies = new Map<number, Policy>();
  /** Of requests under way, by their names. */
  readonly #intents = new Map<string, AuditRecord>();
  readonly #outcomes = new Map<string, number>();
  readonly #confirmations = new Kept<Leave>();
  readonly #approvals = new Kept<Leave>();
  readonly #keys = new Kept<number>();
  /** By agent: when it was given somebody's words, and before which request. */
  readonly #texts = new Map<string, { readonly ms: number; readonly before: number }>();
  #seq = 0;
  #day = '';
  readonly #today = new Map<string, number>();
  readonly #ever = new Map<string, number>();

  constructor(parts: JudgeParts) {
    this.#parts = parts;
  }

  /** Something reaches Aircall, now. */
  sent(request: Request | undefined, endpoint: Endpoint, given: CallArguments, forAgent: string): void {
    this.upstream += 1;
    const what = `${endpoint.id} reached Aircall`;
    if (request === undefined || request.agentId === null || request.endpoint === null) {
      this.#say(request, `${what} for nobody, or nothing that was asked for`);
      return;
    }
    const { agentId } = request;
    this.#read();
    const say = (why: string) => this.#say(request, `${what}: ${why}`);
    const intent = this.#intents.get(request.callId ?? '');
    if (intent === undefined) return say('without an intent in the log');
    if (forAgent !== agentId || intent.who.agent?.id !== agentId) say('for another agent');
    if (request.dryRun) say('in a dry run');
    if (intent.what.capability !== request.endpoint.id) say('under the intent of something else');
    const policy = this.#policyOf(request, intent);
    const agent = policy?.agents[agentId];
    if (policy === null || agent === undefined) return say('under a policy that was not in force');
    const sayOf = (why: string) => this.#say(request, `${what}: ${why}`, agent);
    const isAct = endpoint.id === request.endpoint.id && intent.decision?.effect === 'allow';
    const isLook = endpoint.effect === 'read' && endpoint.method === 'GET';
    if (isAct && (!isLook || request.acts.length === 0)) request.acts.push(endpoint);
    else if (isLook && (intent.decision?.effect === 'allow' || intent.decision?.effect === 'needs_confirm')) request.looks.push(endpoint);
    else say(`under an intent that says ${intent.decision?.effect ?? 'nothing'}`);
    if (!isLook && request.acts.length > 1) say('a second time');
    // A look finds out how the row stands; an act has to have known.
    for (const why of this.#forbidden(policy, agent, request, isAct)) sayOf(why);
    if (!isAct) return;
    if (!isSame(given, request.given)) sayOf('with other arguments than were sent');
    for (const why of this.#unheld(policy, agent, request)) sayOf(why);
    for (const why of this.#overdrawn(agent, request)) sayOf(why);
  }

  /** The agent has its answer. */
  answered(request: Request, reply: Reply): void {
    this.#read();
    const { callId, agentId, endpoint } = request;
    const intent = this.#intents.get(callId ?? '');
    const outcomes = this.#outcomes.get(callId ?? '') ?? 0;
    this.#intents.delete(callId ?? '');
    this.#outcomes.delete(callId ?? '');
    const say = (why: string) => this.#say(request, why);
    const isBegun = intent?.decision?.effect === 'allow' && intent.outcome === null;
    if (isBegun && outcomes !== 1) say(`${outcomes} outcomes in the log`);
    if (reply.kind === 'answer' && !isBegun) say('an answer without an intent in the log');
    const marks = marksIn(reply.text);
    const policy = intent === undefined ? null : this.#policyOf(request, intent);
    const agent = agentId === null ? undefined : policy?.agents[agentId];
    if (agentId === null || endpoint === null || policy === null || agent === undefined) {
      if (marks.length > 0) say(`${marks[0]?.class ?? ''} of ${marks[0]?.area ?? ''} given to nobody`);
      if (reply.kind === 'answer') say('an answer under a policy that was not in force, or to nobody');
      return;
    }
    const sayOf = (why: string) => this.#say(request, why, agent);
    if (reply.kind === 'answer') {
      if (request.acts.length === 0) for (const why of this.#forbidden(policy, agent, request)) sayOf(`an answer, though ${why}`);
      if (request.acts.length === 0 && !reply.replayed)
        for (const why of this.#unheld(policy, agent, request)) sayOf(`an answer, though ${why}`);
      for (const why of this.#hanging(agent, request)) sayOf(why);
    }
    const isReadable = readableTo(agent, endpoint, request.nowMs);
    for (const { area, class: ofClass, id } of marks) {
      const what = `${ofClass} of ${area} ${id}`;
      if (ofClass === 'media' || ofClass === 'secret' || ofClass === 'unknown') sayOf(`${what} given, which is given to nobody`);
      else if (ofClass === 'reason') {
        // Words of Aircall's about what was asked; those about a look before it are nobody's.
        const isShown = (['freetext', 'person'] as const).every((each) => treatmentFor(agent, area, each) === 'show');
        if (!isShown || area !== endpoint.area) sayOf(`Aircall’s own words about ${area} given, though words are not shown to this agent`);
      } else if (!isReadable(area)) sayOf(`${what} given, which is not granted`);
      else if (treatmentFor(agent, area, ofClass) !== 'show') sayOf(`${what} given, which is not shown to this agent`);
      else if (!this.#isInside(agent, area, id)) sayOf(`${what} given, outside the limits`);
    }
    for (const id of idsWithin(reply.data)) {
      const area = areaOfId(id);
      if (area !== undefined && !(isReadable(area) && this.#isInside(agent, area, id)))
        sayOf(`${area} ${id} given, outside what is granted`);
    }
    if (marks.some(({ class: ofClass }) => ofClass !== 'phone')) this.#texts.set(agentId, { ms: this.#parts.nowMs(), before: Infinity });
    if (intent !== undefined) this.#learn(request, reply, policy.version);
  }

  /** Every request made from here on comes after what agents have read so far. */
  settle(nextNumber: number): void {
    for (const [agentId, { ms, before }] of this.#texts) if (before === Infinity) this.#texts.set(agentId, { ms, before: nextNumber });
  }

  /** A person has said yes. */
  approved(approvalId: string): void {
    this.#approvals.get(`asked ${approvalId}`, (leave) => this.#approvals.set(approvalId, leave));
  }

  #say(request: Request | undefined, why: string, agent?: Agent): void {
    const at = request === undefined ? '' : `request ${request.number}, ${request.line}: `;
    this.wrong.push(`${at}${why}${agent === undefined ? '' : `; under ${JSON.stringify(agent)}`}`);
  }

  #learn(request: Request, { confirmToken, approvalId }: Reply, version: string): void {
    const { agentId, nowMs } = request;
    if (agentId === null) return;
    const leave = { agentId, same: sameOf(request), version, usedBy: null };
    if (confirmToken !== null) this.#confirmations.set(confirmToken, { ...leave, untilMs: nowMs + 300_000 });
    if (approvalId !== null) this.#approvals.set(`asked ${approvalId}`, { ...leave, untilMs: nowMs + 900_000 });
  }

  /** The policy that the request was decided by, if it was in force at any time since it was made. */
  #policyOf({ policyNumber }: Request, { decision }: AuditRecord): Policy | null {
    const newest = this.#parts.policyNumber();
    for (const number of this.#policies.keys()) if (number < newest - 8) this.#policies.delete(number);
    for (let number = policyNumber; number <= newest; number += 1) {
      const policy = this.#policies.get(number) ?? this.#parts.policyOf(number);
      if (policy === null) continue;
      this.#policies.set(number, policy);
      if (policy.version === decision?.policyVersion) return policy;
    }
    return null;
  }

  #forbidden(policy: Policy, agent: Agent, { endpoint, given }: Request, knowsRows = true): readonly string[] {
    if (endpoint === null) return [];
    const nowMs = this.#parts.nowMs();
    return [
      ...(agent.status === 'active' ? [] : ['the agent is not active']),
      ...('never' in endpoint.agents ? ['it is not for agents'] : []),
      ...forbidden(policy, agent, { endpoint, given }, { rows: knowsRows ? this.#parts.world().calls(nowMs) : new Map(), nowMs }),
    ];
  }

  /** What hangs on a call is given only where the call may be seen. */
  #hanging(agent: Agent, { endpoint, given }: Request): readonly string[] {
    const [name] = Object.entries(endpoint?.at ?? {}).find(([, { names }]) => names === 'call') ?? [];
    const id = name === undefined ? undefined : given.at[name];
    if (id === undefined || endpoint === null) return [];
    return this.#isInside(agent, 'calls', id) && this.#isInside(agent, endpoint.area, id) ? [] : [`of call ${id}, outside the limits`];
  }

  /** What had to be confirmed or approved and was not. */
  #unheld(policy: Policy, agent: Agent, request: Request): readonly string[] {
    const { endpoint, nowMs } = request;
    if (endpoint === null || 'never' in endpoint.agents) return [];
    const rules = rulesFor(agent, endpoint.id, nowMs);
    const friction = endpoint.agents.friction ?? frictions[endpoint.effect];
    const needsPerson =
      rules.some(({ effect }) => effect === 'approve') ||
      (friction === 'approve' && !rules.some(({ effect }) => effect === 'allow')) ||
      this.#isLed(agent, request);
    const has = (kept: Kept<Leave>, name: string | null) => {
      const leave = name === null ? undefined : kept.get(name);
      const isGood =
        leave !== undefined &&
        leave.agentId === agent.id &&
        leave.same === sameOf(request) &&
        leave.version === policy.version &&
        nowMs < leave.untilMs &&
        (leave.usedBy === null || leave.usedBy === request.number);
      if (isGood) leave.usedBy = request.number;
      return isGood;
    };
    if (has(this.#approvals, request.approvalId)) return [];
    if (needsPerson) return ['without a person’s approval'];
    return friction === 'none' || has(this.#confirmations, request.confirmToken) ? [] : ['without a confirmation'];
  }

  /** It acts outside within half an hour of having been given somebody's words. */
  #isLed(agent: Agent, { number, endpoint, nowMs }: Request): boolean {
    const read = this.#texts.get(agent.id);
    if (read === undefined || number < read.before || nowMs - read.ms > 1_800_000) return false;
    if (endpoint === null || !['egress', 'live', 'delete'].includes(endpoint.effect)) return false;
    const mayGetOut = outwards.some(
      ({ id, area }) =>
        (agent.grants as Readonly<Record<string, string>>)[area] === 'full' ||
        rulesFor(agent, id, nowMs).some(({ effect }) => effect === 'allow'),
    );
    return agent.taint ?? mayGetOut;
  }

  /** More of it than the agent has for today, or for ever; and never twice under one key. */
  #overdrawn(agent: Agent, request: Request): readonly string[] {
    const { endpoint, idempotencyKey, given } = request;
    if (endpoint === null || request.acts.length > 1) return [];
    const limits = agent.constraints as Readonly<Record<string, Constraint>>;
    const wrong: string[] = [];
    const most = agent.budget?.maximumRequestsPerDay ?? null;
    const requests = this.#count(`${agent.id} requests`, 1);
    if (most !== null && requests > most) wrong.push(`request ${requests} of ${most} today`);
    if (endpoint.effect === 'read') return wrong;
    const mostWrites = limits[endpoint.area]?.maximumWritesPerDay;
    const writes = this.#count(`${agent.id} writes ${endpoint.area}`, 1);
    if (mostWrites !== undefined && writes > mostWrites) wrong.push(`write ${writes} of ${mostWrites} today`);
    const mostEver = 'never' in endpoint.agents ? undefined : endpoint.agents.mostPerObject;
    if (mostEver !== undefined) {
      const place = `${agent.id} ${endpoint.id} ${Object.values(given.at).join(' ')}`;
      const ever = (this.#ever.get(place) ?? 0) + 1;
      this.#ever.set(place, ever);
      if (ever > mostEver) wrong.push(`use ${ever} of ${mostEver} on the same object`);
    }
    if (idempotencyKey !== null) {
      const place = `${agent.id} ${endpoint.id} ${idempotencyKey}`;
      const usedMs = this.#keys.get(place);
      if (usedMs !== undefined && request.nowMs - usedMs < 86_400_000) wrong.push('a second time under the same idempotency key');
      this.#keys.set(place, request.nowMs);
    }
    return wrong;
  }

  #count(what: string, more: number): number {
    const day = new Date(this.#parts.nowMs()).toISOString().slice(0, 10);
    if (day !== this.#day) this.#today.clear();
    this.#day = day;
    const count = (this.#today.get(what) ?? 0) + more;
    this.#today.set(what, count);
    return count;
  }

  #isInside(agent: Agent, area: string, id: string): boolean {
    const limit = (agent.constraints as Readonly<Record<string, Constraint>>)[area];
    const judged = this.#parts.world().judged(id, this.#parts.nowMs());
    return limit === undefined || judged === undefined || isWithin(judged, limit, this.#parts.nowMs());
  }

  /** Reads on in the log, which is never held as a whole. */
  #read(): void {
    for (;;) {
      const rows = this.#parts.log.records({ after: this.#seq, limit: 500 });
      for (const { seq, bytes } of rows) {
        if (seq !== this.#seq + 1) this.#say(undefined, `record ${this.#seq + 1} is missing in the log`);
        this.#seq = seq;
        const record = JSON.parse(bytes) as AuditRecord; // as written
        if (record.phase === 'intent') this.#intents.set(record.callId, record);
        else if (record.phase === 'outcome') this.#noteOutcome(record);
      }
      if (rows.length < 500) return;
    }
  }

  #noteOutcome(record: AuditRecord): void {
    const { callId, who, what, outcome, decision } = record;
    this.#outcomes.set(callId, (this.#outcomes.get(callId) ?? 0) + 1);
    const rows = outcome?.status === 'ok' && what.effect === 'read' ? (outcome.rowsReturned ?? 0) : 0;
    if (rows === 0 || who.agent === null || what.area === null) return;
    const before = this.#count(`${who.agent.id} rows ${what.area}`, rows) - rows;
    const policy = [...this.#policies.values()].find(({ version }) => version === decision?.policyVersion);
    const limits = policy?.agents[who.agent.id]?.constraints as Readonly<Record<string, Constraint>> | undefined;
    const most = limits?.[what.area]?.maximumRowsPerDay;
    if (most !== undefined && before >= most) this.#say(undefined, `${what.capability ?? ''}: rows given beyond the ${most} of today`);
  }
}

const frictions: Readonly<Record<Effect, 'none' | 'confirm' | 'approve'>> = {
  read: 'none',
  add: 'none',
  change: 'none',
  delete: 'confirm',
  live: 'confirm',
  egress: 'approve',
};

const outwards = endpoints.filter(({ effect, agents }) => (effect === 'egress' || effect === 'live') && !('never' in agents));

/** The newest of them, by name: a run of any length takes no more memory. */
class Kept<T> {
  readonly #values = new Map<string, T>();

  get(name: string, use?: (value: T) => void): T | undefined {
    const value = this.#values.get(name);
    if (value !== undefined) use?.(value);
    return value;
  }

  set(name: string, value: T): void {
    this.#values.delete(name);
    this.#values.set(name, value);
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= mostKept) break;
      this.#values.delete(oldest);
    }
  }
}

/** The areas whose data an agent may be given in answer to a request. */
function readableTo(agent: Agent, { area: own }: Endpoint, nowMs: number): (area: string) => boolean {
  const grants = agent.grants as Readonly<Record<string, string>>;
  return (area) =>
    area === own ||
    (grants[area] ?? 'off') !== 'off' ||
    endpoints.some(
      (each) => each.area === area && each.effect === 'read' && rulesFor(agent, each.id, nowMs).some(({ effect }) => effect === 'allow'),
    );
}

/** The strictest rule for the area; else the strictest for all; else names, numbers and addresses are as in the strictest other area. */
function treatmentFor({ fields }: Agent, area: string, ofClass: string): FieldTreatment {
  const rules = fields.filter((rule) => rule.class === ofClass);
  const strictest = (some: typeof rules) =>
    fieldTreatments[Math.max(0, ...some.map(({ treatment }) => fieldTreatments.indexOf(treatment)))] ?? 'hide';
  const ofArea = rules.filter((rule) => rule.area === area);
  const ofAll = rules.filter((rule) => rule.area === null);
  if (ofArea.length > 0) return strictest(ofArea);
  return ofAll.length > 0 ? strictest(ofAll) : strictest(ofClass === 'freetext' ? [] : rules);
}

/** What a request is, for whoever confirms or approves it. */
function sameOf({ endpoint, given }: Request): string {
  return `${endpoint?.id ?? ''} ${written(given.at)} ${written(given.query)} ${written(given.body ?? {})}`;
}

/** As it is sent, whichever way numbers are written, and in whichever order what is in a list. */
function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(written).sort().join()}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${name}:${written(Reflect.get(value, name))}`).join()}}`;
}

/** What was sent on is what was asked for; a list may have been narrowed, to later rows too. */
function isSame(sent: CallArguments, { at, query, body }: AnyArguments): boolean {
  const asked = Object.keys(query).every(
    (name) =>
      name === 'per_page' ||
      written(sent.query[name]) === written(query[name]) ||
      (name === 'from' && Number(sent.query[name]) > Number(query[name])),
  );
  return asked && written(sent.at) === written(at) && written(sent.body ?? {}) === written(body ?? {});
}

/** The ids of all objects in an answer. */
function idsWithin(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(idsWithin);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'id' && (typeof inner === 'number' || typeof inner === 'string') ? [String(inner)] : idsWithin(inner),
  );
}
