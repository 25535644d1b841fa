// States of earlier releases: every form that was ever written stays readable.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FakeClock } from './support/fake-clock.ts';
import { openCapture } from './support/flow-capture.ts';
import type { Document } from './support/flow-runtime.ts';

const first = JSON.parse(readFileSync(new URL('fixtures/v1/estuary-state.json', import.meta.url), 'utf8')) as Document;

test('a state of the first release is gone on from: what was closed is not read again, what was begun is finished, what is gone is noticed', async () => {
  const clock = new FakeClock({ startMs: Date.UTC(2026, 10, 22, 2) });
  const { simulator, runtime } = await openCapture({ simulator: { clock, calls: 500, contacts: 60 } });
  await runtime.publish({ names: ['tags', 'users', 'contacts', 'calls'] });
  runtime.bindings = runtime.bindings.map((binding) => (binding.name === 'calls' ? { ...binding, backfill: 2 } : binding));
  runtime.state = first;
  const { seen } = await runtime.session({ clock });
  expect(seen.byName.get('users')).toHaveLength(simulator.company.users.count);
  const closedUntil = 1_779_523_718;
  const started = (seen.byName.get('calls') ?? []).map((call) => Date.parse(String(call['started_at'])) / 1000);
  expect(started.length).toBeGreaterThan(0);
  expect(started.length).toBeLessThan(500);
  expect(Math.min(...started)).toBeGreaterThan(closedUntil);

  simulator.company.advance(8 * 24 * 3600);
  const { seen: swept } = await runtime.session({ clock });
  const gone = (swept.byName.get('contacts') ?? []).filter((document) => (document['_meta'] as Document)['op'] === 'd');
  expect(gone.map(({ id }) => id)).toEqual([62_000_001, 62_000_005, 62_000_007]);
  expect(runtime.violations).toEqual([]);
});
