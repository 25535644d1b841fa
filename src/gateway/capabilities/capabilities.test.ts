import { expect, test } from 'vitest';
import { areas, effects, endpoints } from '../../aircall/index.ts';
import type { Endpoint, Field, Fields, Parameter, Parameters } from '../../aircall/index.ts';
import { areaOfField, capabilities, capabilityOf } from './capabilities.ts';
import { agentClassOf, argumentClassOf } from './capability.ts';
import type { GrantArea } from '../policy/types.ts';

const neverOffered = ['integrations.retrieve', 'integrations.enable', 'integrations.disable', 'oauth.exchangeCode'];

const each = capabilities.map((capability) => [capability.id, capability] as const);

test('every endpoint is a capability, but for those that no agent ever gets, each with its reason', () => {
  const known = endpoints.map(({ id }) => id);
  expect([...capabilities.map(({ id }) => id), ...neverOffered].toSorted()).toEqual(known.toSorted());
  for (const id of neverOffered) {
    expect(capabilityOf(id)).toBeUndefined();
    expect(endpoints.find((endpoint) => endpoint.id === id)?.agents).toEqual({ never: expect.stringMatching(/^[a-z].{10,}$/) });
  }
});

test('names that come with every object are no capabilities', () => {
  for (const name of ['', '__proto__', 'constructor', 'toString', 'calls']) expect(capabilityOf(name)).toBeUndefined();
});

test.each(each)('%s says everything about itself', (id, capability) => {
  expect(capabilityOf(id)).toBe(capability);
  expect(areas).toContain(capability.area);
  expect(['oauth', 'integrations']).not.toContain(capability.area);
  expect(['resource', 'action']).toContain(capability.kind);
  expect(effects).toContain(capability.effect);
  expect(['read', 'write', 'full']).toContain(capability.need);
  expect(['none', 'confirm', 'approve']).toContain(capability.friction);
  expect(capability.cost).toBeGreaterThanOrEqual(1);
  expect(capability.embeds).not.toContain(capability.area);
  expect(capability.rows === null).toBe(capability.endpoint.answer.envelope === 'none');
});

test.each(each)('%s is told in our words, about nothing but its path', (_, { endpoint, deed, rows }) => {
  const inPath = Object.keys(endpoint.at ?? {});
  for (const text of [deed.present, deed.past]) {
    expect(text).toMatch(/^[a-z][\w{}’ -]+$/);
    const named = [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const name of named) expect([...inPath, ...(rows?.many === true ? ['rows'] : [])]).toContain(name);
  }
  expect(deed.present).not.toContain('{rows}');
  if (rows?.many === true) expect(deed.past).toMatch(/\{rows\} (?:phone )?\w+s\b/);
});

test.each(each)('%s needs the level of its effect, and nothing that destroys, rings or leaves comes without friction', (_, capability) => {
  const { effect, need, friction } = capability;
  expect(need).toBe(effect === 'read' ? 'read' : effect === 'add' || effect === 'change' ? 'write' : 'full');
  if (effect === 'read') expect(friction).toBe('none');
  if (effect === 'delete' || effect === 'live') expect(['confirm', 'approve']).toContain(friction);
  if (effect === 'egress') expect(friction).toBe('approve');
});

test('the exceptions to the friction of an effect are these', () => {
  const usual = { read: 'none', add: 'none', change: 'none', delete: 'confirm', live: 'confirm', egress: 'approve' };
  const odd = capabilities.filter(({ effect, friction }) => friction !== usual[effect]).map(({ id, friction }) => `${id} ${friction}`);
  expect(odd.toSorted()).toEqual([
    'calls.deleteRecording approve',
    'calls.deleteVoicemail approve',
    'numbers.update confirm',
    'teams.addUser confirm',
    'teams.removeUser confirm',
    'users.create confirm',
    'users.createV1 confirm',
    'users.delete approve',
  ]);
});

test('comments run out and cannot be taken back, so an agent has five a call and no more', () => {
  expect(capabilities.filter(({ mostPerObject }) => mostPerObject !== null).map(({ id, mostPerObject }) => [id, mostPerObject])).toEqual([
    ['calls.comment', 5],
  ]);
});

// ---- subjects, look-ups, references --------------------------------------------------------------------------------

