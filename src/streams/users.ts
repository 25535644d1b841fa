// The users stream: version 2 of the endpoint, version 1 where an account still refuses version 2.
import { api, user } from '../aircall/index.ts';
import { wholeList } from './whole-list.ts';

export const users = wholeList({
  name: 'users',
  summary: 'People who use Aircall.',
  // Version 1 may list a user's numbers; version 2 never does, so that the table is the same either way.
  shape: { table: 'users', key: 'id', fields: user.fields, omit: ['numbers'] },
  endpoint: api.users.list,
  list: (aircall, request) => aircall.users.list({}, request),
  retrieve: (aircall, key, request) => aircall.users.retrieve(key, request),
});
