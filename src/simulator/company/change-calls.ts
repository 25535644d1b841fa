// Adding, changing and removing calls, and letting them happen, with the events that tell of it.
import { conversationEvents } from '../json/conversation-json.ts';
import { callEventJson } from '../json/event-json.ts';
import { Random, seedOf } from '../random.ts';
import type { Company } from './company.ts';
import { answered, assetsAfterSeconds, drawPlan, hungUp, settled, withAssets } from './life-cycle.ts';
import type { CallPlan } from './life-cycle.ts';
import { countryOf, drawPhoneNumber } from './phone-numbers.ts';
import type { CallState, CommentState } from './state.ts';

/** A call to add as it stands; what is left out is drawn or empty. */
export type NewCall = Partial<Omit<CallState, 'slot' | 'id' | 'sid'>>;

export type CallChange = Partial<Omit<CallState, 'slot' | 'id'>>;

/** A call to let happen: who, and how it goes. What is left out is drawn. */
export type StartedCall = Pick<NewCall, 'direction' | 'userId' | 'numberId' | 'contactId' | 'externalNumber' | 'startedAt'> & {
  readonly plan?: Partial<CallPlan>;
};

/** Adds a call that is over: answered half a minute after its start, for a minute and a half, unless told otherwise. */
export function addCall(company: Company, given: NewCall): CallState {
  const place = company.calls.reserve();
  const startedAt = given.startedAt ?? company.now() - 120;
  const answeredAt = given.answeredAt === undefined ? startedAt + 12 : given.answeredAt;
  const endedAt = given.endedAt === undefined ? startedAt + 102 : given.endedAt;
  const call: CallState = {
    ...drawParties(company, given, new Random(seedOf(company.seed, 23, place.slot))),
    ...place,
    status: endedAt === null ? (answeredAt === null ? 'initial' : 'answered') : 'done',
    missedCallReason: null,
    startedAt,
    answeredAt,
    endedAt,
    duration: endedAt === null ? 0 : endedAt - startedAt,
    archived: false,
    cost: '0.0',
    pricingType: null,
    hasRecording: false,
    hasVoicemail: false,
    assignedTo: null,
    transferredBy: null,
    transferredTo: null,
    comments: [],
    tags: [],
    participants: null,
    ivrOptions: [],
    aiVoiceAgents: [],
    ...given,
  };
  company.calls.put(call);
  return call;
}

/** Undefined when there is no such call. No event tells of it: that is for what happens to a call, not for corrections. */
export function changeCall(company: Company, id: number, change: CallChange): CallState | undefined {
  const before = company.calls.get(id);
  if (before === undefined) return undefined;
  const call: CallState = { ...before, ...change };
  company.calls.put(call);
  return call;
}

/** Lets a call begin now, or at `startedAt`. The rest happens as the company's time passes. */
export function startCall(company: Company, given: StartedCall = {}): CallState {
  const place = company.calls.reserve();
  const random = new Random(seedOf(company.seed, 23, place.slot));
  const plan: CallPlan = { ...drawPlan(random), ...given.plan };
  const startedAt = given.startedAt ?? company.now();
  const parties = drawParties(company, given, random);
  const call = addCall(company, {
    ...parties,
    // Nobody has taken an inbound call yet.
    userId: parties.direction === 'inbound' ? null : parties.userId,
    startedAt,
    answeredAt: null,
    endedAt: null,
    teamIds: parties.direction === 'inbound' ? parties.teamIds : [],
  });
  const { id } = call;
  announceCall(company, 'call.created', call);
  if (call.direction === 'inbound') announceCall(company, 'call.ringing_on_agent', { ...call, userId: parties.userId });
  const hangUpAt = startedAt + plan.ringSeconds + (plan.talkSeconds ?? 0);
  if (plan.talkSeconds !== null) {
    company.agenda.add(startedAt + plan.ringSeconds, (at) => {
      const before = company.calls.get(id);
      if (before?.status !== 'initial') return;
      tell(company, 'call.answered', { ...answered(before, at), userId: before.userId ?? parties.userId });
    });
  }
  company.agenda.add(hangUpAt, (at) => {
    const before = company.calls.get(id);
    if (before === undefined || before.status === 'done') return;
    tell(company, 'call.hungup', hungUp(before, at));
  });
  company.agenda.add(hangUpAt + assetsAfterSeconds, () => {
    const before = company.calls.get(id);
    if (before === undefined) return;
    const isRecorded = before.numberId !== null && company.numbers.get(before.numberId)?.recordsCalls === true;
    const after = withAssets(before, { isRecorded, leavesVoicemail: plan.leavesVoicemail });
    tell(company, 'call.ended', after);
    if (after.hasRecording || after.hasVoicemail) announceCall(company, 'call.comm_assets_generated', after);
    if (after.hasVoicemail) announceCall(company, 'call.voicemail_left', after);
    for (const event of conversationEvents(after, company)) company.events.announce(event.name, event.data);
  });
  company.agenda.add(hangUpAt + plan.settleAfterSeconds, () => {
    const before = company.calls.get(id);
    if (before !== undefined) company.calls.put(settled(before, plan.startShift));
  });
  company.tick();
  return company.calls.get(id) ?? call;
}

