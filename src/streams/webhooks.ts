// The webhooks stream. The token that authenticates deliveries comes with every read and is never stored.
import { api, webhook } from '../aircall/index.ts';
import { wholeList } from './whole-list.ts';

export const webhooks = wholeList({
  name: 'webhooks',
  summary: 'Webhooks registered at Aircall and the events they want.',
  shape: { table: 'webhooks', key: 'webhook_id', fields: webhook.fields },
  endpoint: api.webhooks.list,
  list: (aircall, request) => aircall.webhooks.list({}, request),
  retrieve: (aircall, key, request) => aircall.webhooks.retrieve(key, request),
});
