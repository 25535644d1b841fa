// Reading what the AI made of a call: 404 when it made nothing, or has not yet.
import type { Exchange, Handler } from '../http/exchange.ts';
import { bodyText, jsonAnswer } from '../http/message.ts';
import { notFound, refusedByState } from '../http/refusals.ts';
import { insightOf } from '../json/conversation-json.ts';
import type { InsightName } from '../json/conversation-json.ts';
import { findCall } from './read-calls.ts';

export function retrieveInsight(name: InsightName | ((exchange: Exchange) => InsightName)): Handler {
  return (exchange) => {
    const { company, endpoint } = exchange;
    const call = findCall(exchange);
    const wanted = typeof name === 'string' ? name : name(exchange);
    const insight = call === undefined ? undefined : insightOf(wanted, call, company);
    if (call === undefined) return notFound();
    if (insight === undefined) return refusedByState(404, 'Not generated for this call');
    const text = JSON.stringify(insight);
    return jsonAnswer(200, endpoint.answer.envelope === 'one' ? `{"${endpoint.answer.key}":${text}}` : text);
  };
}

export const retrieveTranscription = retrieveInsight(({ query }) => (query.text('mode') === 'realtime' ? 'realtime' : 'transcription'));

/** The playbook itself comes only when asked for. */
export const retrievePlaybookResult: Handler = (exchange) => {
  const answer = retrieveInsight('playbook')(exchange);
  if (answer.status !== 200 || exchange.query.flag('fetch_playbook', exchange.switches.falseFlag)) return answer;
  const { playbook: _, ...result } = JSON.parse(bodyText(answer)) as Record<string, unknown>;
  return { ...answer, body: JSON.stringify(result) };
};
