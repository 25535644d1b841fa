// Adding, changing and removing users, teams, numbers, tags and webhooks, with what follows from it.
import { newUserDefaults } from '../../aircall/index.ts';
import { numberEventJson, teamEventJson, userEventV1Json } from '../json/event-json.ts';
import { userJson } from '../json/user-json.ts';
import { uuid } from '../random.ts';
import { addContact } from './change-contacts.ts';
import type { Company } from './company.ts';
import { displayNumber } from './phone-numbers.ts';
import type { NumberState, TagState, TeamState, UserState, WebhookState } from './state.ts';

export type NewUser = Partial<Omit<UserState, 'id'>> & { readonly name: string; readonly email: string };

/** Also adds the shared contact that every new user gets. */
export function addUser(company: Company, given: NewUser): UserState {
  const id = company.users.nextId();
  const user: UserState = {
    language: newUserDefaults.language,
    createdAt: company.now(),
    timeZone: newUserDefaults.time_zone,
    state: newUserDefaults.state,
    wrapUpTime: newUserDefaults.wrap_up_time,
    extension: nextExtension(company),
    availabilityStatus: newUserDefaults.availability_status,
    availability: 'offline',
    defaultNumberId: newUserDefaults.default_number_id,
    substatus: newUserDefaults.substatus,
    ...given,
    id,
  };
  company.users.put(user);
  announceUser(company, 'user.created', user);
  const [firstName = user.name, ...rest] = user.name.split(' ');
  addContact(company, { firstName, lastName: rest.join(' ') || null, emails: [{ label: 'Work', value: user.email }] });
  return user;
}

/** Undefined when there is no such user. Presence and working hours tell of themselves, nothing else does. */
export function changeUser(company: Company, id: number, change: Partial<Omit<UserState, 'id'>>): UserState | undefined {
  const before = company.users.get(id);
  if (before === undefined) return undefined;
  const user: UserState = { ...before, ...change };
  company.users.put(user);
  if (before.availability !== user.availability) {
    if (before.availability === 'offline') announceUser(company, 'user.connected', user);
    if (user.availability === 'offline') announceUser(company, 'user.disconnected', user);
  }
  if (before.availabilityStatus !== user.availabilityStatus) {
    announceUser(company, user.availabilityStatus === 'unavailable' ? 'user.closed' : 'user.opened', user);
  }
  return user;
}

/** Takes the user out of every team and number too. Whether there was such a user. */
export function removeUser(company: Company, id: number): boolean {
  const user = company.users.get(id);
  if (user === undefined) return false;
  announceUser(company, 'user.deleted', user);
  company.users.remove(id);
  company.side.campaigns.delete(id);
  for (const team of company.teams.list()) {
    if (team.userIds.includes(id)) company.teams.put({ ...team, userIds: team.userIds.filter((member) => member !== id) });
  }
  for (const number of company.numbers.list()) {
    if (number.userIds.includes(id)) company.numbers.put({ ...number, userIds: number.userIds.filter((member) => member !== id) });
  }
  return true;
}

export function addTeam(company: Company, given: Partial<Omit<TeamState, 'id'>> & { readonly name: string }): TeamState {
  const team: TeamState = { createdAt: company.now(), userIds: [], ...given, id: company.teams.nextId() };
  company.teams.put(team);
  announceTeam(company, 'team.created', team);
  return team;
}

export function changeTeam(company: Company, id: number, change: Partial<Omit<TeamState, 'id'>>): TeamState | undefined {
  const before = company.teams.get(id);
  if (before === undefined) return undefined;
  const team: TeamState = { ...before, ...change };
  company.teams.put(team);
  return team;
}

export function removeTeam(company: Company, id: number): boolean {
  const team = company.teams.get(id);
  if (team === undefined) return false;
  announceTeam(company, 'team.destroyed', team);
  return company.teams.remove(id);
}

export type NewNumber = Partial<Omit<NumberState, 'id' | 'digits'>> & { readonly name: string; readonly e164: string };

