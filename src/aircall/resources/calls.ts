// Calls. A call has no time of last change, yet much of it changes after it ended: tags, comments, cost, recording,
// duration, even its start by a second.
import { endpoint } from '../endpoint.ts';
import type { Parameters, Refusal, TimeFilter } from '../endpoint.ts';
import { entity, field } from '../field.ts';
import type { EntityOf, Named } from '../field.ts';
import { limits } from '../limits.ts';
import { contactFields } from './contacts.ts';
import { orderParameter, pageParameters, pages, periodParameters } from './lists.ts';
import { numberInCall } from './number-fields.ts';
import { teamFields } from './team-fields.ts';
import { userInCall, userInComment, userInTag } from './user-fields.ts';

/** In the order a call goes through them. A call never goes back. There is no status for missed calls. */
const callStatuses = ['initial', 'answered', 'done'] as const;

const missedCallReasons = [
  'out_of_opening_hours',
  'short_abandoned',
  'abandoned_in_ivr',
  'abandoned_in_classic',
  'no_available_agent',
  'agents_did_not_answer',
] as const;

const commentFields = {
  id: field.id('Identifies the comment.'),
  content: field.text('What it says; emojis are stripped.', { class: 'freetext' }),
  posted_at: field.moment('seconds', 'When it was written.'),
  posted_by: field.object('Who wrote it; null when it came through the API.', userInComment, { nullable: true, embeds: 'user' }),
} as const;

const callTagFields = {
  id: field.id('The id of the tag.'),
  name: field.text('The name of the tag.', { class: 'freetext' }),
  created_at: field.moment('seconds', 'When the call was tagged, as listings say it.', { optional: true }),
  tagged_at: field.moment('seconds', 'When the call was tagged, as webhook events say it.', { optional: true }),
  tagged_by: field.object('Who tagged the call; an empty object when Aircall itself did.', userInTag, { embeds: 'user' }),
} as const;

export const participantFields = {
  type: field.text('Who takes part.', { values: ['user', 'contact', 'external'] }),
  id: field.id('The id of the user or contact.', { optional: true }),
  name: field.text('The name of the user or contact.', { optional: true, class: 'person' }),
  phone_number: field.text('The phone number of a participant who is not a user.', { optional: true, class: 'phone' }),
} as const;

const ivrOptionFields = {
  id: field.text('Identifies the choice.', { orInteger: true, form: 'token' }),
  title: field.text('What the choice is called.', { class: 'freetext' }),
  key: field.text('The digit pressed.', { orInteger: true, form: 'token' }),
  branch: field.text('The branch of the flow it leads to.', { nullable: true, class: 'freetext' }),
  created_at: field.moment('iso', 'When the choice was recorded.'),
  transition_started_at: field.moment('iso', 'When the caller entered the branch.', { nullable: true }),
  transition_ended_at: field.moment('iso', 'When the caller left the branch.', { nullable: true }),
} as const;

const callAiVoiceAgentFields = {
  agent_id: field.text('Identifies the AI voice agent.', { orInteger: true, form: 'token' }),
  agent_name: field.text('The name of the AI voice agent.', { nullable: true, class: 'freetext' }),
  started_at: field.moment('any', 'When the agent took the call.', { nullable: true }),
  ended_at: field.moment('any', 'When the agent left the call.', { nullable: true }),
  end_reason: field.text('Why the agent left the call.', { nullable: true, class: 'freetext' }),
  escalation_reason: field.text('Why the agent passed the call on.', { nullable: true, class: 'freetext' }),
  escalation_target: field.object(
    'To whom the agent passed the call on.',
    {
      type: field.text('What kind of target.', { values: ['branch', 'user', 'team', 'external'] }),
      destination: field.text('Which target.', { nullable: true, orInteger: true, class: 'phone' }),
    },
    { nullable: true },
  ),
} as const;

const userReference = { nullable: true, embeds: 'user' } as const;

