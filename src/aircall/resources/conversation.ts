// Conversation intelligence: what Aircall's AI made of a call. Read only, one request a call; 403 without the product,
// 404 when nothing was made or not yet.
import { endpoint } from '../endpoint.ts';
import type { Parameters } from '../endpoint.ts';
import { entity, field } from '../field.ts';
import type { EntityOf } from '../field.ts';

const id = field.id('Identifies the record.');
const callId = field.id('The call it is about.');
const callUuid = field.text('The id of the call at the telephony provider.', { optional: true, form: 'token' });
const createdAt = field.moment('iso', 'When it was made.');

const participantTypes = ['internal', 'external', 'ai_voice_agent'] as const;

const utteranceFields = {
  start_time: field.double('Seconds from the start of the call at which it begins.'),
  end_time: field.double('Seconds from the start of the call at which it ends.'),
  text: field.text('What was said.', { class: 'freetext' }),
  participant_type: field.text('Who spoke.', { values: participantTypes }),
  user_id: field.id('The user who spoke.', { optional: true, nullable: true }),
  phone_number: field.text('The phone number of an outsider who spoke.', { optional: true, nullable: true, class: 'phone' }),
} as const;

const languages = ['en', 'en-US', 'en-GB', 'en-AU', 'fr', 'fr-FR', 'es', 'es-ES', 'de', 'de-DE', 'nl', 'nl-NL', 'it', 'it-IT'] as const;

const spokenFields = {
  language: field.text('Language spoken, as an IETF tag.', { values: languages }),
  utterances: field.list('What was said, in order.', field.object('Something said without a break.', utteranceFields)),
} as const;

export const transcription = entity({
  name: 'transcription',
  meaning: 'What was said on a call.',
  key: 'call_id',
  fields: {
    id,
    call_id: callId,
    call_uuid: callUuid,
    call_created_at: field.moment('iso', 'When the call was created.', { optional: true }),
    type: field.text('Whether it is the talk or the voicemail.', { values: ['call', 'voicemail'] }),
    content: field.object('The words.', spokenFields),
  },
});
export type Transcription = EntityOf<typeof transcription>;

const realtimeTranscription = entity({
  name: 'realtime_transcription',
  meaning: 'What was said on a call, written down while it lasted.',
  key: 'call_id',
  fields: { call_id: callId, call_uuid: callUuid, content: field.object('The words.', spokenFields) },
});
export type RealtimeTranscription = EntityOf<typeof realtimeTranscription>;

export const sentiment = entity({
  name: 'sentiment',
  meaning: 'How the people on a call felt.',
  key: 'call_id',
  fields: {
    id,
    call_id: callId,
    participants: field.list(
      'One for each participant.',
      field.object('A participant.', {
        type: field.text('Which side.', { values: ['internal', 'external'] }),
        user_id: field.id('The user, on the inside.', { optional: true, nullable: true }),
        phone_number: field.text('The phone number, on the outside.', { optional: true, nullable: true, class: 'phone' }),
        value: field.text('How they felt.', { values: ['POSITIVE', 'NEUTRAL', 'NEGATIVE'] }),
      }),
    ),
  },
});
export type Sentiment = EntityOf<typeof sentiment>;

export const topics = entity({
  name: 'topics',
  meaning: 'What a call was about, in key words.',
  key: 'call_id',
  fields: {
    id,
    call_id: callId,
    created_at: createdAt,
    content: field.list('The key words.', field.text('A key word.', { class: 'freetext' })),
  },
});
export type Topics = EntityOf<typeof topics>;

export const summary = entity({
  name: 'summary',
  meaning: 'What was said on a call, in short.',
  key: 'call_id',
  fields: { id, call_id: callId, created_at: createdAt, content: field.text('The summary.', { class: 'freetext' }) },
});
export type Summary = EntityOf<typeof summary>;

export const actionItems = entity({
  name: 'action_items',
  meaning: 'What is to be done after a call.',
  key: 'call_id',
  fields: {
    call_id: callId,
    action_items: field.list(
      'What is to be done.',
      field.object('A thing to do.', {
        id,
        ai_generated: field.boolean('Whether the AI wrote it.'),
        content: field.text('What is to be done.', { class: 'freetext' }),
        created_at: createdAt,
        created_by: field.id('The user who wrote it; null when the AI did.', { nullable: true }),
        updated_at: field.moment('iso', 'When it last changed.', { nullable: true }),
        updated_by: field.id('The user who last changed it.', { nullable: true }),
      }),
    ),
  },
});
export type ActionItems = EntityOf<typeof actionItems>;

