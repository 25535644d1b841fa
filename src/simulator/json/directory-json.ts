// Teams, tags, contacts, webhooks, availability and the company, as Aircall writes them.
import { limits } from '../../aircall/index.ts';
import type { SwitchSettings } from '../../aircall/index.ts';
import { displayNumber } from '../company/phone-numbers.ts';
import type { ContactDetail, ContactState, TagState, TeamState, UserState, WebhookState } from '../company/state.ts';
import { isoSeconds } from '../time.ts';
import { overlaid } from './overlay.ts';
import { userJson } from './user-json.ts';

const { origin } = limits;

export function teamJson(team: TeamState, users: readonly UserState[], switches: SwitchSettings): string {
  const head = teamHead(team);
  return overlaid(`${head.slice(0, -1)},"users":[${users.map((user) => userJson(user, 'team', switches)).join(',')}]}`, team.overrides);
}

/** The copy inside a call. */
export function callTeamJson(team: TeamState): string {
  let text = keptTeams.get(team);
  if (text === undefined) keptTeams.set(team, (text = teamHead(team)));
  return text;
}

export function tagJson(tag: TagState, switches: SwitchSettings): string {
  const extra =
    switches.tagExtraFields === 'present' ? { direct_link: `${origin}/v1/tags/${tag.id}`, created_at: isoSeconds(tag.createdAt) } : {};
  return overlaid(JSON.stringify({ id: tag.id, name: tag.name, color: tag.color, description: tag.description, ...extra }), tag.overrides);
}

export function contactJson(contact: ContactState, switches: SwitchSettings): string {
  const phones = contact.phoneNumbers.map((phone) => phoneDetailJson(phone, switches)).join(',');
  const text =
    `{"id":${contact.id},"created_at":${contact.createdAt},"updated_at":${contact.updatedAt},` +
    `"first_name":${JSON.stringify(contact.firstName)},"last_name":${JSON.stringify(contact.lastName)},` +
    `"information":${JSON.stringify(contact.information)},"company_name":${JSON.stringify(contact.companyName)},` +
    `"is_shared":true,"direct_link":"${origin}/v1/contacts/${contact.id}",` +
    `"phone_numbers":[${phones}],"emails":[${contact.emails.map(emailDetailJson).join(',')}]${switches.contactDescription === 'present' ? ',"description":null' : ''}}`;
  return overlaid(text, contact.overrides);
}

export function phoneDetailJson(detail: ContactDetail, switches: SwitchSettings): string {
  return emailDetailJson(switches.contactPhoneForm === 'display' ? { ...detail, value: displayNumber(detail.value) } : detail);
}

export function emailDetailJson(detail: ContactDetail): string {
  return `{"value":${JSON.stringify(detail.value)},"id":${detail.id},"label":${JSON.stringify(detail.label)}}`;
}

/** The legacy integer id is in lists and retrieves, not in the answer of a create or update. */
export function webhookJson(webhook: WebhookState, { legacyId }: { readonly legacyId: boolean }, switches: SwitchSettings): string {
  const text = JSON.stringify({
    ...(legacyId ? { id: webhook.id } : {}),
    direct_link: `${origin}/v1/webhooks/${switches.webhookDirectLink === 'uuid' ? webhook.webhookId : webhook.id}`,
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
