// What webhook events carry. Payloads differ from the API's answers: a relation that does not exist is left out instead of
// null, some fields have other names, and nested users and numbers have other keys.
import { allOptional, entity, field, optional, pick } from '../field.ts';
import { callFields, participantFields } from './calls.ts';
import { contactFields } from './contacts.ts';
import {
  actionItems,
  callEvaluations,
  customSummaryResult,
  playbookResult,
  sentiment,
  summary,
  topics,
  transcription,
} from './conversation.ts';
import { groupMessage, message, messageEventFields } from './messages.ts';
import { numberFields, numberInList } from './number-fields.ts';
import { teamFields } from './team-fields.ts';
import { userFields, userInNumber } from './user-fields.ts';

/** Contacts say their times in seconds or as text here, depending on whom one asks. */
const contactEventFields = {
  ...contactFields,
  created_at: field.moment('any', contactFields.created_at.meaning, { optional: true }),
  updated_at: field.moment('any', contactFields.updated_at.meaning, { optional: true }),
} as const;

const numberEventFields = {
  ...numberInList,
  users: field.list('Who is assigned to the number.', field.object('A user.', userInNumber), { optional: true, embeds: 'user' }),
  e164_digits: optional(numberFields.e164_digits),
} as const;

const userInEvent = (meaning: string) => field.object(meaning, userInNumber, { optional: true, embeds: 'user' });

export const callPayload = entity({
  name: 'call_payload',
  meaning: 'A call as events show it.',
  key: 'id',
  fields: {
    ...pick(
      callFields,
      'id',
      'direct_link',
      'direction',
      'status',
      'missed_call_reason',
      'started_at',
      'answered_at',
      'ended_at',
      'duration',
      'cost',
    ),
    hangup_cause: field.text('Why the line was cut. Null wherever it was seen.', { optional: true, nullable: true }),
    ...pick(callFields, 'voicemail', 'recording', 'asset', 'raw_digits'),
    user: userInEvent(callFields.user.meaning),
    contact: field.object('The contact of the other party, when known.', allOptional(contactEventFields), {
      optional: true,
      embeds: 'contact',
    }),
    number: field.object(callFields.number.meaning, allOptional(numberEventFields), { optional: true, embeds: 'number' }),
    ...pick(callFields, 'archived', 'teams', 'comments', 'tags'),
    transferred_to: userInEvent(callFields.transferred_to.meaning),
    transferred_by: userInEvent(callFields.transferred_by.meaning),
    assigned_to: userInEvent(callFields.assigned_to.meaning),
    call_uuid: field.text('The id of the call at the telephony provider; `sid` in the API.', { optional: true }),
    participants: field.list(
      'Who took part in a conference; `conference_participants` in the API.',
      field.object('A participant.', participantFields),
      { optional: true },
    ),
    ...allOptional(pick(callFields, 'sid', 'recording_short_url', 'voicemail_short_url', 'country_code_a2', 'pricing_type')),
    ivr_options_selected: callFields.ivr_options_selected,
    external_transferred_to: field.text('The phone number an outside transfer went to. Only in call.external_transferred.', {
      optional: true,
      nullable: true,
      class: 'phone',
    }),
    external_caller_number: field.text('The phone number of the caller. Only in call.external_transferred.', {
      optional: true,
      nullable: true,
      class: 'phone',
    }),
    automatic_callback_call_id: field.id('The call that asked for this callback. Only in automatic callbacks.', {
      optional: true,
      nullable: true,
    }),
  },
});

export const userPayloadV1 = entity({
  name: 'user_payload_v1',
  meaning: 'A user as the older user events show them.',
  key: 'id',
  fields: {
    ...userInNumber,
    numbers: field.list('Numbers assigned to the user.', field.object('A number.', allOptional(numberEventFields)), {
      optional: true,
      embeds: 'number',
    }),
  },
});

export const userPayload = entity({
  name: 'user_payload',
  meaning: 'A user as events show them.',
  key: 'id',
  fields: {
    ...userFields,
    last_call_id: field.id('The call that the after-call work belongs to. Only in after-call work events.', {
      optional: true,
      nullable: true,
    }),
  },
});

export const numberPayload = entity({
  name: 'number_payload',
  meaning: 'A number as events show it.',
  key: 'id',
  fields: numberEventFields,
});

export const contactPayload = entity({
  name: 'contact_payload',
  meaning: 'A contact as events show it. Once deleted, its lists are empty and `updated_at` has moved.',
  key: 'id',
  fields: contactEventFields,
});

export const teamPayload = entity({
  name: 'team_payload',
  meaning: 'A team as events show it.',
  key: 'id',
  fields: {
    ...teamFields,
    users: field.list('Who belongs to the team.', field.object('A user.', allOptional(userInNumber)), { optional: true, embeds: 'user' }),
  },
});