test.each(each)('%s names its subject, and who shows it, by the very same id', (id, { endpoint, subject, cost }) => {
  const [first] = Object.entries<Parameter>(endpoint.at ?? {});
  if (first === undefined) return expect([subject, cost]).toEqual([null, 1]);
  // An AI voice agent is shown by nobody.
  if (id === 'aiVoice.startCall') return expect([subject, cost]).toEqual([null, 1]);
  expect(subject?.parameter).toBe(first[0]);
  const lookUp = capabilityOf(subject?.lookUp ?? '');
  expect(lookUp?.effect).toBe('read');
  expect(lookUp?.area).toBe(subject?.area);
  expect(lookUp?.rows?.many).toBe(false);
  expect(lookUp?.cost).toBe(1);
  const [only, ...others] = Object.values<Parameter>(lookUp?.endpoint.at ?? {});
  expect(others).toEqual([]);
  expect(only?.names).toBe(first[1].names);
  expect(cost).toBe(lookUp?.id === id ? 1 : 2);
  return undefined;
});

test('what is looked up is not an endpoint that has ended, unless it is itself what was asked for', () => {
  for (const { id, subject } of capabilities) {
    const lookUp = capabilityOf(subject?.lookUp ?? '');
    if (lookUp !== undefined && lookUp.id !== id) expect(lookUp.endpoint.removedOn).toBeUndefined();
  }
});

test('what shows a row by its id needs no other to look it up', () => {
  const showing = capabilities.filter(({ id, subject }) => subject?.lookUp === id);
  expect(showing.map(({ id }) => id)).toEqual([
    'calls.retrieve',
    'contacts.retrieve',
    'users.retrieve',
    'users.retrieveV1',
    'teams.retrieve',
    'numbers.retrieve',
    'tags.retrieve',
    'webhooks.retrieve',
    'analytics.retrieveExport',
  ]);
  expect(showing.every(({ cost }) => cost === 1)).toBe(true);
});

test('every parameter that is an id says what it is the id of', () => {
  for (const { id, endpoint } of capabilities) {
    for (const [path, parameter] of parametersOf(endpoint)) {
      const isId = /^id(?:\[\])?$/.test(parameter.type) || /^(?:id-or-email|uuid-or-id)$/.test(parameter.format ?? '');
      expect(isId && parameter.names === undefined, `${id}: ${path}`).toBe(false);
    }
  }
});

test('an id is the id of something that is looked up, of a part of it, or of what nobody shows', () => {
  const named = capabilities.flatMap(({ references }) => references);
  const shown = new Set(named.filter(({ area }) => area !== null).map(({ names }) => names));
  const parts = new Set(named.filter(({ area }) => area === null).map(({ names }) => names));
  expect([...shown].toSorted()).toEqual(['call', 'contact', 'number', 'report_export', 'tag', 'team', 'user', 'webhook']);
  expect([...parts].toSorted()).toEqual(['campaign_number', 'email_detail', 'phone_detail']);
});

test('users, teams, numbers and tags are recognised wherever a request names them', () => {
  const named = (id: string) => capabilityOf(id)?.references.map(({ place, path, names }) => `${place} ${path.join('.')} ${names}`);
  expect(named('calls.transfer')).toEqual(['at id call', 'body user_id user', 'body team_id team']);
  expect(named('calls.search')).toEqual(['query user_id user', 'query tags.* tag']);
  expect(named('calls.tag')).toEqual(['at id call', 'body tags.* tag']);
  expect(named('teams.addUser')).toEqual(['at team_id team', 'at user_id user']);
  expect(named('messages.sendWhatsapp')).toEqual(['body lineId number']);
  expect(named('users.startCall')).toEqual(['at id user', 'body number_id number']);
});

// ---- rows and what they hold ---------------------------------------------------------------------------------------

test('a call says its teams, number, user, tags, direction and start; Aircall narrows a search by most of them', () => {
  const search = capabilityOf('calls.search');
  expect(search?.rows?.binding).toEqual({
    id: ['id'],
    teams: ['teams', '*', 'id'],
    numbers: ['number', 'id'],
    users: ['user', 'id'],
    tags: ['tags', '*', 'id'],
    direction: ['direction'],
    startedAt: ['started_at'],
  });
  expect(search?.narrows).toEqual({ users: 'user_id', tags: 'tags', directions: 'direction', newerThan: 'from' });
  expect(capabilityOf('calls.list')?.narrows).toEqual({ newerThan: 'from' });
  expect(capabilities.filter(({ narrows }) => Object.keys(narrows).length > 0).map(({ id }) => id)).toEqual(['calls.list', 'calls.search']);
});

