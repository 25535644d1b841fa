// An agent that holds a key and wants more of the data: through other endpoints, other agents' tokens and copies, answers that were
// kept, counters that are slow, and the log.
import { expect, test } from 'vitest';
import { capabilities } from '../src/gateway/index.ts';
import { everything, openGatewayLab } from './support/gateway-lab.ts';
import type { GatewayLab } from './support/gateway-lab.ts';

/** A word that stands in every name of a kind, and nowhere else. */
const marks = { contacts: 'Qqcontact', users: 'Qquser', teams: 'Qqteam', numbers: 'Qqnumber', tags: 'Qqtag' } as const;

/** A company whose one call has everything, each with its mark. */
async function openMarked() {
  const lab = await openGatewayLab({ simulator: { calls: 0, contacts: 3 } });
  const { company } = lab.simulator;
  for (const { id } of company.contacts.all()) {
    const mark = { firstName: marks.contacts, lastName: marks.contacts, information: marks.contacts, companyName: marks.contacts };
    company.contacts.update(id, mark);
  }
  for (const { id } of company.users.all()) company.users.update(id, { name: marks.users, email: `${marks.users}${id}@example.com` });
  for (const { id } of company.teams.all()) company.teams.update(id, { name: marks.teams });
  for (const { id } of company.numbers.all()) company.numbers.update(id, { name: marks.numbers });
  for (const { id } of company.tags.all()) company.tags.update(id, { name: marks.tags });
  const ids = {
    contact: [...company.contacts.all()][0]!.id,
    user: [...company.users.all()][0]!.id,
    team: [...company.teams.all()][0]!.id,
    number: [...company.numbers.all()][0]!.id,
    tag: [...company.tags.all()][0]!.id,
  };
  const call = company.calls.add({
    contactId: ids.contact,
    userId: ids.user,
    teamIds: [ids.team],
    numberId: ids.number,
    assignedTo: ids.user,
    transferredBy: ids.user,
    transferredTo: ids.user,
    tags: [{ id: ids.tag, createdAt: 1, taggedBy: ids.user }],
    comments: [{ id: 1, content: 'A comment.', postedAt: 1, postedBy: ids.user }],
    hasRecording: true,
    hasVoicemail: true,
  });
  return { lab, ids: { ...ids, call: call.id } as Readonly<Record<string, number>> };
}

/** All that can be read, with every flag there is. */
function reads(ids: Readonly<Record<string, number>>): readonly { readonly area: string; readonly path: string }[] {
  return capabilities
    .filter(({ effect, endpoint }) => effect === 'read' && endpoint.method === 'GET')
    .map(({ area, endpoint: { path, at = {}, query = {} } }) => {
      const flags = Object.entries(query).filter(([, { type }]) => type === 'boolean');
      const filled = path.replaceAll(/:(\w+)/g, (_all, name: string) => String(ids[at[name]?.names ?? ''] ?? 1));
      return { area, path: filled + (flags.length === 0 ? '' : `?${flags.map(([name]) => `${name}=true`).join('&')}`) };
    });
}

async function readAll(lab: GatewayLab, ids: Readonly<Record<string, number>>, agent: Awaited<ReturnType<GatewayLab['addAgent']>>) {
  const texts = [];
  for (const { path } of reads(ids)) {
    const { text, headers } = await lab.ask(agent, 'GET', path);
    texts.push({ path, text: `${JSON.stringify(headers)}${text}` });
    await lab.clock.advance(1000);
  }
  return texts;
}

test('nothing of an area that is off is in any answer of any other area', async () => {
  const { lab, ids } = await openMarked();
  const all = await lab.addAgent('All', { grants: everything('read') });
  const open = await readAll(lab, ids, all);
  for (const [area, mark] of Object.entries(marks)) {
    // Else the test would show nothing: where it is on, it stands in calls.
    expect(
      open.some(({ path, text }) => path.startsWith('/v1/calls') && text.includes(mark)),
      area,
    ).toBe(true);
    const agent = await lab.addAgent(`Without ${area}`, { grants: { ...everything('read'), [area]: 'off' } });
    for (const { path, text } of await readAll(lab, ids, agent)) expect(text.includes(mark), `${area} in ${path}`).toBe(false);
  }
});

const secret = '+33 1 55 50 12 34';
const spellings = [
  '+33155501234',
  '33155501234',
  '0033155501234',
  '01 55 50 12 34',
  '(0)1.55.50.12.34',
  '+33-1-5550-1234',
  'tel:+33155501234',
];
const digits = (text: string) => text.replaceAll(/[\s.()/+:_·•*\u2010-\u2015-]/gu, '');

