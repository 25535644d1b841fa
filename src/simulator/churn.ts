// A company that goes on living while it is read: rows appear, change, move, vanish and age out between requests, and
// even between the count of a list and its rows.
import { addComment, changeCall, startCall, tagCall } from './company/change-calls.ts';
import { addContact, changeContact, removeContact } from './company/change-contacts.ts';
import {
  addTag,
  addTeam,
  addUser,
  addWebhook,
  changeNumber,
  changeTag,
  changeTeam,
  changeUser,
  changeWebhook,
  removeTag,
  removeTeam,
  removeUser,
} from './company/change-directory.ts';
import type { Company } from './company/company.ts';
import { settled } from './company/life-cycle.ts';
import { drawPhoneNumber } from './company/phone-numbers.ts';
import type { CallState, ContactState, UserState } from './company/state.ts';
import { drawCompanyName, drawName, drawRemark, emailAddress } from './company/words.ts';
import { presences } from '../aircall/index.ts';
import { Random, seedOf } from './random.ts';

/** What can happen to a company. */
export const churnEvents = [
  'callStarted',
  'callRewritten',
  'callMoved',
  'callTagged',
  'callCommented',
  'callArchived',
  'callVanished',
  'contactAdded',
  'contactChanged',
  'contactRemoved',
  'userAdded',
  'userChanged',
  'userRemoved',
  'presenceChanged',
  'teamAdded',
  'teamChanged',
  'teamRemoved',
  'numberChanged',
  'tagAdded',
  'tagChanged',
  'tagRemoved',
  'webhookAdded',
  'webhookChanged',
  'webhookRemoved',
] as const;
export type ChurnEvent = (typeof churnEvents)[number];

/** How often each thing happens on average: 0.1 is once in ten requests. */
export type ChurnRates = { readonly [E in ChurnEvent]?: number };

export type ChurnOptions = {
  readonly seed: number;
  /** Before each request. */
  readonly perRequest?: ChurnRates;
  /** Between the count of a list and its rows. */
  readonly withinPage?: ChurnRates;
  /** Seconds that pass before each request; what ages out then is gone. Default: 0. */
  readonly secondsPerRequest?: number;
  /**
   * Calls are rewritten, moved, tagged and so on only this many seconds after their end. Default: an hour. `Infinity`
   * reaches every call.
   */
  readonly recentSeconds?: number;
  /** Told of each thing that happened. */
  readonly onEvent?: (event: ChurnEvent) => void;
};

/** A busy company: every request meets a few changes. */
export const busyChurn: ChurnRates = {
  callStarted: 0.5,
  callRewritten: 0.3,
  callMoved: 0.2,
  callTagged: 0.3,
  callCommented: 0.2,
  callArchived: 0.1,
  contactAdded: 0.3,
  contactChanged: 0.5,
  contactRemoved: 0.2,
  userAdded: 0.02,
  userChanged: 0.05,
  userRemoved: 0.02,
  presenceChanged: 0.3,
  teamAdded: 0.02,
  teamChanged: 0.05,
  teamRemoved: 0.01,
  numberChanged: 0.02,
  tagAdded: 0.03,
  tagChanged: 0.02,
  tagRemoved: 0.01,
  webhookAdded: 0.01,
  webhookChanged: 0.01,
  webhookRemoved: 0.01,
};

export class Churn {
  /** How often each thing happened. */
  readonly counts: Readonly<Record<ChurnEvent, number>>;
  readonly #company: Company;
  readonly #options: ChurnOptions;
  readonly #random: Random;
  #isStopped = false;

