// Creating, changing and deleting contacts, their phone numbers and their addresses.
import { limits } from '../../aircall/index.ts';
import type { UnknownRecord } from '../../base/index.ts';
import { addContact, changeContact, changeDetails, removeContact } from '../company/change-contacts.ts';
import type { ContactChange, NewDetail } from '../company/change-contacts.ts';
import type { ContactDetail, ContactState } from '../company/state.ts';
import type { Exchange, Handler } from '../http/exchange.ts';
import { emptyAnswer, jsonAnswer } from '../http/message.ts';
import type { ApiResponse } from '../http/message.ts';
import { notFound, refused } from '../http/refusals.ts';
import { emailDetailJson, phoneDetailJson } from '../json/directory-json.ts';
import { findContact } from './read-contacts.ts';
import { textIn } from './text-in.ts';

export const createContact: Handler = ({ company, texts, body, switches }) => {
  const given = {
    ...namesOf(body),
    phoneNumbers: (body['phone_numbers'] as readonly NewDetail[] | undefined) ?? [],
    emails: (body['emails'] as readonly NewDetail[] | undefined) ?? [],
  };
  const twin = switches.contactDedupe === 'sameContent' ? [...company.contacts.all()].find((contact) => isTwin(contact, given)) : undefined;
  const contact = (twin === undefined ? undefined : changeContact(company, twin.id, {})) ?? addContact(company, given);
  company.contactWritten(contact.id);
  return jsonAnswer(201, `{"contact":${texts.contact(contact)}}`);
};

/** Phone numbers and addresses in the body are ignored; no field can be cleared. */
export const updateContact: Handler = (exchange) => {
  const { company, texts, body } = exchange;
  const found = findContact(exchange);
  if (found === undefined) return notFound();
  const change = namesOf(body);
  const blank = Object.values(change).some((value) => value?.trim() === '');
  if (blank) return refused(400, "Fields can't be blank");
  const contact = changeContact(company, found.id, change) ?? found;
  company.contactWritten(contact.id);
  return jsonAnswer(200, `{"contact":${texts.contact(contact)}}`);
};

export const deleteContact: Handler = ({ company, at }) => {
  return removeContact(company, Number(at['id'])) ? emptyAnswer() : notFound();
};

/** The two kinds of details differ in names alone. */
type Kind = 'phoneNumbers' | 'emails';

export function addDetail(kind: Kind): Handler {
  return (exchange) => {
    const { company, body } = exchange;
    const contact = findContact(exchange);
    if (contact === undefined) return notFound();
    if (contact[kind].length >= limits.contacts[kind]) return refused(400, `A contact can have at most ${limits.contacts[kind]} of these`);
    const detail: ContactDetail = { id: company.contacts.nextDetailId(), label: String(body['label']), value: String(body['value']) };
    return detailAnswer(exchange, 201, detail, changeDetails(company, contact, { [kind]: [...contact[kind], detail] }));
  };
}

export function updateDetail(kind: Kind): Handler {
  return (exchange) => {
    const { company, body } = exchange;
    const found = findDetail(kind, exchange);
    if (found === undefined) return notFound();
    const detail: ContactDetail = {
      id: found.detail.id,
      label: textIn(body, 'label') ?? found.detail.label,
      value: textIn(body, 'value') ?? found.detail.value,
    };
    const details = found.contact[kind].map((known) => (known.id === detail.id ? detail : known));
    return detailAnswer(exchange, 200, detail, changeDetails(company, found.contact, { [kind]: details }));
  };
}

export function deleteDetail(kind: Kind): Handler {
  return (exchange) => {
    const found = findDetail(kind, exchange);
    if (found === undefined) return notFound();
    changeDetails(exchange.company, found.contact, { [kind]: found.contact[kind].filter(({ id }) => id !== found.detail.id) });
    return emptyAnswer();
  };
}

function findDetail(kind: Kind, exchange: Exchange): { readonly contact: ContactState; readonly detail: ContactDetail } | undefined {
  const contact = findContact(exchange);
  const id = Number(exchange.at[kind === 'phoneNumbers' ? 'phone_number_id' : 'email_id']);
  const detail = contact?.[kind].find((known) => known.id === id);
  return contact === undefined || detail === undefined ? undefined : { contact, detail };
}

function detailAnswer(
  { endpoint, company, texts, switches }: Exchange,
  status: number,
  detail: ContactDetail,
  contact: ContactState,
): ApiResponse {
  company.contactWritten(contact.id);
  if (switches.detailAnswer === 'contact') return jsonAnswer(status, `{"contact":${texts.contact(contact)}}`);
  const isPhone = endpoint.path.includes('/phone_details');
  const text = isPhone ? phoneDetailJson(detail, switches) : emailDetailJson(detail);
  return jsonAnswer(status, `{"${isPhone ? 'phone_detail' : 'email_detail'}":${text}}`);
}

function namesOf(body: UnknownRecord): Pick<ContactChange, 'firstName' | 'lastName' | 'companyName' | 'information'> {
  const text = (name: string) => textIn(body, name);
  const names = {
    firstName: text('first_name'),
    lastName: text('last_name'),
    companyName: text('company_name'),
    information: text('information'),
  };
  return Object.fromEntries(Object.entries(names).filter(([, value]) => value !== undefined));
}

function isTwin(contact: ContactState, given: { readonly phoneNumbers: readonly NewDetail[] } & ReturnType<typeof namesOf>): boolean {
  return (
    contact.firstName === (given.firstName ?? null) &&
    contact.lastName === (given.lastName ?? null) &&
    contact.phoneNumbers.length === given.phoneNumbers.length &&
    contact.phoneNumbers.every((phone, place) => phone.value === given.phoneNumbers[place]?.value)
  );
}
