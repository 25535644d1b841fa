// Messages: SMS, MMS and WhatsApp. They can be sent but not read back: what was said is known from events alone.
import { endpoint } from '../endpoint.ts';
import type { Parameters } from '../endpoint.ts';
import { allOptional, entity, field } from '../field.ts';
import type { EntityOf, Named } from '../field.ts';
import { limits } from '../limits.ts';
import { contactFields } from './contacts.ts';
import { pageParameters, pages } from './lists.ts';
import { numberInMessage } from './number-fields.ts';

const messageStatuses = ['pending', 'sent', 'delivered', 'failed', 'received'] as const;

const mediaUrls = field.list('Links to what was attached.', field.text('A link.', { class: 'media' }), { optional: true, nullable: true });

const messageFields = {
  id: field.text('Identifies the message.', { form: 'token' }),
  status: field.text('How far the message is.', { values: messageStatuses }),
  direct_link: field.text('Address of the message in the API.', { optional: true, form: 'api-link' }),
  direction: field.text('Who wrote to whom, seen from the company.', { values: ['inbound', 'outbound'] }),
  raw_digits: field.text('The other party.', { optional: true, class: 'phone' }),
  body: field.text('What it says.', { nullable: true, class: 'freetext' }),
  media_url: mediaUrls,
  channel: field.text('Null for SMS and MMS.', { optional: true, nullable: true, values: ['whatsapp'] }),
  created_at: field.moment('any', 'When it was made.', { optional: true }),
  sent_at: field.moment('any', 'When it was sent.', { optional: true, nullable: true }),
  updated_at: field.moment('any', 'When it last changed.', { optional: true, nullable: true }),
  number: field.object('The number it was sent from or to.', allOptional(numberInMessage), { optional: true, embeds: 'number' }),
  contact: field.object('The contact of the other party, when known.', allOptional(contactFields), {
    optional: true,
    nullable: true,
    embeds: 'contact',
  }),
} as const;

/** What only WhatsApp messages have. */
const whatsappFields = {
  template_content: field.json('What the template became.', { optional: true, class: 'freetext' }),
  type: field.text('What kind of content.', { optional: true, nullable: true, form: 'token' }),
  metadata: field.json('What WhatsApp adds.', { optional: true, class: 'freetext' }),
  parent_id: field.text('The message it answers.', { optional: true, nullable: true, form: 'token' }),
  recipient_country: field.text('Country of the other party.', { optional: true, nullable: true, form: 'country' }),
  whatsapp_message_category: field.text('What it is for.', {
    optional: true,
    nullable: true,
    values: ['marketing', 'utility', 'authentication'],
  }),
  whatsapp_message_type: field.text('How it is billed. The misspelling is Aircall’s.', {
    optional: true,
    nullable: true,
    values: ['regular', 'free_entry_point', 'free_customer_serivce'],
  }),
} as const;

/** What messages have only in webhook events. */
export const messageEventFields = {
  external_number: field.text('The other party in display form.', { optional: true, class: 'phone' }),
  media_details: field.list(
    'What was attached.',
    field.object('A file.', {
      file_name: field.text('The name of the file.', { optional: true, nullable: true, class: 'freetext' }),
      file_type: field.text('The type of the file.', { optional: true, nullable: true, class: 'freetext' }),
      presigned_url: field.text('Signed link to the file.', { optional: true, nullable: true, class: 'media' }),
    }),
    { optional: true, nullable: true },
  ),
} as const;

const described = entity({
  name: 'message',
  meaning: 'A text message.',
  key: 'id',
  fields: { ...messageFields, ...whatsappFields },
});
/** Named, so that declarations refer to it instead of repeating it. */
export interface MessageEntity extends Named<typeof described> {}
export const message: MessageEntity = described;
export type Message = EntityOf<typeof message>;

export const groupMessage = entity({
  name: 'group_message',
  meaning: 'A text message to several people.',
  key: 'group_message_id',
  fields: {
    group_message_id: field.text('Identifies the message.', { form: 'token' }),
    group_conversation_id: field.text('The conversation it belongs to.', { form: 'token' }),
    participants: field.list('Who takes part.', field.text('A phone number.', { class: 'phone' })),
    body: field.text('What it says.', { nullable: true, class: 'freetext' }),
    media_url: mediaUrls,
    status: field.text('How far the message is.', { values: messageStatuses }),
    direction: field.text('Who wrote to whom, seen from the company.', { values: ['inbound', 'outbound'] }),
    created_at: field.moment('milliseconds', 'When it was made.', { optional: true }),
    sent_at: field.moment('milliseconds', 'When it was sent.', { optional: true, nullable: true }),
    updated_at: field.moment('milliseconds', 'When it last changed.', { optional: true, nullable: true }),
  },
});
export type GroupMessage = EntityOf<typeof groupMessage>;

