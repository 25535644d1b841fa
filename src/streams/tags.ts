// The tags stream, Aircall's own system tags included.
import { api, tag } from '../aircall/index.ts';
import { wholeList } from './whole-list.ts';

export const tags = wholeList({
  name: 'tags',
  summary: 'Tags that calls can carry.',
  shape: { table: 'tags', key: 'id', fields: tag.fields },
  endpoint: api.tags.list,
  list: (aircall, request) => aircall.tags.list({}, request),
  retrieve: (aircall, key, request) => aircall.tags.retrieve(BigInt(key), request),
});
