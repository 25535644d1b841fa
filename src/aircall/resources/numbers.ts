// Numbers: the phone lines of the company.
import { endpoint } from '../endpoint.ts';
import type { Parameters } from '../endpoint.ts';
import { entity, field } from '../field.ts';
import type { EntityOf } from '../field.ts';
import { orderParameter, pageParameters, pages, periodParameters } from './lists.ts';
import { numberInList } from './number-fields.ts';
import { userInNumber } from './user-fields.ts';

export const number = entity({
  name: 'number',
  meaning: 'A phone line of the company.',
  key: 'id',
  fields: {
    ...numberInList,
    users: field.list('Who is assigned to the number. Not in listings.', field.object('A user.', userInNumber), {
      optional: true,
      embeds: 'user',
    }),
  },
});
export type PhoneNumber = EntityOf<typeof number>;

const registrationStatus = entity({
  name: 'registration_status',
  meaning: 'How far the registration of a US number for text messages is.',
  fields: { status: field.text('How far it is.', { optional: true, nullable: true, unconfirmed: true, form: 'token' }) },
});
export type RegistrationStatus = EntityOf<typeof registrationStatus>;

const byId = { id: { type: 'id', required: true, names: 'number', meaning: 'The number.' } } as const satisfies Parameters;

const audio = (meaning: string) => ({ type: 'text', format: 'https-url', meaning }) as const;

/** What each of `numberMessages` is played for. */
const messages = {
  welcome: audio('Played when a call is taken up.'),
  waiting: audio('Played while the caller waits.'),
  ivr: audio('Played to offer the menu.'),
  voicemail: audio('Played before a voicemail is recorded.'),
  closed: audio('Played outside opening hours.'),
  callback_later: audio('Played to offer a callback.'),
  unanswered_call: audio('Played when nobody answers.'),
  after_hours: audio('Played after hours.'),
  ringing_tone: audio('Played instead of the ringing tone.'),
} as const satisfies Parameters;

export const numbers = {
  list: endpoint({
    id: 'numbers.list',
    title: 'List numbers',
    area: 'numbers',
    method: 'GET',
    path: '/v1/numbers',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'list numbers', past: 'listed {rows} numbers' } },
    core: true,
    query: { ...pageParameters, ...orderParameter, ...periodParameters },
    answer: { envelope: 'list', key: 'numbers', of: number },
    status: 200,
    pagination: pages,
    timeFilter: { field: 'created_at', from: 'inclusive', to: 'inclusive', unconfirmed: true },
    quirks: ['Without the users of each number: only retrieving one shows them.'],
  }),
  retrieve: endpoint({
    id: 'numbers.retrieve',
    title: 'Retrieve a number',
    area: 'numbers',
    method: 'GET',
    path: '/v1/numbers/:id',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'read number {id}', past: 'read number {id}' } },
    core: true,
    at: byId,
    answer: { envelope: 'one', key: 'number', of: number },
    status: 200,
  }),
  update: endpoint({
    id: 'numbers.update',
    title: 'Update a number',
    area: 'numbers',
    method: 'PUT',
    path: '/v1/numbers/:id',
    effect: 'change',
    agents: { kind: 'resource', deed: { present: 'update number {id}', past: 'updated number {id}' }, friction: 'confirm' },
    core: true,
    destructive: true,
    at: byId,
    body: {
      availability_status: {
        type: 'text',
        values: ['open', 'custom', 'closed'],
        meaning: 'Whether the line is open. Without effect where a flow decides.',
      },
      priority: { type: 'integer', values: [0, 1], nullable: true, meaning: '0 for the normal queue, 1 for the priority queue.' },
      messages: { type: 'object', fields: messages, meaning: 'Music and messages: public addresses of mp3 files.' },
      name: { type: 'text', class: 'freetext', unconfirmed: true, meaning: 'What the company calls the number.' },
      time_zone: { type: 'text', format: 'iana-time-zone', unconfirmed: true, meaning: 'Time zone of the opening hours.' },
      open: { type: 'boolean', unconfirmed: true, meaning: 'Whether the line is open. The older form of `availability_status`.' },
    },
    answer: { envelope: 'one', key: 'number', of: number },
    status: 200,
    quirks: ['Changes how calls on a live line are handled.'],
  }),
  registrationStatus: endpoint({
    id: 'numbers.registrationStatus',
    title: 'Retrieve the registration status of a number',
    area: 'numbers',
    method: 'GET',
    path: '/v1/numbers/:id/registration_status',
    effect: 'read',
    agents: {
      kind: 'resource',
      deed: { present: 'read the registration status of number {id}', past: 'read the registration status of number {id}' },
    },
    at: byId,
    answer: { envelope: 'bare', of: registrationStatus },
    answerUnconfirmed: true,
    status: 200,
    quirks: ['About US A2P 10DLC messaging.'],
  }),
} as const;
