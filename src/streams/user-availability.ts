// The user_availability stream: what each user is doing at the moment of the run.
import { api, userAvailability as entity } from '../aircall/index.ts';
import { wholeList } from './whole-list.ts';

export const userAvailability = wholeList({
  name: 'user_availability',
  summary: 'What each user is doing right now: available, in a call, offline.',
  shape: { table: 'user_availability', key: 'id', fields: entity.fields },
  mayEnd: true,
  endpoint: api.users.availabilities,
  list: (aircall, request) => aircall.users.availabilities({}, request),
  retrieve: (aircall, key, request) => aircall.users.availability(key, request),
});
