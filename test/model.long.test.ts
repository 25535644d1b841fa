// The same as model.test.ts with many more lives. TRUNKLINE_TEST_SEED and TRUNKLINE_TEST_LIVES choose others.
import { test } from 'vitest';
import { flippedSwitches } from '../src/aircall/index.ts';
import { liveOneLife } from './support/life.ts';

const first = Number(process.env['TRUNKLINE_TEST_SEED'] ?? 1);
const lives = Number(process.env['TRUNKLINE_TEST_LIVES'] ?? 500);

const seeds = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);

test.for(seeds(first, lives))('life %i: whatever happens, the tables equal the truth in the end', (seed) => liveOneLife({ seed }));

test.for(seeds(1_000_000 + first, Math.ceil(lives / 10)))('life %i, loaded into DuckDB', (seed) => liveOneLife({ seed, inMemory: false }));

test.for(seeds(2_000_000 + first, Math.ceil(lives / 10)))('life %i, on a small budget that is never passed in any 60 s', (seed) =>
  liveOneLife({ seed, quota: 12 + (seed % 30) }),
);

test.for(flippedSwitches().flatMap(({ name, answer }) => seeds(first, Math.ceil(lives / 200)).map((seed) => ({ name, answer, seed }))))(
  'life $seed, in which $name is $answer',
  ({ name, answer, seed }) =>
    liveOneLife({
      seed,
      quota: 'documented',
      simulator: { switches: { [name]: answer } },
      off: name === 'usersV1Others' ? ['user_availability'] : [],
    }),
);