const messagingConfiguration = entity({
  name: 'messaging_configuration',
  meaning: 'Sends the messages of a number to an address instead of the users’ inbox.',
  fields: {
    token: field.text('Repeated in every callback to prove its origin.', { optional: true, class: 'secret' }),
    callbackUrl: field.text('Where messages go.', { optional: true, nullable: true, unconfirmed: true, class: 'freetext' }),
    type: field.text('What kind of configuration.', { optional: true, nullable: true, unconfirmed: true, form: 'token' }),
  },
});
export type MessagingConfiguration = EntityOf<typeof messagingConfiguration>;

const smsTemplate = entity({
  name: 'sms_template',
  meaning: 'A text to send by SMS.',
  key: 'id',
  fields: {
    id: field.text('Identifies the template.', { orInteger: true, form: 'token' }),
    name: field.text('The name of the template.', { class: 'freetext' }),
    body: field.text('The text.', { class: 'freetext' }),
  },
});
export type SmsTemplate = EntityOf<typeof smsTemplate>;

const whatsappTemplate = entity({
  name: 'whatsapp_template',
  meaning: 'A text that WhatsApp has approved, or not.',
  key: 'id',
  fields: {
    id: field.text('Identifies the template.', { orInteger: true, form: 'token' }),
    wabaId: field.text('The WhatsApp business account.', { orInteger: true, form: 'token' }),
    name: field.text('The name of the template.', { class: 'freetext' }),
    category: field.text('What it is for.', { form: 'token' }),
    status: field.text('Whether WhatsApp approved it.', { form: 'token' }),
    language: field.text('The language of the text.', { form: 'language' }),
  },
});
export type WhatsappTemplate = EntityOf<typeof whatsappTemplate>;

const whatsappStatus = entity({
  name: 'whatsapp_status',
  meaning: 'Whether a number can send by WhatsApp.',
  fields: {
    wabaId: field.text('The WhatsApp business account.', { nullable: true, orInteger: true, form: 'token' }),
    status: field.text('How far the registration is.', { nullable: true, form: 'token' }),
    canSendMessage: field.boolean('Whether messages can be sent.', { nullable: true }),
    messagingLimitTier: field.text('How many messages can be sent.', { nullable: true, form: 'token' }),
    qualityRating: field.text('How WhatsApp rates the number.', { nullable: true, form: 'token' }),
    businessVerificationStatus: field.text('Whether the business is verified.', { nullable: true, form: 'token' }),
  },
});
export type WhatsappStatus = EntityOf<typeof whatsappStatus>;

const byNumber = { id: { type: 'id', required: true, names: 'number', meaning: 'The number.' } } as const satisfies Parameters;

const recipient = { type: 'text', required: true, format: 'e164', class: 'phone', meaning: 'To whom.' } as const;
const body = { type: 'text', maximumLength: limits.messages.bodyLength, class: 'freetext', meaning: 'What to say.' } as const;
const mediaUrl = { type: 'text[]', format: 'https-url', meaning: 'Addresses of what to attach.' } as const;

const groupBody = {
  participants: { type: 'text[]', required: true, format: 'e164', class: 'phone', meaning: 'To whom.' },
  body: { ...body, oneOf: 'content' },
  mediaUrl: { ...mediaUrl, oneOf: 'content' },
} as const satisfies Parameters;

const templateParams = {
  type: 'object',
  oneOf: 'content',
  fields: {
    id: { type: 'text', required: true, format: 'token', meaning: 'The template.' },
    body: {
      type: 'object[]',
      fields: {
        key: { type: 'text', required: true, format: 'token', meaning: 'The place in the template.' },
        value: { type: 'text', required: true, class: 'freetext', meaning: 'What to put there.' },
      },
      meaning: 'What to fill into the template.',
    },
  },
  meaning: 'An approved template, filled in.',
} as const;

const line = { type: 'id', required: true, names: 'number', meaning: 'The number to send from.' } as const;

const bare = 'The message stands in the body without an envelope.';

