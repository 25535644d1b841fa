// The fields of a number, and the variants of numbers that stand inside other objects.
import { field, pick } from '../field.ts';

/** What a number can play. Each key holds the address of an audio file or null. */
export const numberMessages = [
  'welcome',
  'waiting',
  'ivr',
  'voicemail',
  'closed',
  'callback_later',
  'unanswered_call',
  'after_hours',
  'ringing_tone',
] as const;

export const numberFields = {
  id: field.id('Identifies the number.'),
  digits: field.text('The number in international display form, with spaces.', { class: 'phone' }),
  direct_link: field.text('Address of the number in the API.', { form: 'api-link' }),
  name: field.text('What the company calls the number.', { class: 'freetext' }),
  country: field.text('Country of the number, as two letters (ISO 3166-1).', { form: 'country' }),
  time_zone: field.text('IANA time zone of the opening hours.', { form: 'time-zone' }),
  availability_status: field.text('Whether the line is open, by the first time rule of its flow.', {
    values: ['open', 'custom', 'closed'],
  }),
  is_ivr: field.boolean('Whether the number has an interactive menu. May be stale.', { deprecated: true }),
  live_recording_activated: field.boolean('Whether calls on the number are recorded.'),
  priority: field.integer('0 for the normal queue, 1 for the priority queue.', { nullable: true }),
  messages: field.json('Music and messages of the number: addresses of audio files by occasion.', {
    keys: numberMessages,
    class: 'freetext',
  }),
  created_at: field.moment('iso', 'When the number was created.'),
  open: field.boolean('Whether the line is open. Stale where a flow decides.', { deprecated: true }),
  flow_editor_enabled: field.boolean('Whether a flow decides what happens to calls on the number.'),
  e164_digits: field.text('The number in E.164 form.', { class: 'phone' }),
} as const;

/** What the list of numbers shows, in its order. */
export const numberInList = pick(
  numberFields,
  'id',
  'digits',
  'direct_link',
  'name',
  'country',
  'time_zone',
  'availability_status',
  'is_ivr',
  'live_recording_activated',
  'priority',
  'messages',
  'created_at',
  'open',
);

/** In calls. `priority` is always null there, and `messages` may be filled where the number's own are null. */
export const numberInCall = pick(
  numberFields,
  'id',
  'direct_link',
  'name',
  'digits',
  'country',
  'time_zone',
  'open',
  'availability_status',
  'is_ivr',
  'live_recording_activated',
  'priority',
  'messages',
  'created_at',
  'flow_editor_enabled',
);

/** In messages, and in the users of webhook events. */
export const numberInMessage = pick(
  numberFields,
  'id',
  'direct_link',
  'name',
  'digits',
  'country',
  'time_zone',
  'open',
  'availability_status',
  'is_ivr',
  'live_recording_activated',
  'priority',
  'messages',
  'created_at',
);
