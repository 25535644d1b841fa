// All webhook events. Deliveries come at least once and in no order, so what an event says is never older news than its
// timestamp and never more than the fields it carries.
//
// Some lists elsewhere name user.updated, message.created, user.wut_started, call.unarchived and tag events: Aircall has
// none of them.
import type { Entity } from './field.ts';
import { reportExport } from './resources/analytics.ts';
import {
  aiVoicePayload,
  callPayload,
  contactPayload,
  conversationPayloads,
  groupMessagePayload,
  integrationPayload,
  messagePayload,
  numberPayload,
  teamPayload,
  userPayload,
  userPayloadV1,
  utterancesPayload,
} from './resources/event-payloads.ts';

export type WebhookEvent = {
  readonly name: string;
  /** `resource` of the delivery. */
  readonly resource: EventResource;
  /** What happened, or what is particular about its arrival. */
  readonly when: string;
  readonly payload: Payload;
  /** The record named by the payload no longer exists. */
  readonly deletes?: true;
  /** The event that takes its place. Aircall sends both. */
  readonly replacedBy?: string;
  /** Only one source knows it; it may never be sent. */
  readonly unconfirmed?: true;
};

export const eventResources = [
  'call',
  'user',
  'number',
  'contact',
  'message',
  'conversation_intelligence',
  'ai_voice_agent',
  'analytics',
  'integration',
  'team',
] as const;
export type EventResource = (typeof eventResources)[number];

/** What `data` of a delivery holds. A field that is absent says nothing; it is not null. */
export type Payload = {
  readonly of: Entity;
  /** The entity whose record it brings news of, by name; null where the API has no such record. */
  readonly about: string | null;
  /** Fields that the API calls otherwise: name in the payload, name in the API. */
  readonly renamed?: Readonly<Record<string, string>>;
};

const call = { of: callPayload, about: 'call', renamed: { call_uuid: 'sid', participants: 'conference_participants' } } as const;
const userV1 = { of: userPayloadV1, about: 'user' } as const;
const user = { of: userPayload, about: 'user' } as const;
const number = { of: numberPayload, about: 'number' } as const;
const contact = { of: contactPayload, about: 'contact' } as const;
const message = { of: messagePayload, about: 'message' } as const;
const groupMessage = { of: groupMessagePayload, about: 'group_message' } as const;
const aiVoice = { of: aiVoicePayload, about: null } as const;
const team = { of: teamPayload, about: 'team' } as const;
const insight = (of: Entity) => ({ of, about: of.name }) as const;

const { transcription, summary, topics, sentiment, actionItems, playbookResult, customSummaryResult, callEvaluations } =
  conversationPayloads;

const callEvents = [
  {
    name: 'call.created',
    when: 'A call begins. An inbound one has no user yet. Sent twice where an integration covers a menu number and its parent.',
  },
  { name: 'call.ringing_on_agent', when: 'A user is rung; once for each user, who is `user`.' },
  { name: 'call.agent_declined', when: 'A user declined the call.' },
  { name: 'call.answered', when: 'The call was answered.' },
  { name: 'call.transferred', when: 'The call was passed on to a user or a team.' },
  { name: 'call.external_transferred', when: 'The call was passed on to a phone number.' },
  { name: 'call.unsuccessful_transfer', when: 'The target of a transfer did not answer.' },
  { name: 'call.hungup', when: 'The call ended this instant; what it says is not final.' },
  { name: 'call.ended', when: 'Some 30 seconds after the end, once recording, voicemail and cost were gathered.' },
  { name: 'call.hold', when: 'The call was put on hold.' },
  { name: 'call.unhold', when: 'The call was taken off hold.' },
  { name: 'call.ivr_option_selected', when: 'The caller made a choice in a menu.' },
  { name: 'call.comm_assets_generated', when: 'Recording or voicemail can be fetched.' },
  { name: 'call.voicemail_left', when: 'A voicemail was stored; may come after call.ended.' },
  { name: 'call.assigned', when: 'The call was assigned to a user.' },
  { name: 'call.archived', when: 'The call was archived.' },
  { name: 'call.tagged', when: 'The call was tagged; also while it lasts.' },
  { name: 'call.untagged', when: 'A tag was taken off the call.' },
  { name: 'call.commented', when: 'The call was commented on; also while it lasts.' },
] as const;

const userEvents = [
  { name: 'user.created', when: 'A user was created; contact.created comes with it.' },
  { name: 'user.deleted', when: 'A user was deleted.', deletes: true },
  { name: 'user.connected', when: 'A user signed in to the app.' },
  { name: 'user.disconnected', when: 'A user signed out of the app.' },
  { name: 'user.opened', when: 'The working hours of a user began, or they switched to available.' },
  { name: 'user.closed', when: 'The working hours of a user ended, or they switched to unavailable; twice when a substatus is set.' },
  { name: 'user.wut_start', when: 'After-call work began.' },
  { name: 'user.wut_end', when: 'After-call work ended. Left out, as its beginning, when there is none and the call was tagged.' },
] as const;

