// Ten agents and a backfill on one budget: what each of them gets, and that Aircall never has to refuse anything.
import { expect, test } from 'vitest';
import { expectFair, expectKept, expectPatient, soak, tenAgents } from './support/budget-soak.ts';

test('ten agents, two of them greedy, and a backfill: no 429, equal shares, and the modest do not wait in vain', async () => {
  const soaked = await soak({ minutes: 2, agents: tenAgents, backfill: 8 });
  expectKept(soaked, { minutes: 2, allowed: 110 });
  expectFair(soaked, { weights: tenAgents.map(() => 1), within: 0.1 });
  expectPatient(soaked);
  // Who asks more at once than its share pays for that itself.
  expect(soaked.exhausted.slice(0, 2).every((count) => count > 0)).toBe(true);
});

test('an agent that comes to a backfill in full swing is answered at once', async () => {
  const busy = { atOnce: 1, thinkMs: 20_000 };
  const soaked = await soak({ minutes: 2, agents: [busy, { ...busy, fromMs: 70_000 }], backfill: 8 });
  expectKept(soaked, { minutes: 2, allowed: 110 });
  expect(soaked.exhausted).toEqual([0, 0]);
  expect(soaked.answered[1]).toBe(3);
  for (const waitedMs of soaked.longestMs) expect(waitedMs).toBeLessThan(1500);
});
