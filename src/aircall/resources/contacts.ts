// Contacts: the shared address book. Private contacts and those of a connected CRM are not in the API.
import { endpoint } from '../endpoint.ts';
import type { Parameters, TimeFilter } from '../endpoint.ts';
import { entity, field } from '../field.ts';
import type { EntityOf, Named } from '../field.ts';
import { limits } from '../limits.ts';
import { orderParameter, pageParameters, pages, periodParameters } from './lists.ts';

const phoneDetailFields = {
  id: field.id('Identifies the phone number within the contact.'),
  label: field.text('What kind of phone number it is, such as Work.', { class: 'freetext' }),
  value: field.text('The phone number in E.164 form.', { class: 'phone' }),
} as const;

const emailDetailFields = {
  id: field.id('Identifies the e-mail address within the contact.'),
  label: field.text('What kind of e-mail address it is, such as Office.', { class: 'freetext' }),
  value: field.text('The e-mail address.', { class: 'email' }),
} as const;

export const contactFields = {
  id: field.id('Identifies the contact.'),
  created_at: field.moment('seconds', 'When the contact was created.'),
  updated_at: field.moment('seconds', 'When the contact last changed.'),
  first_name: field.text('First name.', { nullable: true, class: 'person' }),
  last_name: field.text('Last name.', { nullable: true, class: 'person' }),
  information: field.text('Free text; the usual place for an id of another system.', { nullable: true, class: 'freetext' }),
  company_name: field.text('Company of the contact.', { nullable: true, class: 'person' }),
  is_shared: field.boolean('Whether everyone in the company sees the contact; always true in the API.'),
  direct_link: field.text('Address of the contact in the API.', { form: 'api-link' }),
  phone_numbers: field.list('Phone numbers.', field.object('A phone number.', phoneDetailFields)),
  emails: field.list('E-mail addresses.', field.object('An e-mail address.', emailDetailFields)),
} as const;

const described = entity({
  name: 'contact',
  meaning: 'A person or company outside, shared by everyone in the company.',
  key: 'id',
  fields: contactFields,
});
/** Named, so that declarations refer to it instead of repeating it. */
export interface ContactEntity extends Named<typeof described> {}
export const contact: ContactEntity = described;
export type Contact = EntityOf<typeof contact>;

const phoneDetail = entity({
  name: 'phone_detail',
  meaning: 'A phone number of a contact.',
  key: 'id',
  fields: phoneDetailFields,
});
export type PhoneDetail = EntityOf<typeof phoneDetail>;

const emailDetail = entity({
  name: 'email_detail',
  meaning: 'An e-mail address of a contact.',
  key: 'id',
  fields: emailDetailFields,
});
export type EmailDetail = EntityOf<typeof emailDetail>;

const byId = { id: { type: 'id', required: true, names: 'contact', meaning: 'The contact.' } } as const satisfies Parameters;
const byPhoneNumber = {
  ...byId,
  phone_number_id: { type: 'id', required: true, names: 'phone_detail', meaning: 'The phone number in it.' },
} as const;
const byEmail = { ...byId, email_id: { type: 'id', required: true, names: 'email_detail', meaning: 'The e-mail address in it.' } } as const;

const listQuery = {
  ...pageParameters,
  ...orderParameter,
  order_by: {
    type: 'text',
    values: ['created_at', 'updated_at'],
    default: 'created_at',
    meaning: 'What `order` sorts by. Changes nothing about `from` and `to`.',
  },
  ...periodParameters,
} as const satisfies Parameters;

const createdBetween = { field: 'created_at', from: 'inclusive', to: 'inclusive' } as const satisfies TimeFilter;

const metaFirstPages = { ...pages, metaFirst: true } as const;

const names = {
  first_name: { type: 'text', class: 'person', meaning: 'First name.' },
  last_name: { type: 'text', class: 'person', meaning: 'Last name.' },
  company_name: { type: 'text', class: 'person', meaning: 'Company of the contact.' },
  information: { type: 'text', class: 'freetext', meaning: 'Free text.' },
} as const satisfies Parameters;

const label = { type: 'text', class: 'freetext', meaning: 'What kind it is, such as Work.' } as const;
const phoneValue = { type: 'text', format: 'e164', class: 'phone', meaning: 'The phone number.' } as const;
const emailValue = { type: 'text', format: 'email', class: 'email', meaning: 'The e-mail address.' } as const;