test('a masked number is nowhere in any answer, in no grouping, whoever wrote it down', async () => {
  const { lab, ids } = await openMarked();
  const { company } = lab.simulator;
  const words = `Call ${spellings.join(' or ')}, or ３３１５５５０１２３４.`;
  company.contacts.update(ids['contact']!, {
    firstName: 'Ann 0155501234',
    lastName: '+33 (0)1 55 50 12 34',
    companyName: words,
    information: words,
    phoneNumbers: [{ id: 1, label: words, value: '+33155501234' }],
    emails: [{ id: 1, label: '0155501234', value: '0155501234@example.com' }],
  });
  company.calls.update(ids['call']!, {
    externalNumber: '+33155501234',
    overrides: { sid: 'conversation_33155501234:a', ivr_options_selected: [{ id: 'x33155501234x', key: '33155501234', title: words }] },
    comments: [{ id: 1, content: words, postedAt: 1, postedBy: ids['user']! }],
  });
  company.tags.update(ids['tag']!, { name: `VIP ${secret}` });
  company.teams.update(ids['team']!, { name: `Team 01-55-50-12-34` });
  const kinds = [
    ['apart', 'mask'],
    ['in_place', 'tokenize'],
    ['in_place', 'hide'],
  ] as const;
  for (const [text, treatment] of kinds) {
    const fields = [{ area: null, class: 'phone', treatment }] as const;
    const agent = await lab.addAgent(`Masked ${treatment}`, { grants: everything('read'), text, fields });
    for (const { path, text: answer } of await readAll(lab, ids, agent)) {
      expect(digits(answer.normalize('NFKC')).includes('55501234'), `${treatment} ${path}`).toBe(false);
    }
  }
});

test('the token of another agent is worth nothing, and no plan or link shows what a token stands for', async () => {
  const { lab, ids } = await openMarked();
  lab.simulator.company.calls.update(ids['call']!, { externalNumber: '+33155501234' });
  const fields = [{ area: null, class: 'phone', treatment: 'tokenize' }] as const;
  const one = await lab.addAgent('One', { grants: everything(), fields, taint: false });
  const two = await lab.addAgent('Two', { grants: everything(), fields, taint: false });
  const token = (await lab.ask(one, 'GET', `/v1/calls/${ids['call']}`)).body.call.raw_digits as string;
  const other = (await lab.ask(two, 'GET', `/v1/calls/${ids['call']}`)).body.call.raw_digits as string;
  expect(token).toMatch(/^tel_/);
  expect(other).not.toBe(token);
  const dial = `/v1/users/${ids['user']}/dial`;
  const before = lab.upstream().length;
  expect((await lab.ask(two, 'POST', dial, { body: { to: token } })).status).toBe(400);
  expect((await lab.ask(two, 'GET', `/v1/calls/search?phone_number=${token}`)).status).toBeGreaterThanOrEqual(400);
  expect(lab.upstream()).toHaveLength(before);
  const plan = await lab.ask(one, 'POST', dial, { body: { to: token }, headers: { 'x-dry-run': '1' } });
  expect(plan.status).toBe(200);
  expect(digits(plan.text)).not.toContain('55501234');
  expect(digits((await lab.ask(one, 'POST', dial, { body: { to: token } })).text)).not.toContain('55501234');
  // One letter of a token changed is no token.
  const forged = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
  expect((await lab.ask(one, 'POST', dial, { body: { to: forged }, headers: { 'x-dry-run': '1' } })).status).toBe(400);
});

test('a copy that one agent’s request left is filtered for the next one as if it were new', async () => {
  const { lab, ids } = await openMarked();
  lab.simulator.company.calls.update(ids['call']!, { externalNumber: '+33155501234' });
  const open = await lab.addAgent('Open', { grants: everything('read') });
  const masked = await lab.addAgent('Masked', {
    grants: { ...everything('read'), users: 'off' },
    fields: [{ area: null, class: 'phone', treatment: 'mask' }],
  });
  expect(digits((await lab.ask(open, 'GET', '/v1/calls')).text)).toContain('55501234');
  const copy = await lab.ask(masked, 'GET', '/v1/calls');
  expect(copy.headers['x-gateway-source']).toBe('cache');
  expect(digits(copy.text)).not.toContain('55501234');
  expect(copy.text).not.toContain(marks.users);
  const again = await lab.ask(open, 'GET', '/v1/calls');
  expect(digits(again.text)).toContain('55501234');
});

