// Many lives under the Airbyte source, many kills, and lists past the cap on reachable rows.
import { expect, test } from 'vitest';
import { liveUnderAirbyte } from './support/airbyte-life.ts';
import { configure, Platform } from './support/airbyte-platform.ts';
import { expectResumableStates, killAndResume, openSource, ordinary } from './support/airbyte-source.ts';

const seeds = Array.from({ length: 120 }, (_, index) => 1000 + index);

test.each(seeds)('through churn, faults and reads that die, the tables become what Aircall has (seed %i)', (seed) =>
  liveUnderAirbyte({ seed, reads: 6 }),
);

test.each([11, 12, 13, 14, 15, 16, 17, 18, 19, 20])('killed again and again, nothing is missing (seed %i)', async (seed) => {
  const source = await openSource({ realTime: true, simulator: { seed, calls: 1200, contacts: 400 } });
  await killAndResume(source, { kills: 20, seed });
});

test('more rows than one query lists all arrive, once each', async () => {
  const { simulator, read, streams } = await openSource({ simulator: { calls: 24_000, contacts: 11_000 } });
  const catalog = configure(streams, 'incremental', ordinary);
  const platform = new Platform();
  const { attempt, code } = await read({ catalog, platform });
  expect([attempt.violations, code]).toEqual([[], 0]);
  expect(platform.differences(simulator.truth())).toEqual([]);
  expect(attempt.records('calls')).toHaveLength(simulator.truth().calls.size);
  expect(attempt.records('contacts')).toHaveLength(simulator.truth().contacts.size);
});

test('from every checkpoint of long lists a read brings exactly what came after it', async () => {
  const { read, streams } = await openSource({ simulator: { calls: 11_000, contacts: 10_400 } });
  await expectResumableStates({ read, streams }, ['calls', 'contacts']);
});