const newPhoneDetail = { label: { ...label, required: true }, value: { ...phoneValue, required: true } } as const satisfies Parameters;
const newEmailDetail = { label: { ...label, required: true }, value: { ...emailValue, required: true } } as const satisfies Parameters;

const wholeContact = 'May answer with the whole contact under `contact` instead.';

export const contacts = {
  list: endpoint({
    id: 'contacts.list',
    title: 'List contacts',
    area: 'contacts',
    method: 'GET',
    path: '/v1/contacts',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'list contacts', past: 'listed {rows} contacts' } },
    core: true,
    query: listQuery,
    answer: { envelope: 'list', key: 'contacts', of: contact },
    status: 200,
    pagination: metaFirstPages,
    timeFilter: createdBetween,
    quirks: [
      'Nothing filters by the time of the last change: walk order_by=updated_at, newest first, down to what is known.',
      'A deleted contact vanishes without a trace.',
      'A new company starts with two contacts of Aircall’s own.',
    ],
  }),
  retrieve: endpoint({
    id: 'contacts.retrieve',
    title: 'Retrieve a contact',
    area: 'contacts',
    method: 'GET',
    path: '/v1/contacts/:id',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'read contact {id}', past: 'read contact {id}' } },
    core: true,
    at: byId,
    answer: { envelope: 'one', key: 'contact', of: contact },
    status: 200,
  }),
  search: endpoint({
    id: 'contacts.search',
    title: 'Search contacts',
    area: 'contacts',
    method: 'GET',
    path: '/v1/contacts/search',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'search contacts', past: 'searched contacts and found {rows} contacts' } },
    query: {
      ...listQuery,
      phone_number: { type: 'text', class: 'phone', meaning: 'A phone number of the contact, exactly.' },
      email: { type: 'text', class: 'email', meaning: 'An e-mail address of the contact, exactly.' },
    },
    answer: { envelope: 'list', key: 'contacts', of: contact },
    status: 200,
    pagination: metaFirstPages,
    timeFilter: createdBetween,
    quirks: [
      'Without a criterion, or with a misspelt one, it lists every contact.',
      'Finds neither names nor parts of a value.',
      'Lags behind writes.',
    ],
  }),
  create: endpoint({
    id: 'contacts.create',
    title: 'Create a contact',
    area: 'contacts',
    method: 'POST',
    path: '/v1/contacts',
    effect: 'add',
    agents: { kind: 'resource', deed: { present: 'create a contact', past: 'created a contact' } },
    core: true,
    body: {
      phone_numbers: {
        type: 'object[]',
        required: true,
        maximumItems: limits.contacts.phoneNumbers,
        fields: newPhoneDetail,
        meaning: 'Phone numbers.',
      },
      emails: { type: 'object[]', maximumItems: limits.contacts.emails, fields: newEmailDetail, meaning: 'E-mail addresses.' },
      ...names,
    },
    answer: { envelope: 'one', key: 'contact', of: contact },
    status: 201,
    refusals: [{ status: 400, when: 'More than 20 phone numbers or more than 20 e-mail addresses.' }],
    event: 'contact.created',
    quirks: ['Sent twice it makes two contacts, by the documentation; a repeat has been seen to return the first one.'],
  }),
  update: endpoint({
    id: 'contacts.update',
    title: 'Update a contact',
    area: 'contacts',
    method: 'POST',
    path: '/v1/contacts/:id',
    effect: 'change',
    agents: { kind: 'resource', deed: { present: 'update contact {id}', past: 'updated contact {id}' } },
    core: true,
    at: byId,
    body: names,
    answer: { envelope: 'one', key: 'contact', of: contact },
    status: 200,
    refusals: [{ status: 400, when: 'A field is blank: fields cannot be cleared.' }],
    event: 'contact.updated',
    quirks: ['POST, unlike every other update.', 'Phone numbers and e-mail addresses in the body are ignored.'],
  }),
  delete: endpoint({
    id: 'contacts.delete',
    title: 'Delete a contact',
    area: 'contacts',
    method: 'DELETE',
    path: '/v1/contacts/:id',
    effect: 'delete',
    agents: { kind: 'resource', deed: { present: 'delete contact {id}', past: 'deleted contact {id}' } },
    core: true,
    destructive: true,
    at: byId,
    answer: { envelope: 'none' },
    status: 204,
    event: 'contact.deleted',
  }),
  addPhoneNumber: endpoint({
    id: 'contacts.addPhoneNumber',
    title: 'Add a phone number to a contact',
    area: 'contacts',
    method: 'POST',
    path: '/v1/contacts/:id/phone_details',
    effect: 'add',
    agents: { kind: 'resource', deed: { present: 'add a phone number to contact {id}', past: 'added a phone number to contact {id}' } },
    at: byId,
    body: newPhoneDetail,
    answer: { envelope: 'one', key: 'phone_detail', of: phoneDetail },
    answerUnconfirmed: true,
    status: 201,
    statusUnconfirmed: true,
    event: 'contact.updated',
    quirks: [wholeContact],
  }),
  updatePhoneNumber: endpoint({
    id: 'contacts.updatePhoneNumber',
    title: 'Update a phone number of a contact',
    area: 'contacts',
    method: 'PUT',
    path: '/v1/contacts/:id/phone_details/:phone_number_id',
    effect: 'change',
    agents: {
      kind: 'resource',
      deed: {
        present: 'update phone number {phone_number_id} of contact {id}',
        past: 'updated phone number {phone_number_id} of contact {id}',
      },
    },
    at: byPhoneNumber,
    body: { label, value: phoneValue },
    answer: { envelope: 'one', key: 'phone_detail', of: phoneDetail },
    answerUnconfirmed: true,
    status: 200,
    statusUnconfirmed: true,
    event: 'contact.updated',
    quirks: [wholeContact],
  }),
  deletePhoneNumber: endpoint({
    id: 'contacts.deletePhoneNumber',
    title: 'Delete a phone number of a contact',
    area: 'contacts',
    method: 'DELETE',
    path: '/v1/contacts/:id/phone_details/:phone_number_id',
    effect: 'delete',
    agents: {
      kind: 'resource',
      deed: {
        present: 'delete phone number {phone_number_id} of contact {id}',
        past: 'deleted phone number {phone_number_id} of contact {id}',
      },
    },
    destructive: true,
    at: byPhoneNumber,
    answer: { envelope: 'none' },
    status: 204,
    event: 'contact.updated',
  }),
  addEmail: endpoint({
    id: 'contacts.addEmail',
    title: 'Add an e-mail address to a contact',
    area: 'contacts',
    method: 'POST',
    path: '/v1/contacts/:id/email_details',
    effect: 'add',
    agents: {
      kind: 'resource',
      deed: { present: 'add an e-mail address to contact {id}', past: 'added an e-mail address to contact {id}' },
    },
    at: byId,
    body: newEmailDetail,
    answer: { envelope: 'one', key: 'email_detail', of: emailDetail },
    answerUnconfirmed: true,
    status: 201,
    statusUnconfirmed: true,
    event: 'contact.updated',
    quirks: [wholeContact],
  }),
  updateEmail: endpoint({
    id: 'contacts.updateEmail',
    title: 'Update an e-mail address of a contact',
    area: 'contacts',
    method: 'PUT',
    path: '/v1/contacts/:id/email_details/:email_id',
    effect: 'change',
    agents: {
      kind: 'resource',
      deed: { present: 'update e-mail address {email_id} of contact {id}', past: 'updated e-mail address {email_id} of contact {id}' },
    },
    at: byEmail,
    body: { label, value: emailValue },
    answer: { envelope: 'one', key: 'email_detail', of: emailDetail },
    answerUnconfirmed: true,
    status: 200,
    statusUnconfirmed: true,
    event: 'contact.updated',
    quirks: [wholeContact],
  }),
  deleteEmail: endpoint({
    id: 'contacts.deleteEmail',
    title: 'Delete an e-mail address of a contact',
    area: 'contacts',
    method: 'DELETE',
    path: '/v1/contacts/:id/email_details/:email_id',
    effect: 'delete',
    agents: {
      kind: 'resource',
      deed: { present: 'delete e-mail address {email_id} of contact {id}', past: 'deleted e-mail address {email_id} of contact {id}' },
    },
    destructive: true,
    at: byEmail,
    answer: { envelope: 'none' },
    status: 204,
    event: 'contact.updated',
  }),
} as const;
