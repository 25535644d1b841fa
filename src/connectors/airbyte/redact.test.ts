import { expect, test } from 'vitest';
import { createRedactor } from './redact.ts';

const id = '0123456789abcdef0123456789abcdef';
const token = 'tok/en+with=odd?signs&"quotes"';

test('a secret is found in every form in which requests and addresses carry it', () => {
  const { text, line } = createRedactor([id, token], [[id, token]]);
  const forms = [
    id,
    token,
    encodeURIComponent(token),
    encodeURIComponent(token).toLowerCase(),
    Buffer.from(token).toString('base64'),
    Buffer.from(token).toString('base64').replace(/=+$/, ''),
    Buffer.from(token).toString('base64url'),
    JSON.stringify(token).slice(1, -1),
    `Basic ${Buffer.from(`${id}:${token}`).toString('base64')}`,
    encodeURIComponent(Buffer.from(`${id}:${token}`).toString('base64')),
  ];
  for (const form of forms) {
    for (const redact of [text, line]) expect(redact(`before ${form} after`)).toMatch(/^before (?:Basic )?\*\*\*\* after$/);
  }
});

test('a short secret is replaced in what we say, and left alone in the data of others, where it may be a word', () => {
  const { text, line } = createRedactor(['type', '']);
  expect(text('the type is wrong')).toBe('the **** is wrong');
  expect(line('{"type":"RECORD"}')).toBe('{"type":"RECORD"}');
});

test('of two secrets the longer one is replaced first', () => {
  const { text } = createRedactor(['secret', 'secret-and-more']);
  expect(text('secret-and-more secret')).toBe('**** ****');
});