export const callFields = {
  id: field.id('Identifies the call.'),
  sid: field.text('The id of the call at the telephony provider; `call_uuid` in webhook events.', { form: 'token' }),
  direct_link: field.text('Address of the call in the API.', { form: 'api-link' }),
  direction: field.text('Who called whom, seen from the company.', { values: ['inbound', 'outbound'] }),
  status: field.text('How far the call is. A missed call is `done` without `answered_at`.', { values: callStatuses }),
  missed_call_reason: field.text('Why nobody answered; null for answered calls.', { nullable: true, values: missedCallReasons }),
  started_at: field.moment('seconds', 'When the call started. May move by a second after the end.'),
  answered_at: field.moment('seconds', 'When it was answered; null when it never was.', { nullable: true }),
  ended_at: field.moment('seconds', 'When it ended; null while it lasts.', { nullable: true }),
  duration: field.integer('Seconds from start to end, ringing and menus included. 0 while the call lasts; recomputed after.'),
  archived: field.boolean('Whether the call was put away in the inbox. Archived calls are listed all the same.'),
  cost: field.text('Price in US cents, as decimal text.', { nullable: true, deprecated: true, form: 'decimal' }),
  voicemail: field.text('Signed link to the voicemail; works for about an hour.', { nullable: true, class: 'media', area: 'recordings' }),
  recording: field.text('Signed link to the recording; works for about an hour.', { nullable: true, class: 'media', area: 'recordings' }),
  asset: field.text('Web page of the recording or voicemail, for people signed in to Aircall. Does not expire.', {
    nullable: true,
    agentClass: 'media',
    area: 'recordings',
  }),
  raw_digits: field.text('The other party in international display form, or `anonymous` when hidden.', { class: 'phone' }),
  user: field.object('Who made or took the call; null when it was missed.', userInCall, userReference),
  contact: field.object('The contact of the other party, when asked for and known.', contactFields, { nullable: true, embeds: 'contact' }),
  assigned_to: field.object('The user the call is assigned to.', userInCall, userReference),
  transferred_by: field.object('The user who passed the call on.', userInCall, userReference),
  transferred_to: field.object('The user the call was passed on to; of a team, its first user.', userInCall, userReference),
  comments: field.list('Notes on the call, five at most.', field.object('A note.', commentFields)),
  number: field.object('The number of the company that was called or called from.', numberInCall, { nullable: true, embeds: 'number' }),
  teams: field.list('Teams that an inbound call was offered to.', field.object('A team.', teamFields), { embeds: 'team' }),
  tags: field.list('Tags on the call.', field.object('A tag on the call.', callTagFields), { embeds: 'tag' }),
  recording_short_url: field.text('Short link to the recording, when asked for; works for three hours.', {
    nullable: true,
    class: 'media',
    area: 'recordings',
  }),
  voicemail_short_url: field.text('Short link to the voicemail, when asked for; works for three hours.', {
    nullable: true,
    class: 'media',
    area: 'recordings',
  }),
  country_code_a2: field.text('Country of the other party, as two letters.', { nullable: true, form: 'country' }),
  pricing_type: field.text('How the call is priced, such as in_bundle; known only some time after the end.', {
    nullable: true,
    form: 'token',
  }),
  conference_participants: field.list(
    'Who took part in a conference; `participants` in webhook events.',
    field.object('A participant.', participantFields),
    { optional: true },
  ),
  ivr_options_selected: field.list(
    'Choices the caller made in menus, when asked for. Kept for about two months.',
    field.object('A choice.', ivrOptionFields),
    { optional: true },
  ),
  ai_voice_agents: field.list(
    'AI voice agents that spoke on the call, when asked for.',
    field.object('An AI voice agent.', callAiVoiceAgentFields),
    { optional: true },
  ),
} as const;

