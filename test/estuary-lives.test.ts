// Whole lives of companies under Flow, with churn, faults, kills and changing bindings; in the end nothing is missing, nothing
// is false, nothing is left over. More of them are in estuary-lives.long.test.ts.
import { expect, test } from 'vitest';
import { type FlowLife, liveUnderFlow } from './support/flow-life.ts';

test('through churn, faults and sessions that end anywhere, the collections end equal to what Aircall has', async () => {
  const lives: FlowLife[] = [];
  for (const seed of [1, 2]) lives.push(await liveUnderFlow({ seed, sessions: 3 }));
  expect(lives.reduce((sum, { tombstones }) => sum + tombstones, 0)).toBeGreaterThan(3);
});

test('killed at any byte and started again from the last commit, the collections end equal to what Aircall has', async () => {
  const lives: FlowLife[] = [];
  for (const seed of [11]) lives.push(await liveUnderFlow({ seed, sessions: 6, kills: true }));
  expect(lives.reduce((sum, { killed }) => sum + killed, 0)).toBeGreaterThan(3);
});
