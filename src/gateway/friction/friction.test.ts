// One process, a real gateway.db, a clock in hand.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AlreadyUsed, QuotaReached, TooManyWaiting } from './errors.ts';
import { openFrictionDesk as openDesk, policyOf } from '../../../test/support/friction-desk.ts';
import type { FrictionDesk as Desk } from '../../../test/support/friction-desk.ts';

const minuteMs = 60_000;
const nothingPresented = { confirmToken: null, approvalId: null, idempotencyKey: null };
const answer = { status: 200, body: { id: 9_007_199_254_740_993n, text: '\u0000int:5', list: [null, '', { a: 'b' }] } };

test('a token confirms exactly the request it was made for, once', async () => {
  const desk = await openDesk();
  const request = desk.request('contacts.delete', { at: { id: '7' } });
  const { token, expiresAt } = desk.friction.mintConfirmation(request);
  expect(Date.parse(expiresAt) - desk.nowMs).toBe(5 * minuteMs);

  const examined = desk.friction.examine(desk.request('contacts.delete', { at: { id: '7' } }), {
    ...nothingPresented,
    confirmToken: token,
  });
  expect(examined).toMatchObject({ confirmed: true, approved: false, problem: null, stored: null });
  await desk.write(examined.consume);
  await expect(desk.write(examined.consume)).rejects.toThrow(AlreadyUsed);
  expect(desk.friction.examine(request, { ...nothingPresented, confirmToken: token })).toMatchObject({
    confirmed: false,
    problem: { code: 'confirm_invalid', text: 'The confirmation was used already.' },
  });
});

test.each([
  ['another id', { at: { id: '8' } }],
  ['another agent', { at: { id: '7' }, agentId: 'ag_other' }],
  ['another capability', { at: { id: '7' }, capability: 'tags.delete' }],
  ['another version of the policy', { at: { id: '7' }, policyVersion: 'v2' }],
  ['one more argument', { at: { id: '7' }, query: { a: 1 } }],
  ['the same, too late', { at: { id: '7' }, laterMs: 5 * minuteMs }],
])('a token is worth nothing for %s', async (_name, { laterMs = 0, capability = 'contacts.delete', ...change }: Change) => {
  const desk = await openDesk();
  const { token } = desk.friction.mintConfirmation(desk.request('contacts.delete', { at: { id: '7' } }));
  desk.wait(laterMs);
  const examined = desk.friction.examine(desk.request(capability, change), { ...nothingPresented, confirmToken: token });
  expect(examined).toMatchObject({ confirmed: false, problem: { code: 'confirm_invalid' } });
  await expect(desk.write(examined.consume)).rejects.toThrow(AlreadyUsed);
});

test('a token of another company, with another key, or changed in any place is worth nothing', async () => {
  const desk = await openDesk();
  const request = desk.request('contacts.delete', { at: { id: '7' } });
  const { token } = desk.friction.mintConfirmation(request);
  const others = [await openDesk({ keys: desk.keys, company: 'other' }), await openDesk()];
  for (const other of others) {
    expect(other.friction.examine(request, { ...nothingPresented, confirmToken: token }).problem?.code).toBe('confirm_invalid');
  }
  const bytes = Buffer.from(token.slice('confirm_'.length), 'base64url');
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const forged = `confirm_${changed.toString('base64url')}`;
    expect(desk.friction.examine(request, { ...nothingPresented, confirmToken: forged }).confirmed).toBe(false);
  }
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(desk.friction.examine(request, { ...nothingPresented, confirmToken: text }).problem?.code).toBe('confirm_invalid');
    }),
  );
});