test('an answer that was kept is given again only as far as the rules of today let it be', async () => {
  const { lab, ids } = await openMarked();
  const [, other] = [...lab.simulator.company.teams.all()];
  const agent = await lab.addAgent('Writer', { grants: everything(), taint: false });
  const change = (changes: object) =>
    lab.changePolicy(({ agents }) => ({ agents: { ...agents, [agent.id]: { ...agents[agent.id]!, ...changes } } }));
  const writes: readonly (readonly [string, string, object | undefined])[] = [
    ['POST', `/v1/calls/${ids['call']}/comments`, { content: 'Seen by nobody else.' }],
    ['PUT', `/v1/calls/${ids['call']}/archive`, undefined],
  ];
  const write = ([method, path, body]: (typeof writes)[number]) =>
    lab.ask(agent, method, path, { body, headers: { 'idempotency-key': 'k1' } });
  for (const each of writes) expect((await write(each)).status).toBeLessThan(300);
  const sent = lab.upstream().filter((line) => !line.startsWith('GET')).length;
  for (const each of writes) expect((await write(each)).headers['x-gateway-replayed']).toBe('1');

  await change({ constraints: { calls: { teams: [String(other!.id)] } } });
  for (const each of writes) expect(await write(each), each[1]).toMatchObject({ status: 404, body: { code: 'not_found' } });
  await change({ constraints: {}, fields: [{ area: null, class: 'freetext', treatment: 'hide' }] });
  for (const each of writes) expect((await write(each)).text).not.toContain('Seen by nobody');
  await change({ grants: { ...everything(), calls: 'read' } });
  for (const each of writes) expect((await write(each)).status).toBe(403);
  expect(lab.upstream().filter((line) => !line.startsWith('GET'))).toHaveLength(sent);
});

test('words of Aircall about a refusal are text of others: whoever sees no such text sees none, and whoever does has read it', async () => {
  const lab = await openGatewayLab();
  const said = { error: 'Bad Request', troubleshoot: 'Already taken by Qquser Qqcontact, +33155501234, ann@example.com' };
  lab.simulator.faults.next(
    { method: 'POST' },
    { kind: 'replace', with: (answer) => ({ ...answer, status: 400, body: JSON.stringify(said) }) },
    10,
  );
  const hidden = await lab.addAgent('Hidden', { grants: everything(), fields: [{ area: null, class: 'freetext', treatment: 'hide' }] });
  const nameless = await lab.addAgent('Nameless', { grants: everything(), fields: [{ area: null, class: 'person', treatment: 'mask' }] });
  const open = await lab.addAgent('Open', { grants: everything() });
  const body = { name: 'New', color: '#ff0000' };
  for (const agent of [hidden, nameless]) {
    const { status, text } = await lab.ask(agent, 'POST', '/v1/tags', { body });
    expect(status).toBe(400);
    expect(text).not.toContain('Qq');
  }
  const told = await lab.ask(open, 'POST', '/v1/tags', { body });
  expect(told.body.untrusted_text.hint).toContain('Qquser');
  expect(told.text).not.toMatch(/55501234|ann@example/);
  // An agent that has read outside text does nothing outside without a person for half an hour.
  const dial = await lab.ask(open, 'POST', '/v1/users/1/dial', { body: { to: '+33155507777' } });
  expect(dial.body.code).toBe('approval_required');
  expect((await lab.ask(hidden, 'POST', '/v1/users/1/dial', { body: { to: '+33155507777' } })).body.code).not.toBe('approval_required');
});

test('many requests at once pass no daily limit on rows that they would not pass one after the other', async () => {
  const lab = await openGatewayLab({ simulator: { calls: 60 } });
  const agent = await lab.addAgent('Greedy', { grants: everything('read'), constraints: { calls: { maximumRowsPerDay: 10 } } });
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) => lab.ask(agent, 'GET', `/v1/calls?per_page=5&page=${index + 1}`)),
  );
  const rows = answers.reduce((sum, { body }) => sum + ((body.calls as readonly unknown[] | undefined)?.length ?? 0), 0);
  expect(rows).toBeLessThanOrEqual(10);
  expect(rows).toBeGreaterThan(0);
});

test('what a client says about itself brings no personal data and no second line into the log', async () => {
  const { lab } = await openMarked();
  const agent = await lab.addAgent('Talker', { grants: everything('read') });
  await lab.ask(agent, 'GET', '/v1/tags', {
    headers: {
      'user-agent': 'Ann +33155501234 ann@example.com',
      traceparent: '00-00000000000000000000033155501234-0000033155501234-01',
      'idempotency-key': '+33155501234',
      'x-approval-id': 'ann@example.com',
      'x-forwarded-for': '+33155501234',
    },
  });
  await lab.ask(agent, 'GET', '/v1/users/ann@example.com');
  await lab.ask(agent, 'GET', '/v1/calls/search?phone_number=%2B33155501234');
  await lab.ask(agent, 'GET', '/v1/tags?ann@example.com=1');
  const log = lab
    .records()
    // A trace is 32 hexadecimal digits by its standard; who picks them so as to look like a number tells nobody anything.
    .map((record) => JSON.stringify({ ...record, where: { ...record.where, traceId: null } }))
    .join('\n');
  expect(log).not.toContain('ann@example.com');
  expect(digits(log)).not.toContain('55501234');
});
