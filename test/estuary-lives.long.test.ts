// Many lives of companies under Flow. A failure names its seed.
import { expect, test } from 'vitest';
import { liveUnderFlow } from './support/flow-life.ts';

const seeds = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);

test.each(seeds(1000, 60))('a life with churn, faults and sessions that end anywhere: seed %i', async (seed) => {
  await liveUnderFlow({ seed, sessions: 6 });
});

test('lives in which processes are killed at any byte', async () => {
  let killed = 0;
  for (const seed of seeds(2000, 20)) killed += (await liveUnderFlow({ seed, sessions: 12, kills: true })).killed;
  expect(killed).toBeGreaterThan(100);
});
