import { expect, expectTypeOf, test } from 'vitest';
import { allOptional, entity, field, optional, pick } from './field.ts';
import type { EntityOf, Id } from './field.ts';
import type { call, Call } from './resources/calls.ts';
import type { Contact } from './resources/contacts.ts';
import type { User } from './resources/users.ts';
import type { Webhook } from './resources/webhooks.ts';

test('the type of a call follows from its description', () => {
  expectTypeOf<EntityOf<typeof call>>().toEqualTypeOf<Call>();
  expectTypeOf<Call['id']>().toEqualTypeOf<Id>();
  expectTypeOf<Call['started_at']>().toEqualTypeOf<number>();
  expectTypeOf<Call['answered_at']>().toEqualTypeOf<number | null>();
  expectTypeOf<Call['archived']>().toEqualTypeOf<boolean>();
  expectTypeOf<'done'>().toExtend<Call['status']>();
  expectTypeOf<NonNullable<Call['user']>['name']>().toEqualTypeOf<string>();
  expectTypeOf<NonNullable<Call['contact']>['phone_numbers'][number]['value']>().toEqualTypeOf<string>();
  expectTypeOf<Call['tags'][number]['created_at']>().toEqualTypeOf<number | undefined>();
  expectTypeOf<NonNullable<NonNullable<Call['ivr_options_selected']>[number]['id']>>().toEqualTypeOf<string | Id>();
  expectTypeOf<Call>().not.toHaveProperty('updated_at');
});

test('a key that may be missing is optional in the type, a nullable one is not', () => {
  const described = entity({
    name: 'thing',
    meaning: 'A thing.',
    fields: {
      sure: field.text('Sure.'),
      empty: field.text('Empty.', { nullable: true }),
      absent: field.text('Absent.', { optional: true }),
    },
  });
  expectTypeOf<EntityOf<typeof described>>().toEqualTypeOf<{
    readonly sure: string;
    readonly empty: string | null;
    readonly absent?: string;
  }>();
});

test('moments have the type of their wire', () => {
  expectTypeOf<User['created_at']>().toEqualTypeOf<string>();
  expectTypeOf<Contact['created_at']>().toEqualTypeOf<number>();
  expectTypeOf<Webhook['events']>().toEqualTypeOf<readonly string[]>();
});

const three = { one: field.id('One.'), two: field.text('Two.', { nullable: true }), three: field.integer('Three.') } as const;

test('fields are picked in the order asked for', () => {
  const picked = pick(three, 'three', 'one');
  expect(Object.keys(picked)).toEqual(['three', 'one']);
  expect(picked.one).toBe(three.one);
  expectTypeOf<keyof typeof picked>().toEqualTypeOf<'one' | 'three'>();
});

test('an optional field is the same field that may be missing', () => {
  expect(optional(three.two)).toEqual({ kind: 'text', meaning: 'Two.', nullable: true, optional: true });
  expect(Object.values(allOptional(three)).every((described) => described.optional)).toBe(true);
  expect(three.two).not.toHaveProperty('optional');
});
