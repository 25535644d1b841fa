// As storm.test.ts, with a million requests over real HTTP: about five hours on two cores; `npm run test:million` leaves out the wire.
// A company wears out under random writes, so each has two thousand. What fails is repeated by its name: `-t "company 17 "`.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyStorm, blow, openStormLab } from './storm.conformance.ts';

const companies = Array.from({ length: 500 }, (_, index) => index + 1);

test.each(companies)('company %i of random requests hears of none without its intent, nor against a rule or a limit', async (seed) => {
  const lab = await openStormLab();
  let requests = 0;
  await fc.assert(
    fc.asyncProperty(anyStorm, async (storm) => {
      requests += storm.gusts.length;
      expect((await blow(lab, storm)).wrong).toEqual([]);
      await lab.lab.clock.advance(61_000);
    }),
    { numRuns: 270, seed, endOnFailure: true },
  );
  expect(requests).toBeGreaterThan(2000);
  expect(await lab.lab.audit.unfinished()).toEqual([]);
});
