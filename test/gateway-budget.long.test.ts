// The same as in the default suite, for half an hour of simulated time.
import { test } from 'vitest';
import { expectFair, expectKept, expectPatient, soak, tenAgents } from './support/budget-soak.ts';

const minutes = 30;

test('ten agents and a backfill for 30 minutes: no 429, and every agent gets its share within 10 %', async () => {
  const soaked = await soak({ minutes, agents: tenAgents, backfill: 8 });
  console.log(JSON.stringify(soaked));
  expectKept(soaked, { minutes, allowed: 110 });
  expectFair(soaked, { weights: tenAgents.map(() => 1), within: 0.1 });
  expectPatient(soaked);
});

test('ten agents of weights 1 to 4 and a backfill for 30 minutes: no 429, and every agent gets its share within 10 %', async () => {
  const weights = [1, 1, 1, 1, 2, 2, 2, 3, 3, 4];
  // So many at once that each always has one in line.
  const agents = weights.map((weight) => ({ atOnce: 4, budget: { weight, burst: 5, maximumRequestsPerDay: null } }));
  const soaked = await soak({ minutes, agents, backfill: 8 });
  console.log(JSON.stringify(soaked));
  expectKept(soaked, { minutes, allowed: 110 });
  expectFair(soaked, { weights, within: 0.1 });
});