export function addNumber(company: Company, given: NewNumber): NumberState {
  const number: NumberState = {
    country: 'US',
    timeZone: 'America/New_York',
    availabilityStatus: 'open',
    isIvr: false,
    recordsCalls: true,
    priority: 0,
    messages: {},
    createdAt: company.now(),
    open: true,
    flowEditorEnabled: true,
    userIds: [],
    teamIds: [],
    ...given,
    digits: displayNumber(given.e164),
    id: company.numbers.nextId(),
  };
  company.numbers.put(number);
  announceNumber(company, 'number.created', number);
  return number;
}

export function changeNumber(company: Company, id: number, change: Partial<Omit<NumberState, 'id'>>): NumberState | undefined {
  const before = company.numbers.get(id);
  if (before === undefined) return undefined;
  const number: NumberState = { ...before, ...change };
  company.numbers.put(number);
  const isOpen = (state: NumberState) => state.availabilityStatus !== 'closed';
  if (isOpen(before) !== isOpen(number)) announceNumber(company, isOpen(number) ? 'number.opened' : 'number.closed', number);
  return number;
}

export function removeNumber(company: Company, id: number): boolean {
  const number = company.numbers.get(id);
  if (number === undefined) return false;
  announceNumber(company, 'number.deleted', number);
  return company.numbers.remove(id);
}

export function addTag(company: Company, given: { readonly name: string; readonly color: string }): TagState {
  const tag: TagState = { ...given, id: company.tags.nextId(), createdAt: company.now(), description: null };
  company.tags.put(tag);
  return tag;
}

export function changeTag(company: Company, id: number, change: Partial<Omit<TagState, 'id'>>): TagState | undefined {
  const before = company.tags.get(id);
  if (before === undefined) return undefined;
  const tag: TagState = { ...before, ...change };
  company.tags.put(tag);
  return tag;
}

/** Strips the tag from every call. */
export function removeTag(company: Company, id: number): boolean {
  company.calls.version += 1;
  return company.tags.remove(id);
}

export type NewWebhook = Partial<Omit<WebhookState, 'id' | 'webhookId' | 'token'>> & {
  readonly url: string;
  readonly events: readonly string[];
};

export function addWebhook(company: Company, given: NewWebhook): WebhookState {
  const id = company.webhooks.nextId();
  const random = company.random(29, id);
  const webhook: WebhookState = {
    active: true,
    createdAtMs: company.nowMs(),
    customName: 'Webhook',
    madeByIntegration: false,
    ...given,
    webhookId: uuid(random),
    id,
    token: random.hex(32),
  };
  company.webhooks.put(webhook);
  return webhook;
}

export function changeWebhook(
  company: Company,
  webhookId: string,
  change: Partial<Omit<WebhookState, 'id' | 'webhookId'>>,
): WebhookState | undefined {
  const before = company.webhooks.get(webhookId);
  if (before === undefined) return undefined;
  const webhook: WebhookState = { ...before, ...change };
  company.webhooks.put(webhook);
  return webhook;
}

/** The next free one, with its leading zeros. */
function nextExtension(company: Company): string {
  const taken = new Set(company.users.list().map(({ extension }) => extension));
  for (let extension = 1; ; extension += 1) {
    const text = String(extension).padStart(3, '0');
    if (!taken.has(text)) return text;
  }
}

function announceUser(company: Company, name: string, user: UserState): void {
  const numbers = company.numbers.list().filter(({ userIds }) => userIds.includes(user.id));
  company.events.announce(name, userEventV1Json(user, numbers, company.switches));
  company.events.announce(`${name}.v2`, userJson(user, 'v2', company.switches));
}

function announceTeam(company: Company, name: string, team: TeamState): void {
  if (company.switches.teamEvents === 'never') return;
  const users = team.userIds.map((id) => company.users.get(id)).filter((user) => user !== undefined);
  company.events.announce(name, teamEventJson(team, users, company.switches));
}

function announceNumber(company: Company, name: string, number: NumberState): void {
  const users = number.userIds.map((id) => company.users.get(id)).filter((user) => user !== undefined);
  company.events.announce(name, numberEventJson(number, users, company.switches));
}
