// One life of a random company under Flow: it changes while and between sessions, its API has bad days, sessions are ended
// and killed, bindings come and go. In the end, after some sessions in peace, the collections equal what Aircall has.
import { expect } from 'vitest';
import type { Clock } from '../../src/base/index.ts';
import { busyChurn, type ChurnRates, type Fault } from '../../src/simulator/index.ts';
import { Dice } from './dice.ts';
import { FakeClock } from './fake-clock.ts';
import { type Capture, openCapture } from './flow-capture.ts';
import type { Binding, Seen, SessionOptions } from './flow-runtime.ts';

const day = 24 * 3600;

export type FlowLifeOptions = {
  readonly seed: number;
  /** Sessions before peace. */
  readonly sessions: number;
  /** In processes that are killed with SIGKILL, at any byte. Default: in this process, ended in good order. */
  readonly kills?: boolean;
};

/** What happened, to see that it was not nothing. */
export type FlowLife = { readonly killed: number; readonly failed: number; readonly tombstones: number };

export async function liveUnderFlow({ seed, sessions, kills = false }: FlowLifeOptions): Promise<FlowLife> {
  const dice = new Dice(seed);
  const clock = kills ? undefined : hurryingClock();
  const capture = await openCapture({
    simulator: {
      seed,
      calls: dice.between(50, 350),
      contacts: dice.between(20, 260),
      users: dice.between(2, 20),
      tags: dice.between(0, 70),
      teams: dice.between(0, 8),
      webhooks: dice.between(0, 3),
      openCalls: dice.between(0, 3),
      ...(clock === undefined ? {} : { clock }),
    },
    advanced: { reread: [{ name: 'everything', span: 'all', every: 'PT1S' }], confirm_deletions: true },
  });
  const { simulator, runtime } = capture;
  await runtime.publish();
  const all = runtime.bindings;
  const tell = (what: string) => `seed ${seed}, ${what}`;
  const life = { killed: 0, failed: 0, tombstones: 0 };

  for (let session = 1; session <= sessions; session += 1) {
    simulator.company.advance(dice.pick([0, 5, 600, 2 * 3600, day, 8 * day]));
    const endBadDay = beginBadDay(capture, dice, { seed: seed * 100 + session, kills });
    const { code, signal, seen, log } = await runtime.session({ ...chance(dice, all, kills), ...(clock === undefined ? {} : { clock }) });
    endBadDay();
    if (signal === 'SIGKILL') life.killed += 1;
    else if (code !== 0) {
      life.failed += 1;
      expect(log.at(-1)?.['code'], tell(`session ${session}: ${log.at(-1)?.message}`)).toMatch(explained);
    }
    for (const documents of seen.byName.values())
      life.tombstones += documents.filter(({ _meta }) => (_meta as { op: string }).op === 'd').length;
    expect(runtime.violations, tell(`session ${session}`)).toEqual([]);
  }

  simulator.faults.clear();
  for (const passed of [26 * 3600, 8 * day, 3600]) {
    simulator.company.advance(passed);
    const { code, log } = await runtime.session({ bindings: all, ...(clock === undefined ? {} : { clock }) });
    expect(code, tell(`in peace: ${log.at(-1)?.message}`)).toBe(0);
  }
  const ever = new Set(simulator.truth({ calls: 'ever', streams: ['calls'] }).calls.keys());
  expect(capture.differences({ mayBeThere: (stream, key) => stream === 'calls' && ever.has(key) }), tell('in the end')).toEqual([]);
  expect(runtime.violations, tell('in the end')).toEqual([]);
  expect(runtime.largestState, tell('bytes of state')).toBeLessThan(100_000);
  return life;
}

/** What a bad day can do to a session: Aircall failed too often in a row. */
const explained = /^(?:server_failed|connection_failed|malformed_answer|timed_out|rate_limited)$/;

function chance(dice: Dice, all: readonly Binding[], kills: boolean): SessionOptions {
  const bindings = dice.chance(0.3) ? shuffled(dice, dice.some(all)) : all;
  const common = { bindings, fold: () => dice.between(1, 6), closesInput: dice.chance(0.3) };
  if (kills) {
    // Early as well as late, in the middle of a line or between two.
    const after = Math.floor(10 ** (2 + 4 * dice.fraction()));
    const messages = dice.between(2, 400);
    const how = dice.pick([{ killAfterBytes: after }, { until: (seen: Seen) => seen.messages >= messages, endBy: 'SIGKILL' }] as const);
    return { ...common, isProcess: true, ...how };
  }
  const enough = dice.chance(0.4) ? dice.between(1, 400) : Infinity;
  return { ...common, acknowledges: !common.closesInput && dice.chance(0.5), until: ({ messages }) => messages >= enough };
}

function shuffled<T>(dice: Dice, values: readonly T[]): readonly T[] {
  return values
    .map((value) => [dice.fraction(), value] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, value]) => value);
}

const rates: ChurnRates = { ...busyChurn, callVanished: 0.05 };

function beginBadDay({ simulator }: Capture, dice: Dice, { seed, kills }: { readonly seed: number; readonly kills: boolean }): () => void {
  const by = dice.pick([0.2, 1]);
  const churn = simulator.churn({
    seed,
    perRequest: Object.fromEntries(Object.entries(rates).map(([event, rate]) => [event, rate * by])),
    withinPage: dice.chance(0.3) ? { callStarted: 0.1, contactAdded: 0.1, contactRemoved: 0.05 } : {},
    secondsPerRequest: dice.pick([0, 1, 20]),
    recentSeconds: dice.pick([3600, 86_400]),
  });
  if (dice.chance(0.3)) simulator.faults.always({}, { kind: 'perPage', perPage: dice.pick([7, 20]) });
  // A process of its own waits in real time before it tries again.
  if (dice.chance(0.5) && !kills)
    simulator.storm({ seed, probability: dice.pick([0.02, 0.2]), ...(dice.chance(0.2) ? { inARow: 20 } : {}) });
  if (dice.chance(0.3)) {
    simulator.faults.choose({}, () => (dice.chance(0.05) ? drawLie(dice) : undefined));
  }
  return () => {
    churn.stop();
    simulator.faults.clear();
  };
}

/** Answers that are well-formed and wrong. */
function drawLie(dice: Dice): Fault {
  if (dice.chance(0.4)) return { kind: 'samePage' };
  const by = dice.pick([-50, -1, 1, 50]);
  return { kind: 'total', change: (total) => Math.max(0, total + by) };
}

/** Every wait is over at once, but for the end of the session. */
function hurryingClock(): Clock {
  const clock = new FakeClock({ hurry: true });
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: (delayMs, signal) => (delayMs > day * 500 ? new FakeClock().sleep(delayMs, signal) : clock.sleep(delayMs, signal)),
  };
}
