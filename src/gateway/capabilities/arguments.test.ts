import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyArguments } from '../../../test/support/any-arguments.ts';
import type { CallArguments } from '../policy/decision.ts';
import { parseArguments, parseSegment } from './arguments.ts';
import { capabilities, capabilityOf } from './capabilities.ts';
import type { Capability } from './capability.ts';

const each = capabilities.map((capability) => [capability.id, capability] as const);

const none: CallArguments = { at: {}, query: {}, body: null };

function of(id: string): Capability {
  const found = capabilityOf(id);
  if (found === undefined) throw new Error(`There is no ${id}.`);
  return found;
}

function parse(id: string, given: Partial<CallArguments>) {
  return parseArguments(of(id), { ...none, ...given });
}

/** What it came to, or why it did not. */
function outcome(id: string, given: Partial<CallArguments>) {
  const parsed = parse(id, given);
  return parsed.ok ? parsed.arguments : parsed.text;
}

/** A query as it comes from the wire: text, or lists of text, by the names on the wire. */
function asWire({ endpoint }: Capability, query: CallArguments['query']): CallArguments['query'] {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [
      endpoint.query?.[name]?.wire ?? name,
      Array.isArray(value) ? (value as unknown[]).map(String) : String(value),
    ]),
  );
}

describe.each(each)('%s', (_, capability) => {
  test('takes what it describes, and takes what came of it as the very same', () => {
    fc.assert(
      fc.property(anyArguments(capability), (given) => {
        const first = parseArguments(capability, given);
        expect(first).toMatchObject({ ok: true });
        if (!first.ok) return;
        expect(parseArguments(capability, first.arguments)).toEqual(first);
        const text = JSON.stringify(first.arguments);
        expect(parseArguments(capability, JSON.parse(text) as CallArguments)).toEqual(first);
        expect(parseArguments(capability, { ...first.arguments, query: asWire(capability, first.arguments.query) })).toEqual(first);
      }),
      { numRuns: 30 },
    );
  });

  test('writes the same request in the same way, whatever the order it came in', () => {
    fc.assert(
      fc.property(anyArguments(capability), (given) => {
        expect(JSON.stringify(parseArguments(capability, reversed(given)))).toBe(JSON.stringify(parseArguments(capability, given)));
      }),
      { numRuns: 15 },
    );
  });

  test('refuses every name it does not know, in any place, and never repeats it', () => {
    const names = fc.oneof(
      fc.constantFrom('__proto__', 'constructor', 'hasOwnProperty', 'id ', 'ID', '_method'),
      fc.string({ minLength: 3 }),
    );
    fc.assert(
      fc.property(anyArguments(capability), names, fc.constantFrom('at', 'query', 'body'), (given, name, place) => {
        const { at = {}, query = {}, body = {} } = capability.endpoint;
        const wires = Object.values(query).map(({ wire }) => wire);
        fc.pre(!Object.hasOwn({ at, query, body }[place], name) && !(place === 'query' && wires.includes(name)));
        const more = Object.fromEntries([...Object.entries(given[place] ?? {}), [name, 'x-sent-x']]);
        const parsed = parseArguments(capability, { ...given, [place]: more });
        expect(parsed.ok).toBe(false);
        if (!parsed.ok) expect(parsed.text).not.toContain('x-sent-x');
      }),
      { numRuns: 25 },
    );
  });

  test('never throws, whatever comes, and says why in one sentence or more', () => {
    const junk = fc.anything({ withBigInt: true, withNullPrototype: true, maxDepth: 3 });
    const names = fc.constantFrom(
      ...Object.keys({ ...capability.endpoint.at, ...capability.endpoint.query, ...capability.endpoint.body }),
      'x',
    );
    const objects = fc.oneof(junk, fc.dictionary(names, junk));
    fc.assert(
      fc.property(objects, objects, objects, (at, query, body) => {
        const parsed = parseArguments(capability, { at, query, body } as CallArguments);
        if (!parsed.ok) expect(parsed.text).toMatch(/^[A-Z`].*\.$/);
      }),
      { numRuns: 40 },
    );
  });
});

test('what was sent is never repeated in what is said about it', () => {
  const secrets = ['+33699887766', 'someone@secret.example', 'sk-live-123', 'https://evil.example/x'];
  for (const [, capability] of each) {
    const { at = {}, query = {}, body = {} } = capability.endpoint;
    for (const secret of secrets) {
      for (const [place, described] of Object.entries({ at, query, body })) {
        for (const name of [...Object.keys(described), secret]) {
          const parsed = parseArguments(capability, { ...none, [place]: { [name]: [secret, { [secret]: secret }] } });
          if (!parsed.ok) expect(parsed.text).not.toContain(secret);
        }
      }
    }
  }
});

test('ids are digits in one way of writing, exact beyond 2^53, and no more than 2^63 - 1', () => {
  expect(outcome('calls.retrieve', { at: { id: '812345' } })).toEqual({ at: { id: '812345' }, query: {}, body: null });
  expect(parseSegment({ type: 'id', meaning: 'An id.' }, '9223372036854775807')).toBe('9223372036854775807');
  for (const id of ['9223372036854775808', '0', '01', '-1', '+1', '1.0', '1e3', ' 1', '1 ', '１', '', '../1', '1/2', '1%2F2']) {
    expect(parse('calls.retrieve', { at: { id } }).ok, id).toBe(false);
  }
});

test('ids in a body come as numbers, large ones without losing a digit, or as text, and are the same', () => {
  const expected = { at: { id: '1' }, query: {}, body: { user_id: '9007199254740993' } };
  expect(outcome('calls.transfer', { at: { id: '1' }, body: { user_id: 9_007_199_254_740_993n } })).toEqual(expected);
  expect(outcome('calls.transfer', { at: { id: '1' }, body: { user_id: '9007199254740993' } })).toEqual(expected);
  expect(outcome('calls.transfer', { at: { id: '1' }, body: { user_id: 2 ** 53 } })).toBe(
    '`user_id` must be an id: digits, without leading zeros.',
  );
});

test('a list of ids is a set: in ascending order, none twice, not empty', () => {
  const tags = (given: unknown) => outcome('calls.tag', { at: { id: '1' }, body: { tags: given } });
  expect(tags([10, '9', 100])).toMatchObject({ body: { tags: ['9', '10', '100'] } });
  expect(tags([9, '9'])).toBe('`tags` must not hold the same value twice.');
  expect(tags([])).toBe('`tags` must not be empty.');
  expect(tags(Array.from({ length: 1001 }, (_, index) => index + 1))).toBe('`tags` must have at most 1000 items.');
  expect(tags('9')).toBe('`tags` must be a list.');
});

test('a repeated key is a list where one is described, and refused elsewhere', () => {
  expect(outcome('calls.search', { query: { 'tags[]': ['2', '1'] } })).toMatchObject({ query: { tags: ['1', '2'] } });
  expect(outcome('calls.search', { query: { tags: '7' } })).toMatchObject({ query: { tags: ['7'] } });
  expect(outcome('calls.search', { query: { 'tags[]': '7', tags: '8' } })).toBe('`tags` must be given once.');
  expect(outcome('calls.search', { query: { user_id: ['7', '8'] } })).toBe('`user_id` must be an id: digits, without leading zeros.');
  expect(outcome('calls.search', { query: { direction: ['inbound', 'inbound'] } })).toBe('`direction` must be given once.');
});

test('numbers of a query come as digits and stay in their bounds', () => {
  expect(outcome('calls.list', { query: { page: '2', per_page: '50', from: '1789000000' } })).toMatchObject({
    query: { page: 2, per_page: 50, from: 1_789_000_000 },
  });
  for (const page of ['0', '-1', '1.5', '01', '1e2', '', ' 2', '99999999999999999999', 'NaN']) {
    expect(outcome('calls.list', { query: { page } }), page).toBe('`page` must be a whole number from 1 to 2147483647.');
  }
  expect(parse('calls.list', { query: { from: -0 } }).ok).toBe(false);
  expect(parse('calls.list', { query: { from: '-0' } }).ok).toBe(false);
  expect(outcome('calls.list', { query: { per_page: '51' } })).toBe('`per_page` must be a whole number from 1 to 50.');
  expect(outcome('calls.list', { query: { from: '1789000000000' } })).toBe('`from` must be a moment in UNIX seconds.');
});

test('a page beyond what Aircall serves is refused here', () => {
  expect(parse('calls.list', { query: { page: '200', per_page: '50' } }).ok).toBe(true);
  expect(parse('calls.list', { query: { page: '201', per_page: '50' } }).ok).toBe(false);
  expect(parse('calls.list', { query: { page: '500' } }).ok).toBe(true);
  expect(parse('calls.list', { query: { page: '501' } }).ok).toBe(false);
});

test('a flag of a query that is false is left out: how Aircall reads false is not known', () => {
  expect(outcome('calls.list', { query: { fetch_contact: 'false', fetch_short_urls: 'true' } })).toMatchObject({
    query: { fetch_short_urls: true },
  });
  expect(parse('calls.list', { query: { fetch_contact: 'false' } })).toEqual(parse('calls.list', {}));
  expect(parse('calls.list', { query: { fetch_contact: '1' } }).ok).toBe(false);
  expect(parse('webhooks.update', { at: { webhook_id: '1' }, body: { events: ['call.created'], active: 'true' } }).ok).toBe(false);
});

test('exactly one of a group is given, and nothing without what it needs', () => {
  const transfer = (body: CallArguments['body']) => outcome('calls.transfer', { at: { id: '1' }, body });
  expect(transfer({})).toBe('Exactly one of `user_id`, `team_id`, `number` must be given.');
  expect(transfer({ user_id: 1, team_id: 2 })).toBe('Exactly one of `user_id`, `team_id`, `number` must be given.');
  expect(transfer({ user_id: 1, dispatching_strategy: 'random' })).toBe('`dispatching_strategy` is only taken together with `team_id`.');
  expect(transfer({ team_id: 1, dispatching_strategy: 'random' })).toMatchObject({
    body: { team_id: '1', dispatching_strategy: 'random' },
  });
});

test('objects inside a body are as closed as the body, and say where they are wrong', () => {
  const card = (contents: unknown) => outcome('calls.pushInsightCard', { at: { id: '1' }, body: { contents } });
  expect(card([{ type: 'title', text: 'Hello' }])).toMatchObject({ body: { contents: [{ type: 'title', text: 'Hello' }] } });
  expect(card([{ type: 'title', text: 'Hello', onclick: 'x' }])).toBe(
    '`contents` has a name that is not known here. It takes type, text, label, link.',
  );
  expect(card([{ type: 'title' }])).toBe('`contents.text` is required.');
  expect(card([{ type: 'html', text: 'x' }])).toBe('`contents.type` must be one of title, shortText.');
  expect(card(['x'])).toBe('`contents` must be an object.');
});

test('a body stays under the size its endpoint allows, and none comes where none is taken', () => {
  const lines = (count: number) => Array.from({ length: count }, () => ({ type: 'shortText', text: 'x'.repeat(1000) }));
  expect(parse('calls.pushInsightCard', { at: { id: '1' }, body: { contents: lines(9) } }).ok).toBe(true);
  expect(parse('calls.pushInsightCard', { at: { id: '1' }, body: { contents: lines(10) } }).ok).toBe(false);
  expect(outcome('calls.archive', { at: { id: '1' }, body: { id: 2 } })).toBe('This request takes no body.');
  expect(outcome('calls.archive', { at: { id: '1' }, body: {} })).toMatchObject({ body: null });
});

test('a list holds no more than its endpoint says', () => {
  const create = (count: number) => {
    const phoneNumbers = Array.from({ length: count }, (_, index) => ({ label: 'Work', value: `+1555010${1000 + index}` }));
    return parse('contacts.create', { body: { phone_numbers: phoneNumbers } }).ok;
  };
  expect([create(20), create(21)]).toEqual([true, false]);
});

test('null is a value only where it is described as one', () => {
  expect(outcome('numbers.update', { at: { id: '1' }, body: { priority: null } })).toMatchObject({ body: { priority: null } });
  expect(outcome('numbers.update', { at: { id: '1' }, body: { name: null } })).toBe('`name` must not be null.');
});

test('text is whole characters without controls; in a body lines may end', () => {
  const comment = (content: unknown) => parse('calls.comment', { at: { id: '1' }, body: { content } }).ok;
  expect(comment('Two\nlines,\ta tab and 👍')).toBe(true);
  for (const content of ['', '\u0000', 'a\u001b[31m', 'a\u0085', '\ud800', 'x'.repeat(10_001), 5, null, ['x'], { a: 1 }]) {
    expect(comment(content), JSON.stringify(content)).toBe(false);
  }
  expect(parse('messages.listSmsTemplates', { query: { search: 'a\nb' } }).ok).toBe(false);
});

test('an address is https, has a host name, and is written as whoever calls it will read it', () => {
  const url = (address: string) => {
    const parsed = parse('webhooks.create', { body: { url: address, events: ['call.created'] } });
    return parsed.ok ? parsed.arguments.body?.['url'] : null;
  };
  expect(url('https://Hooks.Acme.example')).toBe('https://hooks.acme.example/');
  expect(url('https://hooks.acme.example:443/a/../b?x=1')).toBe('https://hooks.acme.example/b?x=1');
  const refused = [
    'http://hooks.acme.example/',
    'https://user@hooks.acme.example/',
    'https://user:word@hooks.acme.example/',
    'https://hooks.acme.example@evil.example/',
    'https://hooks.acme.example\\@evil.example/',
    'https://evil.example\\.acme.example/',
    'https://hooks.acme.example%2eevil.example/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://hooks.acme.example./',
    'https://hooks.acme.example /',
    ' https://hooks.acme.example/',
    'https://hooks.acme.example/\n',
    'https://hóoks.acme.example/',
    'https://hooks。acme.example/',
    'https:hooks.acme.example',
    'https:///hooks.acme.example',
    'javascript:alert(1)',
    '//hooks.acme.example',
    `https://hooks.acme.example/${'x'.repeat(2000)}`,
    '',
  ];
  for (const address of refused) expect(url(address), address).toBeNull();
});

test('an address that passed is read alike by every reader: its host is the one between // and the next /', () => {
  const hosts = fc.stringMatching(/^[A-Za-z0-9.@:\\/?#%[\] _-]{1,40}$/);
  fc.assert(
    fc.property(hosts, (rest) => {
      const parsed = parse('webhooks.create', { body: { url: `https://${rest}`, events: ['call.created'] } });
      if (!parsed.ok) return;
      const address = String(parsed.arguments.body?.['url']);
      const plain = /^https:\/\/([a-z0-9.-]+)(?::\d+)?(?:[/?#]|$)/.exec(address)?.[1];
      expect(plain).toBe(new URL(address).hostname);
    }),
    { numRuns: 2000 },
  );
});

test('agents may not make admins, nor change who signs in, whatever they are granted', () => {
  const creation = { email: 'a@b.example', first_name: 'A', last_name: 'B' };
  for (const id of ['users.create', 'users.createV1']) {
    expect(parse(id, { body: creation }).ok).toBe(true);
    expect(outcome(id, { body: { ...creation, is_admin: true } })).toMatch(/^Agents may not send `is_admin`: /);
    expect(outcome(id, { body: { ...creation, role_ids: ['x'] } })).toMatch(/^Agents may not send `role_ids`: /);
  }
  for (const id of ['users.update', 'users.updateV1']) {
    expect(outcome(id, { at: { id: '1' }, body: { email: 'a@b.example' } })).toMatch(/^Agents may not send `email`: /);
    expect(outcome(id, { at: { id: '1' }, body: { role_ids: ['x'] } })).toMatch(/^Agents may not send `role_ids`: /);
  }
});

test('agents name the events of a webhook: left out or empty, Aircall would send them all', () => {
  expect(outcome('webhooks.create', { body: { url: 'https://a.example/' } })).toMatch(/^Agents must send `events`: /);
  expect(outcome('webhooks.create', { body: { url: 'https://a.example/', events: [] } })).toBe('`events` must not be empty.');
  expect(outcome('webhooks.update', { at: { webhook_id: '1' }, body: { active: true } })).toMatch(/^Agents must send `events`: /);
});

test('a user is named by id or e-mail address, a webhook by UUID or id, in one way of writing', () => {
  const user = (id: string) => parse('users.retrieve', { at: { id } }).ok;
  expect([user('7'), user('a.b+c@d.example')]).toEqual([true, true]);
  for (const id of [
    '',
    'me',
    '..',
    'a@',
    '@b',
    'a@b@c',
    'a@b..c',
    'a b@c',
    'a@b/c',
    'a%40b',
    'ä@b.example',
    `${'a'.repeat(65)}@b.example`,
  ]) {
    expect(user(id), id).toBe(false);
  }
  const uuid = '0A1B2C3D-0000-4000-8000-000000000001';
  expect(outcome('webhooks.retrieve', { at: { webhook_id: uuid } })).toMatchObject({ at: { webhook_id: uuid.toLowerCase() } });
});

test('a free-form object holds plain values under plain names, and is not endless', () => {
  const call = (context: unknown) =>
    parse('aiVoice.startCall', {
      at: { agent_id: 'a-1' },
      body: { contact_phone: '+15550100123', idempotency_key: 'k', context },
    }).ok;
  expect(call({ name: 'Ann', age: 5, vip: true, tags: ['a'], more: { deep: null } })).toBe(true);
  expect(call(JSON.parse('{"__proto__":{"admin":true}}'))).toBe(false);
  expect(call({ constructor: 'x' })).toBe(false);
  expect(call({ a: { b: { c: { d: { e: 1 } } } } })).toBe(false);
  expect(call(Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, 1])))).toBe(false);
  expect(call({ a: Number.NaN })).toBe(false);
  expect(call(['a'])).toBe(false);
});

function reversed({ at, query, body }: CallArguments): CallArguments {
  const turn = <T>(values: Readonly<Record<string, T>>) => Object.fromEntries(Object.entries(values).toReversed());
  return { at: turn(at), query: turn(query), body: body === null ? null : turn(body) };
}
