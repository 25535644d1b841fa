// The company behind the credentials.
import { endpoint } from '../endpoint.ts';
import { entity, field } from '../field.ts';
import type { EntityOf } from '../field.ts';

export const company = entity({
  name: 'company',
  meaning: 'The company behind the credentials. Aircall gives it no id.',
  fields: {
    name: field.text('The name of the company.', { class: 'freetext' }),
    users_count: field.integer('How many users it has.'),
    numbers_count: field.integer('How many numbers it has.'),
  },
});
export type Company = EntityOf<typeof company>;

export const companies = {
  retrieve: endpoint({
    id: 'company.retrieve',
    title: 'Retrieve the company',
    area: 'company',
    method: 'GET',
    path: '/v1/company',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'read the company', past: 'read the company' } },
    answer: { envelope: 'one', key: 'company', of: company },
    status: 200,
  }),
} as const;