export const events: readonly WebhookEvent[] = [
  ...callEvents.map((event) => ({ ...event, resource: 'call', payload: call }) as const),
  ...userEvents.map((event) => ({ ...event, resource: 'user', payload: userV1, replacedBy: `${event.name}.v2` }) as const),
  ...userEvents.map((event) => ({ ...event, name: `${event.name}.v2`, resource: 'user', payload: user }) as const),

  { name: 'number.created', resource: 'number', when: 'A number was added.', payload: number },
  { name: 'number.opened', resource: 'number', when: 'The line opened.', payload: number },
  { name: 'number.closed', resource: 'number', when: 'The line closed.', payload: number },
  { name: 'number.deleted', resource: 'number', when: 'A number was removed.', payload: number, deletes: true },

  { name: 'contact.created', resource: 'contact', when: 'A contact was created.', payload: contact },
  { name: 'contact.updated', resource: 'contact', when: 'A contact changed.', payload: contact },
  { name: 'contact.deleted', resource: 'contact', when: 'A contact was deleted.', payload: contact, deletes: true },

  { name: 'message.sent', resource: 'message', when: 'A message was sent.', payload: message },
  { name: 'message.received', resource: 'message', when: 'A message came in.', payload: message },
  { name: 'message.status_updated', resource: 'message', when: 'A message got further, or failed.', payload: message },
  { name: 'group_message.sent', resource: 'message', when: 'A group message was sent.', payload: groupMessage },
  { name: 'group_message.received', resource: 'message', when: 'A group message came in.', payload: groupMessage },
  { name: 'group_message.status_updated', resource: 'message', when: 'A group message got further, or failed.', payload: groupMessage },

  {
    name: 'transcription.created',
    resource: 'conversation_intelligence',
    when: 'A transcription is ready.',
    payload: insight(transcription),
  },
  { name: 'summary.created', resource: 'conversation_intelligence', when: 'A summary is ready.', payload: insight(summary) },
  { name: 'topics.created', resource: 'conversation_intelligence', when: 'The topics of a call are ready.', payload: insight(topics) },
  {
    name: 'sentiment.created',
    resource: 'conversation_intelligence',
    when: 'The sentiments of a call are ready.',
    payload: insight(sentiment),
  },
  { name: 'action_item.created', resource: 'conversation_intelligence', when: 'Action items were written.', payload: insight(actionItems) },
  {
    name: 'playbook_result.created',
    resource: 'conversation_intelligence',
    when: 'A playbook result is ready.',
    payload: insight(playbookResult),
  },
  {
    name: 'playbook_result.updated',
    resource: 'conversation_intelligence',
    when: 'A playbook result changed.',
    payload: insight(playbookResult),
  },
  {
    name: 'realtime_transcription.utterances_received',
    resource: 'conversation_intelligence',
    when: 'Something was said on a call that lasts.',
    payload: { of: utterancesPayload, about: null },
  },
  {
    name: 'custom_summary.result_created',
    resource: 'conversation_intelligence',
    when: 'A custom summary is ready.',
    payload: insight(customSummaryResult),
  },
  {
    name: 'custom_summary.result_updated',
    resource: 'conversation_intelligence',
    when: 'A custom summary changed.',
    payload: insight(customSummaryResult),
  },
  {
    name: 'call_evaluation.created',
    resource: 'conversation_intelligence',
    when: 'A call was scored.',
    payload: insight(callEvaluations),
  },
  {
    name: 'call_evaluation.updated',
    resource: 'conversation_intelligence',
    when: 'The score of a call changed.',
    payload: insight(callEvaluations),
  },

  { name: 'ai_voice_agent.started', resource: 'ai_voice_agent', when: 'An AI voice agent took a call.', payload: aiVoice },
  { name: 'ai_voice_agent.ended', resource: 'ai_voice_agent', when: 'An AI voice agent left a call.', payload: aiVoice },
  { name: 'ai_voice_agent.escalated', resource: 'ai_voice_agent', when: 'An AI voice agent passed a call on.', payload: aiVoice },
  { name: 'ai_voice_agent.summary', resource: 'ai_voice_agent', when: 'What an AI voice agent noted down is ready.', payload: aiVoice },

  {
    name: 'analytics.report_created',
    resource: 'analytics',
    when: 'A report can be downloaded.',
    payload: { of: reportExport, about: 'report_export' },
  },
  {
    name: 'analytics.report_failed',
    resource: 'analytics',
    when: 'A report failed.',
    payload: { of: reportExport, about: 'report_export' },
  },

  {
    name: 'integration.deleted',
    resource: 'integration',
    when: 'The integration was removed and its token stopped working. Only webhooks made with OAuth receive it.',
    payload: { of: integrationPayload, about: 'integration' },
    deletes: true,
  },
];

/** Events that one source names and no other. Accept them, expect none. */
export const unconfirmedEvents: readonly WebhookEvent[] = [
  { name: 'team.created', resource: 'team', when: 'A team was created.', payload: team, unconfirmed: true },
  { name: 'team.destroyed', resource: 'team', when: 'A team was deleted.', payload: team, deletes: true, unconfirmed: true },
];