test.each(each)('%s binds its rows by paths that its rows have', (_, { rows }) => {
  for (const path of Object.values(rows?.binding ?? {})) expect(fieldAt(rows?.of.fields ?? {}, path)?.kind).toMatch(/^(?:id|text|moment)$/);
});

test('the numbers of a user are numbers, and what stands inside a row belongs to its own area', () => {
  expect(capabilityOf('users.numbers')).toMatchObject({ area: 'users', rows: { area: 'numbers' }, embeds: ['numbers'] });
  expect(capabilityOf('calls.list')?.embeds.toSorted()).toEqual(['contacts', 'numbers', 'recordings', 'tags', 'teams', 'users']);
  expect(capabilityOf('teams.list')?.embeds).toEqual(['users']);
  expect(capabilityOf('tags.list')?.embeds).toEqual([]);
});

test('links to recordings and voicemails, the lasting one too, are shown by access to recordings', () => {
  const { rows } = capabilityOf('calls.retrieve') ?? {};
  const links = Object.entries<Field>(rows?.of.fields ?? {}).filter(([, field]) => agentClassOf(field) === 'media');
  expect(links.map(([name]) => name).toSorted()).toEqual(['asset', 'recording', 'recording_short_url', 'voicemail', 'voicemail_short_url']);
  for (const [, field] of links) expect(areaOfField(field, 'calls')).toBe('recordings');
});

test('tokens, and the link to a report that no limit of an agent reaches into, are secrets to agents', () => {
  const secrets = capabilities.flatMap(({ id, rows }) =>
    fieldsOf(rows?.of.fields ?? {}).flatMap(([path, field]) => (agentClassOf(field) === 'secret' ? [`${id} ${path}`] : [])),
  );
  expect(secrets.toSorted()).toEqual([
    'analytics.createExport downloadUrl',
    'analytics.retrieveExport downloadUrl',
    'messages.createConfiguration token',
    'messages.retrieveConfiguration token',
    'webhooks.create token',
    'webhooks.list token',
    'webhooks.retrieve token',
    'webhooks.update token',
  ]);
});

test.each(each)('%s lists each class of each area that its answer holds, and no other', (_, { rows, classes }) => {
  const held = new Set<string>();
  if (rows !== null) collect(rows.of.fields, rows.area, held);
  expect(classes.map(({ area, class: found }) => `${area} ${found}`).toSorted()).toEqual([...held].toSorted());
});

test('every area’s every class that answers hold is one of some capability an agent can be granted', () => {
  const reachable = new Set(capabilities.flatMap(({ classes }) => classes.map(({ class: found }) => found)));
  expect([...reachable].toSorted()).toEqual(['email', 'freetext', 'media', 'person', 'phone']);
});

test('every embedded copy is of something that has an area of its own', () => {
  for (const { id, rows } of capabilities) {
    for (const [path, field] of fieldsOf(rows?.of.fields ?? {})) {
      const embeds = field.kind === 'object' || field.kind === 'list' ? field.embeds : undefined;
      if (embeds !== undefined) expect(areaOfField(field, 'analytics'), `${id}: ${path}`).not.toBe('analytics');
    }
  }
});

test('text in answers is a list of known values, of a fixed form, or marked as somebody’s words', () => {
  const undecided = capabilities.flatMap(({ id, rows }) =>
    fieldsOf(rows?.of.fields ?? {}).flatMap(([path, field]) => {
      const marked = field.class !== undefined || field.agentClass !== undefined;
      if (field.kind === 'json') return marked ? [] : [`${id}: ${path}`];
      if (field.kind !== 'text') return [];
      return marked || field.values !== undefined || field.form !== undefined ? [] : [`${id}: ${path}`];
    }),
  );
  expect(undecided).toEqual([]);
});

test('text that agents send is a list of known values, of a fixed form, or marked as somebody’s words', () => {
  const undecided = capabilities.flatMap(({ id, endpoint }) =>
    parametersOf(endpoint).flatMap(([path, parameter]) => {
      const marked = parameter.class !== undefined || argumentClassOf(parameter) === null;
      return marked ? [] : [`${id}: ${path}`];
    }),
  );
  expect(undecided).toEqual([]);
});

test('a field that nobody has described yet counts as somebody’s words', () => {
  expect(agentClassOf({ kind: 'text', meaning: 'New.' })).toBe('freetext');
  expect(agentClassOf({ kind: 'json', meaning: 'New.' })).toBe('freetext');
  expect(argumentClassOf({ type: 'text', meaning: 'New.' })).toBe('freetext');
  expect(argumentClassOf({ type: 'object', meaning: 'New.' })).toBe('freetext');
});

