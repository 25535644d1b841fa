// Users: the people who make and take calls. v2 is what Aircall keeps; four v1 endpoints are announced to end.
import { endpoint } from '../endpoint.ts';
import type { Parameters, Refusal, TimeFilter } from '../endpoint.ts';
import { entity, field, optional } from '../field.ts';
import type { EntityOf } from '../field.ts';
import { orderParameter, pageParameters, pages, periodParameters } from './lists.ts';
import { numberFields, numberInList } from './number-fields.ts';
import { availabilityStatuses, userFields } from './user-fields.ts';

export const user = entity({
  name: 'user',
  meaning: 'A person who uses Aircall.',
  key: 'id',
  fields: userFields,
});
export type User = EntityOf<typeof user>;

const userV1 = entity({
  name: 'user_v1',
  variantOf: 'user',
  meaning: 'A user as version 1 of the endpoints shows it.',
  key: 'id',
  fields: {
    ...userFields,
    default_number_id: optional(userFields.default_number_id),
    substatus: optional(userFields.substatus),
    numbers: field.list('Numbers assigned to the user. Documented, not always there.', field.object('A number.', numberInList), {
      optional: true,
      embeds: 'number',
    }),
  },
});
export type UserV1 = EntityOf<typeof userV1>;

const numberOfUser = entity({
  name: 'number_of_user',
  variantOf: 'number',
  meaning: 'A number assigned to a user.',
  key: 'id',
  fields: { ...numberInList, flow_editor_enabled: numberFields.flow_editor_enabled },
});
export type NumberOfUser = EntityOf<typeof numberOfUser>;

/** A vocabulary of its own: presence, not working hours. */
export const presences = ['available', 'offline', 'do_not_disturb', 'in_call', 'after_call_work'] as const;

const availability = field.text('What the user is doing right now.', { values: presences });

export const userAvailability = entity({
  name: 'user_availability',
  variantOf: 'user',
  meaning: 'What a user is doing right now.',
  key: 'id',
  fields: { availability, id: field.id('The id of the user.') },
});
export type UserAvailability = EntityOf<typeof userAvailability>;

const presence = entity({
  name: 'presence',
  meaning: 'What the user asked about is doing right now.',
  fields: { availability },
});
export type Presence = EntityOf<typeof presence>;

/** What Aircall gives a new user whose creation says nothing else. @public */
export const newUserDefaults = {
  language: 'en-US',
  time_zone: 'Etc/UTC',
  state: 'always_opened',
  wrap_up_time: 0,
  availability_status: 'available',
  available: false,
  default_number_id: null,
  substatus: 'always_opened',
} as const;

const byIdOrEmail = {
  id: {
    type: 'text',
    required: true,
    format: 'id-or-email',
    names: 'user',
    class: 'email',
    meaning: 'The id of the user or their e-mail address, its @ unescaped.',
  },
} as const satisfies Parameters;

const byId = { id: { type: 'id', required: true, names: 'user', meaning: 'The user.' } } as const satisfies Parameters;

const listQuery = { ...pageParameters, ...orderParameter, ...periodParameters } as const;

const createdBetween = { field: 'created_at', from: 'inclusive', to: 'inclusive', unconfirmed: true } as const satisfies TimeFilter;

/** An agent that could would need nobody's leave any more. */
const signsIn = { never: 'it changes who signs in to Aircall, and as what' } as const;

const profile = {
  availability_status: { type: 'text', values: availabilityStatuses, meaning: 'Working-hours status.' },
  role_ids: { type: 'text[]', format: 'token', unconfirmed: true, agents: signsIn, meaning: 'Roles of the user.' },
  wrap_up_time: { type: 'integer', minimum: 0, meaning: 'Seconds of after-call work.' },
  time_zone: { type: 'text', format: 'iana-time-zone', meaning: 'Time zone of the working hours.' },
  language: { type: 'text', format: 'language', meaning: 'Language of the app, as an IETF tag.' },
  extension: { type: 'text', format: 'token', meaning: 'Internal extension; the next free one when left out.' },
} as const satisfies Parameters;

const creation = {
  email: { type: 'text', required: true, format: 'email', class: 'email', meaning: 'The e-mail address to sign in with.' },
  first_name: { type: 'text', required: true, class: 'person', meaning: 'First name.' },
  last_name: { type: 'text', required: true, class: 'person', meaning: 'Last name.' },
  ...profile,
  is_admin: { type: 'boolean', agents: signsIn, meaning: 'Whether the user is an admin. The older form of `role_ids`.' },
  inviter_user_id: { type: 'id', names: 'user', meaning: 'The user in whose name the invitation is sent.' },
} as const satisfies Parameters;