test('an approval goes from waiting through a person to used, and serves one request', async () => {
  const desk = await openDesk();
  const request = desk.request('calls.deleteRecording', { at: { id: '812345' } });
  const drafted = desk.friction.draftApproval(request, {
    sentence: 'Billing Bot asks to delete the recording of call 812345.',
    why: 'A rule asks for it.',
  });
  expect(drafted.id).toBe('AP-1');
  await desk.write(drafted.store);
  const presented = { ...nothingPresented, approvalId: drafted.id };
  expect(desk.friction.examine(request, presented).problem).toMatchObject({ code: 'approval_pending', approval: { id: 'AP-1' } });
  // Asked again, it is the same one.
  const again = desk.friction.draftApproval(request, { sentence: 'Anything.', why: 'A rule asks for it.' });
  await desk.write(again.store);
  expect(again).toMatchObject({ id: 'AP-1', expiresAt: drafted.expiresAt });
  expect(desk.approvals.waiting()).toHaveLength(1);

  await desk.decide('AP-1', 'approve', 'Olga');
  const examined = desk.friction.examine(request, presented);
  expect(examined).toMatchObject({ approved: true, approvalId: 'AP-1', approver: 'Olga', problem: null });
  const second = desk.friction.examine(request, presented);
  await desk.write(examined.consume);
  await expect(desk.write(second.consume)).rejects.toThrow(AlreadyUsed);
  expect(desk.friction.examine(request, presented)).toMatchObject({
    approved: false,
    problem: { code: 'approval_expired', text: 'Approval AP-1 was used already.' },
  });
  expect(desk.approvals.find('AP-1')).toMatchObject({ state: 'used', decidedBy: 'Olga' });
});

test.each([
  ['other arguments', { at: { id: '2' } }, 'approval_refused'],
  ['another agent', { at: { id: '1' }, agentId: 'ag_other' }, 'approval_refused'],
  ['another capability', { at: { id: '1' }, capability: 'calls.deleteVoicemail' }, 'approval_refused'],
  ['another version of the policy', { at: { id: '1' }, policyVersion: 'v2' }, 'approval_expired'],
  ['the same, too late', { at: { id: '1' }, laterMs: 15 * minuteMs }, 'approval_expired'],
])('an approval is worth nothing for %s', async (_name, { laterMs = 0, capability = 'calls.deleteRecording', ...change }: Change, code) => {
  const desk = await openDesk();
  const drafted = desk.friction.draftApproval(desk.request('calls.deleteRecording', { at: { id: '1' } }), {
    sentence: 'Delete.',
    why: 'A rule asks for it.',
  });
  await desk.write(drafted.store);
  await desk.decide(drafted.id, 'approve', 'Olga');
  desk.wait(laterMs);
  const examined = desk.friction.examine(desk.request(capability, change), { ...nothingPresented, approvalId: drafted.id });
  expect(examined).toMatchObject({ approved: false, problem: { code } });
  await expect(desk.write(examined.consume)).rejects.toThrow(AlreadyUsed);
});

test('somebody else’s approval looks like none at all', async () => {
  const desk = await openDesk();
  await desk.write(
    desk.friction.draftApproval(desk.request('tags.delete', { at: { id: '1' } }), { sentence: 'Delete.', why: 'A rule asks for it.' })
      .store,
  );
  const other = desk.request('tags.delete', { at: { id: '1' }, agentId: 'ag_other' });
  const problemOf = (approvalId: string) => desk.friction.examine(other, { ...nothingPresented, approvalId }).problem;
  expect(problemOf('AP-1')).toEqual(problemOf('AP-2'));
  for (const id of ['', 'AP-', 'AP-0', 'AP-01', 'ap-1', 'AP-1 ', 'AP-1e3', 'AP-9999999999999999', '1', 'AP-1\n']) {
    expect(problemOf(id)).toEqual(problemOf('AP-2'));
  }
});

test('a refused request stays refused; asked again it is a new one', async () => {
  const desk = await openDesk();
  const request = desk.request('tags.delete', { at: { id: '1' } });
  await desk.write(desk.friction.draftApproval(request, { sentence: 'Delete.', why: 'A rule asks for it.' }).store);
  await desk.decide('AP-1', 'refuse', 'Olga');
  expect(desk.friction.examine(request, { ...nothingPresented, approvalId: 'AP-1' }).problem?.code).toBe('approval_refused');
  await expect(desk.decide('AP-1', 'approve', 'Olga')).rejects.toMatchObject({ code: 'approval_decided' });
  expect(desk.friction.draftApproval(request, { sentence: 'Delete.', why: 'A rule asks for it.' }).id).toBe('AP-2');
});