export const playbookResult = entity({
  name: 'playbook_result',
  meaning: 'How closely a user followed the playbook on a call.',
  key: 'call_id',
  fields: {
    id,
    call_id: callId,
    user_id: field.id('The user judged.', { nullable: true }),
    number_id: field.id('The number of the call.', { nullable: true }),
    adherence_score: field.double('How closely.', { nullable: true }),
    playbook_result_topics: field.list(
      'One for each topic of the playbook.',
      field.object('A topic.', {
        name: field.text('The topic.', { class: 'freetext' }),
        result: field.json('What became of it.', { class: 'freetext' }),
      }),
    ),
    playbook: field.object(
      'The playbook, when asked for.',
      {
        id: field.id('Identifies the playbook.'),
        name: field.text('Its name.', { class: 'freetext' }),
        language: field.text('Its language, as an IETF tag.', { form: 'language' }),
      },
      { optional: true, nullable: true },
    ),
  },
});
export type PlaybookResult = EntityOf<typeof playbookResult>;

export const customSummaryResult = entity({
  name: 'custom_summary_result',
  meaning: 'A summary of a call after the company’s own template.',
  key: 'call_id',
  fields: {
    id,
    call_id: callId,
    number_id: field.id('The number of the call.', { nullable: true }),
    language: field.text('Language of the summary, as an IETF tag.', { nullable: true, form: 'language' }),
    custom_summary: field.object('The template.', { name: field.text('Its name.', { class: 'freetext' }) }, { nullable: true }),
    summary_template_results: field.list(
      'One for each part of the template.',
      field.object('A part.', {
        name: field.text('The part.', { class: 'freetext' }),
        content: field.text('What is said in it.', { class: 'freetext' }),
      }),
    ),
  },
});
export type CustomSummaryResult = EntityOf<typeof customSummaryResult>;

export const callEvaluations = entity({
  name: 'call_evaluations',
  meaning: 'How a call was scored.',
  key: 'call_id',
  fields: {
    id,
    call_id: callId,
    ai_generated: field.boolean('Whether the AI scored it.'),
    evaluations: field.list(
      'One for each scorecard.',
      field.object('A scorecard filled in.', {
        scorecard: field.object('The scorecard.', { name: field.text('Its name.', { class: 'freetext' }) }, { nullable: true }),
        score: field.object(
          'The score.',
          { normalized_score: field.double('The score on a common scale.', { nullable: true }) },
          { nullable: true },
        ),
        created_at: createdAt,
      }),
    ),
  },
});
export type CallEvaluations = EntityOf<typeof callEvaluations>;

const predictedCsat = entity({
  name: 'predicted_csat',
  meaning: 'How content the caller probably was.',
  key: 'call_id',
  fields: {
    call_id: callId,
    call_uuid: callUuid,
    score: field.double('How content.', { nullable: true }),
    drivers: field.list(
      'What it rests on.',
      field.object('A reason.', {
        polarity: field.text('Whether it speaks for or against.', { form: 'token' }),
        label: field.text('The reason.', { class: 'freetext' }),
      }),
    ),
  },
});
export type PredictedCsat = EntityOf<typeof predictedCsat>;

const byCall = { id: { type: 'id', required: true, names: 'call', meaning: 'The call.' } } as const satisfies Parameters;

const assist = 'AI Assist';
const assistPro = 'AI Assist Pro';