const described = entity({ name: 'call', meaning: 'A phone call.', key: 'id', fields: callFields });
/** Named, so that declarations refer to it instead of repeating it. */
export interface CallEntity extends Named<typeof described> {}
export const call: CallEntity = described;
export type Call = EntityOf<typeof call>;

const comment = entity({ name: 'comment', meaning: 'A note on a call.', key: 'id', fields: commentFields });
export type Comment = EntityOf<typeof comment>;

const byId = { id: { type: 'id', required: true, names: 'call', meaning: 'The call.' } } as const satisfies Parameters;

/** Each fills fields of a call that are null or absent without it. */
const fetches = {
  fetch_contact: { type: 'boolean', default: false, fills: ['contact'], meaning: 'Also the contact.' },
  fetch_short_urls: {
    type: 'boolean',
    default: false,
    fills: ['recording_short_url', 'voicemail_short_url'],
    meaning: 'Also short links to recording and voicemail.',
  },
  fetch_call_timeline: {
    type: 'boolean',
    default: false,
    fills: ['ivr_options_selected'],
    meaning: 'Also the choices made in menus, of about the last two months.',
  },
  fetch_aiva_conv: { type: 'boolean', default: false, fills: ['ai_voice_agents'], meaning: 'Also what AI voice agents did.' },
} as const satisfies Parameters;

const startedBetween = { field: 'started_at', from: 'exclusive', to: 'inclusive' } as const satisfies TimeFilter;

const callEnded = { status: 400, when: 'The call has ended.' } as const satisfies Refusal;
const recordingOff = { status: 405, when: 'Recording is off for the number.', business: true } as const satisfies Refusal;

const listQuirks = [
  'Serves the last six months only; an older period is an empty list.',
  'Calls that still last are included, and so are archived ones. Calls between teammates are not.',
  'The order of calls that started in the same second is not stable.',
] as const;

const mediaQuirks = ['If nothing is stored yet, nothing is deleted.', 'Transcript and insights go too.'] as const;

