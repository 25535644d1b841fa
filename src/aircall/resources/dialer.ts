// Dialer campaigns: a list of phone numbers that a user calls one after the other. One active campaign a user.
import { endpoint } from '../endpoint.ts';
import type { Parameters } from '../endpoint.ts';
import { entity, field } from '../field.ts';
import type { EntityOf } from '../field.ts';
import { pageParameters, pages } from './lists.ts';

const campaignNumberFields = {
  id: field.id('Identifies the entry.'),
  number: field.text('The phone number to call.', { class: 'phone' }),
  called: field.boolean('Whether it has been called.'),
  created_at: field.moment('any', 'When it was added.'),
} as const;

const campaignNumber = entity({
  name: 'campaign_number',
  meaning: 'A phone number that a user has still to call, or has called.',
  key: 'id',
  fields: campaignNumberFields,
});
export type CampaignNumber = EntityOf<typeof campaignNumber>;

const dialerCampaign = entity({
  name: 'dialer_campaign',
  meaning: 'A list of phone numbers for a user to call one after the other.',
  key: 'id',
  fields: {
    id: field.id('Identifies the campaign.'),
    number_id: field.text('The number to call from.', { nullable: true, orInteger: true, form: 'token' }),
    created_at: field.moment('any', 'When the campaign was created.'),
    phone_numbers: field.list('The phone numbers.', field.object('A phone number.', campaignNumberFields), { optional: true }),
  },
});
export type DialerCampaign = EntityOf<typeof dialerCampaign>;

const byUser = { id: { type: 'id', required: true, names: 'user', meaning: 'The user.' } } as const satisfies Parameters;

const phoneNumbers = {
  phone_numbers: { type: 'text[]', required: true, format: 'e164', class: 'phone', meaning: 'The phone numbers to call.' },
} as const satisfies Parameters;

const queuedAlready = {
  status: 422,
  when: 'Some of the phone numbers were queued already. The others were added all the same; the body lists those that were not.',
  business: true,
} as const;

export const dialer = {
  retrieve: endpoint({
    id: 'dialer.retrieve',
    title: 'Retrieve the dialer campaign of a user',
    area: 'dialer',
    method: 'GET',
    path: '/v1/users/:id/dialer_campaign',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'read the dialer campaign of user {id}', past: 'read the dialer campaign of user {id}' } },
    at: byUser,
    answer: { envelope: 'one', key: 'dialer_campaign', of: dialerCampaign },
    answerUnconfirmed: true,
    status: 200,
    statusUnconfirmed: true,
    quirks: ['404 when the user has none.'],
  }),
  create: endpoint({
    id: 'dialer.create',
    title: 'Create a dialer campaign for a user',
    area: 'dialer',
    method: 'POST',
    path: '/v1/users/:id/dialer_campaign',
    effect: 'add',
    agents: {
      kind: 'resource',
      deed: { present: 'create a dialer campaign for user {id}', past: 'created a dialer campaign for user {id}' },
    },
    at: byUser,
    body: phoneNumbers,
    answer: { envelope: 'none' },
    answerUnconfirmed: true,
    status: 204,
    statusUnconfirmed: true,
    refusals: [queuedAlready],
    quirks: ['Adds to the active campaign where there is one.'],
  }),
  delete: endpoint({
    id: 'dialer.delete',
    title: 'Delete the dialer campaign of a user',
    area: 'dialer',
    method: 'DELETE',
    path: '/v1/users/:id/dialer_campaign',
    effect: 'delete',
    agents: {
      kind: 'resource',
      deed: { present: 'delete the dialer campaign of user {id}', past: 'deleted the dialer campaign of user {id}' },
    },
    destructive: true,
    at: byUser,
    answer: { envelope: 'none' },
    status: 204,
  }),
  listNumbers: endpoint({
    id: 'dialer.listNumbers',
    title: 'List the phone numbers of a dialer campaign',
    area: 'dialer',
    method: 'GET',
    path: '/v1/users/:id/dialer_campaign/phone_numbers',
    effect: 'read',
    agents: {
      kind: 'resource',
      deed: {
        present: 'list the phone numbers in the dialer campaign of user {id}',
        past: 'listed {rows} phone numbers in the dialer campaign of user {id}',
      },
    },
    at: byUser,
    query: pageParameters,
    answer: { envelope: 'list', key: 'numbers', of: campaignNumber },
    answerUnconfirmed: true,
    status: 200,
    statusUnconfirmed: true,
    pagination: pages,
    quirks: ['The rows may stand under `phone_numbers` instead.'],
  }),
  addNumbers: endpoint({
    id: 'dialer.addNumbers',
    title: 'Add phone numbers to a dialer campaign',
    area: 'dialer',
    method: 'POST',
    path: '/v1/users/:id/dialer_campaign/phone_numbers',
    effect: 'add',
    agents: {
      kind: 'resource',
      deed: {
        present: 'add phone numbers to the dialer campaign of user {id}',
        past: 'added phone numbers to the dialer campaign of user {id}',
      },
    },
    at: byUser,
    body: phoneNumbers,
    answer: { envelope: 'none' },
    answerUnconfirmed: true,
    status: 204,
    statusUnconfirmed: true,
    refusals: [queuedAlready],
  }),
  deleteNumber: endpoint({
    id: 'dialer.deleteNumber',
    title: 'Delete a phone number from a dialer campaign',
    area: 'dialer',
    method: 'DELETE',
    path: '/v1/users/:id/dialer_campaign/phone_numbers/:phone_number_id',
    effect: 'delete',
    agents: {
      kind: 'resource',
      deed: {
        present: 'delete entry {phone_number_id} from the dialer campaign of user {id}',
        past: 'deleted entry {phone_number_id} from the dialer campaign of user {id}',
      },
    },
    destructive: true,
    at: { ...byUser, phone_number_id: { type: 'id', required: true, names: 'campaign_number', meaning: 'The entry in the campaign.' } },
    answer: { envelope: 'none' },
    status: 204,
  }),
} as const;
