// What can be done to a call: transfers, comments, tags, the archive, recordings, insight cards.
import { limits } from '../../aircall/index.ts';
import { addComment, tagCall, tell } from '../company/change-calls.ts';
import type { CallState } from '../company/state.ts';
import type { Exchange, Handler } from '../http/exchange.ts';
import { emptyAnswer, jsonAnswer } from '../http/message.ts';
import type { ApiResponse } from '../http/message.ts';
import { notFound, refused, refusedByState } from '../http/refusals.ts';
import { callTagsJson, commentJson, noFlags } from '../json/call-json.ts';
import { findCall } from './read-calls.ts';
import { withoutEmojis } from './without-emojis.ts';

/** Wraps a handler that needs the call of the path. */
function withCall(run: (call: CallState, exchange: Exchange) => ApiResponse): Handler {
  return (exchange) => {
    const call = findCall(exchange);
    return call === undefined ? notFound() : run(call, exchange);
  };
}

export const transferCall = withCall((call, { company, body }) => {
  if (call.status === 'done') return refused(400, 'The call has already ended');
  if (typeof body['number'] === 'string') {
    if (call.direction === 'outbound' || call.status !== 'initial') {
      return refused(400, 'Only inbound calls that are not answered yet can be transferred to an external number');
    }
    tell(company, 'call.external_transferred', call, {
      external_transferred_to: body['number'],
      external_caller_number: call.externalNumber,
    });
    return emptyAnswer();
  }
  const target = transferTarget(company, body);
  if (target === undefined) return notFound();
  tell(company, 'call.transferred', { ...call, transferredBy: call.userId, transferredTo: target });
  return emptyAnswer();
});

/** The user, or the first user of the team; null for an empty team. */
function transferTarget(company: Exchange['company'], body: Exchange['body']): number | null | undefined {
  if (body['user_id'] !== undefined) return company.users.get(Number(body['user_id']))?.id;
  const team = company.teams.get(Number(body['team_id']));
  return team === undefined ? undefined : (team.userIds[0] ?? null);
}

export const commentOnCall = withCall((call, exchange) => {
  const { company, texts, body, switches } = exchange;
  if (call.comments.length >= limits.calls.comments) {
    return refused(400, `Maximum of ${limits.calls.comments} notes can be added to a Call.`);
  }
  const content = withoutEmojis(String(body['content']));
  const comment = addComment(company, call, content, null);
  if (switches.commentAnswer === 'empty') return emptyAnswer(201);
  if (switches.commentAnswer === 'comment') return jsonAnswer(201, `{"comment":${commentJson(comment, texts.around())}}`);
  return jsonAnswer(201, `{"call":${currentText(call, exchange)}}`);
});

export const addTagsToCall = withCall((call, exchange) => {
  const { company, texts, body, switches } = exchange;
  const ids = (body['tags'] as readonly (number | string)[]).map(Number);
  const unknown = ids.find((id) => company.tags.get(id) === undefined);
  if (unknown !== undefined) return refused(400, `Tag ${unknown} does not exist`);
  const tagged = tagCall(company, call, ids, null);
  if (switches.tagCallAnswer === 'empty') return emptyAnswer(201);
  if (switches.tagCallAnswer === 'tags') return jsonAnswer(201, `{"tags":${callTagsJson(tagged, texts.around())}}`);
  return jsonAnswer(201, `{"call":${currentText(call, exchange)}}`);
});

export const archiveCall = withCall((call, exchange) => {
  if (!call.archived) tell(exchange.company, 'call.archived', { ...call, archived: true });
  return jsonAnswer(200, `{"call":${currentText(call, exchange)}}`);
});

/** No event tells of it. */
export const unarchiveCall = withCall((call, exchange) => {
  if (call.archived) exchange.company.calls.put({ ...call, archived: false });
  return jsonAnswer(200, `{"call":${currentText(call, exchange)}}`);
});

/** Takes everything with it that was made of the recording. */
export const deleteRecording = withCall((call, { company, switches }) => {
  if (call.hasRecording) {
    company.calls.put({ ...call, hasRecording: false });
    company.side.erasedInsights.add(call.id);
  }
  return deleted(switches.deleteRecordingStatus);
});

export const deleteVoicemail = withCall((call, { company, switches }) => {
  if (call.hasVoicemail) {
    company.calls.put({ ...call, hasVoicemail: false });
    company.side.erasedInsights.add(call.id);
  }
  return deleted(switches.deleteRecordingStatus);
});

function deleted(status: 'status204' | 'status200'): ApiResponse {
  return status === 'status204' ? emptyAnswer() : jsonAnswer(200, '{}');
}

/** Pausing and resuming differ in nothing that could be seen from outside. */
export const steerRecording = withCall((call, { company }) => {
  if (call.status === 'done') return refused(400, 'The call has already ended');
  const number = call.numberId === null ? undefined : company.numbers.get(call.numberId);
  return number?.recordsCalls === true ? emptyAnswer() : refusedByState(405, 'Recording is disabled on this number');
});

export const pushInsightCard = withCall((call, { company, request, body, switches }) => {
  if (call.status === 'done') return refused(400, 'The call has already ended');
  if (Buffer.byteLength(request.body) >= limits.calls.insightCardBytes) return refused(400, 'The payload is too large');
  const cards = company.side.insightCards.get(call.id) ?? [];
  company.side.insightCards.set(call.id, [...cards, body['contents']]);
  return switches.insightCardStatus === 'status204' ? emptyAnswer() : jsonAnswer(201, '{}');
});

function currentText(call: CallState, { company, texts }: Exchange): string {
  return texts.call(company.calls.get(call.id) ?? call, noFlags);
}
