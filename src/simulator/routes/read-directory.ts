// Listing and retrieving the small resources: users, availability, teams, numbers, tags, webhooks, the company.
import type { NumberState, TagState, TeamState, UserState, WebhookState } from '../company/state.ts';
import type { Exchange } from '../http/exchange.ts';
import { jsonAnswer } from '../http/message.ts';
import type { ApiResponse } from '../http/message.ts';
import { listAnswer } from '../http/pages.ts';
import type { Rows } from '../http/pages.ts';
import { notFound } from '../http/refusals.ts';

export function listUsers(version: 'v1' | 'v2'): (exchange: Exchange) => ApiResponse {
  return (exchange) =>
    listAnswer(
      exchange,
      liveRows(
        () => created(exchange, exchange.company.users.list()),
        exchange,
        (user) => exchange.texts.user(user, version),
      ),
    );
}

export function retrieveUser(version: 'v1' | 'v2'): (exchange: Exchange) => ApiResponse {
  return (exchange) => {
    const user = findUser(exchange);
    return user === undefined ? notFound() : jsonAnswer(200, `{"user":${exchange.texts.user(user, version)}}`);
  };
}

export function listAvailabilities(exchange: Exchange): ApiResponse {
  return listAnswer(
    exchange,
    liveRows(
      () => created(exchange, exchange.company.users.list()),
      exchange,
      (user) => exchange.texts.availability(user),
    ),
  );
}

export function retrieveAvailability(exchange: Exchange): ApiResponse {
  const user = findUser(exchange);
  return user === undefined ? notFound() : jsonAnswer(200, JSON.stringify({ availability: user.availability }));
}

export function listUserNumbers(exchange: Exchange): ApiResponse {
  const user = findUser(exchange);
  if (user === undefined) return notFound();
  const { company, texts } = exchange;
  const rows = () =>
    created(
      exchange,
      company.numbers.list().filter((number) => number.userIds.includes(user.id)),
    );
  return listAnswer(
    exchange,
    liveRows(rows, exchange, (number) => texts.userNumber(number)),
  );
}

export function listTeams(exchange: Exchange): ApiResponse {
  return listAnswer(
    exchange,
    liveRows(
      () => exchange.company.teams.list(),
      exchange,
      (team) => exchange.texts.team(team),
    ),
  );
}

export function retrieveTeam(exchange: Exchange): ApiResponse {
  const team = findTeam(exchange);
  return team === undefined ? notFound() : jsonAnswer(200, `{"team":${exchange.texts.team(team)}}`);
}

export function listNumbers(exchange: Exchange): ApiResponse {
  const { company, texts } = exchange;
  return listAnswer(
    exchange,
    liveRows(
      () => created(exchange, company.numbers.list()),
      exchange,
      (number) => texts.number(number, { users: false }),
    ),
  );
}

export function retrieveNumber(exchange: Exchange): ApiResponse {
  const number = findNumber(exchange);
  return number === undefined ? notFound() : jsonAnswer(200, `{"number":${exchange.texts.number(number, { users: true })}}`);
}

export function listTags(exchange: Exchange): ApiResponse {
  return listAnswer(
    exchange,
    liveRows(
      () => exchange.company.tags.list(),
      exchange,
      (tag) => exchange.texts.tag(tag),
    ),
  );
}

export function retrieveTag(exchange: Exchange): ApiResponse {
  const tag = findTag(exchange);
  return tag === undefined ? notFound() : jsonAnswer(200, `{"tag":${exchange.texts.tag(tag)}}`);
}

/** Webhook answers carry no charset. */
export function listWebhooks(exchange: Exchange): ApiResponse {
  const rows = liveRows(
    () => visibleWebhooks(exchange),
    exchange,
    (webhook) => exchange.texts.webhook(webhook, { legacyId: true }),
  );
  return plainJson(listAnswer(exchange, rows));
}

export function retrieveWebhook(exchange: Exchange): ApiResponse {
  const webhook = findWebhook(exchange);
  if (webhook === undefined) return plainJson(notFound());
  return plainJson(jsonAnswer(200, `{"webhook":${exchange.texts.webhook(webhook, { legacyId: true })}}`));
}

export function plainJson(answer: ApiResponse): ApiResponse {
  return answer.body === null ? answer : { ...answer, headers: { ...answer.headers, 'content-type': 'application/json' } };
}

export function retrieveCompany({ texts }: Exchange): ApiResponse {
  return jsonAnswer(200, `{"company":${texts.company()}}`);
}

/** By id, or by e-mail address where the path has an @. */
export function findUser({ at, company }: Pick<Exchange, 'at' | 'company'>, name = 'id'): UserState | undefined {
  const key = at[name] ?? '';
  if (key.includes('@')) return company.users.find((user) => user.email.toLowerCase() === key.toLowerCase());
  return company.users.get(Number(key));
}

export function findTeam({ at, company }: Pick<Exchange, 'at' | 'company'>, name = 'id'): TeamState | undefined {
  return company.teams.get(Number(at[name]));
}

export function findNumber({ at, company }: Pick<Exchange, 'at' | 'company'>): NumberState | undefined {
  return company.numbers.get(Number(at['id']));
}

export function findTag({ at, company }: Pick<Exchange, 'at' | 'company'>): TagState | undefined {
  return company.tags.get(Number(at['id']));
}

/** By UUID or by the old integer id, among those the credential may see. */
export function findWebhook(exchange: Exchange): WebhookState | undefined {
  const key = exchange.at['webhook_id'] ?? '';
  return visibleWebhooks(exchange).find((webhook) => webhook.webhookId === key || String(webhook.id) === key);
}

/** An OAuth integration sees its own; a Basic key sees all others. */
function visibleWebhooks({ company, credential }: Exchange): WebhookState[] {
  return company.webhooks.list().filter((webhook) => webhook.madeByIntegration === (credential === 'oauth'));
}

/** `from` and `to` on the creation date. */
function created<T extends { readonly createdAt: number }>({ query, switches }: Exchange, rows: readonly T[]): readonly T[] {
  const after = switches.creationTimeFilter === 'inclusive' ? 0 : 1;
  const from = (query.seconds('from') ?? Number.NEGATIVE_INFINITY) + after;
  const to = query.seconds('to') ?? Number.POSITIVE_INFINITY;
  return rows.filter((row) => row.createdAt >= from && row.createdAt <= to);
}

/** Rows in the order asked for, read anew for the count and for the page. */
function liveRows<T>(read: () => readonly T[], { query }: Exchange, write: (row: T) => string): Rows {
  const ordered = () => (query.text('order') === 'desc' ? [...read()].reverse() : read());
  return {
    count: () => read().length,
    page: (offset, limit) =>
      ordered()
        .slice(offset, offset + limit)
        .map(write),
  };
}
