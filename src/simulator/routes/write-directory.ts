// Changing users, teams, numbers and tags.
import type { UnknownRecord } from '../../base/index.ts';
import { startCall } from '../company/change-calls.ts';
import {
  addTag,
  addTeam,
  addUser,
  changeNumber,
  changeTag,
  changeTeam,
  changeUser,
  removeTag,
  removeTeam,
  removeUser,
} from '../company/change-directory.ts';
import type { NumberState, UserState } from '../company/state.ts';
import type { Exchange, Handler } from '../http/exchange.ts';
import { emptyAnswer, jsonAnswer } from '../http/message.ts';
import type { ApiResponse } from '../http/message.ts';
import { notFound, refused, refusedByState } from '../http/refusals.ts';
import { findNumber, findTag, findTeam, findUser } from './read-directory.ts';
import { withoutEmojis } from './without-emojis.ts';
import { textIn } from './text-in.ts';

export function createUser(version: 'v1' | 'v2'): Handler {
  return ({ company, texts, body, switches }) => {
    const email = String(body['email']);
    if (company.users.find((user) => user.email.toLowerCase() === email.toLowerCase()) !== undefined) {
      return refused(switches.duplicateEmailStatus === 'status422' ? 422 : 400, 'Email has already been taken');
    }
    const name = `${String(body['first_name'])} ${String(body['last_name'])}`;
    const user = addUser(company, { ...profileOf(body), name, email });
    return jsonAnswer(201, `{"user":${texts.user(user, version)}}`);
  };
}

/** Only what is sent changes, although the verb is PUT. */
export function updateUser(version: 'v1' | 'v2'): Handler {
  return (exchange) => {
    const { company, texts, body, switches } = exchange;
    const found = findUser(exchange);
    if (found === undefined) return notFound();
    const [firstName = '', ...rest] = found.name.split(' ');
    const isRenamed = body['first_name'] !== undefined || body['last_name'] !== undefined;
    const name = `${textIn(body, 'first_name') ?? firstName} ${textIn(body, 'last_name') ?? rest.join(' ')}`.trim();
    const change = {
      ...profileOf(body),
      ...(isRenamed ? { name } : {}),
      ...(typeof body['email'] === 'string' ? { email: body['email'] } : {}),
    };
    const status = change.availabilityStatus ?? found.availabilityStatus;
    if (change.substatus !== undefined && switches.substatusRule === 'whileUnavailable' && status !== 'unavailable') {
      return refused(400, 'A substatus can be set only while unavailable');
    }
    if (change.defaultNumberId != null && company.numbers.get(change.defaultNumberId) === undefined) {
      return refused(400, 'default_number_id is invalid');
    }
    const user = changeUser(company, found.id, change) ?? found;
    return jsonAnswer(200, `{"user":${texts.user(user, version)}}`);
  };
}

/** Answered at once, carried out a little later. */
export const deleteUser: Handler = (exchange) => {
  const { company } = exchange;
  const user = findUser(exchange);
  if (user === undefined) return notFound();
  company.agenda.add(company.now() + deletionTakesSeconds, () => removeUser(company, user.id));
  return emptyAnswer();
};

const deletionTakesSeconds = 2;

export const startUserCall: Handler = (exchange) => {
  const { company, body } = exchange;
  const user = findUser(exchange);
  if (user === undefined) return notFound();
  const number = company.numbers.get(Number(body['number_id']));
  if (number === undefined || !number.userIds.includes(user.id)) return refused(400, 'The number is not assigned to the user');
  const refusal = unreachable(exchange, user);
  if (refusal !== undefined) return refusal;
  startCall(company, { direction: 'outbound', userId: user.id, numberId: number.id, externalNumber: String(body['to']) });
  return emptyAnswer();
};

/** Puts the phone number into the user's app and does nothing else. */
export const dialForUser: Handler = (exchange) => {
  const user = findUser(exchange);
  return user === undefined ? notFound() : (unreachable(exchange, user) ?? emptyAnswer());
};

function unreachable({ company }: Exchange, user: UserState): ApiResponse | undefined {
  const isBusy = user.availability === 'in_call' || hasOpenCall(company, user.id);
  if (user.availability === 'available' && !isBusy) return undefined;
  return refusedByState(405, isBusy ? 'The user is already on a call' : 'The user is currently unavailable');
}

/** Calls that still last are the newest ones. */
function hasOpenCall(company: Exchange['company'], userId: number): boolean {
  const { index } = company.calls;
  for (let position = index.count - 1; position >= Math.max(0, index.count - 50); position -= 1) {
    const call = company.calls.atSlot(index.slotAt(position));
    if (call.userId === userId && call.status !== 'done') return true;
  }
  return false;
}

