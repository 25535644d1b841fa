// One life of a random company: it changes while and between runs, its API has bad days, runs are called off, loads fail.
// After every run: nothing false, nothing double, nothing claimed that is not so. In the end, after two runs in peace, the
// tables equal what Aircall has.
import { expect } from 'vitest';
import { isTrunklineError } from '../../src/base/index.ts';
import { DestinationFailed } from '../../src/load/index.ts';
import { busyChurn, type ChurnEvent, churnEvents, type ChurnRates, type Fault, type SimulatorOptions } from '../../src/simulator/index.ts';
import { defaultStreams } from '../../src/streams/index.ts';
import type { SyncOptions, SyncResult } from '../../src/sync/index.ts';
import { Dice } from './dice.ts';
import { type Lab, openLab } from './lab.ts';
import { absentFrom, falseDeletions, flaws, keysOf } from './sound.ts';

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

export type LifeOptions = {
  readonly seed: number;
  readonly inMemory?: boolean;
  /** Runs before peace. Default: 3 to 7. */
  readonly runs?: number;
  readonly simulator?: SimulatorOptions;
  /**
   * Requests a minute that Aircall grants; some of them are left to others. `documented`: as the switches have it, while the
   * client believes what is documented. Default: no limit.
   */
  readonly quota?: number | 'documented';
  /** Streams that Aircall does not serve in this life. */
  readonly off?: readonly string[];
};

export async function liveOneLife(options: LifeOptions): Promise<void> {
  const { seed, inMemory = true, quota, off = [] } = options;
  const dice = new Dice(seed);
  const lab = await openLab({
    inMemory,
    simulator: {
      seed,
      calls: dice.between(0, 350),
      contacts: dice.between(0, 260),
      users: dice.between(1, 20),
      numbers: dice.between(1, 12),
      teams: dice.between(0, 8),
      tags: dice.between(0, 70),
      webhooks: dice.between(0, 3),
      openCalls: dice.between(0, 4),
      ...(quota === 'documented' ? {} : { requestsPerMinute: quota ?? 'off' }),
      ...options.simulator,
    },
    ...(quota === undefined ? {} : { budget: budgetOf(quota, dice) }),
  });
  const deletions = dice.chance(0.8) ? 'mark' : 'remove';
  const tell = (what: string) => `seed ${seed}, ${what}`;

  const runs = options.runs ?? dice.between(3, 7);
  for (let run = 1; run <= runs; run += 1) {
    await passTime(lab, dice);
    const before = keysOf(lab.simulator.truth());
    const calm = dice.chance(0.25);
    const endBadDay = calm ? () => {} : beginBadDay(lab, dice, { seed: seed * 100 + run, keepsTime: quota !== undefined });
    const change = { ...drawOptions(lab, dice), deletions } satisfies Partial<SyncOptions>;
    const result = await runOnce(lab, dice, change);
    endBadDay();
    const after = keysOf(lab.simulator.truth());
    const what = tell(`run ${run} of ${runs}`);
    expect(await falseDeletions(lab.tables, after), what).toEqual([]);
    expect(await flaws(lab.tables), what).toEqual([]);
    // What an interrupted run could not load in time waits for the next one.
    if (result === null || result.outcome === 'interrupted') continue;
    for (const stream of result.streams) {
      if (stream.outcome !== 'done') continue;
      const proof = stream.stream === 'calls' && change.range !== undefined ? null : stream;
      if (proof !== null) expect([proof.stream, proof.distinct], what).toEqual([proof.stream, proof.listed]);
      if (change.range !== undefined || change.startAt !== undefined) continue;
      const name = stream.stream as keyof typeof before;
      const stable = [...before[name]].filter((key) => after[name].has(key));
      expect(await absentFrom(lab.tables, name, stable), what).toEqual([]);
    }
  }

  await restoreCalm(lab);
  for (let run = 1; run <= 2; run += 1) {
    const last = await lab.run({ ...inPeace, deletions });
    expect(
      last.streams
        .filter(({ stream, outcome }) => outcome !== (off.includes(stream) ? 'off' : 'done'))
        .map(({ stream, outcome, messages }) => [stream, outcome, messages]),
      tell(`run ${run} in peace`),
    ).toEqual([]);
    if (run === 1) await lab.pass(5);
    else expect(last.stillDue, tell('in the end')).toEqual([]);
  }
  const ever = keysOf(lab.simulator.truth({ calls: 'ever', streams: ['calls'] })).calls;
  const streams = defaultStreams.map(({ name }) => name).filter((name) => !off.includes(name));
  const mayBeStored = (stream: string, key: string) => stream === 'calls' && ever.has(key);
  expect(await lab.differences({ streams, mayBeStored }), tell('in the end')).toEqual([]);
  expect(await flaws(lab.tables), tell('in the end')).toEqual([]);
  if (typeof quota === 'number')
    expect(lab.simulator.requests.busiestMinute(), tell('requests in 60 s')).toBeLessThanOrEqual(lab.aircall.budget.status().allowed);
}

function budgetOf(quota: number | 'documented', dice: Dice) {
  return quota === 'documented'
    ? { requestsPerMinute: 120, reserve: 10 }
    : { requestsPerMinute: quota, reserve: dice.between(0, Math.floor(quota / 4)) };
}

/** Everything is due to be read again, and looked for deletions. */
const inPeace: Partial<SyncOptions> = {
  reread: [{ name: 'everything', span: 'all', every: 1 }],
  sweep: true,
  confirmed: true,
  maximumMinutes: 1000,
};

