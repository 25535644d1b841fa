// What the AI made of a call: drawn from the call alone, so that every read of it agrees. Nothing is made of calls that
// were short or not recorded, and nothing is ready before some minutes have passed.
import type { SwitchSettings } from '../../aircall/index.ts';
import type { Company } from '../company/company.ts';
import type { CallState } from '../company/state.ts';
import { Random, seedOf } from '../random.ts';
import { isoSeconds } from '../time.ts';

const insightNames = [
  'transcription',
  'realtime',
  'sentiment',
  'topics',
  'summary',
  'actionItems',
  'playbook',
  'customSummary',
  'evaluations',
  'csat',
] as const;
export type InsightName = (typeof insightNames)[number];

const shortestTalkSeconds = 10;
const readyAfterSeconds = 300;
const evaluatedAfterSeconds = 86_400;

/** The record as the API would answer it, without an envelope; undefined when nothing was made, or not yet. */
export function insightOf(name: InsightName, call: CallState, company: Company): object | undefined {
  const { answeredAt, endedAt } = call;
  const isVoicemail = call.hasVoicemail && name === 'transcription';
  if (endedAt === null || company.side.erasedInsights.has(call.id)) return undefined;
  if (!isVoicemail && (!call.hasRecording || answeredAt === null || endedAt - answeredAt < shortestTalkSeconds)) return undefined;
  if (company.now() < endedAt + (name === 'evaluations' ? evaluatedAfterSeconds : readyAfterSeconds)) return undefined;
  const random = new Random(seedOf(company.seed, 41, call.id, insightNames.indexOf(name)));
  // Not everything is made of every call.
  if (name !== 'transcription' && random.chance(0.1)) return undefined;
  return write[name](call, random);
}

/** The events that tell of insights into a call that has just ended. */
export function conversationEvents(call: CallState, company: Company): { readonly name: string; readonly data: string }[] {
  if (!call.hasRecording || company.side.erasedInsights.has(call.id)) return [];
  const { switches } = company;
  const random = new Random(seedOf(company.seed, 43, call.id));
  const data = (record: object) => JSON.stringify(withCallId(record, switches));
  return [
    { name: 'realtime_transcription.utterances_received', data: JSON.stringify(utterancesOf(call, random, switches)) },
    { name: 'transcription.created', data: data(write.transcription(call, random)) },
    { name: 'summary.created', data: data(write.summary(call, random)) },
    { name: 'topics.created', data: data(write.topics(call, random)) },
    { name: 'sentiment.created', data: data(write.sentiment(call, random)) },
    { name: 'action_item.created', data: data(write.actionItems(call, random)) },
  ];
}

const subjects = ['an invoice', 'a late delivery', 'a password', 'the opening hours', 'a refund', 'a new order', 'the contract'];
const sentences = [
  'How can I help you?',
  'It is about',
  'Let me have a look.',
  'Thank you very much.',
  'Je vous écoute.',
  'One moment, please.',
];

