// Who may say yes, and to what.
import { describe, expect, test } from 'vitest';
import { openFrictionDesk, policyOf } from '../../../test/support/friction-desk.ts';
import { nameKey } from '../policy/names.ts';
import type { DecideOptions } from './approvals.ts';

async function openWaiting() {
  const desk = await openFrictionDesk();
  await desk.write(
    desk.friction.draftApproval(desk.request('tags.delete', { at: { id: '1' } }), { sentence: 'Delete.', why: 'A rule asks for it.' })
      .store,
  );
  const decide = (options: Partial<DecideOptions>) =>
    desk.approvals.decide('AP-1', { verdict: 'approve', by: 'Olga', fourEyes: null, areas: 'all', policy: policyOf('v1'), ...options });
  return { desk, decide };
}

test('who may decide about other areas alone decides neither yes nor no', async () => {
  const { decide } = await openWaiting();
  for (const verdict of ['approve', 'refuse'] as const) {
    expect(() => decide({ verdict, areas: ['calls', 'contacts'] })).toThrow(expect.objectContaining({ code: 'approver_not_allowed' }));
    expect(() => decide({ verdict, areas: [] })).toThrow(expect.objectContaining({ code: 'approver_not_allowed' }));
    expect(decide({ verdict, areas: ['tags'] }).by).toBe('Olga');
  }
});

test('what was asked for under other rules is not approved, and can be refused', async () => {
  const { decide } = await openWaiting();
  expect(() => decide({ policy: policyOf('v2') })).toThrow(expect.objectContaining({ code: 'approval_outdated' }));
  expect(decide({ policy: policyOf('v2'), verdict: 'refuse' }).by).toBe('Olga');
});

test('what waits or was approved is outdated once the rules change, and stands as before should they be put back', async () => {
  const { desk } = await openWaiting();
  const request = (id: string) => desk.request('tags.delete', { at: { id } });
  for (const id of ['2', '3'])
    await desk.write(desk.friction.draftApproval(request(id), { sentence: 'Delete.', why: 'A rule asks for it.' }).store);
  await desk.decide('AP-2', 'approve', 'Olga');
  await desk.decide('AP-3', 'refuse', 'Olga');
  const states = (policyVersion: string) => {
    desk.policyVersion = policyVersion;
    const own = desk.approvals.recent({ limit: 3 }).map(({ state }) => state);
    const told = ['AP-3', 'AP-2', 'AP-1'].map(
      (id) => desk.friction.standing('ag_billing', id, { nowMs: desk.nowMs, policyVersion })?.state,
    );
    expect(told).toEqual(own);
    return own;
  };
  expect(states('v2')).toEqual(['refused', 'outdated', 'outdated']);
  expect(desk.approvals.waiting()).toMatchObject([{ id: 'AP-1', state: 'outdated' }]);
  await expect(desk.decide('AP-2', 'refuse', 'Olga')).rejects.toThrow('it was approved by Olga, and the rules have changed since');
  expect(states('v1')).toEqual(['refused', 'approved', 'pending']);
  desk.wait(15 * 60_000);
  expect(states('v2')).toEqual(['refused', 'expired', 'expired']);
});

describe('with four eyes', () => {
  const people = (...names: readonly string[]): NonNullable<DecideOptions['fourEyes']> => {
    const keys = names.map(nameKey);
    return (name) =>
      keys.includes(nameKey(name))
        ? { id: 'pe_1', name, role: 'approver', areas: 'all', mustChange: false, madeAt: '2026-11-22T10:00:00.000Z', madeBy: 'Otto' }
        : null;
  };

  test('nobody approves for the own agent, however the name is written', async () => {
    const { decide } = await openWaiting();
    const fourEyes = people('Olaf Berg', 'Olga Stein');
    for (const by of ['Olaf Berg', 'olaf berg', 'OLAF.BERG', 'Ólaf  Berg']) {
      expect(() => decide({ by, fourEyes })).toThrow(expect.objectContaining({ code: 'approver_not_allowed' }));
      expect(decide({ by: by.replace('  ', ' ') }).by).toBe(by.replace('  ', ' '));
    }
    expect(decide({ by: 'Olga Stein', fourEyes }).by).toBe('Olga Stein');
  });

  test('an owner whom nobody logs in as may be anybody: nobody approves, and is told what to do', async () => {
    const { decide } = await openWaiting();
    const fourEyes = people('Olaf', 'Olga Stein');
    for (const by of ['Olaf', 'Olga Stein']) {
      expect(() => decide({ by, fourEyes })).toThrow(
        expect.objectContaining({
          code: 'owner_unknown',
          hint: expect.stringContaining('trunkline agents set "Billing Bot" --owner "Olga Stein"'),
        }),
      );
      expect(decide({ by, fourEyes, verdict: 'refuse' }).by).toBe(by);
    }
  });

  test('a name that nobody logs in with refuses, and does not approve', async () => {
    const { decide } = await openWaiting();
    const fourEyes = people('Olaf Berg');
    expect(() => decide({ by: 'Otto', fourEyes })).toThrow(expect.objectContaining({ code: 'approver_not_allowed' }));
    expect(decide({ by: 'Otto', fourEyes, verdict: 'refuse' }).by).toBe('Otto');
  });
});