export function addComment(company: Company, call: CallState, content: string, postedBy: number | null): CommentState {
  const comment: CommentState = { id: company.nextCommentId(), content, postedAt: company.now(), postedBy };
  tell(company, 'call.commented', { ...call, comments: [...call.comments, comment] });
  return comment;
}

/** Adds tags the call does not have yet. */
export function tagCall(company: Company, call: CallState, tagIds: readonly number[], taggedBy: number | null): CallState {
  const known = new Set(call.tags.map(({ id }) => id));
  const added = [...new Set(tagIds)].filter((id) => !known.has(id));
  const tagged: CallState = {
    ...call,
    tags: [...call.tags, ...added.map((id) => ({ id, createdAt: company.now(), taggedBy }))],
  };
  company.calls.put(tagged);
  const times = company.switches.callTaggedEvents === 'onePerTag' ? added.length : Math.min(1, added.length);
  for (let time = 0; time < times; time += 1) announceCall(company, 'call.tagged', tagged);
  return tagged;
}

/** Replaces a call and tells of it. */
export function tell(company: Company, event: string, call: CallState, extra: Readonly<Record<string, unknown>> = {}): void {
  company.calls.put(call);
  announceCall(company, event, call, extra);
}

function announceCall(company: Company, event: string, call: CallState, extra: Readonly<Record<string, unknown>> = {}): void {
  company.events.announce(event, callEventJson(call, company.texts.around(), extra));
}

type Parties = Pick<CallState, 'direction' | 'userId' | 'numberId' | 'contactId' | 'externalNumber' | 'country' | 'teamIds'>;

/** Who is on the line. */
function drawParties(company: Company, given: NewCall, random: Random): Parties {
  const users = company.users.list();
  const numbers = company.numbers.list();
  const numberId = given.numberId === undefined ? (numbers.length === 0 ? null : random.pick(numbers).id) : given.numberId;
  const drawnUser = users.length === 0 ? null : random.pick(users).id;
  const drawnNumber = drawPhoneNumber(random).e164;
  const contact = given.contactId === undefined || given.contactId === null ? undefined : company.contacts.get(given.contactId);
  const externalNumber = given.externalNumber === undefined ? (contact?.phoneNumbers[0]?.value ?? drawnNumber) : given.externalNumber;
  return {
    direction: given.direction ?? (random.chance(0.6) ? 'inbound' : 'outbound'),
    userId: given.userId === undefined ? drawnUser : given.userId,
    numberId,
    contactId: contact?.id ?? null,
    externalNumber,
    country: externalNumber === null ? null : countryOf(externalNumber),
    teamIds: given.teamIds ?? (numberId === null ? [] : (company.numbers.get(numberId)?.teamIds ?? [])),
  };
}
