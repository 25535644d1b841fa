import { expect, test } from 'vitest';
import { factsOf, openAuditLab, outcomeOf } from '../../../test/support/audit-lab.ts';
import type { AuditLab } from '../../../test/support/audit-lab.ts';
import { Interrupted } from '../../base/index.ts';
import type { RecordFilter } from '../../store/index.ts';
import { followRecords, searchRecords } from './search.ts';
import type { SearchOptions } from './search.ts';

const process = { durability: 'process' } as const;

async function found(lab: AuditLab, filter: RecordFilter, options: Partial<SearchOptions> = {}): Promise<number[]> {
  const seqs: number[] = [];
  for await (const { seq } of searchRecords({ store: lab.store, filter, ...options })) seqs.push(seq);
  return seqs;
}

test('records are found by each thing they can be searched by, and by all together', async () => {
  const lab = await openAuditLab();
  const facts = factsOf();
  await lab.log.append(factsOf({ callId: 'one' }), process);
  await lab.log.append(outcomeOf({ callId: 'one', sentence: 'Support Agent listed 20 CALLS.' }), process);
  await lab.log.append(
    factsOf({
      callId: 'two',
      who: { ...facts.who, agent: { id: 'ag_other', name: 'Other' } },
      what: { ...facts.what, capability: 'contacts.delete', effect: 'delete', arguments: { number: `hmac:tel:${'a'.repeat(32)}` } },
      decision: facts.decision && { ...facts.decision, effect: 'deny' },
      sentence: 'Other tried to delete contact 5512.',
    }),
    process,
  );
  expect(await found(lab, {})).toEqual([1, 2, 3]);
  expect(await found(lab, { callId: 'one' })).toEqual([1, 2]);
  expect(await found(lab, { agentId: 'ag_other' })).toEqual([3]);
  expect(await found(lab, { capability: 'calls.list' })).toEqual([1, 2]);
  expect(await found(lab, { effect: 'delete' })).toEqual([3]);
  expect(await found(lab, { decision: 'deny' })).toEqual([3]);
  expect(await found(lab, { phase: 'outcome' })).toEqual([2]);
  expect(await found(lab, { sentence: 'listed 20 calls' })).toEqual([2]);
  expect(await found(lab, { sentence: '%' })).toEqual([]);
  expect(await found(lab, { contains: `hmac:tel:${'a'.repeat(32)}` })).toEqual([3]);
  expect(await found(lab, { agentId: 'ag_support', phase: 'intent', capability: 'calls.list', callId: 'one' })).toEqual([1]);
  expect(await found(lab, { agentId: "' OR 1=1 --" })).toEqual([]);
});

test('records are found by time, from the start of a moment up to another one', async () => {
  const lab = await openAuditLab();
  for (let minute = 0; minute < 6; minute += 1) {
    await lab.fill(2);
    await lab.clock.advance(60_000);
  }
  const between = (from: string | undefined, to: string | undefined) => found(lab, {}, { from, to });
  expect(await between('2026-01-02T03:05:05.000Z', '2026-01-02T03:07:05.000Z')).toEqual([3, 4, 5, 6]);
  expect(await between(undefined, '2026-01-02T03:04:05.001Z')).toEqual([1, 2]);
  expect(await between('2026-01-02T03:09:05.001Z', undefined)).toEqual([]);
  expect(await between(undefined, '2020-01-01T00:00:00.000Z')).toEqual([]);
  expect(await between('2020-01-01T00:00:00.000Z', undefined)).toHaveLength(12);
});

test('the newest so many of those that fit come oldest first, also from far back', async () => {
  const lab = await openAuditLab();
  await lab.log.append(factsOf({ sentence: 'The first.' }), process);
  await lab.fill(6_000, { together: 250 });
  await lab.log.append(factsOf({ sentence: 'The last.' }), process);
  expect(await found(lab, {}, { newest: 3 })).toEqual([6_000, 6_001, 6_002]);
  expect(await found(lab, { sentence: 'the ' }, { newest: 5 })).toEqual([1, 6_002]);
  expect(await found(lab, {}, { newest: 0 })).toEqual([]);
  expect(await found(lab, {}, { after: 5_999 })).toEqual([6_000, 6_001, 6_002]);
  expect(await found(lab, {})).toHaveLength(6_002);
});

test('a record that was damaged does not stop a search', async () => {
  const lab = await openAuditLab();
  await lab.fill(5);
  lab.tamper("UPDATE audit_records SET bytes = '{\"callId' WHERE seq = 3");
  expect(await found(lab, {})).toEqual([1, 2, 3, 4, 5]);
  expect(await found(lab, { agentId: 'ag_support', phase: 'intent' })).toEqual([1, 2, 4, 5]);
  expect(await found(lab, {}, { from: '2020-01-01T00:00:00.000Z' })).toEqual([1, 2, 3, 4, 5]);
});

test('following gives what is added, by any process, until it is called off', async () => {
  const lab = await openAuditLab();
  await lab.fill(2);
  const { log } = await lab.another();
  const { signal, abort } = withAbort();
  const seqs: number[] = [];
  const clock = { ...boundTo(lab), sleep: async () => void (await log.append(factsOf(), process)) };
  const following = (async () => {
    for await (const { seq } of followRecords({ store: lab.store, filter: {}, after: 2, clock, signal })) {
      seqs.push(seq);
      if (seqs.length === 4) abort();
    }
  })();
  await expect(following).rejects.toBeInstanceOf(Interrupted);
  expect(seqs).toEqual([3, 4, 5, 6]);
});

function withAbort() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

function boundTo({ clock }: AuditLab) {
  return { now: () => clock.now(), monotonic: () => clock.monotonic() };
}
