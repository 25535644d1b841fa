import { expect, test } from 'vitest';
import { call, field } from '../aircall/index.ts';
import { cleanRecordSchema } from './record-schema.ts';

test('the schema says what clean records hold, not what Aircall sends', () => {
  const schema = cleanRecordSchema({
    table: 'things',
    key: 'id',
    fields: {
      id: field.id('Its id.'),
      made_at: field.moment('seconds', 'When it was made.'),
      link: field.text('Where it is.', { class: 'media' }),
      owner: field.object('Whose it is.', { id: field.id('Their id.'), name: field.text('Their name.') }),
      tags: field.list('Its tags.', field.text('A tag.')),
      free: field.json('Anything.'),
    },
    only: { owner: ['id'] },
  });
  expect(schema).toEqual({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'things',
    type: 'object',
    properties: {
      id: { type: 'integer', description: 'Its id.' },
      made_at: { type: ['string', 'null'], format: 'date-time', description: 'When it was made.' },
      owner: {
        type: ['object', 'null'],
        properties: { id: { type: ['integer', 'null'], description: 'Their id.' } },
        additionalProperties: false,
        description: 'Whose it is.',
      },
      tags: { type: ['array', 'null'], items: { type: ['string', 'null'], description: 'A tag.' }, description: 'Its tags.' },
      free: { description: 'Anything.' },
    },
    required: ['id'],
    additionalProperties: true,
  });
});

test('settings change the schema as they change the records', () => {
  const schema = cleanRecordSchema(
    { table: 'calls', key: 'id', fields: call.fields },
    { drop: ['user'], types: { started_at: 'bigint' }, hash: ['raw_digits'], salt: 'pepper' },
  );
  expect(schema['properties']).toMatchObject({ started_at: { type: ['integer', 'null'] }, raw_digits: { type: ['string', 'null'] } });
  expect(schema['properties']).not.toHaveProperty('user');
  expect(schema['properties']).not.toHaveProperty('recording');
});
