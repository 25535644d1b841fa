// Listing, searching and retrieving contacts.
import { drawPage } from '../company/drawn-page.ts';
import type { Ordered, Span } from '../company/drawn-page.ts';
import type { ContactState } from '../company/state.ts';
import type { Exchange } from '../http/exchange.ts';
import { jsonAnswer } from '../http/message.ts';
import type { ApiResponse } from '../http/message.ts';
import { listAnswer, tieSeed } from '../http/pages.ts';
import { notFound } from '../http/refusals.ts';

export function listContacts(exchange: Exchange): ApiResponse {
  return contactPages(exchange, undefined);
}

/** Exact phone numbers and addresses only. Without either, everything is listed. */
export function searchContacts(exchange: Exchange): ApiResponse {
  const { query, company } = exchange;
  const phone = query.text('phone_number');
  const email = query.text('email');
  if (phone === undefined && email === undefined) return listContacts(exchange);
  return contactPages(
    exchange,
    (contact) =>
      company.isSearchable(contact.id) &&
      (phone === undefined || contact.phoneNumbers.some(({ value }) => value === phone)) &&
      (email === undefined || contact.emails.some(({ value }) => value.toLowerCase() === email.toLowerCase())),
  );
}

export function retrieveContact(exchange: Exchange): ApiResponse {
  const contact = findContact(exchange);
  return contact === undefined ? notFound() : jsonAnswer(200, `{"contact":${exchange.texts.contact(contact)}}`);
}

export function findContact({ at, company }: Pick<Exchange, 'at' | 'company'>): ContactState | undefined {
  return company.contacts.get(Number(at['id']));
}

function contactPages(exchange: Exchange, test: ((contact: ContactState) => boolean) | undefined): ApiResponse {
  const { company, texts, query } = exchange;
  const { contacts } = company;
  const descending = query.text('order') === 'desc';
  return listAnswer(exchange, {
    count: () => {
      const { low, high } = select().span;
      return high - low;
    },
    page: (offset, limit) => {
      const { rows, span } = select();
      const page: string[] = [];
      for (const slot of drawPage(rows, span, { offset, limit, descending, seed: tieSeed(exchange) })) {
        const contact = contacts.atSlot(slot);
        if (contact !== undefined) page.push(texts.contact(contact));
      }
      return page;
    },
  });

  /** Whatever the order, `from` and `to` act on `created_at`, both inclusive. */
  function select(): { readonly rows: Ordered; readonly span: Span } {
    const from = query.seconds('from');
    const to = query.seconds('to');
    const isByUpdate = query.text('order_by') === 'updated_at';
    if (test === undefined && (!isByUpdate || (from === undefined && to === undefined))) {
      const rows = isByUpdate ? contacts.byUpdate : contacts.byCreation;
      const low = from === undefined ? 0 : rows.positionOf(from);
      const high = to === undefined ? rows.count : rows.positionOf(to + 1);
      return { rows, span: { low, high: Math.max(low, high) } };
    }
    const order = isByUpdate ? contacts.byUpdate : contacts.byCreation;
    const slots: number[] = [];
    for (let position = 0; position < order.count; position += 1) {
      const slot = order.slotAt(position);
      const contact = contacts.atSlot(slot);
      if (contact === undefined) continue;
      if (from !== undefined && contact.createdAt < from) continue;
      if (to !== undefined && contact.createdAt > to) continue;
      if (test === undefined || test(contact)) slots.push(slot);
    }
    const rows: Ordered = {
      count: slots.length,
      slotAt: (position) => slots[position] ?? 0,
      momentAt: (position) => order.momentOf(slots[position] ?? 0),
    };
    return { rows, span: { low: 0, high: slots.length } };
  }
}
