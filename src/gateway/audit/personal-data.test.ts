import { createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { factsOf, openAuditLab, outcomeOf } from '../../../test/support/audit-lab.ts';
import { hashForSearch } from '../filter/redact.ts';
import { withheldText, withholdPersonalData } from './personal-data.ts';
import type { AuditFacts } from './record.ts';

const key = createSecretKey(randomBytes(32));

/** What becomes of a text in each place where one can stand. */
function everywhere(text: string): readonly AuditFacts[] {
  const facts = outcomeOf();
  return [
    { ...facts, sentence: text },
    { ...facts, who: { ...facts.who, client: text } },
    { ...facts, who: { ...facts.who, agent: { id: 'ag_a', name: text } } },
    { ...facts, what: { ...facts.what, arguments: { query: { to: text } } } },
    { ...facts, what: { ...facts.what, arguments: { query: { [text]: 1 } } } },
    { ...facts, what: { ...facts.what, arguments: [[text]] } },
    { ...facts, where: { ...facts.where, tool: text } },
    { ...facts, change: { before: null, after: { note: text } } },
    { ...facts, decision: facts.decision && { ...facts.decision, rule: { id: 'r', kind: 'grant', text } } },
  ];
}

test.each([
  '+33612345678',
  '+33 6 12 34 56 78',
  '+1 (415) 555-0132',
  '+1.415.555.0132',
  '+44\u00a020\u202f7946\u20110958',
  'tel:+33612345678',
  'tel:0612345678',
  '0033612345678',
  '0612345678',
  '06 12 34 56 78',
  '06.12.34.56.78',
  '(415) 555-0132',
  '415-555-0132',
  '33.612.345.678',
  'Call from +33 6 12 34 56 78, twice',
  'jo.dupont@example.com',
  'Jo <jo.dupont@exämple.co.uk>',
  'https://media.example.com/a.mp3?Signature=abc',
  'https://user:pass@example.com/',
  'Bearer acg_live_7q2k0f3mz8w5_c2VjcmV0c2VjcmV0_1a2b3c',
])('%s is kept out, wherever it stands', (text) => {
  for (const facts of everywhere(text)) {
    const { facts: kept, withheld } = withholdPersonalData(facts);
    expect(withheld).toBeGreaterThan(0);
    const stored = JSON.stringify(kept);
    expect(stored).toContain(withheldText);
    for (const part of text.split(/[^\w@]+/).filter((each) => /\d\d|@|pass|Signature/.test(each))) expect(stored).not.toContain(`"${part}`);
    expect(stored.replaceAll(/\D/g, '')).not.toContain('12345678');
    expect(stored).not.toMatch(/5550132|dupont|Signature|c2VjcmV0/);
  }
});

test.each([
  'Support Agent listed 20 calls of team Support (7 others hidden: outside its teams). Allowed: Calls is set to Read.',
  'Support Agent tried to delete the recording of call 8123456789. Denied: Recordings is Off for this agent.',
  'Billing Bot asked to delete contact 5512. Waiting for approval (request AP-31, expires 14:32).',
  'Key 7q2k0f3mz8w5tna1 was revoked on 2026-11-03 by owner OW-2 at 2026-11-03T08:15:04.123Z',
  'olga allowed 10.0.0.0/8, 192.168.100.200 and 2001:db8:1::',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.6099.109 Safari/537.36',
  'claude-code/1.0.98',
  '01KDY0Q1234567890ABCDEFGHJ',
  '4bf92f3577b34da6a3ce929d0e0e4736',
  '12345678901234567890123456789012',
  '9b2e4c1a-0000-4000-8000-123456789012',
  'webhooks only to *.acme.example, https://hooks.acme.example/aircall',
  hashForSearch('phone', '+33612345678', key),
  hashForSearch('email', 'jo@example.com', key),
])('%s stays', (text) => {
  for (const facts of everywhere(text)) expect(withholdPersonalData(facts)).toEqual({ facts, withheld: 0 });
});

test('names of those who answer for an agent or act may be addresses, also in the sentence; other addresses may not', () => {
  const admin = factsOf({
    phase: 'admin',
    who: { ...factsOf().who, owner: 'olga@acme.example', operator: 'pat@acme.example' },
    sentence: 'pat@acme.example made sam@acme.example the owner of Support Agent in place of olga@acme.example.',
    change: { before: { owner: 'olga@acme.example' }, after: { owner: 'sam@acme.example', purpose: 'Mails jo@example.com' } },
  });
  const { facts, withheld } = withholdPersonalData(admin);
  expect(withheld).toBe(1);
  expect(facts.sentence).toBe(admin.sentence);
  expect(facts.change?.after).toEqual({ owner: 'sam@acme.example', purpose: `Mails ${withheldText}` });
});

test('digits as long as a phone number stay where we wrote them or where they are an id, and not elsewhere', () => {
  const given = (query: Record<string, string | number>) => factsOf({ what: { ...factsOf().what, arguments: { query } } });
  const ids = given({ call_id: '33612345678', id: 33_612_345_678, from: 33_612_345_678 });
  expect(withholdPersonalData(ids)).toEqual({ facts: ids, withheld: 0 });
  const { facts, withheld } = withholdPersonalData(given({ number: '33612345678', per_page: 33_612_345_678 }));
  expect(withheld).toBe(2);
  expect(facts.what.arguments).toEqual({ query: { number: withheldText, per_page: withheldText } });
  const sentence = factsOf({ sentence: 'Support Agent read call 33612345678.' });
  expect(withholdPersonalData(sentence).facts).toEqual(sentence);
});

test('no number in international form gets through, whatever stands between its digits', () => {
  const separator = fc.constantFrom('', ' ', '.', '-', '/', '(', ')', '\u00a0', ' (', ') ', ' - '.slice(0, 2));
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 8, maxLength: 15 }),
      fc.array(separator, { minLength: 15, maxLength: 15 }),
      fc.constantFrom('', 'Call ', 'x', '9'),
      (digits, separators, before) => {
        const number = `+${digits.map((digit, index) => `${index === 0 ? '' : (separators[index] ?? '')}${digit}`).join('')}`;
        const { facts } = withholdPersonalData(factsOf({ sentence: `${before}${number} end` }));
        expect(facts.sentence.replaceAll(/\D/g, '').length).toBeLessThan(digits.length);
        expect(facts.sentence).toContain(withheldText);
      },
    ),
  );
});