// ---- searches and addresses ----------------------------------------------------------------------------------------

test('what can be searched by is what answers could be guessed from', () => {
  const searches = capabilities.flatMap(({ id, searches: found }) => found.map(({ parameter, class: by }) => `${id} ${parameter} ${by}`));
  expect(searches.toSorted()).toEqual([
    'calls.search phone_number phone',
    'contacts.search email email',
    'contacts.search phone_number phone',
    'messages.listSmsTemplates search freetext',
    'users.availability id email',
    'users.numbers id email',
    'users.retrieve id email',
    'users.retrieveV1 id email',
    'users.update id email',
    'users.updateV1 id email',
  ]);
});

test('where an id may stand instead of what is searched by, it is said', () => {
  const either = capabilities.flatMap(({ id, searches }) => (searches.some(({ orId }) => orId) ? [id] : []));
  expect(either).toEqual(['users.retrieve', 'users.update', 'users.numbers', 'users.retrieveV1', 'users.updateV1', 'users.availability']);
});

test('every address that someone will call is known as one', () => {
  const found = capabilities.flatMap(({ id, addresses }) => addresses.map((path) => `${id} ${path.join('.')}`));
  expect(found.filter((each) => !each.startsWith('numbers.update')).toSorted()).toEqual([
    'calls.pushInsightCard contents.*.link',
    'messages.createConfiguration callbackUrl',
    'messages.send mediaUrl.*',
    'messages.sendGroup mediaUrl.*',
    'messages.sendGroupNative mediaUrl.*',
    'messages.sendNative mediaUrl.*',
    'webhooks.create url',
    'webhooks.update url',
  ]);
  expect(found.filter((each) => each.startsWith('numbers.update'))).toHaveLength(9);
  for (const { id, endpoint, addresses } of capabilities) {
    const named = parametersOf(endpoint).filter(([path]) => /(?:url|link)$/i.test(path));
    for (const [path] of named)
      expect(
        addresses.map((each) => each.filter((part) => part !== '*').join('.')),
        id,
      ).toContain(path);
  }
});

function parametersOf({ at, query, body }: Endpoint): readonly (readonly [string, Parameter])[] {
  return [at, query, body].flatMap((parameters) => inside(parameters ?? {}, ''));
}

function inside(parameters: Parameters, prefix: string): readonly (readonly [string, Parameter])[] {
  return Object.entries<Parameter>(parameters).flatMap(([name, parameter]) => [
    [prefix + name, parameter] as const,
    ...inside(parameter.fields ?? {}, `${prefix}${name}.`),
  ]);
}

function fieldsOf(fields: Fields, prefix = ''): readonly (readonly [string, Field])[] {
  return Object.entries<Field>(fields).flatMap(([name, field]) => {
    const inner = field.kind === 'list' ? field.of : field;
    return [
      [prefix + name, field] as const,
      ...(field.kind === 'list' && field.of.kind !== 'object' && field.class === undefined
        ? [[`${prefix}${name}.*`, field.of] as const]
        : []),
      ...(inner.kind === 'object' ? fieldsOf(inner.fields, `${prefix}${name}.`) : []),
    ];
  });
}

function fieldAt(fields: Fields, [key = '', ...rest]: readonly string[]): Field | undefined {
  const field = fields[key];
  if (field?.kind === 'object' && rest.length > 0) return fieldAt(field.fields, rest);
  if (field?.kind === 'list' && rest[0] === '*' && field.of.kind === 'object') return fieldAt(field.of.fields, rest.slice(1));
  return rest.length === 0 ? field : undefined;
}

/** Written once more and otherwise than in the code under test: field by field, into a set. */
function collect(fields: Fields, around: GrantArea, held: Set<string>): void {
  for (const field of Object.values<Field>(fields)) {
    const area = areaOfField(field, around);
    const stack: Field[] = [field];
    for (let inner = stack.pop(); inner !== undefined; inner = stack.pop()) {
      const found = agentClassOf(inner);
      if (found !== null && found !== undefined && found !== 'secret') held.add(`${area} ${found}`);
      // Anyone's words can hold a phone number or an address.
      if (found === 'freetext' || found === 'person') held.add(`${area} phone`).add(`${area} email`);
      if (inner.kind === 'list') stack.push(inner.of);
      if (inner.kind === 'object') collect(inner.fields, area, held);
    }
  }
}