test('of two people who decide at once the first one has decided, and nobody decides after the end', async () => {
  const desk = await openDesk();
  const decide = (id: string, verdict: 'approve' | 'refuse') =>
    desk.approvals.decide(id, { verdict, by: 'Olga', fourEyes: null, areas: 'all', policy: policyOf('v1') }).store;
  for (const id of ['1', '2']) {
    await desk.write(
      desk.friction.draftApproval(desk.request('tags.delete', { at: { id } }), { sentence: 'Delete.', why: 'A rule asks for it.' }).store,
    );
  }
  // Both have looked before the first one is stored.
  const [yes, no, late] = [decide('AP-1', 'approve'), decide('AP-1', 'refuse'), decide('AP-2', 'approve')];
  await desk.write(no);
  await expect(desk.write(yes)).rejects.toMatchObject({ code: 'approval_decided' });
  expect(desk.approvals.find('AP-1')?.state).toBe('refused');
  desk.wait(15 * minuteMs);
  await expect(desk.write(late)).rejects.toMatchObject({ code: 'approval_decided' });
  expect(desk.approvals.find('AP-2')?.state).toBe('expired');
});

test('nobody approves by writing into the file', async () => {
  const desk = await openDesk();
  const request = desk.request('tags.delete', { at: { id: '1' } });
  await desk.write(desk.friction.draftApproval(request, { sentence: 'Delete.', why: 'A rule asks for it.' }).store);
  await desk.write(() => {
    desk.database.prepare("UPDATE approvals SET state = 'approved', decided_by = 'Olga', proof = ?").run('0'.repeat(64));
  });
  expect(desk.friction.examine(request, { ...nothingPresented, approvalId: 'AP-1' })).toMatchObject({
    approved: false,
    problem: { code: 'approval_refused' },
  });
});

test('a longer time written into the file makes an approval worth nothing', async () => {
  const desk = await openDesk();
  const request = desk.request('tags.delete', { at: { id: '1' } });
  await desk.write(desk.friction.draftApproval(request, { sentence: 'Delete.', why: 'A rule asks for it.' }).store);
  await desk.decide('AP-1', 'approve', 'Olga');
  await desk.write(() => {
    desk.database.prepare('UPDATE approvals SET expires_ms = expires_ms + 3600000').run();
  });
  expect(desk.friction.examine(request, { ...nothingPresented, approvalId: 'AP-1' }).approved).toBe(false);
});

test('an agent cannot fill the list of what waits', async () => {
  const desk = await openDesk();
  const draft = (id: number) =>
    desk.friction.draftApproval(desk.request('tags.delete', { at: { id: String(id) } }), {
      sentence: 'Delete.',
      why: 'A rule asks for it.',
    });
  for (let id = 1; id <= 19; id += 1) await desk.write(draft(id).store);
  const [last, late] = [draft(20), draft(21)];
  await desk.write(last.store);
  // Both were drafted while there was room for one: the late one drafts again, and is told.
  await expect(desk.write(late.store)).rejects.toThrow(AlreadyUsed);
  expect(() => draft(21)).toThrow(TooManyWaiting);
  expect(() => draft(22)).toThrow(expect.objectContaining({ code: 'quota_exhausted' }));
  // What is outdated by a change of the rules is asked for anew.
  desk.policyVersion = 'v2';
  const anew = desk.request('tags.delete', { at: { id: '1' }, policyVersion: 'v2' });
  await desk.write(desk.friction.draftApproval(anew, { sentence: 'Delete.', why: 'A rule asks for it.' }).store);
  expect(desk.approvals.countWaiting()).toBe(1);
  desk.policyVersion = 'v1';
  expect(() => draft(22)).toThrow(TooManyWaiting);
  desk.wait(15 * minuteMs);
  await desk.write(draft(23).store);
});