export const messagePayload = entity({
  name: 'message_payload',
  meaning: 'A text message as events show it.',
  key: 'id',
  fields: { ...message.fields, ...messageEventFields },
});

export const groupMessagePayload = entity({
  name: 'group_message_payload',
  meaning: 'A text message to several people as events show it.',
  key: 'group_message_id',
  fields: { ...groupMessage.fields, ...messageEventFields },
});

/** The records of conversation intelligence travel in events as they do in answers; `call_id` may be text. */
export const conversationPayloads = {
  transcription,
  summary,
  topics,
  sentiment,
  actionItems,
  playbookResult,
  customSummaryResult,
  callEvaluations,
} as const;

export const utterancesPayload = entity({
  name: 'utterances_payload',
  meaning: 'What has just been said on a call. Either form of it: nested, or flat with `call_id` and `content`.',
  fields: {
    id: field.text('Identifies the delivery of words.', { optional: true, orInteger: true }),
    call: field.object(
      'The call.',
      {
        id: field.id('The call.'),
        uuid: field.text('The id of the call at the telephony provider.', { optional: true }),
        number_id: field.id('The number of the call.', { optional: true, nullable: true }),
        direction: field.text('Who called whom, seen from the company.', { optional: true, values: ['inbound', 'outbound'] }),
      },
      { optional: true },
    ),
    utterances: field.list(
      'What was said, in order.',
      field.object('Something said without a break.', {
        participant_type: field.text('Who spoke.', { values: ['internal', 'external', 'ai_voice_agent'] }),
        user_id: field.id('The user who spoke.', { optional: true, nullable: true }),
        timestamp: field.moment('any', 'When it was said.', { optional: true }),
        duration_ms: field.integer('How long it took, in milliseconds.', { optional: true, nullable: true }),
        text: field.text('What was said.', { class: 'freetext' }),
        language: field.text('Language spoken, as an IETF tag.', { optional: true, nullable: true }),
      }),
      { optional: true },
    ),
    call_id: field.id('The call, in the flat form.', { optional: true }),
    content: field.json('The utterances, in the flat form.', { optional: true, class: 'freetext', keys: ['utterances'] }),
  },
});

export const aiVoicePayload = entity({
  name: 'ai_voice_payload',
  meaning: 'What an AI voice agent did on a call.',
  key: 'id',
  fields: {
    id: field.id('The call.'),
    call_uuid: field.text('The id of the call at the telephony provider.', { optional: true }),
    ai_voice_agent_id: field.text('The AI voice agent.', { orInteger: true }),
    ai_voice_agent_name: field.text('The name of the AI voice agent.', { optional: true, nullable: true }),
    ai_voice_agent_session_id: field.text('The conversation of the agent.', { optional: true, orInteger: true }),
    number_id: field.id('The number of the call.', { optional: true, nullable: true }),
    external_caller_number: field.text('The phone number of the caller. When started or ended.', { optional: true, class: 'phone' }),
    aircall_number: field.text('The number that was called. When started or ended.', { optional: true, class: 'phone' }),
    started_at: field.moment('seconds', 'When the agent took the call. When started or ended.', { optional: true }),
    ended_at: field.moment('seconds', 'When the agent left the call. When ended.', { optional: true, nullable: true }),
    call_end_reason: field.text('Why the agent left the call. When ended.', {
      optional: true,
      nullable: true,
      values: ['answered', 'escalated', 'disconnected', 'caller_hung_up'],
    }),
    escalation_reason: field.text('Why the agent passed the call on. When escalated.', { optional: true, nullable: true }),
    extracted_data: field.json('What the agent noted down. In summaries.', { optional: true, class: 'freetext' }),
    created_at: field.moment('seconds', 'When this was made.', { optional: true }),
  },
});

export const integrationPayload = entity({
  name: 'integration_payload',
  meaning: 'The integration that was removed.',
  key: 'integration_id',
  fields: {
    integration_id: field.text('Identifies the integration.', { orInteger: true }),
    company_id: field.id('The company that removed it.'),
  },
});

/** @public */
export const delivery = entity({
  name: 'delivery',
  meaning: 'The body of one delivery. It has no id, no counter and no signature: only the token proves its origin.',
  fields: {
    resource: field.text('What kind of record the event is about.'),
    event: field.text('The name of the event.'),
    timestamp: field.moment('seconds', 'When it happened.'),
    token: field.text('The token of the webhook.', { class: 'secret' }),
    data: field.json('The record.'),
  },
});

/** @public */
export const messageCallback = entity({
  name: 'message_callback',
  meaning: 'The body of a callback about the messages of a number that go elsewhere. It is sent once: there are no retries.',
  fields: {
    event_name: field.text('The name of the event.', { values: ['message.received', 'message.updated'] }),
    timestamp: field.moment('milliseconds', 'When it happened.'),
    token: field.text('The token of the configuration.', { class: 'secret' }),
    data: field.json('The message.'),
  },
});
