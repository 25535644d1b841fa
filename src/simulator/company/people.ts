// Draws the small resources of a company from a seed: users, teams, numbers, tags, webhooks.
import { numberMessages, presences, systemTags } from '../../aircall/index.ts';
import { Random, seedOf, uuid } from '../random.ts';
import { daySeconds } from '../time.ts';
import { displayNumber } from './phone-numbers.ts';
import type { NumberState, TagState, TeamState, UserState, WebhookState } from './state.ts';
import { drawName, emailAddress } from './words.ts';

export const firstUserId = 900_001;
export const firstTeamId = 50_001;
export const firstNumberId = 700_001;
export const firstTagId = 80_001;
export const firstWebhookId = 30_001;

/** `foundedAt`: everything was created in the weeks after it. */
export type Draw = { readonly seed: number; readonly foundedAt: number };

const languages = ['en-US', 'en-GB', 'fr-FR', 'de-DE', 'es-ES'];
const timeZones = ['Etc/UTC', 'Europe/Paris', 'America/New_York', 'Europe/London', 'Europe/Berlin'];

export function drawUsers(count: number, { seed, foundedAt }: Draw): UserState[] {
  const users: UserState[] = [];
  for (let index = 0; index < count; index += 1) {
    const random = new Random(seedOf(seed, 1, index));
    const name = drawName(random);
    users.push({
      id: firstUserId + index,
      name: `${name.first} ${name.last}`,
      email: emailAddress(name, index + 1),
      language: random.pick(languages),
      createdAt: foundedAt + index * 5_400 + random.below(1_800),
      timeZone: random.pick(timeZones),
      state: 'always_opened',
      wrapUpTime: random.pick([0, 0, 10, 30, 60]),
      extension: random.chance(0.95) ? String(index + 1).padStart(3, '0') : null,
      availabilityStatus: random.pick(['available', 'available', 'available', 'custom', 'unavailable']),
      availability: random.pick(presences),
      defaultNumberId: random.chance(0.3) ? firstNumberId : null,
      substatus: random.pick(['always_opened', 'always_opened', 'always_opened', 'on_a_break', 'out_for_lunch', 'always_closed']),
    });
  }
  return users;
}

const teamNames = ['Support', 'Sales', 'Billing', 'Onboarding', 'Night shift', 'Réception', 'Field service', 'Partners'];

export function drawTeams(count: number, users: readonly UserState[], { seed, foundedAt }: Draw): TeamState[] {
  const teams: TeamState[] = [];
  for (let index = 0; index < count; index += 1) {
    const random = new Random(seedOf(seed, 2, index));
    const members = users.filter(() => random.chance(Math.min(0.5, 2 / Math.max(1, count)))).map((user) => user.id);
    teams.push({
      id: firstTeamId + index,
      name: index < teamNames.length ? (teamNames[index] ?? '') : `Team ${index + 1}`,
      createdAt: foundedAt + 3_600 + index * 7_200,
      // Now and then a team is empty.
      userIds: index > 2 && random.chance(0.15) ? [] : members.slice(0, 12),
    });
  }
  return teams;
}

export function drawNumbers(
  count: number,
  users: readonly UserState[],
  teams: readonly TeamState[],
  { seed, foundedAt }: Draw,
): NumberState[] {
  const numbers: NumberState[] = [];
  for (let index = 0; index < count; index += 1) {
    const random = new Random(seedOf(seed, 3, index));
    const isFrench = index % 4 === 3;
    const e164 = isFrench ? `+331990${String(10_000 + index).slice(0, 5)}` : `+15550${String(109_000 + index)}`;
    const team = teams.length > 0 && index > 0 ? random.pick(teams) : undefined;
    numbers.push({
      id: firstNumberId + index,
      name: index === 0 ? 'Front desk' : `${random.pick(['Hotline', 'Orders', 'Service', 'Büro', 'Support'])} ${index}`,
      digits: displayNumber(e164),
      e164,
      country: isFrench ? 'FR' : 'US',
      timeZone: isFrench ? 'Europe/Paris' : 'America/New_York',
      availabilityStatus: random.pick(['open', 'open', 'custom', 'closed']),
      isIvr: index % 3 === 1,
      recordsCalls: index % 5 !== 4,
      priority: random.pick([0, 0, 1, null]),
      messages: Object.fromEntries(
        numberMessages.map((name) => [name, random.chance(0.5) ? `https://media.example.test/${firstNumberId + index}/${name}.mp3` : null]),
      ),
      createdAt: foundedAt + 1_800 + index * 9_000,
      open: random.chance(0.8),
      flowEditorEnabled: index % 2 === 0,
      userIds: users.filter(() => random.chance(Math.min(1, 8 / Math.max(1, users.length)))).map((user) => user.id),
      teamIds: team === undefined ? [] : [team.id],
    });
  }
  return numbers;
}

/** Names for the system tags whose names are not known. */
const systemTagNames: Readonly<Record<string, string>> = {
  queue_called_back: 'Called Back',
  conference: 'Conference',
  follow_up_self_assign: 'Follow Up',
  voicemail_drop: 'Voicemail Drop',
  voice_virtual_agent: 'Voice Virtual Agent',
};
export const callbackTagId = systemTagId('queue_callback');
export const conferenceTagId = systemTagId('conference');
const tagNames = [
  'Billing',
  'Complaint',
  'New order',
  'Refund',
  'VIP',
  'Spam',
  'Lead',
  'Résiliation',
  'Rückruf',
  'Technical',
  'Warranty',
  '営業',
];

/** System tags first, then `count` of the company's own. */
export function drawTags(count: number, { seed, foundedAt }: Draw): TagState[] {
  const own = Array.from({ length: count }, (_, index) => {
    const random = new Random(seedOf(seed, 4, index));
    const name = tagNames[index] ?? `${random.pick(tagNames)} ${index + 1}`;
    return { name, color: `#${random.hex(6).toUpperCase()}`, description: null };
  });
  const system = systemTags.map(({ name, description }) => ({
    name: name ?? systemTagNames[description] ?? description,
    color: '#00B388',
    description,
  }));
  return [...system, ...own].map((tag, index) => ({ id: firstTagId + index, createdAt: foundedAt + index * 600, ...tag }));
}

export function drawWebhooks(count: number, { seed, foundedAt }: Draw): WebhookState[] {
  return Array.from({ length: count }, (_, index) => {
    const random = new Random(seedOf(seed, 5, index));
    return {
      webhookId: uuid(random),
      id: firstWebhookId + index,
      url: `https://hooks.example.com/aircall/${index + 1}`,
      active: random.chance(0.9),
      events: random.chance(0.5) ? ['call.ended', 'call.created', 'contact.updated'] : ['call.tagged', 'call.commented'],
      token: random.hex(32),
      createdAtMs: (foundedAt + index * daySeconds) * 1000 + random.below(1000),
      customName: 'Webhook',
      madeByIntegration: false,
    };
  });
}

function systemTagId(machineName: string): number {
  return firstTagId + systemTags.findIndex(({ description }) => description === machineName);
}
