import { expect, test } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { AuditFacts } from '../audit/record.ts';
import { RefusalFolder } from './fold.ts';
import { ownRefusal } from './record.ts';

const facts: AuditFacts = {
  callId: 'c',
  phase: 'intent',
  who: { agent: null, keyId: null, owner: null, operator: null, client: null, ip: null },
  what: { capability: null, area: null, effect: null, arguments: null, argumentsDigest: null },
  where: { surface: 'rest', method: null, route: null, protocol: null, tool: null, traceId: null },
  decision: ownRefusal({ code: 'not_granted', kind: 'grant', text: 'No.' }),
  outcome: null,
  sentence: 'Denied.',
  change: null,
};

function open(options: { readonly maximumKinds?: number } = {}) {
  const clock = new FakeClock();
  const written: number[] = [];
  const disk = { isFull: false };
  const folder = new RefusalFolder({
    clock,
    write: async ({ facts: { decision } }) => {
      if (disk.isFull) throw new Error('full');
      written.push(decision?.times ?? 0);
    },
    ...options,
  });
  return { clock, written, disk, folder };
}

test('every refusal is told, one by one or in a count, whatever their order and the disk', async () => {
  const { clock, written, disk, folder } = open();
  let given = 0;
  for (let round = 0; round < 200; round += 1) {
    disk.isFull = round % 7 === 3;
    try {
      await folder.note(`kind ${round % 3}`, { facts });
      given += 1;
    } catch {
      // Not recorded, and so not given to the agent.
    }
    if (round % 20 === 0) await clock.advance(25_000);
  }
  disk.isFull = false;
  await folder.close();
  expect(written.reduce((sum, times) => sum + times, 0)).toBe(given);
  expect(written.length).toBeLessThan(given);
});

test('what is stored with a refusal is stored while it is recorded one by one', async () => {
  const { folder } = open();
  let stored = 0;
  const clock = new FakeClock();
  const storing = new RefusalFolder({ clock, write: async ({ also }) => also?.() });
  for (let count = 0; count < 12; count += 1) await storing.note('a', { facts, also: () => (stored += 1) });
  expect(stored).toBe(10);
  await folder.close();
});

test('more kinds than it can tell apart are counted together', async () => {
  const { written, folder } = open({ maximumKinds: 5 });
  for (let kind = 0; kind < 100; kind += 1) await folder.note(`kind ${kind}`, { facts });
  expect(written.length).toBe(15);
  await folder.close();
  expect(written.reduce((sum, times) => sum + times, 0)).toBe(100);
});

test('a count is told a minute later without anybody asking', async () => {
  const { clock, written, folder } = open();
  for (let count = 0; count < 30; count += 1) await folder.note('a', { facts });
  expect(written).toHaveLength(10);
  await clock.advance(60_000);
  expect(written.at(-1)).toBe(20);
  await folder.close();
});