test('what has expired does not stand in the way of the same request', async () => {
  const desk = await openDesk();
  const request = () => desk.request('tags.delete', { at: { id: '1' } });
  await desk.write(desk.friction.draftApproval(request(), { sentence: 'Delete.', why: 'A rule asks for it.' }).store);
  desk.wait(14 * minuteMs);
  // Old rows were just looked through; the next time is ten minutes away.
  await desk.write(desk.friction.count(request(), { rows: 1, wrote: false, textGiven: false }));
  desk.wait(minuteMs);
  await desk.write(desk.friction.draftApproval(request(), { sentence: 'Delete.', why: 'A rule asks for it.' }).store);
  expect(desk.approvals.waiting().map(({ id }) => id)).toEqual(['AP-2']);
});

test('two that ask for the same at once share one approval', async () => {
  const desk = await openDesk();
  const request = desk.request('tags.delete', { at: { id: '1' } });
  const [one, other] = [
    desk.friction.draftApproval(request, { sentence: 'Delete.', why: 'A rule asks for it.' }),
    desk.friction.draftApproval(request, { sentence: 'Delete.', why: 'A rule asks for it.' }),
  ];
  await desk.write(one.store);
  await expect(desk.write(other.store)).rejects.toThrow(AlreadyUsed);
  expect(desk.friction.draftApproval(request, { sentence: 'Delete.', why: 'A rule asks for it.' }).id).toBe(one.id);
});

test('the same key gives the stored answer, digit for digit, and never acts again', async () => {
  const desk = await openDesk();
  const request = desk.request('contacts.delete', { at: { id: '7' } });
  const { token } = desk.friction.mintConfirmation(request);
  const presented = { confirmToken: token, approvalId: null, idempotencyKey: 'k1' };
  const first = desk.friction.examine(request, presented);
  await desk.write(first.consume);
  expect(desk.friction.examine(request, presented).problem?.code).toBe('idempotency_in_progress');
  await desk.write(first.settle(answer));
  // The same request after a change of policy, with the token that the first try has used up.
  const again = desk.friction.examine(desk.request('contacts.delete', { at: { id: '7' }, policyVersion: 'v2' }), presented);
  expect(again).toMatchObject({ problem: null, stored: answer, confirmed: true, approved: false });
  await expect(desk.write(again.consume)).rejects.toThrow(AlreadyUsed);
});

test('the same key with other arguments is a mismatch; of another agent or capability, another key', async () => {
  const desk = await openDesk();
  const presented = { ...nothingPresented, idempotencyKey: 'k1' };
  const first = desk.friction.examine(desk.request('calls.comment', { at: { id: '7' }, body: { content: 'a' } }), presented);
  await desk.write(first.consume);
  await desk.write(first.settle(answer));
  const worth = (capability: string, change: Parameters<Desk['request']>[1]) =>
    desk.friction.examine(desk.request(capability, change), presented);
  expect(worth('calls.comment', { at: { id: '7' }, body: { content: 'b' } }).problem?.code).toBe('idempotency_mismatch');
  for (const other of [
    worth('calls.comment', { at: { id: '7' }, body: { content: 'a' }, agentId: 'ag_other' }),
    worth('calls.tag', { at: { id: '7' }, body: { content: 'a' } }),
  ]) {
    expect(other).toMatchObject({ problem: null, stored: null });
  }
  desk.wait(24 * 60 * minuteMs);
  expect(worth('calls.comment', { at: { id: '7' }, body: { content: 'b' } })).toMatchObject({ problem: null, stored: null });
});

test('an answer that is too large, or a time-out, leaves a key of unknown outcome', async () => {
  const desk = await openDesk();
  const request = desk.request('calls.comment', { at: { id: '7' }, body: { content: 'a' } });
  for (const [key, outcome, text] of [
    ['large', { status: 200, body: 'x'.repeat(300_000) }, 'too large to be kept'],
    ['timeout', null, 'is not known'],
  ] as const) {
    const presented = { ...nothingPresented, idempotencyKey: key };
    const examined = desk.friction.examine(request, presented);
    await desk.write(examined.consume);
    await desk.write(examined.settle(outcome));
    expect(desk.friction.examine(request, presented)).toMatchObject({
      stored: null,
      problem: { code: 'outcome_unknown', text: expect.stringContaining(text) },
    });
  }
});

