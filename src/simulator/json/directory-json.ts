// Teams, tags, contacts, webhooks, availability and the company, as Aircall writes them.
import type { ContactDetail, ContactState, TagState, TeamState, UserState, WebhookState } from '../company/state.ts';
import { isoSeconds } from '../time.ts';
import { overlaid } from './overlay.ts';
import { userJson } from './user-json.ts';

const origin = 'https://api.aircall.io';

export function teamJson(team: TeamState, users: readonly UserState[]): string {
  const head = teamHead(team);
  return overlaid(`${head.slice(0, -1)},"users":[${users.map((user) => userJson(user, 'team')).join(',')}]}`, team.overrides);
}

/** The copy inside a call. */
export function callTeamJson(team: TeamState): string {
  let text = keptTeams.get(team);
  if (text === undefined) keptTeams.set(team, (text = teamHead(team)));
  return text;
}

export function tagJson(tag: TagState): string {
  return overlaid(JSON.stringify({ id: tag.id, name: tag.name, color: tag.color, description: tag.description }), tag.overrides);
}

export function contactJson(contact: ContactState): string {
  const text =
    `{"id":${contact.id},"created_at":${contact.createdAt},"updated_at":${contact.updatedAt},` +
    `"first_name":${JSON.stringify(contact.firstName)},"last_name":${JSON.stringify(contact.lastName)},` +
    `"information":${JSON.stringify(contact.information)},"company_name":${JSON.stringify(contact.companyName)},` +
    `"is_shared":true,"direct_link":"${origin}/v1/contacts/${contact.id}",` +
    `"phone_numbers":[${contact.phoneNumbers.map(contactDetailJson).join(',')}],"emails":[${contact.emails.map(contactDetailJson).join(',')}]}`;
  return overlaid(text, contact.overrides);
}

/** A phone number or an address of a contact. */
export function contactDetailJson(detail: ContactDetail): string {
  return `{"value":${JSON.stringify(detail.value)},"id":${detail.id},"label":${JSON.stringify(detail.label)}}`;
}

/** The legacy integer id is in lists and retrieves, not in the answer of a create or update. */
export function webhookJson(webhook: WebhookState, { legacyId }: { readonly legacyId: boolean }): string {
  const text = JSON.stringify({
    ...(legacyId ? { id: webhook.id } : {}),
    direct_link: `${origin}/v1/webhooks/${webhook.webhookId}`,
    url: webhook.url,
    active: webhook.active,
    events: webhook.events,
    token: webhook.token,
    created_at: new Date(webhook.createdAtMs).toISOString(),
    webhook_id: webhook.webhookId,
  });
  return overlaid(text, webhook.overrides);
}

/** A row of `/v1/users/availabilities`. */
export function availabilityJson(user: UserState): string {
  return `{"availability":${JSON.stringify(user.availability)},"id":${user.id}}`;
}

export function companyJson(company: { readonly name: string; readonly usersCount: number; readonly numbersCount: number }): string {
  return JSON.stringify({ name: company.name, users_count: company.usersCount, numbers_count: company.numbersCount });
}

const keptTeams = new WeakMap<TeamState, string>();

function teamHead(team: TeamState): string {
  return JSON.stringify({
    id: team.id,
    name: team.name,
    direct_link: `${origin}/v1/teams/${team.id}`,
    created_at: isoSeconds(team.createdAt),
  });
}
