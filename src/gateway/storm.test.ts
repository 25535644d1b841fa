// Everything there is, asked for at random under random policies over real HTTP: nothing reaches Aircall that was not allowed, and
// nothing that was not written down first.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyStorm, blow, openStormLab } from './storm.conformance.ts';

test('under random policies no random request reaches Aircall without its intent, nor against a level, a rule, a guardrail or a limit', async () => {
  const lab = await openStormLab();
  let reached = 0;
  await fc.assert(
    fc.asyncProperty(anyStorm, async (storm) => {
      const result = await blow(lab, storm);
      reached += result.reached;
      expect(result.wrong).toEqual([]);
      await lab.lab.clock.advance(61_000);
    }),
    { numRuns: 60, endOnFailure: true },
  );
  // Else it would be no test.
  expect(reached).toBeGreaterThan(0);
  expect(await lab.lab.audit.unfinished()).toEqual([]);
});
