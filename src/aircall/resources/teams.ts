// Teams: groups of users that calls are offered to. They grant no permissions, and they cannot be renamed here.
import { endpoint } from '../endpoint.ts';
import type { Parameters, Refusal } from '../endpoint.ts';
import { entity, field } from '../field.ts';
import type { EntityOf } from '../field.ts';
import { limits } from '../limits.ts';
import { orderParameter, pageParameters, pages } from './lists.ts';
import { teamFields } from './team-fields.ts';
import { userInTeam } from './user-fields.ts';

export const team = entity({
  name: 'team',
  meaning: 'A group of users that calls are offered to.',
  key: 'id',
  fields: {
    ...teamFields,
    users: field.list('Who belongs to the team.', field.object('A user.', userInTeam), { embeds: 'user' }),
  },
});
export type Team = EntityOf<typeof team>;

const byId = { id: { type: 'id', required: true, names: 'team', meaning: 'The team.' } } as const satisfies Parameters;

const membership = {
  team_id: { type: 'id', required: true, names: 'team', meaning: 'The team.' },
  user_id: { type: 'id', required: true, names: 'user', meaning: 'The user.' },
} as const satisfies Parameters;

const membershipRefused = {
  status: 422,
  when: 'The membership cannot change this way; the body says why.',
  business: true,
} as const satisfies Refusal;

export const teams = {
  list: endpoint({
    id: 'teams.list',
    title: 'List teams',
    area: 'teams',
    method: 'GET',
    path: '/v1/teams',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'list teams', past: 'listed {rows} teams' } },
    core: true,
    query: { ...pageParameters, ...orderParameter },
    answer: { envelope: 'list', key: 'teams', of: team },
    status: 200,
    pagination: pages,
  }),
  retrieve: endpoint({
    id: 'teams.retrieve',
    title: 'Retrieve a team',
    area: 'teams',
    method: 'GET',
    path: '/v1/teams/:id',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'read team {id}', past: 'read team {id}' } },
    core: true,
    at: byId,
    answer: { envelope: 'one', key: 'team', of: team },
    status: 200,
  }),
  create: endpoint({
    id: 'teams.create',
    title: 'Create a team',
    area: 'teams',
    method: 'POST',
    path: '/v1/teams',
    effect: 'add',
    agents: { kind: 'resource', deed: { present: 'create a team', past: 'created a team' } },
    body: {
      name: {
        type: 'text',
        required: true,
        class: 'freetext',
        maximumLength: limits.teams.nameLength,
        meaning: 'The name, unique in the company.',
      },
    },
    answer: { envelope: 'one', key: 'team', of: team },
    status: 201,
    refusals: [{ status: 400, when: 'Another team has the name.', unconfirmed: true }],
  }),
  delete: endpoint({
    id: 'teams.delete',
    title: 'Delete a team',
    area: 'teams',
    method: 'DELETE',
    path: '/v1/teams/:id',
    effect: 'delete',
    agents: { kind: 'resource', deed: { present: 'delete team {id}', past: 'deleted team {id}' } },
    destructive: true,
    at: byId,
    answer: { envelope: 'none' },
    status: 204,
    quirks: ['Changes whom calls are offered to.'],
  }),
  addUser: endpoint({
    id: 'teams.addUser',
    title: 'Add a user to a team',
    area: 'teams',
    method: 'POST',
    path: '/v1/teams/:team_id/users/:user_id',
    effect: 'change',
    agents: {
      kind: 'resource',
      deed: { present: 'add user {user_id} to team {team_id}', past: 'added user {user_id} to team {team_id}' },
      friction: 'confirm',
    },
    core: true,
    at: membership,
    answer: { envelope: 'one', key: 'team', of: team },
    status: 201,
    refusals: [membershipRefused],
    quirks: ['Changes whom calls are offered to.'],
  }),
  removeUser: endpoint({
    id: 'teams.removeUser',
    title: 'Remove a user from a team',
    area: 'teams',
    method: 'DELETE',
    path: '/v1/teams/:team_id/users/:user_id',
    effect: 'change',
    agents: {
      kind: 'resource',
      deed: { present: 'remove user {user_id} from team {team_id}', past: 'removed user {user_id} from team {team_id}' },
      friction: 'confirm',
    },
    destructive: true,
    at: membership,
    answer: { envelope: 'one', key: 'team', of: team },
    status: 200,
    refusals: [membershipRefused],
    quirks: ['Changes whom calls are offered to. The user stays.'],
  }),
} as const;