export const createTeam: Handler = ({ company, texts, body, switches }) => {
  const name = String(body['name']);
  if (company.teams.find((team) => team.name === name) !== undefined) {
    return refused(switches.duplicateTeamStatus === 'status422' ? 422 : 400, 'Name has already been taken');
  }
  return jsonAnswer(201, `{"team":${texts.team(addTeam(company, { name }))}}`);
};

export const deleteTeam: Handler = ({ company, at }) => (removeTeam(company, Number(at['id'])) ? emptyAnswer() : notFound());

export const addUserToTeam: Handler = (exchange) => {
  const { company, texts } = exchange;
  const team = findTeam(exchange, 'team_id');
  const user = findUser(exchange, 'user_id');
  if (team === undefined || user === undefined) return notFound();
  if (team.userIds.includes(user.id)) return refused(422, 'The user is already a member of the team');
  const changed = changeTeam(company, team.id, { userIds: [...team.userIds, user.id] }) ?? team;
  return jsonAnswer(201, `{"team":${texts.team(changed)}}`);
};

export const removeUserFromTeam: Handler = (exchange) => {
  const { company, texts } = exchange;
  const team = findTeam(exchange, 'team_id');
  const user = findUser(exchange, 'user_id');
  if (team === undefined || user === undefined) return notFound();
  if (!team.userIds.includes(user.id)) return refused(422, 'The user is not a member of the team');
  const changed = changeTeam(company, team.id, { userIds: team.userIds.filter((id) => id !== user.id) }) ?? team;
  return jsonAnswer(200, `{"team":${texts.team(changed)}}`);
};

export const updateNumber: Handler = (exchange) => {
  const { company, texts, body } = exchange;
  const found = findNumber(exchange);
  if (found === undefined) return notFound();
  const messages = body['messages'] as NumberState['messages'] | undefined;
  // Where a flow decides, the status is not the number's to set.
  const isStatusOwn = typeof body['availability_status'] === 'string' && !found.flowEditorEnabled;
  const number =
    changeNumber(company, found.id, {
      ...(isStatusOwn ? { availabilityStatus: String(body['availability_status']) } : {}),
      ...(body['priority'] === undefined ? {} : { priority: body['priority'] as number | null }),
      ...(messages === undefined ? {} : { messages: { ...found.messages, ...messages } }),
      ...(typeof body['name'] === 'string' ? { name: body['name'] } : {}),
      ...(typeof body['time_zone'] === 'string' ? { timeZone: body['time_zone'] } : {}),
      ...(typeof body['open'] === 'boolean' ? { open: body['open'] } : {}),
    }) ?? found;
  return jsonAnswer(200, `{"number":${texts.number(number, { users: true })}}`);
};

export const registrationStatus: Handler = (exchange) => {
  const number = findNumber(exchange);
  if (number === undefined) return notFound();
  const status = number.country === 'US' ? 'approved' : 'not_required';
  const body = exchange.switches.registrationStatusBody === 'status' ? { status } : { registration_status: { status, details: null } };
  return jsonAnswer(200, JSON.stringify(body));
};

export const createTag: Handler = ({ company, texts, body }) => {
  const name = withoutEmojis(String(body['name']));
  if (isNameTaken(company, name)) return refused(400, 'Name has already been taken');
  return jsonAnswer(201, `{"tag":${texts.tag(addTag(company, { name, color: String(body['color']) }))}}`);
};

export const updateTag: Handler = (exchange) => {
  const { company, texts, body } = exchange;
  const found = findTag(exchange);
  if (found === undefined) return notFound();
  const name = typeof body['name'] === 'string' ? withoutEmojis(body['name']) : found.name;
  if (name !== found.name && isNameTaken(company, name)) return refused(400, 'Name has already been taken');
  const tag = changeTag(company, found.id, { name, color: textIn(body, 'color') ?? found.color }) ?? found;
  return jsonAnswer(200, `{"tag":${texts.tag(tag)}}`);
};

export const deleteTag: Handler = ({ company, at }) => (removeTag(company, Number(at['id'])) ? emptyAnswer() : notFound());

function isNameTaken(company: Exchange['company'], name: string): boolean {
  return company.tags.find((tag) => tag.name === name) !== undefined;
}

/** What the body says about a user beside name and address. */
function profileOf(body: UnknownRecord): Partial<UserState> {
  const text = (name: string) => textIn(body, name);
  const profile = {
    availabilityStatus: text('availability_status'),
    substatus: text('substatus'),
    timeZone: text('time_zone'),
    language: text('language'),
    extension: text('extension'),
    wrapUpTime: typeof body['wrap_up_time'] === 'number' ? body['wrap_up_time'] : undefined,
    defaultNumberId: body['default_number_id'] === undefined ? undefined : Number(body['default_number_id']),
  };
  return Object.fromEntries(Object.entries(profile).filter(([, value]) => value !== undefined));
}