const change = {
  first_name: { type: 'text', class: 'person', meaning: 'First name.' },
  last_name: { type: 'text', class: 'person', meaning: 'Last name.' },
  email: {
    type: 'text',
    format: 'email',
    class: 'email',
    unconfirmed: true,
    agents: signsIn,
    meaning: 'The e-mail address to sign in with.',
  },
  ...profile,
  availability_status: { ...profile.availability_status, unconfirmed: true },
  default_number_id: { type: 'id', names: 'number', meaning: 'The number used for outbound calls unless the user picks another.' },
  substatus: { type: 'text', format: 'token', unconfirmed: true, meaning: 'Why the user is unavailable.' },
} as const satisfies Parameters;

const emailTaken = { status: 422, when: 'The e-mail address is used already.', unconfirmed: true } as const satisfies Refusal;

const creationQuirks = [
  'Uses up a seat, which is billed.',
  'The new user also becomes a shared contact, announced by contact.created.',
] as const;

const partialUpdate = 'Only the fields sent change, although the verb is PUT.';

const versionOneEnds = '2026-09-30';

export const users = {
  list: endpoint({
    id: 'users.list',
    title: 'List users',
    area: 'users',
    method: 'GET',
    path: '/v2/users',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'list users', past: 'listed {rows} users' } },
    query: listQuery,
    answer: { envelope: 'list', key: 'users', of: user },
    status: 200,
    standIn: 'users.listV1',
    pagination: pages,
    timeFilter: createdBetween,
  }),
  retrieve: endpoint({
    id: 'users.retrieve',
    title: 'Retrieve a user',
    area: 'users',
    method: 'GET',
    path: '/v2/users/:id',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'read user {id}', past: 'read user {id}' } },
    at: byIdOrEmail,
    answer: { envelope: 'one', key: 'user', of: user },
    status: 200,
    standIn: 'users.retrieveV1',
  }),
  create: endpoint({
    id: 'users.create',
    title: 'Create a user',
    area: 'users',
    method: 'POST',
    path: '/v2/users',
    effect: 'change',
    agents: { kind: 'resource', deed: { present: 'create a user', past: 'created a user' }, friction: 'confirm' },
    body: creation,
    answer: { envelope: 'one', key: 'user', of: user },
    status: 201,
    standIn: 'users.createV1',
    refusals: [emailTaken],
    event: 'user.created.v2',
    quirks: creationQuirks,
  }),
  update: endpoint({
    id: 'users.update',
    title: 'Update a user',
    area: 'users',
    method: 'PUT',
    path: '/v2/users/:id',
    effect: 'change',
    agents: { kind: 'resource', deed: { present: 'update user {id}', past: 'updated user {id}' } },
    at: byIdOrEmail,
    body: change,
    answer: { envelope: 'one', key: 'user', of: user },
    status: 200,
    standIn: 'users.updateV1',
    quirks: [partialUpdate],
  }),
  numbers: endpoint({
    id: 'users.numbers',
    title: 'List the numbers of a user',
    area: 'users',
    method: 'GET',
    path: '/v2/users/:id/numbers',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'list the numbers of user {id}', past: 'listed {rows} numbers of user {id}' } },
    at: byIdOrEmail,
    query: listQuery,
    answer: { envelope: 'list', key: 'numbers', of: numberOfUser },
    status: 200,
    pagination: pages,
    timeFilter: createdBetween,
  }),
  listV1: endpoint({
    id: 'users.listV1',
    title: 'List users (version 1)',
    area: 'users',
    method: 'GET',
    path: '/v1/users',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'list users', past: 'listed {rows} users' } },
    core: true,
    query: listQuery,
    answer: { envelope: 'list', key: 'users', of: userV1 },
    status: 200,
    standIn: 'users.list',
    pagination: pages,
    timeFilter: createdBetween,
    removedOn: versionOneEnds,
  }),
  retrieveV1: endpoint({
    id: 'users.retrieveV1',
    title: 'Retrieve a user (version 1)',
    area: 'users',
    method: 'GET',
    path: '/v1/users/:id',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'read user {id}', past: 'read user {id}' } },
    core: true,
    at: byIdOrEmail,
    answer: { envelope: 'one', key: 'user', of: userV1 },
    status: 200,
    standIn: 'users.retrieve',
    removedOn: versionOneEnds,
  }),
  createV1: endpoint({
    id: 'users.createV1',
    title: 'Create a user (version 1)',
    area: 'users',
    method: 'POST',
    path: '/v1/users',
    effect: 'change',
    agents: { kind: 'resource', deed: { present: 'create a user', past: 'created a user' }, friction: 'confirm' },
    core: true,
    body: creation,
    answer: { envelope: 'one', key: 'user', of: userV1 },
    status: 201,
    standIn: 'users.create',
    refusals: [emailTaken],
    event: 'user.created',
    removedOn: versionOneEnds,
    quirks: creationQuirks,
  }),
  updateV1: endpoint({
    id: 'users.updateV1',
    title: 'Update a user (version 1)',
    area: 'users',
    method: 'PUT',
    path: '/v1/users/:id',
    effect: 'change',
    agents: { kind: 'resource', deed: { present: 'update user {id}', past: 'updated user {id}' } },
    core: true,
    at: byIdOrEmail,
    body: change,
    answer: { envelope: 'one', key: 'user', of: userV1 },
    status: 200,
    standIn: 'users.update',
    removedOn: versionOneEnds,
    quirks: [partialUpdate],
  }),
  delete: endpoint({
    id: 'users.delete',
    title: 'Delete a user',
    area: 'users',
    method: 'DELETE',
    path: '/v1/users/:id',
    effect: 'delete',
    agents: { kind: 'resource', deed: { present: 'delete user {id}', past: 'deleted user {id}' }, friction: 'approve' },
    destructive: true,
    at: byId,
    answer: { envelope: 'none' },
    status: 204,
    event: 'user.deleted',
    quirks: ['Carried out later, in the background, and destroys the data of the user.', 'Exists in version 1 only.'],
  }),
  availabilities: endpoint({
    id: 'users.availabilities',
    title: 'List what every user is doing',
    area: 'users',
    method: 'GET',
    path: '/v1/users/availabilities',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'list what every user is doing', past: 'listed what {rows} users were doing' } },
    query: listQuery,
    answer: { envelope: 'list', key: 'users', of: userAvailability },
    status: 200,
    pagination: pages,
    timeFilter: createdBetween,
    quirks: ['Exists in version 1 only, and stays.'],
  }),
  availability: endpoint({
    id: 'users.availability',
    title: 'Retrieve what a user is doing',
    area: 'users',
    method: 'GET',
    path: '/v1/users/:id/availability',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'read what user {id} is doing', past: 'read what user {id} was doing' } },
    at: byIdOrEmail,
    answer: { envelope: 'bare', of: presence },
    status: 200,
    quirks: ['Exists in version 1 only, and stays.'],
  }),
  startCall: endpoint({
    id: 'users.startCall',
    title: 'Start an outbound call for a user',
    area: 'dialer',
    method: 'POST',
    path: '/v1/users/:id/calls',
    effect: 'live',
    agents: { kind: 'action', deed: { present: 'start an outbound call for user {id}', past: 'started an outbound call for user {id}' } },
    destructive: true,
    at: byId,
    body: {
      number_id: { type: 'id', required: true, names: 'number', meaning: 'The number to call from. Active, and assigned to the user.' },
      to: { type: 'text', required: true, format: 'e164', class: 'phone', meaning: 'Whom to call.' },
    },
    answer: { envelope: 'none' },
    status: 204,
    refusals: [
      { status: 405, when: 'The user is not available, or is in a call.', business: true },
      { status: 400, when: 'The number to call is not valid, or the number to call from is not active or not assigned to the user.' },
    ],
    event: 'call.created',
    quirks: ['Rings the desktop app of the user and starts a real call.', 'Tells no call id: the call is found through call.created.'],
  }),
  dial: endpoint({
    id: 'users.dial',
    title: 'Put a phone number into the dialer of a user',
    area: 'dialer',
    method: 'POST',
    path: '/v1/users/:id/dial',
    effect: 'live',
    agents: {
      kind: 'action',
      deed: { present: 'put a phone number into the dialer of user {id}', past: 'put a phone number into the dialer of user {id}' },
    },
    at: byId,
    body: { to: { type: 'text', required: true, format: 'e164', class: 'phone', meaning: 'The phone number to fill in.' } },
    answer: { envelope: 'none' },
    status: 204,
    refusals: [{ status: 405, when: 'The user is not available, or is in a call.', business: true }],
    quirks: ['Calls nobody: the user still has to press the button.'],
  }),
} as const;
