// A company that changes while the program reads it, and a program that is killed again and again at random moments. In the
// end a run in peace leaves nothing lost, nothing double, nothing waiting and nobody holding a lease.
import { expect } from 'vitest';
import { busyChurn } from '../../src/simulator/index.ts';
import { killAt, leaseHolders, moments, openPlace, rereadEverything, unfinishedPackages } from './child-runs.ts';
import { Dice } from './dice.ts';
import { falseDeletions, flaws, keysOf } from './sound.ts';

const day = 24 * 3600;

/** `size`: the most calls that the company begins with. */
export async function liveAndBeKilled(seed: number, { kills, size }: { readonly kills: number; readonly size: number }): Promise<void> {
  const dice = new Dice(seed);
  const place = await openPlace({
    seed,
    calls: dice.between(50, size),
    contacts: dice.between(20, size / 2),
    openCalls: 2,
    historyStartMs: Date.now() - 5 * day * 1000,
  });
  const { simulator } = place;
  rereadEverything(place);
  const tell = (what: string) => `seed ${seed}, ${what}`;

  for (let killed = 0; killed < kills;) {
    const churn = simulator.churn({ seed: seed * 1000 + killed, perRequest: busyChurn, recentSeconds: day });
    const endStorm = dice.chance(0.2) ? simulator.storm({ seed, probability: 0.02 }) : () => {};
    const line = ['sync', ...dice.pick([[], [], ['calls', 'users'], ['contacts']]), ...dice.pick([[], [], ['--full'], ['--sweep']])];
    const moment = dice.pick(moments);
    if (await killAt(place, place.start(line), moment, dice)) killed += 1;
    churn.stop();
    endStorm();
    if (!dice.chance(0.3)) continue;
    const names = await place.tables.names().catch(() => new Set<string>());
    if (!names.has('_trunkline_loads')) continue;
    const what = tell(`after kill ${killed} (${line.join(' ')}, ${moment})`);
    expect(await falseDeletions(place.tables, keysOf(simulator.truth())), what).toEqual([]);
    expect(await flaws(place.tables), what).toEqual([]);
  }

  simulator.company.advance(day + 3600);
  let last = await place.run(['sync', '--sweep', '--yes']);
  expect(last, tell('the first run in peace')).toMatchObject({ code: 0 });
  simulator.company.advance(5);
  last = await place.run(['sync', '--sweep', '--yes']);
  expect(last, tell('the last run')).toMatchObject({ code: 0 });
  const ever = keysOf(simulator.truth({ calls: 'ever', streams: ['calls'] })).calls;
  expect(await place.differences({ mayBeStored: (stream, key) => stream === 'calls' && ever.has(key) }), tell('in the end')).toEqual([]);
  expect(await flaws(place.tables), tell('in the end')).toEqual([]);
  expect(unfinishedPackages(place.home), tell('in the end')).toEqual([]);
  expect(await leaseHolders(place.path), tell('in the end')).toEqual([]);
  expect(simulator.requests.busiestMinute(), tell('requests in 60 s')).toBeLessThanOrEqual(5990);
}