test('a key that runs for longer than any request is of unknown outcome; so is every one at the next start', async () => {
  const desk = await openDesk();
  const request = desk.request('calls.comment', { at: { id: '7' }, body: { content: 'a' } });
  const worth = (key: string) =>
    desk.friction.examine(desk.request('calls.comment', request.arguments), { ...nothingPresented, idempotencyKey: key });
  await desk.write(worth('k1').consume);
  expect(worth('k1').problem?.code).toBe('idempotency_in_progress');
  desk.wait(10 * minuteMs);
  expect(worth('k1').problem?.code).toBe('outcome_unknown');
  const late = worth('k2');
  await desk.write(late.consume);
  await desk.write(desk.friction.abandonRunning());
  expect(worth('k2').problem?.code).toBe('outcome_unknown');
  // What is known of the outcome cannot be made better afterwards.
  await desk.write(late.settle(answer));
  expect(worth('k2').problem?.code).toBe('outcome_unknown');
});

test('what was never sent is given back: token, approval, key and count', async () => {
  const desk = await openDesk();
  const request = desk.request('tags.delete', { at: { id: '1' } });
  await desk.write(desk.friction.draftApproval(request, { sentence: 'Delete.', why: 'A rule asks for it.' }).store);
  await desk.decide('AP-1', 'approve', 'Olga');
  const { token } = desk.friction.mintConfirmation(request);
  const presented = { confirmToken: token, approvalId: 'AP-1', idempotencyKey: 'k' };
  const first = desk.friction.examine(request, presented);
  const other = desk.friction.examine(desk.request('tags.delete', { at: { id: '2' } }), nothingPresented);
  await desk.write(other.consume);
  // Before it was consumed there is nothing to give back.
  await desk.write(first.release);
  expect(desk.friction.usage(request).writesToday).toBe(1);
  await desk.write(first.consume);
  expect(desk.friction.usage(request).writesToday).toBe(2);
  await desk.write(first.release);
  expect(desk.friction.usage(request).writesToday).toBe(1);
  const second = desk.friction.examine(request, presented);
  expect(second).toMatchObject({ confirmed: true, approved: true, problem: null, stored: null });
  await desk.write(second.consume);
  expect(desk.friction.examine(request, presented).problem?.code).toBe('idempotency_in_progress');
});

test('what cannot be recorded changes nothing', async () => {
  const desk = await openDesk();
  const request = desk.request('tags.delete', { at: { id: '1' } });
  const { token } = desk.friction.mintConfirmation(request);
  const presented = { ...nothingPresented, confirmToken: token, idempotencyKey: 'k' };
  const examined = desk.friction.examine(request, presented);
  const undone = desk.write(() => {
    examined.consume();
    throw new QuotaReached('writes');
  });
  await expect(undone).rejects.toThrow(QuotaReached);
  expect(desk.friction.usage(request).writesToday).toBe(0);
  expect(desk.friction.examine(request, presented)).toMatchObject({ confirmed: true, problem: null });
});

test('of many writes at once, no more get through than the limit allows', async () => {
  const desk = await openDesk();
  const requests = Array.from({ length: 10 }, (_, id) => desk.request('tags.delete', { at: { id: String(id) }, mostWritesToday: 3 }));
  // All have been decided on before the first is counted.
  const examined = requests.map((request) => desk.friction.examine(request, nothingPresented));
  const ends = await Promise.allSettled(examined.map((each) => desk.write(each.consume)));
  expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  expect(ends.filter((end) => end.status === 'rejected' && end.reason instanceof QuotaReached)).toHaveLength(7);
});

test('a write is counted once, whether or not it was let through here', async () => {
  const desk = await openDesk();
  const wrote = { rows: 1, wrote: true, textGiven: false };
  const [usual, other] = ['1', '2'].map((id) => desk.request('calls.comment', { at: { id }, body: { content: 'a' } }));
  if (usual === undefined || other === undefined) throw new TypeError('there are two');
  await desk.write(desk.friction.examine(usual, nothingPresented).consume);
  await desk.write(desk.friction.count(usual, wrote));
  expect(desk.friction.usage(usual)).toMatchObject({ rowsToday: 1, writesToday: 1, commentsOnCall: 1 });
  await desk.write(desk.friction.count(other, wrote));
  expect(desk.friction.usage(other)).toMatchObject({ rowsToday: 2, writesToday: 2, commentsOnCall: 1 });
});

