// Messages: sending them, where those of a number go, and templates. Nothing that was sent can be read back.
import { events } from '../../aircall/index.ts';
import { displayNumber } from '../company/phone-numbers.ts';
import type { MessagingConfiguration } from '../company/side-records.ts';
import type { NumberState } from '../company/state.ts';
import type { Exchange, Handler } from '../http/exchange.ts';
import { emptyAnswer, jsonAnswer } from '../http/message.ts';
import type { ApiResponse } from '../http/message.ts';
import { listAnswer, rowsOf } from '../http/pages.ts';
import { notFound, refused } from '../http/refusals.ts';
import { numberJson } from '../json/number-json.ts';
import { uuid } from '../random.ts';
import { findNumber } from './read-directory.ts';

export const createConfiguration: Handler = (exchange) => {
  const { company, body, switches } = exchange;
  const number = findNumber(exchange);
  if (number === undefined) return notFound();
  const configuration: MessagingConfiguration = {
    token: company.random(51, company.side.nextId()).hex(32),
    callbackUrl: typeof body['callbackUrl'] === 'string' ? body['callbackUrl'] : null,
    type: typeof body['type'] === 'string' ? body['type'] : null,
  };
  company.side.messagingConfigurations.set(number.id, configuration);
  return configurationAnswer(exchange, switches.configurationWriteStatus === 'documented' ? 200 : 201, configuration);
};

export const retrieveConfiguration: Handler = (exchange) => {
  const configuration = exchange.company.side.messagingConfigurations.get(Number(exchange.at['id']));
  return configuration === undefined ? notFound() : configurationAnswer(exchange, 200, configuration);
};

export const deleteConfiguration: Handler = ({ company, at, switches }) => {
  if (!company.side.messagingConfigurations.delete(Number(at['id']))) return notFound();
  return switches.configurationWriteStatus === 'documented' ? emptyAnswer() : jsonAnswer(200, '{}');
};

function configurationAnswer({ switches }: Exchange, status: number, configuration: MessagingConfiguration): ApiResponse {
  const { token, callbackUrl, type } = configuration;
  const text = JSON.stringify({ token, callbackUrl, type });
  return jsonAnswer(status, switches.configurationAnswer === 'bare' ? text : `{"configuration":${text}}`);
}

/** Works only for a number whose messages go elsewhere. */
export const sendMessage: Handler = (exchange) => {
  const number = findNumber(exchange);
  if (number === undefined) return notFound();
  if (!exchange.company.side.messagingConfigurations.has(number.id)) return refused(400, 'The number has no messaging configuration');
  if (exchange.body['body'] === undefined && exchange.body['mediaUrl'] === undefined) return refused(400, 'body or mediaUrl is required');
  return sent(exchange, number, String(exchange.body['to']));
};

export const sendNativeMessage: Handler = (exchange) => {
  const { company, body } = exchange;
  const number = findNumber(exchange);
  if (number === undefined) return notFound();
  if (body['agentId'] !== undefined && company.users.get(Number(body['agentId'])) === undefined)
    return refused(400, 'The user does not exist');
  return sent(exchange, number, String(body['to']));
};

export const sendWhatsapp: Handler = (exchange) => {
  const number = exchange.company.numbers.get(Number(exchange.body['lineId']));
  return number === undefined ? notFound() : sent(exchange, number, String(exchange.body['to']), true);
};

export const sendNativeWhatsapp: Handler = (exchange) => {
  const number = exchange.company.numbers.get(Number(exchange.body['lineId']));
  return number === undefined ? notFound() : sent(exchange, number, String(exchange.body['externalNumber']), true);
};

export const sendGroupMessage: Handler = (exchange) => {
  const { company, body } = exchange;
  if (findNumber(exchange) === undefined) return notFound();
  const random = company.random(53, company.side.nextId());
  const nowMs = company.nowMs();
  const message = {
    group_message_id: uuid(random),
    group_conversation_id: uuid(random),
    participants: body['participants'],
    body: body['body'] ?? null,
    media_url: body['mediaUrl'] ?? [],
    status: 'pending',
    direction: 'outbound',
    created_at: nowMs,
    sent_at: nowMs,
    updated_at: nowMs,
  };
  return announced(exchange, message);
};

/** The answer and the event show the same message. */
function sent(exchange: Exchange, number: NumberState, to: string, isWhatsapp = false): ApiResponse {
  const { company, body, switches } = exchange;
  const id = uuid(company.random(52, company.side.nextId()));
  const nowMs = company.nowMs();
  const at = switches.messageTimes === 'milliseconds' ? nowMs : new Date(nowMs).toISOString();
  const contact = [...company.contacts.all()].find(({ phoneNumbers }) => phoneNumbers.some(({ value }) => value === to));
  const message = {
    id,
    status: 'pending',
    direct_link: `https://api.aircall.io/v1/numbers/${number.id}/messages/${id}`,
    direction: 'outbound',
    raw_digits: displayNumber(to),
    body: body['body'] ?? body['text'] ?? null,
    media_url: body['mediaUrl'] ?? [],
    channel: isWhatsapp ? 'whatsapp' : null,
    created_at: at,
    sent_at: at,
    updated_at: at,
    number: JSON.parse(numberJson(number, switches)) as unknown,
    contact: contact === undefined ? null : (JSON.parse(exchange.texts.contact(contact)) as unknown),
    ...(isWhatsapp ? { type: body['templateParams'] === undefined ? 'text' : 'template', parent_id: null, recipient_country: null } : {}),
  };
  return announced(exchange, message);
}

function announced({ company, endpoint }: Exchange, message: object): ApiResponse {
  company.side.messages.push(message);
  const text = JSON.stringify(message);
  const event = events.find(({ name }) => name === endpoint.event);
  if (event !== undefined) company.events.announce(event.name, text);
  return jsonAnswer(200, text);
}

export const listSmsTemplates: Handler = (exchange) => {
  const search = exchange.query.text('search')?.toLowerCase();
  const rows = exchange.company.side.smsTemplates.filter(
    ({ name, body }) => search === undefined || name.toLowerCase().includes(search) || body.toLowerCase().includes(search),
  );
  return listAnswer(exchange, rowsOf(rows.map((template) => JSON.stringify(template))));
};

/** Turned by tokens instead of page numbers. */
export const listWhatsappTemplates: Handler = (exchange) => {
  const { company, query, switches } = exchange;
  if (findNumber(exchange) === undefined) return notFound();
  const status = query.text('status');
  const category = query.text('category');
  const rows = company.side.whatsappTemplates.filter(
    (template) => (status === undefined || template.status === status) && (category === undefined || template.category === category),
  );
  const limit = query.count('limit', 20) || 20;
  const currentToken = query.text('token') ?? null;
  const start = currentToken === null ? 0 : Number(/^after-(\d+)$/.exec(currentToken)?.[1] ?? rows.length);
  const nextToken = start + limit < rows.length ? `after-${start + limit}` : null;
  return jsonAnswer(
    200,
    JSON.stringify({
      [switches.whatsappTemplatesKey]: rows.slice(start, start + limit),
      pageInfo: { currentToken, nextToken, totalCount: rows.length },
    }),
  );
};

export const whatsappStatus: Handler = (exchange) => {
  if (findNumber(exchange) === undefined) return notFound();
  const status = {
    wabaId: 'waba-1',
    status: 'CONNECTED',
    canSendMessage: true,
    messagingLimitTier: 'TIER_1K',
    qualityRating: 'GREEN',
    businessVerificationStatus: 'verified',
  };
  return jsonAnswer(200, JSON.stringify(status));
};