export const messages = {
  createConfiguration: endpoint({
    id: 'messages.createConfiguration',
    title: 'Send the messages of a number elsewhere',
    area: 'messages',
    method: 'POST',
    path: '/v1/numbers/:id/messages/configuration',
    effect: 'egress',
    agents: {
      kind: 'resource',
      deed: { present: 'send the messages of number {id} elsewhere', past: 'sent the messages of number {id} elsewhere' },
    },
    at: byNumber,
    body: {
      callbackUrl: { type: 'text', format: 'https-url', meaning: 'Where messages go.' },
      type: { type: 'text', format: 'token', meaning: 'What kind of configuration.' },
    },
    answer: { envelope: 'bare', of: messagingConfiguration },
    answerUnconfirmed: true,
    status: 200,
    statusUnconfirmed: true,
    quirks: ['The messages of the number no longer reach the users’ inbox.', 'The token in the answer proves the origin of callbacks.'],
  }),
  retrieveConfiguration: endpoint({
    id: 'messages.retrieveConfiguration',
    title: 'Retrieve where the messages of a number go',
    area: 'messages',
    method: 'GET',
    path: '/v1/numbers/:id/messages/configuration',
    effect: 'read',
    agents: {
      kind: 'resource',
      deed: { present: 'read where the messages of number {id} go', past: 'read where the messages of number {id} go' },
    },
    at: byNumber,
    answer: { envelope: 'bare', of: messagingConfiguration },
    answerUnconfirmed: true,
    status: 200,
    quirks: ['404 when there is none.'],
  }),
  deleteConfiguration: endpoint({
    id: 'messages.deleteConfiguration',
    title: 'Send the messages of a number to the inbox again',
    area: 'messages',
    method: 'DELETE',
    path: '/v1/numbers/:id/messages/configuration',
    effect: 'delete',
    agents: {
      kind: 'resource',
      deed: { present: 'send the messages of number {id} to the inbox again', past: 'sent the messages of number {id} to the inbox again' },
    },
    destructive: true,
    at: byNumber,
    answer: { envelope: 'none' },
    status: 204,
    statusUnconfirmed: true,
  }),
  send: endpoint({
    id: 'messages.send',
    title: 'Send a message, unseen by the users',
    area: 'messages',
    method: 'POST',
    path: '/v1/numbers/:id/messages/send',
    effect: 'egress',
    agents: { kind: 'action', deed: { present: 'send a message from number {id}', past: 'sent a message from number {id}' } },
    destructive: true,
    at: byNumber,
    body: { to: recipient, body, mediaUrl },
    answer: { envelope: 'bare', of: message },
    status: 200,
    event: 'message.sent',
    quirks: [bare, 'Works only for a number whose messages go elsewhere, and does not show in the users’ inbox.'],
  }),
  sendNative: endpoint({
    id: 'messages.sendNative',
    title: 'Send a message in the users’ conversation',
    area: 'messages',
    method: 'POST',
    path: '/v1/numbers/:id/messages/native/send',
    effect: 'egress',
    agents: {
      kind: 'action',
      deed: {
        present: 'send a message from number {id} in the users’ conversation',
        past: 'sent a message from number {id} in the users’ conversation',
      },
    },
    destructive: true,
    at: byNumber,
    body: {
      to: recipient,
      body: { ...body, required: true },
      mediaUrl,
      agentId: { type: 'id', names: 'user', unconfirmed: true, meaning: 'The user in whose name it is sent.' },
    },
    answer: { envelope: 'bare', of: message },
    status: 200,
    event: 'message.sent',
    quirks: [bare, 'Answers arrive as message.received.'],
  }),
  sendGroup: endpoint({
    id: 'messages.sendGroup',
    title: 'Send a group message, unseen by the users',
    area: 'messages',
    method: 'POST',
    path: '/v1/numbers/:id/messages/group/send',
    effect: 'egress',
    agents: { kind: 'action', deed: { present: 'send a group message from number {id}', past: 'sent a group message from number {id}' } },
    destructive: true,
    at: byNumber,
    body: groupBody,
    answer: { envelope: 'bare', of: groupMessage },
    status: 200,
    event: 'group_message.sent',
    quirks: [bare],
  }),
  sendGroupNative: endpoint({
    id: 'messages.sendGroupNative',
    title: 'Send a group message in the users’ conversation',
    area: 'messages',
    method: 'POST',
    path: '/v1/numbers/:id/messages/group/native/send',
    effect: 'egress',
    agents: {
      kind: 'action',
      deed: {
        present: 'send a group message from number {id} in the users’ conversation',
        past: 'sent a group message from number {id} in the users’ conversation',
      },
    },
    destructive: true,
    at: byNumber,
    body: groupBody,
    answer: { envelope: 'bare', of: groupMessage },
    status: 200,
    event: 'group_message.sent',
    quirks: [bare],
  }),
  sendWhatsapp: endpoint({
    id: 'messages.sendWhatsapp',
    title: 'Send a WhatsApp message, unseen by the users',
    area: 'messages',
    method: 'POST',
    path: '/v1/messages/whatsapp/send',
    effect: 'egress',
    agents: { kind: 'action', deed: { present: 'send a WhatsApp message', past: 'sent a WhatsApp message' } },
    destructive: true,
    body: {
      lineId: line,
      to: recipient,
      text: { type: 'text', oneOf: 'content', class: 'freetext', meaning: 'What to say.' },
      templateParams,
    },
    answer: { envelope: 'bare', of: message },
    status: 200,
    event: 'message.sent',
    quirks: [bare],
  }),
  sendWhatsappNative: endpoint({
    id: 'messages.sendWhatsappNative',
    title: 'Send a WhatsApp message in the users’ conversation',
    area: 'messages',
    method: 'POST',
    path: '/v1/messages/send/whatsapp/native',
    effect: 'egress',
    agents: {
      kind: 'action',
      deed: { present: 'send a WhatsApp message in the users’ conversation', past: 'sent a WhatsApp message in the users’ conversation' },
    },
    destructive: true,
    body: {
      lineId: line,
      externalNumber: recipient,
      text: {
        type: 'text',
        oneOf: 'content',
        maximumLength: limits.messages.whatsappLength,
        class: 'freetext',
        meaning: 'What to say.',
      },
      templateParams,
    },
    answer: { envelope: 'bare', of: message },
    status: 200,
    event: 'message.sent',
    quirks: [bare],
  }),
  listSmsTemplates: endpoint({
    id: 'messages.listSmsTemplates',
    title: 'List SMS templates',
    area: 'messages',
    method: 'GET',
    path: '/v1/sms/templates',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'list SMS templates', past: 'listed {rows} templates of SMS' } },
    query: {
      ...pageParameters,
      per_page: { ...pageParameters.per_page, maximum: limits.messages.templatesPerPage },
      search: { type: 'text', class: 'freetext', meaning: 'Only templates that contain this.' },
    },
    answer: { envelope: 'list', key: 'templates', of: smsTemplate },
    status: 200,
    pagination: { ...pages, maximumPerPage: limits.messages.templatesPerPage },
  }),
  listWhatsappTemplates: endpoint({
    id: 'messages.listWhatsappTemplates',
    title: 'List WhatsApp templates',
    area: 'messages',
    method: 'GET',
    path: '/v1/numbers/:id/templates',
    effect: 'read',
    agents: {
      kind: 'resource',
      deed: {
        present: 'list the WhatsApp templates of number {id}',
        past: 'listed {rows} templates of WhatsApp messages from number {id}',
      },
    },
    at: byNumber,
    query: {
      token: { type: 'text', format: 'page-token', meaning: 'Which page, as the page before it says.' },
      limit: { type: 'integer', minimum: 1, meaning: 'Rows on a page.' },
      sort: { type: 'text', format: 'token', meaning: 'What to sort by.' },
      status: { type: 'text', format: 'token', meaning: 'Only templates in this status.' },
      category: { type: 'text', format: 'token', meaning: 'Only templates of this category.' },
    },
    answer: { envelope: 'list', key: 'templates', of: whatsappTemplate },
    answerUnconfirmed: true,
    status: 200,
    pagination: { by: 'token', token: 'token', limit: 'limit', at: 'pageInfo', next: 'nextToken', total: 'totalCount' },
  }),
  whatsappStatus: endpoint({
    id: 'messages.whatsappStatus',
    title: 'Retrieve the WhatsApp status of a number',
    area: 'messages',
    method: 'GET',
    path: '/v1/numbers/:id/whatsapp_status',
    effect: 'read',
    agents: {
      kind: 'resource',
      deed: { present: 'read the WhatsApp status of number {id}', past: 'read the WhatsApp status of number {id}' },
    },
    at: byNumber,
    answer: { envelope: 'bare', of: whatsappStatus },
    status: 200,
  }),
} as const;
