// Listing, searching and retrieving calls.
import { drawPage } from '../company/drawn-page.ts';
import type { Ordered, Span } from '../company/drawn-page.ts';
import type { CallState } from '../company/state.ts';
import type { CallFlags } from '../json/call-json.ts';
import type { Exchange } from '../http/exchange.ts';
import { jsonAnswer } from '../http/message.ts';
import type { ApiResponse } from '../http/message.ts';
import { listAnswer, tieSeed } from '../http/pages.ts';
import { notFound } from '../http/refusals.ts';

export function listCalls(exchange: Exchange): ApiResponse {
  const { company } = exchange;
  return callPages(exchange, () => ({ rows: company.calls.index, span: periodSpan(exchange, company.calls.index) }));
}

export function searchCalls(exchange: Exchange): ApiResponse {
  const matches = matcherOf(exchange);
  if (matches === null) return listCalls(exchange);
  return callPages(exchange, () => {
    const rows = matchingCalls(exchange, matches);
    return { rows, span: { low: 0, high: rows.count } };
  });
}

export function retrieveCall(exchange: Exchange): ApiResponse {
  const call = findCall(exchange);
  if (call === undefined) return notFound();
  return jsonAnswer(200, `{"call":${exchange.texts.call(call, flagsOf(exchange))}}`);
}

/** The call a path names, as long as it is young enough to be served. */
export function findCall({ at, company }: Pick<Exchange, 'at' | 'company'>): CallState | undefined {
  const call = company.calls.get(Number(at['id']));
  return call === undefined || call.startedAt < company.horizon() ? undefined : call;
}

function flagsOf({ query, switches }: Pick<Exchange, 'query' | 'switches'>): CallFlags {
  const isOn = (name: string) => query.flag(name, switches.falseFlag);
  return {
    contact: isOn('fetch_contact'),
    shortUrls: isOn('fetch_short_urls'),
    timeline: isOn('fetch_call_timeline'),
    aiVoice: isOn('fetch_aiva_conv'),
  };
}

function callPages(exchange: Exchange, select: () => { readonly rows: Ordered; readonly span: Span }): ApiResponse {
  const { company, texts, query } = exchange;
  const flags = flagsOf(exchange);
  const descending = query.text('order') === 'desc';
  return listAnswer(exchange, {
    count: () => {
      const { low, high } = select().span;
      return high - low;
    },
    page: (offset, limit) => {
      const { rows, span } = select();
      return drawPage(rows, span, { offset, limit, descending, seed: tieSeed(exchange) }).map((slot) =>
        texts.call(company.calls.atSlot(slot), flags),
      );
    },
  });
}

/** `from` is exclusive, `to` inclusive, and nothing older than the horizon is served. */
function periodSpan({ query, company }: Exchange, rows: { positionOf(moment: number): number; readonly count: number }): Span {
  const from = query.seconds('from');
  const to = query.seconds('to');
  const low = rows.positionOf(Math.max(company.horizon(), from === undefined ? 0 : from + 1));
  const high = to === undefined ? rows.count : rows.positionOf(to + 1);
  return { low, high: Math.max(low, high) };
}

type Matcher = { readonly key: string; readonly test: (call: CallState) => boolean };

/** What the search asks for beside the period, or null when nothing. Unknown values of `direction` count as not sent. */
function matcherOf({ query, company }: Exchange): Matcher | null {
  const tests: ((call: CallState) => boolean)[] = [];
  const direction = query.text('direction');
  if (direction === 'inbound' || direction === 'outbound') tests.push((call) => call.direction === direction);
  const userId = query.seconds('user_id');
  if (userId !== undefined) tests.push((call) => call.userId === userId);
  const phone = query.text('phone_number');
  if (phone !== undefined && phone !== '') tests.push((call) => call.externalNumber === phone || ownNumber(call) === phone);
  const tags = query.all('tags[]');
  if (tags.length > 0)
    tests.push((call) => tags.every((id) => call.tags.some((tag) => String(tag.id) === id && company.tags.get(tag.id) !== undefined)));
  if (tests.length === 0) return null;
  return { key: JSON.stringify([direction, userId, phone, tags]), test: (call) => tests.every((test) => test(call)) };

  // A transferred call is found under the number it was transferred to, and no other.
  function ownNumber(call: CallState): string | undefined {
    const target = call.transferredTo === null ? undefined : company.users.get(call.transferredTo);
    const id = call.transferredTo === null ? call.numberId : (target?.defaultNumberId ?? null);
    return id === null ? undefined : company.numbers.get(id)?.e164;
  }
}

type Found = Ordered & { readonly key: string; readonly version: number };
const lastFound = new WeakMap<object, Found>();

/** The matching calls of the period. Pages of one search reuse them until a call changes. */
function matchingCalls(exchange: Exchange, { key, test }: Matcher): Ordered {
  const { calls } = exchange.company;
  const { low, high } = periodSpan(exchange, calls.index);
  const searchKey = `${low} ${high} ${key}`;
  const known = lastFound.get(calls);
  if (known !== undefined && known.key === searchKey && known.version === calls.version) return known;
  const slots: number[] = [];
  for (let position = low; position < high; position += 1) {
    const slot = calls.index.slotAt(position);
    if (test(calls.atSlot(slot))) slots.push(slot);
  }
  const found: Found = {
    key: searchKey,
    version: calls.version,
    count: slots.length,
    slotAt: (position) => slots[position] ?? 0,
    momentAt: (position) => calls.index.momentOf(slots[position] ?? 0),
  };
  lastFound.set(calls, found);
  return found;
}