  constructor(company: Company, options: ChurnOptions) {
    this.#company = company;
    this.#options = options;
    this.#random = new Random(seedOf(options.seed, 73));
    this.counts = Object.fromEntries(churnEvents.map((event) => [event, 0])) as Record<ChurnEvent, number>;
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Lets pass what passes between two requests. */
  beforeRequest(): void {
    if (this.#isStopped) return;
    const { secondsPerRequest = 0, perRequest } = this.#options;
    if (secondsPerRequest > 0) this.#company.advance(secondsPerRequest);
    this.#happen(perRequest);
  }

  /** Lets pass what passes between the two queries behind one page. */
  withinPage(): void {
    if (!this.#isStopped) this.#happen(this.#options.withinPage);
  }

  /** Lets one thing happen now, if there is anything it could happen to. */
  once(event: ChurnEvent): void {
    const isDone = happenings[event](this.#company, this.#random, this.#options.recentSeconds ?? 3_600);
    if (!isDone) return;
    (this.counts as Record<ChurnEvent, number>)[event] += 1;
    this.#options.onEvent?.(event);
  }

  #happen(rates: ChurnRates | undefined): void {
    if (rates === undefined) return;
    for (const event of churnEvents) {
      const mean = rates[event];
      if (mean === undefined) continue;
      for (let times = this.#random.times(mean); times > 0; times -= 1) this.once(event);
    }
  }
}

/** Whether it happened. */
type Happening = (company: Company, random: Random, recentSeconds: number) => boolean;

const happenings: Readonly<Record<ChurnEvent, Happening>> = {
  callStarted: (company, random) => {
    const contact = random.chance(0.5) ? anyContact(company, random) : undefined;
    startCall(company, contact === undefined ? {} : { contactId: contact.id });
    return true;
  },
  callRewritten: onCall((call, company) => {
    // A late rewrite shows in fields that no timestamp tells about.
    const cost = call.cost === '0.0' ? '3.0' : '0.0';
    company.calls.put({ ...settled(call, 0), cost, pricingType: call.pricingType === 'in_bundle' ? 'out_of_bundle' : 'in_bundle' });
  }),
  callMoved: onCall((call, company, random) => {
    const shift = random.chance(0.5) ? 1 : -1;
    const startedAt = Math.min(call.startedAt + shift, call.answeredAt ?? call.endedAt ?? call.startedAt);
    company.calls.put({ ...call, startedAt, duration: (call.endedAt ?? startedAt) - startedAt });
  }),
  callTagged: onCall((call, company, random) => {
    const tags = company.tags.list();
    if (tags.length > 0) tagCall(company, call, [random.pick(tags).id], company.users.list()[0]?.id ?? null);
  }),
  callCommented: onCall((call, company, random) => {
    if (call.comments.length < 5) addComment(company, call, drawRemark(random), null);
  }),
  callArchived: onCall((call, company) => {
    changeCall(company, call.id, { archived: !call.archived });
  }),
  callVanished: onCall((call, company) => {
    company.calls.remove(call.id);
  }),

  contactAdded: (company, random) => {
    const name = drawName(random);
    addContact(company, {
      firstName: name.first,
      lastName: name.last,
      companyName: drawCompanyName(random),
      phoneNumbers: [{ label: 'Work', value: drawPhoneNumber(random).e164 }],
      emails: [{ label: 'Work', value: emailAddress(name, company.contacts.count) }],
    });
    return true;
  },
  contactChanged: (company, random) => {
    const contact = anyContact(company, random);
    if (contact === undefined) return false;
    const change = random.chance(0.5) ? { information: drawRemark(random) } : { companyName: drawCompanyName(random) };
    return changeContact(company, contact.id, change) !== undefined;
  },
  contactRemoved: (company, random) => {
    const contact = anyContact(company, random);
    return contact !== undefined && removeContact(company, contact.id);
  },

  userAdded: (company, random) => {
    const name = drawName(random);
    addUser(company, { name: `${name.first} ${name.last}`, email: emailAddress(name, 10_000 + company.users.nextId()) });
    return true;
  },
  userChanged: (company, random) => {
    const user = anyUser(company, random);
    return user !== undefined && changeUser(company, user.id, { wrapUpTime: (user.wrapUpTime + 10) % 120 }) !== undefined;
  },
  userRemoved: (company, random) => {
    const user = anyUser(company, random);
    return user !== undefined && company.users.count > 1 && removeUser(company, user.id);
  },
  presenceChanged: (company, random) => {
    const user = anyUser(company, random);
    return user !== undefined && changeUser(company, user.id, { availability: random.pick(presences) }) !== undefined;
  },

  teamAdded: (company) => {
    addTeam(company, {
      name: `Team ${company.teams.nextId()}`,
      userIds: company.users
        .list()
        .slice(0, 2)
        .map(({ id }) => id),
    });
    return true;
  },
  teamChanged: (company, random) => {
    const team = any(company.teams.list(), random);
    const user = anyUser(company, random);
    if (team === undefined || user === undefined) return false;
    const isMember = team.userIds.includes(user.id);
    const userIds = isMember ? team.userIds.filter((id) => id !== user.id) : [...team.userIds, user.id];
    return changeTeam(company, team.id, { userIds }) !== undefined;
  },
  teamRemoved: (company, random) => {
    const team = any(company.teams.list(), random);
    return team !== undefined && removeTeam(company, team.id);
  },
  numberChanged: (company, random) => {
    const number = any(company.numbers.list(), random);
    const availabilityStatus = random.pick(['open', 'custom', 'closed']);
    return number !== undefined && changeNumber(company, number.id, { availabilityStatus }) !== undefined;
  },
  tagAdded: (company) => {
    addTag(company, { name: `Tag ${company.tags.nextId()}`, color: '#123ABC' });
    return true;
  },
  tagChanged: (company, random) => {
    const tag = any(
      company.tags.list().filter(({ description }) => description === null),
      random,
    );
    return tag !== undefined && changeTag(company, tag.id, { color: `#${random.hex(6).toUpperCase()}` }) !== undefined;
  },
  tagRemoved: (company, random) => {
    const tag = any(
      company.tags.list().filter(({ description }) => description === null),
      random,
    );
    return tag !== undefined && removeTag(company, tag.id);
  },
  webhookAdded: (company) => {
    addWebhook(company, { url: `https://hooks.example.com/${company.webhooks.count}`, events: ['call.ended'] });
    return true;
  },
  webhookChanged: (company, random) => {
    const webhook = any(company.webhooks.list(), random);
    return webhook !== undefined && changeWebhook(company, webhook.webhookId, { active: !webhook.active }) !== undefined;
  },
  webhookRemoved: (company, random) => {
    const webhook = any(company.webhooks.list(), random);
    return webhook !== undefined && company.webhooks.remove(webhook.webhookId);
  },
};

/** Picks a finished call of the last while, if there is one. */
function onCall(change: (call: CallState, company: Company, random: Random) => void): Happening {
  return (company, random, recentSeconds) => {
    const { index } = company.calls;
    // A call lasts two hours at most, so what ended recently started not much earlier.
    const since = recentSeconds === Number.POSITIVE_INFINITY ? 0 : Math.max(0, company.now() - recentSeconds - 7_200);
    const low = index.positionOf(Math.max(since, company.horizon()));
    for (let attempt = 0; attempt < 8 && low < index.count; attempt += 1) {
      const call = company.calls.atSlot(index.slotAt(low + random.below(index.count - low)));
      if (call.endedAt === null || call.endedAt < company.now() - recentSeconds) continue;
      change(call, company, random);
      return true;
    }
    return false;
  };
}

function anyContact(company: Company, random: Random): ContactState | undefined {
  const { byCreation } = company.contacts;
  return byCreation.count === 0 ? undefined : company.contacts.atSlot(byCreation.slotAt(random.below(byCreation.count)));
}

function anyUser(company: Company, random: Random): UserState | undefined {
  return any(company.users.list(), random);
}

function any<T>(rows: readonly T[], random: Random): T | undefined {
  return rows.length === 0 ? undefined : random.pick(rows);
}
