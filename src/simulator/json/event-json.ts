// What webhook events carry. Relations that do not exist are left out, contacts come without being asked for, and some
// fields have other names than in listings.
import type { SwitchSettings } from '../../aircall/index.ts';
import { limits } from '../../aircall/index.ts';
import type { CallState, ContactState, NumberState, TeamState, UserState } from '../company/state.ts';
import { displayNumber } from '../company/phone-numbers.ts';
import { isoSeconds } from '../time.ts';
import { assetLink, callTagsJson, commentJson, participantJson } from './call-json.ts';
import type { CallSurroundings } from './call-json.ts';
import { callTeamJson, contactJson } from './directory-json.ts';
import { numberJson } from './number-json.ts';
import { userJson } from './user-json.ts';

/** A call as events show it; `extra` are the fields of one kind of event alone. */
export function callEventJson(call: CallState, around: CallSurroundings, extra: Readonly<Record<string, unknown>> = {}): string {
  const { switches } = around;
  const { id } = call;
  const parts = [
    `"id":${id}`,
    `"direct_link":"${limits.origin}/v1/calls/${id}"`,
    `"direction":"${call.direction}"`,
    `"status":"${call.status}"`,
    `"missed_call_reason":${JSON.stringify(call.missedCallReason)}`,
    `"started_at":${call.startedAt}`,
    `"answered_at":${JSON.stringify(call.answeredAt)}`,
    `"ended_at":${JSON.stringify(call.endedAt)}`,
    `"duration":${call.duration}`,
    `"cost":${JSON.stringify(call.cost)}`,
    '"hangup_cause":null',
    `"voicemail":${call.hasVoicemail ? JSON.stringify(around.sign('voicemails', id)) : 'null'}`,
    `"recording":${call.hasRecording ? JSON.stringify(around.sign('recordings', id)) : 'null'}`,
    `"asset":${assetLink(call)}`,
    `"raw_digits":"${call.externalNumber === null ? 'anonymous' : displayNumber(call.externalNumber)}"`,
    ...relation('user', call.userId, (user) => userText(user, around)),
    ...relation('contact', call.contactId, (contact) => contactText(contact, around)),
    ...relation('number', call.numberId, (number) => numberText(number, around)),
    `"archived":${call.archived}`,
    `"teams":[${call.teamIds
      .map((team) => teamText(team, around))
      .filter((text) => text !== undefined)
      .join(',')}]`,
    `"comments":[${call.comments.map((comment) => commentJson(comment, around)).join(',')}]`,
    `"tags":${callTagsJson(call, around, 'tagged_at')}`,
    ...relation('transferred_to', call.transferredTo, (user) => userText(user, around)),
    ...relation('transferred_by', call.transferredBy, (user) => userText(user, around)),
    ...relation('assigned_to', call.assignedTo, (user) => userText(user, around)),
    `"call_uuid":"${call.sid}"`,
    ...(call.participants === null ? [] : [`"participants":[${call.participants.map(participantJson).join(',')}]`]),
    ...(switches.callEventListingFields === 'present' ? listingFields(call) : []),
    ...Object.entries(extra).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`),
  ];
  return `{${parts.join(',')}}`;
}

/** A contact; once deleted its lists are empty. */
export function contactEventJson(contact: ContactState, switches: SwitchSettings): string {
  const text = contactJson(contact, switches);
  if (switches.contactEventTimes === 'seconds') return text;
  const record = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify({ ...record, created_at: eventTime(contact.createdAt), updated_at: eventTime(contact.updatedAt) });
}

/** A user as the older events show one. */
export function userEventV1Json(user: UserState, numbers: readonly NumberState[], switches: SwitchSettings): string {
  const rows = numbers.map((number) => withE164(numberJson(number, switches), number));
  return `${userJson(user, 'number', switches).slice(0, -1)},"numbers":[${rows.join(',')}]}`;
}

export function numberEventJson(number: NumberState, users: readonly UserState[], switches: SwitchSettings): string {
  return withE164(numberJson(number, switches, users), number);
}

export function teamEventJson(team: TeamState, users: readonly UserState[], switches: SwitchSettings): string {
  return `${callTeamJson(team).slice(0, -1)},"users":[${users.map((user) => userJson(user, 'number', switches)).join(',')}]}`;
}

function withE164(text: string, { e164 }: NumberState): string {
  return `${text.slice(0, -1)},"e164_digits":${JSON.stringify(e164)}}`;
}

function relation(name: string, id: number | null, write: (id: number) => string | undefined): string[] {
  const text = id === null ? undefined : write(id);
  return text === undefined ? [] : [`"${name}":${text}`];
}

function userText(id: number, around: CallSurroundings): string | undefined {
  const user = around.user(id);
  return user === undefined ? undefined : userJson(user, 'number', around.switches);
}

function contactText(id: number, around: CallSurroundings): string | undefined {
  const contact = around.contact(id);
  return contact === undefined ? undefined : contactEventJson(contact, around.switches);
}

function numberText(id: number, around: CallSurroundings): string | undefined {
  const number = around.number(id);
  return number === undefined ? undefined : withE164(numberJson(number, around.switches), number);
}

function teamText(id: number, around: CallSurroundings): string | undefined {
  const team = around.team(id);
  return team === undefined ? undefined : callTeamJson(team);
}

function listingFields(call: CallState): string[] {
  return [
    `"sid":"${call.sid}"`,
    '"recording_short_url":null',
    '"voicemail_short_url":null',
    `"country_code_a2":${JSON.stringify(call.country)}`,
    `"pricing_type":${JSON.stringify(call.pricingType)}`,
  ];
}

function eventTime(seconds: number): string {
  return isoSeconds(seconds).replace('.000Z', 'Z');
}
