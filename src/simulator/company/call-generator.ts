// The calls of the past, each drawn from the seed and its slot alone, whenever somebody asks for it. That is what lets a
// company of a million calls stand in a few megabytes: nothing is kept but the moment of each call.
import { Random, seedOf } from '../random.ts';
import { activityAt } from './history.ts';
import { callbackTagId, conferenceTagId } from './people.ts';
import { countryOf, drawPhoneNumber } from './phone-numbers.ts';
import type {
  AiVoiceAgentState,
  CallState,
  CallTagState,
  CommentState,
  ContactState,
  IvrOptionState,
  NumberState,
  ParticipantState,
  TagState,
  UserState,
} from './state.ts';
import { drawRemark } from './words.ts';

const firstCallId = 4_200_000_001;
const idStep = 3;
const firstCommentId = 31_000_001;

/** How ids of calls are dealt out. */
export type CallIds = {
  readonly seed: number;
  /** Whether a later call always has the larger id. */
  readonly idsFollowTime: boolean;
};

/** Whom the calls of the past are drawn from: the company as it was founded, whatever has changed since. */
export type Cast = CallIds & {
  readonly users: readonly UserState[];
  readonly numbers: readonly NumberState[];
  /** The company's own tags, without the system's. */
  readonly tags: readonly TagState[];
  readonly contacts: { readonly count: number; at(index: number): ContactState };
  /** The moment the past ends: every drawn call is over by then. */
  readonly until: number;
};

/**
 * Ids grow with time, but not strictly: neighbours are swapped now and then, so that (`started_at`, `id`) is an order
 * and `id` alone is not.
 */
export function callIdOf({ seed, idsFollowTime }: CallIds, slot: number): number {
  const pair = slot >>> 1;
  const isSwapped = !idsFollowTime && (seedOf(seed, 7, pair) & 7) === 0;
  return firstCallId + (isSwapped ? slot ^ 1 : slot) * idStep;
}

/** The slot an id belongs to, or -1 when no call can have that id. */
export function callSlotOf(ids: CallIds, id: number): number {
  const place = (id - firstCallId) / idStep;
  if (!Number.isInteger(place) || place < 0 || place > 0x7fff_ffff) return -1;
  return callIdOf(ids, place) === id ? place : place ^ 1;
}

function commentIdOf(slot: number, place: number): number {
  return firstCommentId + slot * 8 + place;
}

export function callSid(seed: number, slot: number): string {
  return `CA${'0'.repeat(16)}${hex(seedOf(seed, 8, slot))}${hex(slot)}`;
}

/** One finished call of the past. */
export function drawCall(cast: Cast, slot: number, startedAt: number): CallState {
  const random = new Random(seedOf(cast.seed, 11, slot));
  const isInbound = random.chance(0.62);
  const number = cast.numbers.length === 0 ? undefined : random.pick(cast.numbers);
  const agent = cast.users.length === 0 ? undefined : drawAgent(random, cast.users);
  const isOutOfHours = isInbound && activityAt(startedAt) < 0.05 && random.chance(0.8);
  const isAnswered = agent !== undefined && !isOutOfHours && random.chance(isInbound ? 0.8 : 0.7);
  const ringSeconds = isOutOfHours ? random.between(1, 6) : random.between(2, 38);
  const talkSeconds = isAnswered ? drawTalkSeconds(random) : 0;
  const missedCallReason = isAnswered || !isInbound ? null : isOutOfHours ? 'out_of_opening_hours' : drawMissedReason(random, number);
  const endedAt = Math.min(cast.until, startedAt + ringSeconds + talkSeconds);

  const contactIndex = cast.contacts.count > 0 && random.chance(0.6) ? random.below(cast.contacts.count) : -1;
  const contact = contactIndex === -1 ? undefined : cast.contacts.at(contactIndex);
  const phone = contact?.phoneNumbers[0]?.value ?? drawPhoneNumber(random).e164;
  const isWithheld = isInbound && contact === undefined && random.chance(0.06);

  const isTransferred = isAnswered && isInbound && cast.users.length > 1 && random.chance(0.06);
  const other = isTransferred || random.chance(0.02) ? drawAgent(random, cast.users) : undefined;
  const isConference = isAnswered && agent !== undefined && random.chance(0.01);
  const wantsCallback = isInbound && !isAnswered && random.chance(0.12);

  return {
    slot,
    id: callIdOf(cast, slot),
    sid: callSid(cast.seed, slot),
    direction: isInbound ? 'inbound' : 'outbound',
    status: 'done',
    missedCallReason,
    startedAt,
    answeredAt: isAnswered ? Math.min(endedAt, startedAt + ringSeconds) : null,
    endedAt,
    duration: endedAt - startedAt,
    archived: random.chance(0.3),
    cost: isInbound ? '0.0' : `${Math.ceil(talkSeconds / 60)}.0`,
    pricingType: random.chance(0.9) ? (isInbound ? 'in_bundle' : 'out_of_bundle') : null,
    hasRecording: isAnswered && number?.recordsCalls === true && talkSeconds > 3,
    hasVoicemail: isInbound && !isAnswered && random.chance(0.35),
    externalNumber: isWithheld ? null : phone,
    country: isWithheld ? null : countryOf(phone),
    contactId: isWithheld ? null : (contact?.id ?? null),
    userId: isAnswered || !isInbound ? (agent?.id ?? null) : null,
    assignedTo: !isTransferred && other !== undefined ? other.id : null,
    transferredBy: isTransferred ? (agent?.id ?? null) : null,
    transferredTo: isTransferred ? (other?.id ?? null) : null,
    numberId: number?.id ?? null,
    teamIds: isInbound ? (number?.teamIds ?? []) : [],
    comments: drawComments(random, cast, slot, endedAt),
    tags: drawTagging(random, cast, endedAt, { agent, isConference, wantsCallback }),
    participants: isConference ? drawParticipants(random, cast, agent, contact, phone) : null,
    ivrOptions: isInbound && number?.flowEditorEnabled === true && number.isIvr ? drawIvrOptions(random, slot, startedAt) : [],
    aiVoiceAgents: isInbound && random.chance(0.02) ? [drawAiVoiceAgent(random, startedAt, endedAt)] : [],
  };
}

