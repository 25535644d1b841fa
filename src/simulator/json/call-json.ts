// A call as the list and retrieve endpoints write it. Written as text directly: a page of fifty costs well under a
// millisecond, so nothing needs to be kept, however large the company is.
import { limits } from '../../aircall/index.ts';
import type { SwitchSettings } from '../../aircall/index.ts';
import type {
  CallState,
  CommentState,
  ContactState,
  NumberState,
  ParticipantState,
  TagState,
  TeamState,
  UserState,
} from '../company/state.ts';
import { displayNumber } from '../company/phone-numbers.ts';
import { isoSeconds } from '../time.ts';
import { callTeamJson, contactJson } from './directory-json.ts';
import { callNumberJson } from './number-json.ts';
import { overlaid } from './overlay.ts';
import type { LinkSigner } from './signed-link.ts';
import { userJson } from './user-json.ts';

/** What a request asked to have filled in. */
export type CallFlags = { readonly contact: boolean; readonly shortUrls: boolean; readonly timeline: boolean; readonly aiVoice: boolean };

export const noFlags: CallFlags = { contact: false, shortUrls: false, timeline: false, aiVoice: false };
export const allFlags: CallFlags = { contact: true, shortUrls: true, timeline: true, aiVoice: true };

/** Who is embedded in a call; `undefined` when deleted since. */
export interface CallSurroundings {
  user(id: number): UserState | undefined;
  contact(id: number): ContactState | undefined;
  number(id: number): NumberState | undefined;
  team(id: number): TeamState | undefined;
  tag(id: number): TagState | undefined;
  /** Whether the timeline of a call that started then is still kept. */
  hasTimeline(startedAt: number): boolean;
  readonly sign: LinkSigner;
  readonly switches: SwitchSettings;
}

export function callJson(call: CallState, around: CallSurroundings, flags: CallFlags): string {
  const number = call.numberId === null ? undefined : around.number(call.numberId);
  const contact = flags.contact && call.contactId !== null ? around.contact(call.contactId) : undefined;
  const { id } = call;
  let text =
    `{"id":${id},"sid":"${call.sid}","direct_link":"${limits.origin}/v1/calls/${id}","direction":"${call.direction}",` +
    `"status":"${call.status}","missed_call_reason":${quoted(missedCallReason(call, around.switches))},"started_at":${call.startedAt},` +
    `"answered_at":${integer(call.answeredAt)},"ended_at":${integer(call.endedAt)},"duration":${call.duration},"archived":${call.archived},` +
    `"cost":${quoted(call.cost)},"voicemail":${call.hasVoicemail ? quoted(around.sign('voicemails', id)) : 'null'},` +
    `"recording":${call.hasRecording ? quoted(around.sign('recordings', id)) : 'null'},"asset":${assetLink(call)},` +
    `"raw_digits":"${call.externalNumber === null ? 'anonymous' : displayNumber(call.externalNumber)}",` +
    `"user":${user(call.userId, around)},"contact":${contact === undefined ? 'null' : contactJson(contact, around.switches)},` +
    `"assigned_to":${user(call.assignedTo, around)},"transferred_by":${user(call.transferredBy, around)},` +
    `"transferred_to":${user(call.transferredTo, around)},"comments":${comments(call, around)},` +
    `"number":${number === undefined ? 'null' : callNumberJson(number)},"teams":${teams(call, around)},"tags":${callTagsJson(call, around)},` +
    `"recording_short_url":${flags.shortUrls && call.hasRecording ? shortUrl('r', id) : 'null'},` +
    `"voicemail_short_url":${flags.shortUrls && call.hasVoicemail ? shortUrl('v', id) : 'null'},` +
    `"country_code_a2":${quoted(call.country)},"pricing_type":${quoted(call.pricingType)}`;
  if (call.participants !== null) text += `,"conference_participants":[${call.participants.map(participantJson).join(',')}]`;
  if (flags.timeline && number?.flowEditorEnabled === true && around.hasTimeline(call.startedAt))
    text += `,"ivr_options_selected":${ivrOptions(call, around.switches)}`;
  if (flags.aiVoice) text += `,"ai_voice_agents":${aiVoiceAgents(call)}`;
  return overlaid(`${text}}`, call.overrides);
}

