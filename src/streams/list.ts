// Every stream there is. Adding one is a file of its own and a line here.
import { actionItems, api, callEvaluations, playbookResult, sentiment, summary, topics, transcription } from '../aircall/index.ts';
import { calls } from './calls.ts';
import { company } from './company.ts';
import { contacts } from './contacts.ts';
import { numbers, numbersWithUsers } from './numbers.ts';
import { evaluationTries, perCall } from './per-call.ts';
import type { Stream } from './stream.ts';
import { tags } from './tags.ts';
import { teams } from './teams.ts';
import { userAvailability } from './user-availability.ts';
import { users } from './users.ts';
import { webhooks } from './webhooks.ts';

/** In the order in which they are read: short lists first, so that calls and contacts find their users and numbers. */
export const streams: readonly Stream[] = [
  company,
  users,
  userAvailability,
  teams,
  numbers,
  numbersWithUsers,
  tags,
  webhooks,
  contacts,
  calls,
  perCall({
    name: 'transcriptions',
    summary: 'What was said on a call, word by word.',
    entity: transcription,
    endpoint: api.conversation.transcription,
    retrieve: (aircall, id, request) => aircall.conversation.transcription(id, {}, request),
  }),
  perCall({
    name: 'summaries',
    summary: 'A short text of what a call was about.',
    entity: summary,
    endpoint: api.conversation.summary,
    retrieve: (aircall, id, request) => aircall.conversation.summary(id, request),
  }),
  perCall({
    name: 'topics',
    summary: 'What was talked about on a call.',
    entity: topics,
    endpoint: api.conversation.topics,
    retrieve: (aircall, id, request) => aircall.conversation.topics(id, request),
  }),
  perCall({
    name: 'sentiments',
    summary: 'The mood of those who took part in a call.',
    entity: sentiment,
    endpoint: api.conversation.sentiments,
    retrieve: (aircall, id, request) => aircall.conversation.sentiments(id, request),
  }),
  perCall({
    name: 'action_items',
    summary: 'What was agreed to be done after a call.',
    entity: actionItems,
    endpoint: api.conversation.actionItems,
    retrieve: (aircall, id, request) => aircall.conversation.actionItems(id, request),
  }),
  perCall({
    name: 'evaluations',
    summary: 'Scorecards of a call.',
    entity: callEvaluations,
    endpoint: api.conversation.evaluations,
    retrieve: (aircall, id, request) => aircall.conversation.evaluations(id, request),
    tries: evaluationTries,
  }),
  perCall({
    name: 'playbook_results',
    summary: 'How well a call kept to its playbook.',
    entity: playbookResult,
    endpoint: api.conversation.playbookResult,
    retrieve: (aircall, id, request) => aircall.conversation.playbookResult(id, {}, request),
  }),
];

export const defaultStreams: readonly Stream[] = streams.filter((stream) => stream.optIn !== true);