export const calls = {
  list: endpoint({
    id: 'calls.list',
    title: 'List calls',
    area: 'calls',
    method: 'GET',
    path: '/v1/calls',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'list calls', past: 'listed {rows} calls' } },
    core: true,
    query: { ...pageParameters, ...orderParameter, ...periodParameters, ...fetches },
    answer: { envelope: 'list', key: 'calls', of: call },
    status: 200,
    pagination: pages,
    timeFilter: startedBetween,
    quirks: listQuirks,
  }),
  retrieve: endpoint({
    id: 'calls.retrieve',
    title: 'Retrieve a call',
    area: 'calls',
    method: 'GET',
    path: '/v1/calls/:id',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'read call {id}', past: 'read call {id}' } },
    core: true,
    at: byId,
    query: fetches,
    answer: { envelope: 'one', key: 'call', of: call },
    status: 200,
    quirks: ['A call older than six months is answered like an unknown one.'],
  }),
  search: endpoint({
    id: 'calls.search',
    title: 'Search calls',
    area: 'calls',
    method: 'GET',
    path: '/v1/calls/search',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'search calls', past: 'searched calls and found {rows} calls' } },
    core: true,
    query: {
      ...pageParameters,
      ...orderParameter,
      ...periodParameters,
      direction: { type: 'text', values: ['inbound', 'outbound'], meaning: 'Only calls of this direction.' },
      user_id: { type: 'id', names: 'user', meaning: 'Only calls of this user.' },
      phone_number: { type: 'text', format: 'e164', class: 'phone', meaning: 'Only calls with this phone number on either side.' },
      tags: { type: 'id[]', wire: 'tags[]', names: 'tag', meaning: 'Only calls that have all of these tags.' },
      ...fetches,
    },
    answer: { envelope: 'list', key: 'calls', of: call },
    status: 200,
    pagination: pages,
    timeFilter: startedBetween,
    quirks: [
      ...listQuirks,
      'A transferred call is found under the phone number it was transferred to, and no other.',
      'Tag ids joined by commas match nothing.',
    ],
  }),
  transfer: endpoint({
    id: 'calls.transfer',
    title: 'Transfer a call',
    area: 'calls',
    method: 'POST',
    path: '/v1/calls/:id/transfers',
    effect: 'live',
    agents: { kind: 'action', deed: { present: 'transfer call {id}', past: 'transferred call {id}' } },
    core: true,
    destructive: true,
    at: byId,
    body: {
      user_id: { type: 'id', names: 'user', oneOf: 'target', meaning: 'The user to pass the call to.' },
      team_id: { type: 'id', names: 'team', oneOf: 'target', meaning: 'The team to pass the call to.' },
      number: { type: 'text', oneOf: 'target', format: 'e164', class: 'phone', meaning: 'The phone number to pass the call to.' },
      dispatching_strategy: {
        type: 'text',
        values: ['simultaneous', 'random', 'longest_idle'],
        default: 'simultaneous',
        onlyWith: 'team_id',
        meaning: 'How the users of the team are rung.',
      },
    },
    answer: { envelope: 'none' },
    status: 204,
    refusals: [
      callEnded,
      { status: 400, when: 'More than one target is given.' },
      { status: 400, when: 'A dispatching strategy is given without a team.' },
      { status: 400, when: 'The target is a phone number and the call is outbound or already answered.' },
    ],
    event: 'call.transferred',
    quirks: [
      'A cold transfer: nobody takes the call back when the target does not answer.',
      'To a phone number it causes call.external_transferred; one that fails causes call.unsuccessful_transfer.',
    ],
  }),
  comment: endpoint({
    id: 'calls.comment',
    title: 'Comment on a call',
    area: 'calls',
    method: 'POST',
    path: '/v1/calls/:id/comments',
    effect: 'add',
    agents: {
      kind: 'resource',
      deed: { present: 'comment on call {id}', past: 'commented on call {id}' },
      mostPerObject: limits.calls.comments,
    },
    core: true,
    at: byId,
    body: { content: { type: 'text', required: true, class: 'freetext', meaning: 'What the note says. Emojis are stripped.' } },
    answer: { envelope: 'one', key: 'comment', of: comment },
    answerUnconfirmed: true,
    status: 201,
    refusals: [{ status: 400, when: 'The call has five comments already.' }],
    event: 'call.commented',
    quirks: ['Comments cannot be edited or deleted, and one made through the API has no author.'],
  }),
  tag: endpoint({
    id: 'calls.tag',
    title: 'Tag a call',
    area: 'calls',
    method: 'POST',
    path: '/v1/calls/:id/tags',
    effect: 'add',
    agents: { kind: 'resource', deed: { present: 'tag call {id}', past: 'tagged call {id}' } },
    core: true,
    at: byId,
    body: { tags: { type: 'id[]', required: true, names: 'tag', meaning: 'Ids of existing tags. They are added to those the call has.' } },
    answer: { envelope: 'none' },
    answerUnconfirmed: true,
    status: 201,
    event: 'call.tagged',
    quirks: ['Nothing in the API takes a tag off a call.'],
  }),
  archive: endpoint({
    id: 'calls.archive',
    title: 'Archive a call',
    area: 'calls',
    method: 'PUT',
    path: '/v1/calls/:id/archive',
    effect: 'change',
    agents: { kind: 'resource', deed: { present: 'archive call {id}', past: 'archived call {id}' } },
    core: true,
    at: byId,
    answer: { envelope: 'one', key: 'call', of: call },
    status: 200,
    event: 'call.archived',
    idempotent: true,
  }),
  unarchive: endpoint({
    id: 'calls.unarchive',
    title: 'Unarchive a call',
    area: 'calls',
    method: 'PUT',
    path: '/v1/calls/:id/unarchive',
    effect: 'change',
    agents: { kind: 'resource', deed: { present: 'take call {id} out of the archive', past: 'took call {id} out of the archive' } },
    at: byId,
    answer: { envelope: 'one', key: 'call', of: call },
    status: 200,
    quirks: ['No event tells about it.'],
  }),
  deleteRecording: endpoint({
    id: 'calls.deleteRecording',
    title: 'Delete the recording of a call',
    area: 'recordings',
    method: 'DELETE',
    path: '/v1/calls/:id/recording',
    effect: 'delete',
    agents: {
      kind: 'resource',
      deed: { present: 'delete the recording of call {id}', past: 'deleted the recording of call {id}' },
      friction: 'approve',
    },
    core: true,
    destructive: true,
    at: byId,
    answer: { envelope: 'none' },
    status: 204,
    statusUnconfirmed: true,
    quirks: mediaQuirks,
  }),
  deleteVoicemail: endpoint({
    id: 'calls.deleteVoicemail',
    title: 'Delete the voicemail of a call',
    area: 'recordings',
    method: 'DELETE',
    path: '/v1/calls/:id/voicemail',
    effect: 'delete',
    agents: {
      kind: 'resource',
      deed: { present: 'delete the voicemail of call {id}', past: 'deleted the voicemail of call {id}' },
      friction: 'approve',
    },
    destructive: true,
    at: byId,
    answer: { envelope: 'none' },
    status: 204,
    statusUnconfirmed: true,
    quirks: mediaQuirks,
  }),
  pauseRecording: endpoint({
    id: 'calls.pauseRecording',
    title: 'Pause the recording of a call',
    area: 'recordings',
    method: 'POST',
    path: '/v1/calls/:id/pause_recording',
    effect: 'live',
    agents: { kind: 'action', deed: { present: 'pause the recording of call {id}', past: 'paused the recording of call {id}' } },
    at: byId,
    answer: { envelope: 'none' },
    status: 204,
    refusals: [callEnded, recordingOff],
  }),
  resumeRecording: endpoint({
    id: 'calls.resumeRecording',
    title: 'Resume the recording of a call',
    area: 'recordings',
    method: 'POST',
    path: '/v1/calls/:id/resume_recording',
    effect: 'live',
    agents: { kind: 'action', deed: { present: 'resume the recording of call {id}', past: 'resumed the recording of call {id}' } },
    at: byId,
    answer: { envelope: 'none' },
    status: 204,
    refusals: [callEnded, recordingOff],
  }),
  pushInsightCard: endpoint({
    id: 'calls.pushInsightCard',
    title: 'Show a card to the user on a call',
    area: 'calls',
    method: 'POST',
    path: '/v1/calls/:id/insight_cards',
    effect: 'live',
    maximumBodyBytes: limits.calls.insightCardBytes,
    agents: { kind: 'action', deed: { present: 'show a card to the user on call {id}', past: 'showed a card to the user on call {id}' } },
    at: byId,
    body: {
      contents: {
        type: 'object[]',
        required: true,
        fields: {
          type: { type: 'text', required: true, values: ['title', 'shortText'], meaning: 'A heading or a line.' },
          text: { type: 'text', required: true, class: 'freetext', meaning: 'What it says.' },
          label: { type: 'text', class: 'freetext', meaning: 'What stands before a line.' },
          link: { type: 'text', format: 'https-url', meaning: 'Where a click leads.' },
        },
        meaning: `What the card shows, from top to bottom. The whole body must stay under ${limits.calls.insightCardBytes} bytes.`,
      },
      user_id: { type: 'id', names: 'user', unconfirmed: true, meaning: 'Only this user sees the card.' },
    },
    answer: { envelope: 'none' },
    answerUnconfirmed: true,
    status: 204,
    statusUnconfirmed: true,
    refusals: [callEnded],
    quirks: ['Best sent when call.created arrives.'],
  }),
} as const;