export const conversation = {
  transcription: endpoint({
    id: 'conversation.transcription',
    title: 'Retrieve the transcription of a call',
    area: 'conversation',
    method: 'GET',
    path: '/v1/calls/:id/transcription',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'read the transcript of call {id}', past: 'read the transcript of call {id}' } },
    at: byCall,
    query: {
      mode: { type: 'text', values: ['async', 'realtime'], default: 'async', meaning: 'Made after the call, or while it lasted.' },
    },
    answer: { envelope: 'one', key: 'transcription', of: transcription },
    status: 200,
    event: 'transcription.created',
    product: assist,
  }),
  realtimeTranscription: endpoint({
    id: 'conversation.realtimeTranscription',
    title: 'Retrieve the realtime transcription of a call',
    area: 'conversation',
    method: 'GET',
    path: '/v1/calls/:id/realtime_transcription',
    effect: 'read',
    agents: {
      kind: 'resource',
      deed: { present: 'read the realtime transcript of call {id}', past: 'read the realtime transcript of call {id}' },
    },
    at: byCall,
    answer: { envelope: 'bare', of: realtimeTranscription },
    status: 200,
    event: 'realtime_transcription.utterances_received',
    product: assistPro,
    removedOn: '2026-03-31',
    quirks: ['The transcription with mode=realtime takes its place.'],
  }),
  sentiments: endpoint({
    id: 'conversation.sentiments',
    title: 'Retrieve the sentiments of a call',
    area: 'conversation',
    method: 'GET',
    path: '/v1/calls/:id/sentiments',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'read the sentiments of call {id}', past: 'read the sentiments of call {id}' } },
    at: byCall,
    answer: { envelope: 'one', key: 'sentiment', of: sentiment },
    status: 200,
    event: 'sentiment.created',
    product: assist,
  }),
  topics: endpoint({
    id: 'conversation.topics',
    title: 'Retrieve the topics of a call',
    area: 'conversation',
    method: 'GET',
    path: '/v1/calls/:id/topics',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'read the topics of call {id}', past: 'read the topics of call {id}' } },
    at: byCall,
    answer: { envelope: 'one', key: 'topic', of: topics },
    status: 200,
    event: 'topics.created',
    product: assist,
  }),
  summary: endpoint({
    id: 'conversation.summary',
    title: 'Retrieve the summary of a call',
    area: 'conversation',
    method: 'GET',
    path: '/v1/calls/:id/summary',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'read the summary of call {id}', past: 'read the summary of call {id}' } },
    at: byCall,
    answer: { envelope: 'one', key: 'summary', of: summary },
    status: 200,
    event: 'summary.created',
    product: assist,
  }),
  actionItems: endpoint({
    id: 'conversation.actionItems',
    title: 'Retrieve the action items of a call',
    area: 'conversation',
    method: 'GET',
    path: '/v1/calls/:id/action_items',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'read the action items of call {id}', past: 'read the action items of call {id}' } },
    at: byCall,
    answer: { envelope: 'bare', of: actionItems },
    status: 200,
    event: 'action_item.created',
    product: assist,
  }),
  playbookResult: endpoint({
    id: 'conversation.playbookResult',
    title: 'Retrieve the playbook result of a call',
    area: 'conversation',
    method: 'GET',
    path: '/v1/calls/:id/playbook_result',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'read the playbook result of call {id}', past: 'read the playbook result of call {id}' } },
    at: byCall,
    query: { fetch_playbook: { type: 'boolean', default: false, fills: ['playbook'], meaning: 'Also the playbook.' } },
    answer: { envelope: 'bare', of: playbookResult },
    status: 200,
    event: 'playbook_result.created',
    product: assistPro,
  }),
  customSummaryResult: endpoint({
    id: 'conversation.customSummaryResult',
    title: 'Retrieve the custom summary of a call',
    area: 'conversation',
    method: 'GET',
    path: '/v1/calls/:id/custom_summary_result',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'read the custom summary of call {id}', past: 'read the custom summary of call {id}' } },
    at: byCall,
    answer: { envelope: 'bare', of: customSummaryResult },
    status: 200,
    event: 'custom_summary.result_created',
    product: assistPro,
  }),
  evaluations: endpoint({
    id: 'conversation.evaluations',
    title: 'Retrieve the evaluations of a call',
    area: 'conversation',
    method: 'GET',
    path: '/v1/calls/:id/evaluations',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'read the evaluations of call {id}', past: 'read the evaluations of call {id}' } },
    at: byCall,
    answer: { envelope: 'bare', of: callEvaluations },
    status: 200,
    event: 'call_evaluation.created',
    product: assistPro,
  }),
  predictedCsat: endpoint({
    id: 'conversation.predictedCsat',
    title: 'Retrieve the predicted satisfaction of a call',
    area: 'conversation',
    method: 'GET',
    path: '/v1/calls/:id/predicted_csat',
    effect: 'read',
    agents: {
      kind: 'resource',
      deed: { present: 'read the predicted satisfaction of call {id}', past: 'read the predicted satisfaction of call {id}' },
    },
    at: byCall,
    answer: { envelope: 'one', key: 'csat', of: predictedCsat },
    status: 200,
    product: assistPro,
  }),
} as const;