/** No faults any more, and time enough for calls to end and for what was put off to be due. */
export async function restoreCalm(lab: Lab): Promise<void> {
  lab.simulator.faults.clear();
  lab.memory.mishap = () => null;
  await lab.pass(26 * hour);
}

async function passTime(lab: Lab, dice: Dice): Promise<void> {
  await lab.pass(dice.pick([0, 1, 30, 10 * minute, 2 * hour, day, 8 * day]));
  const churn = lab.simulator.churn({ seed: dice.between(0, 1e9), recentSeconds: dice.pick([3600, 86_400, Infinity]) });
  const events = dice.pick([0, 5, 40]);
  for (let happened = 0; happened < events; happened += 1) churn.once(drawEvent(dice));
  churn.stop();
}

/** As often as in a busy company, calls that vanish included. */
function drawEvent(dice: Dice): ChurnEvent {
  for (;;) {
    const event = dice.pick(churnEvents);
    if (dice.chance(rates[event] ?? 0)) return event;
  }
}

const rates: ChurnRates = { ...busyChurn, callVanished: 0.05 };

function scaled(by: number): ChurnRates {
  return Object.fromEntries(Object.entries(rates).map(([event, rate]) => [event, rate * by]));
}

type BadDay = {
  readonly seed: number;
  /** The company's clock may not run ahead: its request log must tell the time that the budget goes by. */
  readonly keepsTime: boolean;
};

function beginBadDay(lab: Lab, dice: Dice, { seed, keepsTime }: BadDay): () => void {
  const { simulator } = lab;
  const churn = dice.chance(0.7)
    ? simulator.churn({
        seed,
        perRequest: scaled(keepsTime ? 0.05 : dice.pick([0.2, 1])),
        withinPage: scaled(keepsTime ? 0.01 : dice.pick([0, 0.2])),
        secondsPerRequest: keepsTime ? 0 : dice.pick([1, 1, 20, 600]),
        recentSeconds: dice.pick([3600, 86_400]),
      })
    : null;
  if (dice.chance(0.3)) simulator.faults.always({}, { kind: 'perPage', perPage: dice.pick([3, 7, 20]) });
  if (dice.chance(0.5)) simulator.storm({ seed, probability: dice.pick([0.02, 0.2]), ...(dice.chance(0.2) ? { inARow: 20 } : {}) });
  if (dice.chance(0.4)) {
    const probability = dice.pick([0.03, 0.3]);
    simulator.faults.choose({}, () => (dice.chance(probability) ? drawLie(dice) : undefined));
  }
  if (dice.chance(0.2)) {
    const endpoint = dice.pick(['calls.list', 'contacts.list', 'users.list', 'tags.list', 'users.availabilities', 'contacts.retrieve']);
    simulator.faults.always({ endpoint }, { kind: 'status', status: 500 });
  }
  if (dice.chance(0.2)) {
    lab.memory.mishap = () => {
      if (!dice.chance(0.3)) return null;
      const failed = new DestinationFailed({ label: 'memory', reason: 'a test said so.' });
      return { when: dice.pick(['before', 'after'] as const), error: failed };
    };
  }
  return () => {
    churn?.stop();
    simulator.faults.clear();
    lab.memory.mishap = () => null;
  };
}

/** Answers that are well-formed and wrong. */
function drawLie(dice: Dice): Fault {
  if (dice.chance(0.4)) return { kind: 'samePage' };
  const by = dice.pick([-60, -50, -2, -1, 1, 2, 50, 60]);
  return { kind: 'total', change: dice.chance(0.9) ? (total) => Math.max(0, total + by) : () => 0 };
}

function drawOptions(lab: Lab, dice: Dice): Partial<SyncOptions> {
  const nowMs = lab.simulator.company.now() * 1000;
  const agoMs = () => dice.pick([hour, day, 20 * day, 170 * day, 400 * day]) * 1000 * (0.5 + dice.fraction() / 2);
  const fromMs = nowMs - agoMs();
  return {
    ...(dice.chance(0.3) ? { streams: dice.some(defaultStreams.map(({ name }) => name)) } : {}),
    ...(dice.chance(0.15) ? { full: true } : {}),
    ...(dice.chance(0.25) ? { sweep: true } : {}),
    ...(dice.chance(0.1) ? { confirmed: true } : {}),
    ...(dice.chance(0.2) ? { startAt: new Date(nowMs - agoMs()) } : {}),
    ...(dice.chance(0.1) ? { range: { from: new Date(fromMs), to: new Date(fromMs + day * 1000) } } : {}),
    maximumMinutes: dice.pick([0, 5]),
  };
}

/** A run that may be called off half-way. Null when it ended with an error that the bad day explains. */
async function runOnce(lab: Lab, dice: Dice, change: Partial<SyncOptions>): Promise<SyncResult | null> {
  const calledOff = new AbortController();
  const after = dice.chance(0.2) ? dice.between(1, 40) : Infinity;
  const seen = lab.simulator.requests.count;
  const stop = lab.simulator.faults.choose({}, () => {
    if (lab.simulator.requests.count - seen >= after) calledOff.abort('a test said so');
    return undefined;
  });
  try {
    const result = await lab.run({ signal: calledOff.signal, ...change });
    return result;
  } catch (error) {
    const explained = ['interrupted', 'destination_failed'];
    if (!isTrunklineError(error) || !explained.includes(error.code)) throw error;
    return null;
  } finally {
    stop();
  }
}
