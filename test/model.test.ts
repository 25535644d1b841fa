// Random companies live through random changes, bad days, interrupted runs and failed loads. See support/life.ts for what
// must hold all the time and in the end. Each seed is another life; the long run has hundreds more.
import { expect, test } from 'vitest';
import { flippedSwitches, switches } from '../src/aircall/index.ts';
import { liveOneLife } from './support/life.ts';

const seeds = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);

test.for(seeds(1, 16))('life %i: whatever happens, the tables equal the truth in the end', (seed) => liveOneLife({ seed }));

test('life 1002, loaded into DuckDB', () => liveOneLife({ seed: 1002, inMemory: false, runs: 2 }));

test.for(seeds(2001, 4))('life %i, on a small budget that is never passed in any 60 s', (seed) =>
  liveOneLife({ seed, quota: 20, runs: 3 }),
);

/** What concerns OAuth, writing and webhooks has no part in a sync. */
const readingTopics = ['rate', 'lists', 'history', 'errors', 'users', 'calls', 'contacts', 'other records'];
const flipped = flippedSwitches().filter(({ name }) => readingTopics.includes(switches[name].about));

test('every open question about reading is among the lives below', () => {
  expect(new Set(flipped.map(({ name }) => switches[name].about))).toEqual(new Set(readingTopics));
});

test.for(flipped)('a life in which $name is $answer', ({ name, answer }) =>
  liveOneLife({
    seed: 42,
    runs: 1,
    quota: 'documented',
    simulator: { switches: { [name]: answer } },
    off: name === 'usersV1Others' ? ['user_availability'] : [],
  }),
);
