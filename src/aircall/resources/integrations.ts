// The integration behind OAuth credentials. Basic keys have none.
import { endpoint } from '../endpoint.ts';
import { allOptional, entity, field } from '../field.ts';
import type { EntityOf } from '../field.ts';
import { userInCall } from './user-fields.ts';

const integration = entity({
  name: 'integration',
  meaning: 'An installation of a partner’s application in the company.',
  fields: {
    name: field.text('The name of the application.', { class: 'freetext' }),
    custom_name: field.text('What the company calls it.', { nullable: true, class: 'freetext' }),
    logo: field.text('Address of the logo.', { nullable: true, class: 'freetext' }),
    company_id: field.id('The id of the company.'),
    status: field.text('How far the installation is.', { values: ['installed'] }),
    active: field.boolean('Whether events are sent.'),
    number_ids: field.list('The numbers the admin allowed.', field.id('The id of a number.')),
    numbers_count: field.integer('How many numbers the admin allowed.'),
    user: field.object('Who installed it.', allOptional(userInCall), { nullable: true, embeds: 'user' }),
  },
});
export type Integration = EntityOf<typeof integration>;

export const integrations = {
  retrieve: endpoint({
    id: 'integrations.retrieve',
    title: 'Retrieve the integration',
    area: 'integrations',
    method: 'GET',
    path: '/v1/integrations/me',
    effect: 'read',
    agents: { never: 'the integration is the gateway’s own connection' },
    answer: { envelope: 'one', key: 'integration', of: integration },
    status: 200,
    credentials: 'oauth',
  }),
  enable: endpoint({
    id: 'integrations.enable',
    title: 'Enable the integration',
    area: 'integrations',
    method: 'POST',
    path: '/v1/integrations/enable',
    effect: 'change',
    agents: { never: 'the integration is the gateway’s own connection' },
    answer: { envelope: 'none' },
    status: 204,
    statusUnconfirmed: true,
    credentials: 'oauth',
    idempotent: true,
  }),
  disable: endpoint({
    id: 'integrations.disable',
    title: 'Disable the integration',
    area: 'integrations',
    method: 'POST',
    path: '/v1/integrations/disable',
    effect: 'change',
    agents: { never: 'the integration is the gateway’s own connection' },
    destructive: true,
    answer: { envelope: 'none' },
    status: 204,
    statusUnconfirmed: true,
    credentials: 'oauth',
    quirks: ['No more events are sent.'],
  }),
} as const;