/** A few people take most of the calls. */
function drawAgent(random: Random, users: readonly UserState[]): UserState | undefined {
  return users[Math.floor(random.fraction() ** 1.7 * users.length)];
}

/** Many short calls, a few very long ones. */
function drawTalkSeconds(random: Random): number {
  return Math.min(5_400, 5 + Math.floor(-Math.log(1 - random.fraction()) * 190));
}

function drawMissedReason(random: Random, number: NumberState | undefined): string {
  if (number?.isIvr === true && random.chance(0.3)) return 'abandoned_in_ivr';
  return random.pick(['short_abandoned', 'abandoned_in_classic', 'no_available_agent', 'agents_did_not_answer', 'agents_did_not_answer']);
}

function drawComments(random: Random, cast: Cast, slot: number, endedAt: number): CommentState[] {
  if (!random.chance(0.08)) return [];
  const count = random.chance(0.8) ? 1 : random.between(2, 5);
  const comments: CommentState[] = [];
  for (let place = 0; place < count; place += 1) {
    // One in four was posted through the API and belongs to nobody.
    const author = cast.users.length === 0 || random.chance(0.25) ? null : random.pick(cast.users).id;
    comments.push({
      id: commentIdOf(slot, place),
      content: drawRemark(random),
      postedAt: Math.min(cast.until, endedAt + 4 + place * 37),
      postedBy: author,
    });
  }
  return comments;
}

function drawTagging(
  random: Random,
  cast: Cast,
  endedAt: number,
  { agent, isConference, wantsCallback }: { agent: UserState | undefined; isConference: boolean; wantsCallback: boolean },
): CallTagState[] {
  const tags: CallTagState[] = [];
  if (wantsCallback) tags.push({ id: callbackTagId, createdAt: endedAt, taggedBy: null });
  if (isConference) tags.push({ id: conferenceTagId, createdAt: endedAt - 1, taggedBy: null });
  const own = cast.tags;
  if (own.length > 0 && random.chance(0.3)) {
    const count = random.chance(0.75) ? 1 : 2;
    const first = random.below(own.length);
    for (let place = 0; place < count; place += 1) {
      const tag = own[(first + place * 3) % own.length];
      if (tag !== undefined && !tags.some(({ id }) => id === tag.id)) {
        tags.push({ id: tag.id, createdAt: Math.min(cast.until, endedAt + random.between(-5, 90)), taggedBy: agent?.id ?? null });
      }
    }
  }
  return tags;
}

function drawParticipants(
  random: Random,
  cast: Cast,
  agent: UserState | undefined,
  contact: ContactState | undefined,
  phone: string,
): ParticipantState[] {
  const participants: ParticipantState[] = [];
  if (agent !== undefined) participants.push({ type: 'user', id: agent.id, name: agent.name });
  if (contact === undefined) participants.push({ type: 'external', phoneNumber: phone });
  else participants.push({ type: 'contact', id: contact.id, name: nameOf(contact), phoneNumber: phone });
  if (cast.users.length > 1 && random.chance(0.5)) {
    const third = random.pick(cast.users);
    participants.push({ type: 'user', id: third.id, name: third.name });
  } else {
    participants.push({ type: 'external', phoneNumber: drawPhoneNumber(random).e164 });
  }
  return participants;
}

function nameOf(contact: ContactState): string {
  return [contact.firstName, contact.lastName].filter((part) => part !== null).join(' ');
}

function drawIvrOptions(random: Random, slot: number, startedAt: number): IvrOptionState[] {
  const titles = ['Sales', 'Support', 'Billing', 'Other'];
  return Array.from({ length: random.between(1, 2) }, (_, place) => {
    const choice = random.below(titles.length);
    return {
      id: 5_000_001 + slot * 2 + place,
      title: titles[choice] ?? 'Other',
      key: String(choice + 1),
      branch: `branch_${choice + 1}`,
      at: startedAt + 2 + place * 3,
    };
  });
}

function drawAiVoiceAgent(random: Random, startedAt: number, endedAt: number): AiVoiceAgentState {
  const isEscalated = random.chance(0.4);
  return {
    agentId: `agent-${random.between(1, 3)}`,
    agentName: random.pick(['Reception', 'Order desk', 'After hours']),
    startedAt: startedAt + 1,
    endedAt: Math.max(startedAt + 1, endedAt - 1),
    endReason: isEscalated ? 'escalated' : random.pick(['answered', 'disconnected', 'caller_hung_up']),
    escalationReason: isEscalated ? 'Caller asked for a person' : null,
    escalationTarget: isEscalated ? { type: 'team', destination: 'Support' } : null,
  };
}

function hex(bits: number): string {
  return bits.toString(16).padStart(8, '0');
}
