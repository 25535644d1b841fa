// Tags: labels for calls. Calls are tagged by the id of a tag, never by its name.
import { endpoint } from '../endpoint.ts';
import type { Parameters, Refusal } from '../endpoint.ts';
import { entity, field } from '../field.ts';
import type { EntityOf } from '../field.ts';
import { pageParameters, pages } from './lists.ts';

export const tag = entity({
  name: 'tag',
  meaning: 'A label for calls.',
  key: 'id',
  fields: {
    id: field.id('Identifies the tag.'),
    name: field.text('The name, unique in the company.', { class: 'freetext' }),
    color: field.text('The colour as #RRGGBB.', { form: 'color' }),
    description: field.text('The machine name of a tag that Aircall sets itself; null for all others.', { nullable: true, form: 'token' }),
  },
});
export type Tag = EntityOf<typeof tag>;

/** Tags that Aircall sets itself and that exist from the start, the last three only in some companies: machine name (`description`) and name where it is known. */
export const systemTags = [
  { description: 'queue_callback', name: 'Callback Request' },
  { description: 'queue_called_back', name: null },
  { description: 'conference', name: null },
  { description: 'follow_up_self_assign', name: null },
  { description: 'voicemail_drop', name: null },
  { description: 'voice_virtual_agent', name: null },
  { description: 'outbound_campaign', name: null },
  { description: 'native_to_gsm', name: null },
  { description: 'local_presence', name: null },
] as const;

const byId = { id: { type: 'id', required: true, names: 'tag', meaning: 'The tag.' } } as const satisfies Parameters;

const name = { type: 'text', class: 'freetext', meaning: 'The name, unique in the company.' } as const;
const color = { type: 'text', format: 'hex-color', meaning: 'The colour.' } as const;

const refusals = [
  { status: 400, when: 'Another tag has the name.' },
  { status: 400, when: 'The colour is not a hexadecimal one.' },
] as const satisfies readonly Refusal[];

const descriptionIgnored = 'A description is ignored: it is Aircall’s own. Emojis are stripped.';

export const tags = {
  list: endpoint({
    id: 'tags.list',
    title: 'List tags',
    area: 'tags',
    method: 'GET',
    path: '/v1/tags',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'list tags', past: 'listed {rows} tags' } },
    core: true,
    query: pageParameters,
    answer: { envelope: 'list', key: 'tags', of: tag },
    status: 200,
    pagination: pages,
    quirks: ['Includes the tags that Aircall sets itself.'],
  }),
  retrieve: endpoint({
    id: 'tags.retrieve',
    title: 'Retrieve a tag',
    area: 'tags',
    method: 'GET',
    path: '/v1/tags/:id',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'read tag {id}', past: 'read tag {id}' } },
    at: byId,
    answer: { envelope: 'one', key: 'tag', of: tag },
    status: 200,
  }),
  create: endpoint({
    id: 'tags.create',
    title: 'Create a tag',
    area: 'tags',
    method: 'POST',
    path: '/v1/tags',
    effect: 'add',
    agents: { kind: 'resource', deed: { present: 'create a tag', past: 'created a tag' } },
    core: true,
    body: { name: { ...name, required: true }, color: { ...color, required: true } },
    answer: { envelope: 'one', key: 'tag', of: tag },
    status: 201,
    refusals,
    quirks: [descriptionIgnored],
  }),
  update: endpoint({
    id: 'tags.update',
    title: 'Update a tag',
    area: 'tags',
    method: 'PUT',
    path: '/v1/tags/:id',
    effect: 'change',
    agents: { kind: 'resource', deed: { present: 'update tag {id}', past: 'updated tag {id}' } },
    at: byId,
    body: { name, color },
    answer: { envelope: 'one', key: 'tag', of: tag },
    status: 200,
    refusals,
    quirks: [descriptionIgnored, 'Only the fields sent change, although the verb is PUT.'],
  }),
  delete: endpoint({
    id: 'tags.delete',
    title: 'Delete a tag',
    area: 'tags',
    method: 'DELETE',
    path: '/v1/tags/:id',
    effect: 'delete',
    agents: { kind: 'resource', deed: { present: 'delete tag {id}', past: 'deleted tag {id}' } },
    core: true,
    destructive: true,
    at: byId,
    answer: { envelope: 'none' },
    status: 204,
    quirks: ['Takes the tag off every call, for good.'],
  }),
} as const;
