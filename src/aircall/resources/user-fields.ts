// The fields of a user, and the abridged copies of users that stand inside other objects. Each place has its own choice
// and order of keys.
import { allOptional, field, pick } from '../field.ts';

export const availabilityStatuses = ['available', 'custom', 'unavailable'] as const;

/** Reasons shown as `substatus`; `always_opened` and `always_closed` when there is none. */
const substatuses = ['always_opened', 'always_closed', 'on_a_break', 'out_for_lunch', 'in_training', 'doing_back_office', 'other'] as const;

export const userFields = {
  id: field.id('Identifies the user.'),
  name: field.text('First and last name in one.', { class: 'person' }),
  email: field.text('The e-mail address the user signs in with.', { class: 'email' }),
  direct_link: field.text('Address of the user in the API.', { form: 'api-link' }),
  language: field.text('Language of the app, as an IETF tag such as en-US.', { form: 'language' }),
  created_at: field.moment('iso', 'When the user was created.'),
  time_zone: field.text('IANA time zone of the working hours.', { form: 'time-zone' }),
  state: field.text('Mode of the working hours.', { values: ['always_opened'] }),
  wrap_up_time: field.integer('Seconds of after-call work the user is given.'),
  extension: field.text('Internal extension; leading zeros count.', { nullable: true, form: 'token' }),
  availability_status: field.text('Working-hours status. Not the presence: see `available`.', { values: availabilityStatuses }),
  available: field.boolean('Whether the user can be reached right now: online and inside working hours.'),
  default_number_id: field.id('The number used for outbound calls unless the user picks another.', { nullable: true }),
  substatus: field.text('Why the user is unavailable, or the mode of the working hours.', { values: substatuses }),
} as const;

/** In calls: `user`, `assigned_to`, `transferred_by`, `transferred_to`. */
export const userInCall = pick(
  userFields,
  'id',
  'direct_link',
  'name',
  'email',
  'available',
  'availability_status',
  'created_at',
  'time_zone',
  'language',
  'state',
  'wrap_up_time',
  'extension',
);

/** In comments: who wrote one. */
export const userInComment = pick(
  userFields,
  'id',
  'direct_link',
  'name',
  'email',
  'available',
  'availability_status',
  'created_at',
  'state',
  'wrap_up_time',
  'extension',
);

/** In teams. Without `available`. */
export const userInTeam = pick(
  userFields,
  'id',
  'direct_link',
  'name',
  'email',
  'availability_status',
  'default_number_id',
  'created_at',
  'time_zone',
  'language',
  'wrap_up_time',
);

/** In numbers, and wherever webhook events nest a user. */
export const userInNumber = pick(
  userFields,
  'id',
  'direct_link',
  'name',
  'email',
  'available',
  'availability_status',
  'language',
  'wrap_up_time',
);

/** In the tags of a call: who tagged. An empty object when Aircall itself did. */
export const userInTag = allOptional(userInNumber);
