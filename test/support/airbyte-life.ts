// One life of a random company under the Airbyte source: it changes while it is read and between reads, its API has bad days,
// reads die in the middle of a line. No line may break a rule; in the end the tables equal what Aircall has.
import { expect } from 'vitest';
import { busyChurn, type ChurnRates, type SimulatorOptions, streamNames, type Truth } from '../../src/simulator/index.ts';
import { Attempt, configure, type ConfiguredCatalog, Platform, type SyncMode } from './airbyte-platform.ts';
import { openSource, type Source } from './airbyte-source.ts';
import { Dice } from './dice.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

export type LifeOptions = { readonly seed: number; readonly reads?: number; readonly simulator?: SimulatorOptions };

export async function liveUnderAirbyte({ seed, reads, simulator: wanted }: LifeOptions): Promise<void> {
  const dice = new Dice(seed);
  const source = await openSource({
    simulator: {
      seed,
      calls: dice.between(0, 260),
      contacts: dice.between(0, 160),
      users: dice.between(1, 20),
      tags: dice.between(0, 60),
      webhooks: dice.between(0, 3),
      openCalls: dice.between(0, 4),
      embedding: 'as-created',
      ...wanted,
    },
    config: { reread_minutes: 1440 },
  });
  const { simulator, clock, secrets } = source;
  const platform = new Platform();
  const catalog = catalogOf(source, dice.chance(0.2) ? 'full_refresh' : 'incremental');
  const times = reads ?? dice.between(2, 5);
  for (let read = 1; read <= times; read += 1) {
    const what = `seed ${seed}, read ${read} of ${times}`;
    clock.advance(dice.pick([1000, 30_000, 10 * minuteMs, 2 * hourMs, dayMs]));
    const endBadDay = beginBadDay(source, dice, seed * 100 + read);
    const { stdout, code } = await source.read({ catalog, states: platform.states() });
    endBadDay();
    // A process that is killed leaves a part of its output behind, cut anywhere.
    const isCut = dice.chance(0.6);
    const output = isCut ? stdout.slice(0, dice.between(0, stdout.length)) : stdout;
    const attempt = new Attempt({ catalog, secrets, platform, keepsUncommitted: dice.chance(0.5) }).read(output, { isCut });
    if (!isCut) attempt.end(code);
    expect(attempt.violations, what).toEqual([]);
    expect(falselyDeleted(platform, simulator.truth()), what).toEqual([]);
  }

  // In peace: everything is read again within a week, and deletions are looked for.
  simulator.faults.clear();
  clock.advance(26 * hourMs);
  for (let day = 0; day <= 8; day += 1) {
    const config = { ...source.config, confirm_deletions: true };
    const { attempt, code } = await source.read({ catalog: catalogOf(source, 'incremental'), platform, config });
    expect([attempt.violations, attempt.errors, code], `seed ${seed}, in peace`).toEqual([[], [], 0]);
    clock.advance(dayMs);
  }
  const ever = simulator.truth({ calls: 'ever', streams: ['calls'] }).calls;
  const mayBeStored = (stream: string, key: string) => (stream === 'calls' && ever.has(key)) || platform.isUncovered(stream, key);
  expect(platform.differences(simulator.truth(), { mayBeStored }), `seed ${seed}, in the end`).toEqual([]);
}

function catalogOf({ streams }: Source, mode: SyncMode): ConfiguredCatalog {
  return configure(streams, mode, streamNames);
}

/** Rows that are marked as deleted although Aircall has them. */
function falselyDeleted(platform: Platform, truth: Truth): readonly string[] {
  return streamNames.flatMap((name) =>
    platform
      .deleted(name)
      .filter((key) => truth[name].has(key))
      .map((key) => `${name} ${key}`),
  );
}

function beginBadDay({ simulator }: Source, dice: Dice, seed: number): () => void {
  const scale = dice.pick([0.2, 1]);
  const rates: ChurnRates = Object.fromEntries(
    Object.entries({ ...busyChurn, callVanished: 0.05 }).map(([event, rate]) => [event, rate * scale]),
  );
  const churn = dice.chance(0.8)
    ? simulator.churn({
        seed,
        perRequest: rates,
        withinPage: dice.chance(0.5) ? rates : {},
        secondsPerRequest: dice.pick([1, 1, 20]),
        recentSeconds: dice.pick([3600, 86_400]),
      })
    : null;
  if (dice.chance(0.3)) simulator.faults.always({}, { kind: 'perPage', perPage: dice.pick([3, 7, 20]) });
  if (dice.chance(0.6)) simulator.storm({ seed, probability: dice.pick([0.02, 0.2]), ...(dice.chance(0.2) ? { inARow: 20 } : {}) });
  if (dice.chance(0.2)) {
    const endpoint = dice.pick(['calls.list', 'contacts.list', 'users.list', 'tags.list', 'users.availabilities']);
    simulator.faults.always({ endpoint }, { kind: 'status', status: 500 });
  }
  return () => {
    churn?.stop();
    simulator.faults.clear();
  };
}