test('a call takes five comments of an agent, however they come', async () => {
  const desk = await openDesk();
  const comment = (callId: string, content: string) => desk.request('calls.comment', { at: { id: callId }, body: { content } });
  const examined = ['a', 'b', 'c', 'd', 'e', 'f'].map((text) => desk.friction.examine(comment('7', text), nothingPresented));
  const ends = await Promise.allSettled(examined.map((each) => desk.write(each.consume)));
  expect(ends.map(({ status }) => status)).toEqual([...Array.from({ length: 5 }, () => 'fulfilled'), 'rejected']);
  expect(desk.friction.usage(comment('7', 'x')).commentsOnCall).toBe(5);
  expect(desk.friction.usage(comment('8', 'x')).commentsOnCall).toBe(0);
  desk.wait(48 * 60 * minuteMs);
  expect(desk.friction.usage(comment('7', 'x'))).toMatchObject({ commentsOnCall: 5, writesToday: 0 });
});

test('counters begin anew at midnight UTC, and are kept apart by area, agent and company', async () => {
  const desk = await openDesk({ now: '2026-11-22T23:59:59.000Z' });
  const list = desk.request('calls.list', {});
  await desk.write(desk.friction.count(list, { rows: 20, wrote: false, textGiven: false }));
  await desk.write(desk.friction.count(list, { rows: 5, wrote: false, textGiven: false }));
  expect(desk.friction.usage(list)).toMatchObject({ rowsToday: 25, writesToday: 0, commentsOnCall: 0 });
  expect(desk.friction.usage(desk.request('contacts.list', {})).rowsToday).toBe(0);
  expect(desk.friction.usage(desk.request('calls.list', { agentId: 'ag_other' })).rowsToday).toBe(0);
  const reopened = await openDesk({ folder: desk.folder, keys: desk.keys, now: '2026-11-22T23:59:59.999Z' });
  expect(reopened.friction.usage(reopened.request('calls.list', {})).rowsToday).toBe(25);
  const other = await openDesk({ folder: desk.folder, keys: desk.keys, company: 'other', now: '2026-11-22T23:59:59.999Z' });
  expect(other.friction.usage(other.request('calls.list', {})).rowsToday).toBe(0);
  desk.wait(1000);
  expect(desk.friction.usage(desk.request('calls.list', {})).rowsToday).toBe(0);
});

test('that an agent was given text is remembered with the time it was given', async () => {
  const desk = await openDesk();
  const request = desk.request('calls.retrieve', { at: { id: '1' } });
  expect(desk.friction.readTextAtMs(request.agentId)).toBeNull();
  const askedMs = desk.nowMs;
  desk.wait(8000);
  await desk.write(desk.friction.count(request, { rows: 1, wrote: false, textGiven: true }));
  expect(desk.friction.readTextAtMs(request.agentId)).toBe(askedMs + 8000);
  const reopened = await openDesk({ folder: desk.folder, keys: desk.keys });
  expect(reopened.friction.readTextAtMs(request.agentId)).toBe(askedMs + 8000);
});

