import { expect, test } from 'vitest';
import { endpoints } from './api.ts';
import { eventResources, events, unconfirmedEvents } from './events.ts';

const names = events.map(({ name }) => name);

test('all 67 documented events are described once', () => {
  expect(names).toHaveLength(67);
  expect(new Set(names).size).toBe(67);
});

test('each resource has as many events as documented', () => {
  const counts = Object.fromEntries(
    eventResources.map((resource) => [resource, events.filter((event) => event.resource === resource).length]),
  );
  expect(counts).toEqual({
    call: 19,
    user: 16,
    number: 4,
    contact: 3,
    message: 6,
    conversation_intelligence: 12,
    ai_voice_agent: 4,
    analytics: 2,
    integration: 1,
    team: 0,
  });
});

test('events that only one source names are kept apart', () => {
  expect(unconfirmedEvents.map(({ name }) => name)).toEqual(['team.created', 'team.destroyed']);
  expect(unconfirmedEvents.every(({ unconfirmed }) => unconfirmed)).toBe(true);
  expect(events.some(({ unconfirmed }) => unconfirmed)).toBe(false);
});

test('every older user event has a newer form', () => {
  const older = events.filter(({ replacedBy }) => replacedBy !== undefined);
  expect(older).toHaveLength(8);
  for (const { replacedBy } of older) expect(names).toContain(replacedBy);
});

test('an event about a record names an entity that the API answers with, and renames onto its fields', () => {
  const entities = new Map(endpoints.flatMap(({ answer }) => (answer.envelope === 'none' ? [] : [[answer.of.name, answer.of] as const])));
  for (const { name, payload } of [...events, ...unconfirmedEvents]) {
    if (payload.about === null) continue;
    const entity = entities.get(payload.about);
    expect(entity, name).toBeDefined();
    for (const [from, to] of Object.entries(payload.renamed ?? {})) {
      expect(payload.of.fields).toHaveProperty(from);
      expect(entity?.fields).toHaveProperty(to);
    }
  }
});

test('what a call event leaves out when there is none is optional there', () => {
  const { fields } = events[0]!.payload.of;
  for (const relation of ['user', 'contact', 'transferred_to', 'transferred_by', 'assigned_to'])
    expect(fields[relation]).toMatchObject({ optional: true });
});

test('records vanish by the events that say so', () => {
  const deleting = events.filter((event) => event.deletes).map(({ name }) => name);
  expect(deleting).toEqual(['user.deleted', 'user.deleted.v2', 'number.deleted', 'contact.deleted', 'integration.deleted']);
});