const write: Readonly<Record<InsightName, (call: CallState, random: Random) => object>> = {
  transcription: (call, random) => ({
    id: idOf(call, 1),
    call_id: call.id,
    call_uuid: call.sid,
    call_created_at: isoSeconds(call.startedAt),
    type: call.hasVoicemail ? 'voicemail' : 'call',
    content: spoken(call, random),
  }),
  realtime: (call, random) => ({ call_id: call.id, call_uuid: call.sid, content: spoken(call, random) }),
  sentiment: (call, random) => ({
    id: idOf(call, 2),
    call_id: call.id,
    participants: [
      { type: 'internal', user_id: call.userId, value: random.pick(moods) },
      { type: 'external', phone_number: call.externalNumber, value: random.pick(moods) },
    ],
  }),
  topics: (call, random) => ({
    id: idOf(call, 3),
    call_id: call.id,
    created_at: madeAt(call),
    content: Array.from({ length: random.between(1, 3) }, () => random.pick(subjects)),
  }),
  summary: (call, random) => ({
    id: idOf(call, 4),
    call_id: call.id,
    created_at: madeAt(call),
    content: `The caller asked about ${random.pick(subjects)}. The agent explained the next steps.`,
  }),
  actionItems: (call, random) => ({
    call_id: call.id,
    action_items: Array.from({ length: random.between(1, 2) }, (_, place) => ({
      id: idOf(call, 5 + place),
      ai_generated: true,
      content: `Send a note about ${random.pick(subjects)}`,
      created_at: madeAt(call),
      created_by: null,
      updated_at: madeAt(call),
      updated_by: null,
    })),
  }),
  playbook: (call, random) => ({
    id: idOf(call, 7),
    call_id: call.id,
    user_id: call.userId,
    number_id: call.numberId,
    adherence_score: random.between(20, 100),
    playbook_result_topics: [
      { name: 'Greeting', result: random.pick(['covered', 'missed']) },
      { name: 'Next step', result: random.pick(['covered', 'missed']) },
    ],
    playbook: { id: 1, name: 'Standard call', language: 'en-US' },
  }),
  customSummary: (call, random) => ({
    id: idOf(call, 8),
    call_id: call.id,
    number_id: call.numberId,
    language: 'en-US',
    custom_summary: { name: 'Support note' },
    summary_template_results: [
      { name: 'Problem', content: `Asked about ${random.pick(subjects)}` },
      { name: 'Outcome', content: 'Solved' },
    ],
  }),
  evaluations: (call, random) => ({
    id: idOf(call, 9),
    call_id: call.id,
    ai_generated: true,
    evaluations: [{ scorecard: { name: 'Quality' }, score: { normalized_score: random.between(0, 100) / 100 }, created_at: madeAt(call) }],
  }),
  csat: (call, random) => ({
    call_id: call.id,
    call_uuid: call.sid,
    score: random.between(1, 5),
    drivers: [{ polarity: random.pick(['positive', 'negative']), label: random.pick(['Wait time', 'Friendliness', 'Solution']) }],
  }),
};

const moods = ['POSITIVE', 'NEUTRAL', 'NEGATIVE'] as const;

function spoken(call: CallState, random: Random) {
  const lastSecond = Math.max(2, (call.endedAt ?? call.startedAt) - (call.answeredAt ?? call.startedAt));
  const count = random.between(2, 6);
  return {
    language: random.pick(['en-US', 'fr-FR', 'de-DE']),
    utterances: Array.from({ length: count }, (_, place) => {
      const start = Math.round((lastSecond * place * 100) / count) / 100;
      const isInternal = place % 2 === 0 && call.userId !== null;
      const text = random.pick(sentences);
      return {
        start_time: start,
        end_time: start + 1.25,
        text: text === 'It is about' ? `${text} ${random.pick(subjects)}.` : text,
        participant_type: isInternal ? 'internal' : 'external',
        ...(isInternal ? { user_id: call.userId } : { phone_number: call.externalNumber }),
      };
    }),
  };
}

function utterancesOf(call: CallState, random: Random, switches: SwitchSettings): object {
  const utterances = spoken(call, random).utterances.map((utterance) => ({
    participant_type: utterance.participant_type,
    user_id: utterance.participant_type === 'internal' ? call.userId : null,
    timestamp: (call.answeredAt ?? call.startedAt) * 1000 + Math.round(utterance.start_time * 1000),
    duration_ms: 1_250,
    text: utterance.text,
    language: 'en-US',
  }));
  if (switches.realtimePayload === 'flat') return withCallId({ call_id: call.id, content: { utterances } }, switches);
  return { id: idOf(call, 0), call: { id: call.id, uuid: call.sid, number_id: call.numberId, direction: call.direction }, utterances };
}

function withCallId(record: object, switches: SwitchSettings): object {
  if (switches.conversationCallId === 'integer' || !('call_id' in record)) return record;
  return { ...record, call_id: String(record.call_id) };
}

function idOf(call: CallState, kind: number): number {
  return 7_000_000_001 + call.slot * 10 + kind;
}

function madeAt(call: CallState): string {
  return isoSeconds((call.endedAt ?? call.startedAt) + 120);
}
