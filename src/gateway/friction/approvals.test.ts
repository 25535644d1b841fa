// Who may say yes, and to what.
import { describe, expect, test } from 'vitest';
import { openFrictionDesk, policyOf } from '../../../test/support/friction-desk.ts';
import { nameKey } from '../policy/names.ts';
import type { DecideOptions } from './approvals.ts';

async function openWaiting() {
  const desk = await openFrictionDesk();
  await desk.write(desk.friction.draftApproval(desk.request('tags.delete', { at: { id: '1' } }), 'Delete.').store);
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
