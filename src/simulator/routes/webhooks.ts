// Managing webhooks. Leaving out `events` subscribes to all of them, on creation and on every update.
import { events, limits } from '../../aircall/index.ts';
import { addWebhook, changeWebhook } from '../company/change-directory.ts';
import type { WebhookState } from '../company/state.ts';
import type { Exchange, Handler } from '../http/exchange.ts';
import { emptyAnswer, jsonAnswer } from '../http/message.ts';
import type { ApiResponse } from '../http/message.ts';
import { notFound, refused } from '../http/refusals.ts';
import { findWebhook, plainJson } from './read-directory.ts';
import { textIn } from './text-in.ts';

const allEvents = events.map(({ name }) => name);
const knownEvents = new Set(allEvents);

export const createWebhook: Handler = (exchange) => {
  const { company, body, credential } = exchange;
  if (company.webhooks.count >= limits.webhooks.perCompany) {
    return plainJson(refused(400, `Maximum of ${limits.webhooks.perCompany} webhooks reached`));
  }
  const wanted = wantedEvents(exchange);
  if (wanted === undefined) return plainJson(refused(400, 'Events are invalid'));
  const webhook = addWebhook(company, {
    url: String(body['url']),
    events: wanted.length === 0 ? allEvents : wanted,
    customName: textIn(body, 'custom_name') ?? 'Webhook',
    madeByIntegration: credential === 'oauth',
  });
  return written(exchange, 201, webhook);
};

export const updateWebhook: Handler = (exchange) => {
  const { company, body, query } = exchange;
  const found = findWebhook(exchange);
  if (found === undefined) return plainJson(notFound());
  const wanted = wantedEvents(exchange);
  if (wanted === undefined) return plainJson(refused(400, 'Events are invalid'));
  const webhook =
    changeWebhook(company, found.webhookId, {
      events: eventsAfter(found, wanted, query.text('events_action')),
      ...(typeof body['url'] === 'string' ? { url: body['url'] } : {}),
      ...(typeof body['custom_name'] === 'string' ? { customName: body['custom_name'] } : {}),
      ...(typeof body['active'] === 'boolean' ? { active: body['active'] } : {}),
    }) ?? found;
  return written(exchange, 200, webhook);
};

export const deleteWebhook: Handler = (exchange) => {
  const found = findWebhook(exchange);
  if (found === undefined) return plainJson(notFound());
  exchange.company.webhooks.remove(found.webhookId);
  return emptyAnswer();
};

function eventsAfter(webhook: WebhookState, wanted: readonly string[], action: string | undefined): readonly string[] {
  if (action === 'add') return [...new Set([...webhook.events, ...wanted])];
  if (action === 'remove') return webhook.events.filter((name) => !wanted.includes(name));
  return wanted.length === 0 ? allEvents : wanted;
}

/** The events of the body; undefined when one of them does not exist. */
function wantedEvents({ body }: Exchange): readonly string[] | undefined {
  const names = (body['events'] as readonly string[] | undefined) ?? [];
  return names.every((name) => knownEvents.has(name)) ? names : undefined;
}

function written({ texts }: Exchange, status: number, webhook: WebhookState): ApiResponse {
  return plainJson(jsonAnswer(status, `{"webhook":${texts.webhook(webhook, { legacyId: false })}}`));
}
