// Webhooks: where Aircall sends events. Every key of the company reads their tokens in clear.
import { endpoint } from '../endpoint.ts';
import type { Parameters, Refusal } from '../endpoint.ts';
import { entity, field, optional } from '../field.ts';
import type { EntityOf } from '../field.ts';
import { limits } from '../limits.ts';
import { orderParameter, pageParameters, pages } from './lists.ts';

const written = {
  direct_link: field.text('Address of the webhook in the API.', { form: 'api-link' }),
  url: field.text('Where events are sent.', { class: 'freetext' }),
  active: field.boolean('False once Aircall or an admin switched it off.'),
  events: field.list('Names of the events sent, in no particular order.', field.text('The name of an event.', { form: 'token' })),
  token: field.text('Repeated in every delivery to prove its origin.', { class: 'secret' }),
  created_at: field.moment('iso', 'When the webhook was created.'),
  webhook_id: field.text('Identifies the webhook, as a UUID.', { form: 'token' }),
  custom_name: field.text('What the company calls it. Accepted on writes, rarely shown.', {
    optional: true,
    nullable: true,
    class: 'freetext',
  }),
} as const;

const legacyId = field.id('The old id. Still accepted in paths.', { deprecated: true });

export const webhook = entity({
  name: 'webhook',
  meaning: 'An address that Aircall sends events to.',
  key: 'webhook_id',
  fields: { id: optional(legacyId), ...written },
});
export type Webhook = EntityOf<typeof webhook>;

const byId = {
  webhook_id: { type: 'text', required: true, format: 'uuid-or-id', names: 'webhook', meaning: 'The webhook: its UUID, or its old id.' },
} as const satisfies Parameters;

const invalid = { status: 400, when: 'The address is not https, or an event does not exist.' } as const satisfies Refusal;

/** Who approves a webhook sees what it will tell. */
const eventsNamed = { always: 'left out, they would be all there are' } as const;

const omittedEvents = 'Without events it is subscribed to all of them.';
const withoutLegacyId = 'The answer has no `id`, which listings and retrieving show.';

export const webhooks = {
  list: endpoint({
    id: 'webhooks.list',
    title: 'List webhooks',
    area: 'webhooks',
    method: 'GET',
    path: '/v1/webhooks',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'list webhooks', past: 'listed {rows} webhooks' } },
    core: true,
    query: { ...pageParameters, ...orderParameter },
    answer: { envelope: 'list', key: 'webhooks', of: webhook },
    status: 200,
    pagination: { ...pages, links: false, metaFirst: true },
    quirks: [
      'Tokens are in clear.',
      'Basic keys see what was made in the dashboard or with Basic; an OAuth integration sees only its own.',
    ],
  }),
  retrieve: endpoint({
    id: 'webhooks.retrieve',
    title: 'Retrieve a webhook',
    area: 'webhooks',
    method: 'GET',
    path: '/v1/webhooks/:webhook_id',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'read webhook {webhook_id}', past: 'read webhook {webhook_id}' } },
    at: byId,
    answer: { envelope: 'one', key: 'webhook', of: webhook },
    status: 200,
  }),
  create: endpoint({
    id: 'webhooks.create',
    title: 'Create a webhook',
    area: 'webhooks',
    method: 'POST',
    path: '/v1/webhooks',
    effect: 'egress',
    agents: { kind: 'resource', deed: { present: 'create a webhook', past: 'created a webhook' } },
    core: true,
    body: {
      url: { type: 'text', required: true, format: 'https-url', meaning: 'Where to send events.' },
      custom_name: { type: 'text', class: 'freetext', default: 'Webhook', meaning: 'What to call it.' },
      events: { type: 'text[]', format: 'token', agents: eventsNamed, meaning: 'Which events to send; left out or empty, all of them.' },
    },
    answer: { envelope: 'one', key: 'webhook', of: webhook },
    status: 201,
    refusals: [invalid, { status: 400, when: `The company has ${limits.webhooks.perCompany} webhooks already.` }],
    quirks: [omittedEvents, withoutLegacyId, 'The same address twice makes two webhooks.'],
  }),
  update: endpoint({
    id: 'webhooks.update',
    title: 'Update a webhook',
    area: 'webhooks',
    method: 'PUT',
    path: '/v1/webhooks/:webhook_id',
    effect: 'egress',
    agents: { kind: 'resource', deed: { present: 'update webhook {webhook_id}', past: 'updated webhook {webhook_id}' } },
    at: byId,
    query: {
      events_action: {
        type: 'text',
        values: ['add', 'remove'],
        meaning: 'Adds the events sent, or takes them away; without it they replace the subscribed ones.',
      },
    },
    body: {
      url: { type: 'text', format: 'https-url', meaning: 'Where to send events.' },
      custom_name: { type: 'text', class: 'freetext', meaning: 'What to call it.' },
      events: { type: 'text[]', format: 'token', agents: eventsNamed, meaning: 'Which events; left out or empty, all of them.' },
      active: { type: 'boolean', meaning: 'True switches it on again.' },
    },
    answer: { envelope: 'one', key: 'webhook', of: webhook },
    status: 200,
    refusals: [invalid],
    quirks: [`${omittedEvents} That holds for updates too, unless events_action is given.`, withoutLegacyId],
  }),
  delete: endpoint({
    id: 'webhooks.delete',
    title: 'Delete a webhook',
    area: 'webhooks',
    method: 'DELETE',
    path: '/v1/webhooks/:webhook_id',
    effect: 'delete',
    agents: { kind: 'resource', deed: { present: 'delete webhook {webhook_id}', past: 'deleted webhook {webhook_id}' } },
    core: true,
    destructive: true,
    at: byId,
    answer: { envelope: 'none' },
    status: 204,
    quirks: ['Its token is lost.'],
  }),
} as const;
