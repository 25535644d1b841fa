// Adding, changing and removing contacts, with the events that tell of it.
import { contactEventJson } from '../json/event-json.ts';
import type { Company } from './company.ts';
import type { ContactDetail, ContactState } from './state.ts';

export type NewDetail = { readonly label: string; readonly value: string };

/** What a new contact is made of; what is left out is null or empty. */
export type NewContact = {
  readonly createdAt?: number | undefined;
  readonly updatedAt?: number | undefined;
  readonly firstName?: string | null | undefined;
  readonly lastName?: string | null | undefined;
  readonly information?: string | null | undefined;
  readonly companyName?: string | null | undefined;
  readonly phoneNumbers?: readonly NewDetail[] | undefined;
  readonly emails?: readonly NewDetail[] | undefined;
  readonly overrides?: ContactState['overrides'];
};

export type ContactChange = Partial<Omit<ContactState, 'id' | 'createdAt'>>;

export function addContact(company: Company, given: NewContact): ContactState {
  const { contacts } = company;
  const createdAt = given.createdAt ?? company.now();
  const detail = ({ label, value }: NewDetail): ContactDetail => ({ id: contacts.nextDetailId(), label, value });
  const contact: ContactState = {
    id: contacts.nextId(),
    createdAt,
    updatedAt: given.updatedAt ?? createdAt,
    firstName: given.firstName ?? null,
    lastName: given.lastName ?? null,
    information: given.information ?? null,
    companyName: given.companyName ?? null,
    phoneNumbers: (given.phoneNumbers ?? []).map(detail),
    emails: (given.emails ?? []).map(detail),
    ...(given.overrides === undefined ? {} : { overrides: given.overrides }),
  };
  contacts.put(contact);
  company.events.announce('contact.created', contactEventJson(contact, company.switches));
  return contact;
}

/** Moves `updated_at` to now unless the change says otherwise. Undefined when there is no such contact. */
export function changeContact(company: Company, id: number, change: ContactChange): ContactState | undefined {
  const before = company.contacts.get(id);
  if (before === undefined) return undefined;
  const contact: ContactState = { ...before, updatedAt: Math.max(before.updatedAt, company.now()), ...change };
  company.contacts.put(contact);
  company.events.announce('contact.updated', contactEventJson(contact, company.switches));
  return contact;
}

/** Changes a phone number or an address, which may or may not count as a change of the contact. */
export function changeDetails(
  company: Company,
  before: ContactState,
  change: Pick<ContactChange, 'phoneNumbers' | 'emails'>,
): ContactState {
  const { detailEditsTouchUpdatedAt, detailEditsEvent } = company.switches;
  const updatedAt = detailEditsTouchUpdatedAt === 'yes' ? Math.max(before.updatedAt, company.now()) : before.updatedAt;
  const contact: ContactState = { ...before, ...change, updatedAt };
  company.contacts.put(contact);
  if (detailEditsEvent === 'yes') company.events.announce('contact.updated', contactEventJson(contact, company.switches));
  return contact;
}

/** Whether there was such a contact. */
export function removeContact(company: Company, id: number): boolean {
  const contact = company.contacts.get(id);
  if (contact === undefined) return false;
  company.contacts.remove(id);
  const emptied = { ...contact, phoneNumbers: [], emails: [], updatedAt: company.now() };
  company.events.announce('contact.deleted', contactEventJson(emptied, company.switches));
  return true;
}
