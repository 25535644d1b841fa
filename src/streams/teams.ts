// The teams stream, with the members of each team.
import { api, team } from '../aircall/index.ts';
import { wholeList } from './whole-list.ts';

export const teams = wholeList({
  name: 'teams',
  summary: 'Teams and who belongs to them.',
  shape: { table: 'teams', key: 'id', fields: team.fields },
  endpoint: api.teams.list,
  list: (aircall, request) => aircall.teams.list({}, request),
  retrieve: (aircall, key, request) => aircall.teams.retrieve(BigInt(key), request),
});