test('half a surrogate pair becomes a replacement character, and marks of our own in a text do no harm', () => {
  const facts = factsOf({ sentence: 'a\ud800b \ue000\ue100\ue000 12345678' });
  expect(withholdPersonalData(facts).facts.sentence).toBe('a\ufffdb \ufffd\ue100\ufffd 12345678');
});

test('long texts take no long time', () => {
  for (const text of [
    '@'.repeat(20_000),
    '1 '.repeat(20_000),
    '('.repeat(20_000),
    '+'.repeat(20_000),
    'a@'.repeat(5_000),
    '0'.repeat(20_000),
    '://'.repeat(7_000),
  ]) {
    const startedAt = performance.now();
    withholdPersonalData(factsOf({ sentence: text }));
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  }
});

test('the log writes what is left and says how many places were taken out', async () => {
  const withheld: number[] = [];
  const { log, store } = await openAuditLab({ onWithheld: (places) => withheld.push(places) });
  await log.append(factsOf(), { durability: 'process' });
  await log.append(factsOf({ sentence: 'Support Agent called +33612345678 and jo@example.com.' }), { durability: 'process' });
  expect(withheld).toEqual([2]);
  expect(store.record(2)?.bytes).toContain(`"sentence":"Support Agent called ${withheldText} and ${withheldText}."`);
});
