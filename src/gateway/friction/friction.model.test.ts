// Random lives of tokens, approvals and keys, against a model that is simple enough to be believed.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrictionDesk, openFrictionDesk } from '../../../test/support/friction-desk.ts';
import { AlreadyUsed, TooManyWaiting } from './errors.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** Everything a permission is bound to, but for the version of the policy. */
type Want = { readonly agentId: string; readonly capability: string; readonly id: string };
type End = 'answered' | 'timed out' | 'never sent' | 'crashed';

type ModelToken = { readonly want: Want; readonly bound: string; readonly expiresMs: number; used: boolean };
type ModelApproval = {
  readonly want: Want;
  readonly bound: string;
  readonly version: string;
  readonly expiresMs: number;
  state: 'pending' | 'approved' | 'refused' | 'used';
};
type ModelKey = { readonly want: string; readonly begunMs: number; state: 'running' | 'done' | 'unknown' };

class Model {
  nowMs: number;
  version = 1;
  readonly tokens: ModelToken[] = [];
  readonly approvals: ModelApproval[] = [];
  readonly keys = new Map<string, ModelKey>();

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  bound(want: Want): string {
    return `${textOf(want)} v${this.version}`;
  }
}

class Real {
  desk: FrictionDesk;
  readonly tokens: string[] = [];
  readonly approvals: string[] = [];

  constructor(desk: FrictionDesk) {
    this.desk = desk;
  }
}

type Command = fc.AsyncCommand<Model, Real>;