export function commentJson(comment: CommentState, around: Pick<CallSurroundings, 'user' | 'switches'>): string {
  const author = comment.postedBy === null ? undefined : around.user(comment.postedBy);
  return (
    `{"id":${comment.id},"content":${JSON.stringify(comment.content)},"posted_at":${noteTime(comment.postedAt, around.switches)},` +
    `"posted_by":${author === undefined ? 'null' : userJson(author, 'comment', around.switches)}}`
  );
}

/** The tags of a call; those deleted since are gone. */
export function callTagsJson(
  call: CallState,
  around: Pick<CallSurroundings, 'tag' | 'user' | 'switches'>,
  timeKey: string = around.switches.callTagTime,
): string {
  if (call.tags.length === 0) return '[]';
  const rows: string[] = [];
  for (const tagged of call.tags) {
    const tag = around.tag(tagged.id);
    if (tag === undefined) continue;
    const by = tagged.taggedBy === null ? undefined : around.user(tagged.taggedBy);
    rows.push(
      `{"id":${tag.id},"name":${JSON.stringify(tag.name)},"${timeKey}":${noteTime(tagged.createdAt, around.switches)},"tagged_by":${by === undefined ? '{}' : userJson(by, 'number', around.switches)}}`,
    );
  }
  return `[${rows.join(',')}]`;
}

function comments(call: CallState, around: CallSurroundings): string {
  return call.comments.length === 0 ? '[]' : `[${call.comments.map((comment) => commentJson(comment, around)).join(',')}]`;
}

function teams(call: CallState, around: CallSurroundings): string {
  if (call.teamIds.length === 0) return '[]';
  const rows: string[] = [];
  for (const id of call.teamIds) {
    const team = around.team(id);
    if (team !== undefined) rows.push(callTeamJson(team));
  }
  return `[${rows.join(',')}]`;
}

function user(id: number | null, around: CallSurroundings): string {
  const found = id === null ? undefined : around.user(id);
  return found === undefined ? 'null' : userJson(found, 'call', around.switches);
}

/** The web page of the recording or voicemail, as JSON. */
export function assetLink(call: CallState): string {
  if (call.hasRecording) return `"https://assets.aircall.io/calls/${call.id}/recording"`;
  return call.hasVoicemail ? `"https://assets.aircall.io/calls/${call.id}/voicemail"` : 'null';
}

function shortUrl(kind: string, id: number): string {
  return `"https://short.example.test/${kind}/${id.toString(36)}"`;
}

export function participantJson(participant: ParticipantState): string {
  switch (participant.type) {
    case 'user':
      return JSON.stringify({ type: 'user', id: participant.id, name: participant.name });
    case 'contact':
      return JSON.stringify({ type: 'contact', id: participant.id, name: participant.name, phone_number: participant.phoneNumber });
    case 'external':
      return JSON.stringify({ type: 'external', phone_number: participant.phoneNumber });
  }
}

function ivrOptions(call: CallState, switches: SwitchSettings): string {
  return JSON.stringify(
    call.ivrOptions.map(({ id, title, key, branch, at }) => ({
      id: switches.ivrOptionId === 'text' ? String(id) : id,
      title,
      key,
      branch,
      created_at: isoSeconds(at),
      transition_started_at: isoSeconds(at),
      transition_ended_at: isoSeconds(at + 1),
    })),
  );
}

function aiVoiceAgents(call: CallState): string {
  return JSON.stringify(
    call.aiVoiceAgents.map((agent) => ({
      agent_id: agent.agentId,
      agent_name: agent.agentName,
      started_at: agent.startedAt,
      ended_at: agent.endedAt,
      end_reason: agent.endReason,
      escalation_reason: agent.escalationReason,
      escalation_target: agent.escalationTarget,
    })),
  );
}

function missedCallReason(call: CallState, switches: SwitchSettings): string | null {
  const isUnansweredOutbound = call.direction === 'outbound' && call.status === 'done' && call.answeredAt === null;
  return isUnansweredOutbound && switches.outboundMissedReason !== 'null' ? switches.outboundMissedReason : call.missedCallReason;
}

function noteTime(seconds: number, switches: SwitchSettings): string {
  return switches.noteTimes === 'text' ? `"${seconds}"` : String(seconds);
}

function integer(value: number | null): string {
  return value === null ? 'null' : String(value);
}

function quoted(text: string | null): string {
  return text === null ? 'null' : `"${text}"`;
}