test('neither answers nor what people are shown can be read in the file, nor with other keys', async () => {
  const desk = await openDesk();
  const request = desk.request('calls.comment', { at: { id: '7' }, body: { content: 'Call Marie on +33612345678' } });
  await desk.write(
    desk.friction.draftApproval(request, { sentence: 'Billing Bot asks to comment on call 7.', why: 'A rule asks for it.' }).store,
  );
  const presented = { ...nothingPresented, idempotencyKey: 'order of Marie' };
  const examined = desk.friction.examine(request, presented);
  await desk.write(examined.consume);
  await desk.write(examined.settle({ status: 201, body: { comment: { content: 'Call Marie on +33612345678' } } }));
  const bytes = ['', '-wal'].map((end) => readFileSync(`${desk.database.path}${end}`).toString('latin1')).join('');
  for (const text of ['Marie', '33612345678', 'Billing Bot']) expect(bytes).not.toContain(text);
  expect(desk.approvals.find('AP-1')?.request?.arguments).toContainEqual({
    name: 'body.content',
    value: '"Call Marie on +33612345678"',
    cutCharacters: 0,
  });

  const stranger = await openDesk({ folder: desk.folder });
  expect(stranger.approvals.find('AP-1')?.request).toBeNull();
  await expect(stranger.decide('AP-1', 'approve', 'Olga')).rejects.toMatchObject({ code: 'approval_unreadable' });
  // Its digests are others, too, so that it does not even find the key; with the digests right and the answer sealed by
  // another key, nothing is sent either.
  const half = await openDesk({ folder: desk.folder, keys: { ...stranger.keys, confirm: desk.keys.confirm } });
  expect(half.friction.examine(request, presented)).toMatchObject({ stored: null, problem: { code: 'outcome_unknown' } });
});

test('an answer moved to another key does not open there', async () => {
  const desk = await openDesk();
  const request = desk.request('calls.tag', { at: { id: '7' }, body: { tags: [1] } });
  for (const key of ['one', 'two']) {
    const examined = desk.friction.examine(request, { ...nothingPresented, idempotencyKey: key });
    await desk.write(examined.consume);
    await desk.write(examined.settle({ status: 200, body: { of: key } }));
  }
  await desk.write(() => {
    desk.database.prepare('UPDATE idempotency_keys SET answer = (SELECT answer FROM idempotency_keys LIMIT 1)').run();
  });
  const worths = ['one', 'two'].map((key) => desk.friction.examine(request, { ...nothingPresented, idempotencyKey: key }));
  expect(worths.filter(({ stored }) => stored !== null)).toHaveLength(1);
  expect(worths.filter(({ problem }) => problem?.code === 'outcome_unknown')).toHaveLength(1);
});

test('old rows go, and the number of an approval never comes back', async () => {
  const desk = await openDesk();
  const request = desk.request('tags.delete', { at: { id: '1' } });
  const presented = { ...nothingPresented, idempotencyKey: 'k', confirmToken: desk.friction.mintConfirmation(request).token };
  const examined = desk.friction.examine(request, presented);
  await desk.write(examined.consume);
  await desk.write(examined.settle(answer));
  await desk.write(desk.friction.draftApproval(request, { sentence: 'Delete.', why: 'A rule asks for it.' }).store);
  const rowsOf = (table: string) => (desk.database.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n;
  desk.wait(2 * 24 * 60 * minuteMs + minuteMs);
  await desk.write(desk.friction.count(desk.request('tags.list', {}), { rows: 1, wrote: false, textGiven: false }));
  expect(['confirmations_used', 'idempotency_keys'].map(rowsOf)).toEqual([0, 0]);
  expect(desk.approvals.find('AP-1')).toMatchObject({ state: 'expired', request: null });
  desk.wait(40 * 24 * 60 * minuteMs);
  await desk.write(
    desk.friction.draftApproval(desk.request('tags.delete', { at: { id: '1' } }), { sentence: 'Delete.', why: 'A rule asks for it.' })
      .store,
  );
  expect(desk.approvals.find('AP-2')?.state).toBe('pending');
  expect(['approvals', 'agent_usage'].map(rowsOf)).toEqual([2, 0]);
  desk.wait(40 * 24 * 60 * minuteMs);
  await desk.write(
    desk.friction.draftApproval(desk.request('tags.delete', { at: { id: '1' } }), { sentence: 'Delete.', why: 'A rule asks for it.' })
      .store,
  );
  expect(desk.approvals.recent({ limit: 10 }).map(({ id }) => id)).toEqual(['AP-3', 'AP-2']);
});

type Change = {
  readonly at?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly agentId?: string;
  readonly capability?: string;
  readonly policyVersion?: string;
  readonly laterMs?: number;
};