class Mint implements Command {
  readonly #want: Want;
  constructor(want: Want) {
    this.#want = want;
  }
  check(): boolean {
    return true;
  }
  async run(model: Model, real: Real): Promise<void> {
    real.tokens.push(real.desk.friction.mintConfirmation(requestOf(real, model, this.#want)).token);
    model.tokens.push({ want: this.#want, bound: model.bound(this.#want), expiresMs: model.nowMs + 5 * minuteMs, used: false });
  }
  toString(): string {
    return `mint(${textOf(this.#want)})`;
  }
}

class Ask implements Command {
  readonly #want: Want;
  constructor(want: Want) {
    this.#want = want;
  }
  check(): boolean {
    return true;
  }
  async run(model: Model, real: Real): Promise<void> {
    const bound = model.bound(this.#want);
    const isOpen = ({ state, expiresMs }: ModelApproval) => (state === 'pending' || state === 'approved') && expiresMs > model.nowMs;
    const open = model.approvals.findIndex((each) => each.bound === bound && isOpen(each));
    const waiting = model.approvals.filter((each) => each.bound.startsWith(this.#want.agentId) && each.state === 'pending' && isOpen(each));
    try {
      const drafted = real.desk.friction.draftApproval(requestOf(real, model, this.#want), {
        sentence: 'It asks.',
        why: 'A rule asks for it.',
      });
      await real.desk.write(drafted.store);
      if (open !== -1) {
        expect(drafted.id).toBe(real.approvals[open]);
        return;
      }
      expect(real.approvals).not.toContain(drafted.id);
      real.approvals.push(drafted.id);
      model.approvals.push({
        want: this.#want,
        bound,
        version: `v${model.version}`,
        expiresMs: model.nowMs + 15 * minuteMs,
        state: 'pending',
      });
    } catch (error) {
      if (!(error instanceof TooManyWaiting)) throw error;
      expect(waiting.length).toBeGreaterThanOrEqual(20);
    }
  }
  toString(): string {
    return `ask(${textOf(this.#want)})`;
  }
}

class Decide implements Command {
  readonly #pick: number;
  readonly #verdict: 'approve' | 'refuse';
  constructor(pick: number, verdict: 'approve' | 'refuse') {
    this.#pick = pick;
    this.#verdict = verdict;
  }
  check(model: Readonly<Model>): boolean {
    return model.approvals.length > 0;
  }
  async run(model: Model, real: Real): Promise<void> {
    const at = model.approvals.length - 1 - (this.#pick % model.approvals.length);
    const [approval, id] = [model.approvals[at], real.approvals[at]];
    if (approval === undefined || id === undefined) throw new TypeError('the model has lost an approval');
    const may =
      approval.state === 'pending' &&
      approval.expiresMs > model.nowMs &&
      (this.#verdict === 'refuse' || approval.version === `v${model.version}`);
    const deciding = real.desk.decide(id, this.#verdict, 'Olga', { policyVersion: `v${model.version}` });
    if (!may) {
      await expect(deciding).rejects.toThrow();
      return;
    }
    await deciding;
    approval.state = this.#verdict === 'approve' ? 'approved' : 'refused';
  }
  toString(): string {
    return `${this.#verdict}(${this.#pick})`;
  }
}

type ActFacts = {
  readonly want: Want;
  readonly token: number | null;
  readonly approval: number | null;
  readonly key: string | null;
  /** For what the token or the approval was given, instead of anything. */
  readonly isFitting: boolean;
  readonly end: End;
};

/** How often each was good for something: a walk that never gets through shows nothing. */
const good = { token: 0, approval: 0, key: 0 };

class Act implements Command {
  readonly #facts: ActFacts;
  constructor(facts: ActFacts) {
    this.#facts = facts;
  }
  check(): boolean {
    return true;
  }
  async run(model: Model, real: Real): Promise<void> {
    const { end } = this.#facts;
    const tokenAt = pick(this.#facts.token, model.tokens.length);
    const approvalAt = pick(this.#facts.approval, model.approvals.length);
    const token = tokenAt === null ? null : (model.tokens[tokenAt] ?? null);
    const approval = approvalAt === null ? null : (model.approvals[approvalAt] ?? null);
    const want = this.#facts.isFitting ? (approval ?? token ?? this.#facts).want : this.#facts.want;
    const place = this.#facts.key === null ? null : `${want.agentId} ${want.capability} ${this.#facts.key}`;
    const bound = model.bound(want);

    const kept = place === null ? undefined : model.keys.get(place);
    const found = kept !== undefined && kept.begunMs > model.nowMs - dayMs ? kept : undefined;
    const isGoodToken = token !== null && token.bound === bound && !token.used && token.expiresMs > model.nowMs;
    const isGoodApproval =
      approval !== null && approval.bound === bound && approval.state === 'approved' && approval.expiresMs > model.nowMs;

    const examined = real.desk.friction.examine(requestOf(real, model, want), {
      confirmToken: tokenAt === null ? null : (real.tokens[tokenAt] ?? null),
      approvalId: approvalAt === null ? null : (real.approvals[approvalAt] ?? null),
      idempotencyKey: this.#facts.key,
    });
    if (found !== undefined) {
      good.key += 1;
      const isReplay = found.state === 'done' && found.want === textOf(want);
      expect(examined.stored).toEqual(isReplay ? answerTo(want) : null);
      expect(examined.problem === null).toBe(isReplay);
      await expect(real.desk.write(examined.consume)).rejects.toThrow(AlreadyUsed);
      return;
    }
    expect(examined.stored).toBeNull();
    expect(examined.confirmed).toBe(isGoodToken);
    expect(examined.approved).toBe(isGoodApproval);
    const isGood = (token === null || isGoodToken) && (approval === null || isGoodApproval);
    expect(examined.problem === null).toBe(isGood);
    if (!isGood) {
      await expect(real.desk.write(examined.consume)).rejects.toThrow(AlreadyUsed);
      return;
    }

    await real.desk.write(examined.consume);
    if (end === 'never sent') {
      await real.desk.write(examined.release);
      return;
    }
    if (token !== null) {
      token.used = true;
      good.token += 1;
    }
    if (approval !== null) {
      approval.state = 'used';
      good.approval += 1;
    }
    if (place !== null) model.keys.set(place, { want: textOf(want), begunMs: model.nowMs, state: states[end] });
    if (end !== 'crashed') await real.desk.write(examined.settle(end === 'answered' ? answerTo(want) : null));
    else if (place !== null || token !== null || approval !== null)
      await expect(real.desk.write(examined.consume)).rejects.toThrow(AlreadyUsed);
  }
  toString(): string {
    const { want, token, approval, key, end } = this.#facts;
    return `act(${textOf(want)}, token ${token}, approval ${approval}, key ${key}: ${end})`;
  }
}

class Wait implements Command {
  readonly #minutes: number;
  constructor(minutes: number) {
    this.#minutes = minutes;
  }
  check(): boolean {
    return true;
  }
  async run(model: Model, real: Real): Promise<void> {
    model.nowMs += this.#minutes * minuteMs;
    real.desk.wait(this.#minutes * minuteMs);
  }
  toString(): string {
    return `wait(${this.#minutes} min)`;
  }
}

class ChangePolicy implements Command {
  readonly #to: number;
  constructor(to: number) {
    this.#to = to;
  }
  check(): boolean {
    return true;
  }
  async run(model: Model): Promise<void> {
    model.version = this.#to;
  }
  toString(): string {
    return `policy(v${this.#to})`;
  }
}

class Restart implements Command {
  check(): boolean {
    return true;
  }
  async run(model: Model, real: Real): Promise<void> {
    const { folder, database, keys, company } = real.desk;
    real.desk = new FrictionDesk({ folder, database, keys, company, nowMs: model.nowMs });
    await real.desk.write(real.desk.friction.abandonRunning());
    for (const key of model.keys.values()) if (key.state === 'running') key.state = 'unknown';
  }
  toString(): string {
    return 'restart';
  }
}

test('no token, approval or key ever acts twice, for anything else, under other rules, or too late', async () => {
  const first = await openFrictionDesk();
  let runs = 0;
  const want = fc.record({
    agentId: fc.constantFrom('ag_billing', 'ag_other'),
    capability: fc.constantFrom('tags.delete', 'contacts.delete'),
    id: fc.constantFrom('1', '2'),
  });
  // Seldom both: what fits the one seldom fits the other.
  const index = fc.option(fc.nat({ max: 2 }), { freq: 3 });
  const shown = fc.oneof(
    { arbitrary: fc.record({ token: index, approval: fc.constant(null) }), weight: 3 },
    { arbitrary: fc.record({ token: fc.constant(null), approval: index }), weight: 3 },
    { arbitrary: fc.record({ token: index, approval: index }), weight: 2 },
  );
  const act = fc
    .record({
      want,
      shown,
      key: fc.option(fc.constantFrom('k1', 'k2', 'k3'), { freq: 3 }),
      isFitting: fc.constantFrom(true, true, true, false),
      end: fc.constantFrom<End>('answered', 'timed out', 'never sent', 'crashed'),
    })
    .map(({ shown: { token, approval }, ...facts }) => new Act({ ...facts, token, approval }));
  const decide = fc
    .tuple(fc.nat({ max: 20 }), fc.constantFrom('approve' as const, 'approve' as const, 'approve' as const, 'refuse' as const))
    .map(([at, verdict]) => new Decide(at, verdict));
  const commands: fc.Arbitrary<Command>[] = [
    want.map((each) => new Mint(each)),
    want.map((each) => new Ask(each)),
    want.map((each) => new Ask(each)),
    decide,
    decide,
    act,
    act,
    act,
    act,
    fc.constantFrom(0, 0, 1, 1, 4, 6, 16, 60 * 25).map((minutes) => new Wait(minutes)),
    fc.constantFrom(1, 1, 1, 1, 1, 2).map((to) => new ChangePolicy(to)),
    fc.constant(new Restart()),
  ];
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { size: 'max', maxCommands: 60 }), async (life) => {
      runs += 1;
      const { folder, database, keys } = first;
      const company = `company ${runs}`;
      const nowMs = Date.UTC(2026, 10, 22, 12);
      await fc.asyncModelRun(
        () => ({ model: new Model(nowMs), real: new Real(new FrictionDesk({ folder, database, keys, company, nowMs })) }),
        life,
      );
    }),
    { numRuns: 250 },
  );
  for (const times of Object.values(good)) expect(times).toBeGreaterThan(10);
});

const states = { answered: 'done', 'timed out': 'unknown', crashed: 'running' } as const;

function requestOf(real: Real, model: Model, { agentId, capability, id }: Want) {
  return real.desk.request(capability, { agentId, at: { id }, policyVersion: `v${model.version}` });
}

function answerTo(want: Want) {
  return { status: 200, body: { about: textOf(want) } };
}

function textOf({ agentId, capability, id }: Want): string {
  return `${agentId} ${capability} ${id}`;
}

/** Counted from the newest. */
function pick(at: number | null, length: number): number | null {
  return at === null || length === 0 ? null : length - 1 - (at % length);
}
