// All endpoints, by group and method. The client's methods are the same groups and methods.
import type { Endpoint } from './endpoint.ts';
import { aiVoice } from './resources/ai-voice.ts';
import { analytics } from './resources/analytics.ts';
import { calls } from './resources/calls.ts';
import { companies } from './resources/company.ts';
import { contacts } from './resources/contacts.ts';
import { conversation } from './resources/conversation.ts';
import { dialer } from './resources/dialer.ts';
import { integrations } from './resources/integrations.ts';
import { messages } from './resources/messages.ts';
import { numbers } from './resources/numbers.ts';
import { oauth } from './resources/oauth.ts';
import { ping } from './resources/ping.ts';
import { tags } from './resources/tags.ts';
import { teams } from './resources/teams.ts';
import { users } from './resources/users.ts';
import { webhooks } from './resources/webhooks.ts';

/** The client's methods follow from this type: group, method, endpoint. */
export interface Api {
  readonly calls: typeof calls;
  readonly contacts: typeof contacts;
  readonly users: typeof users;
  readonly teams: typeof teams;
  readonly numbers: typeof numbers;
  readonly tags: typeof tags;
  readonly webhooks: typeof webhooks;
  readonly company: typeof companies;
  readonly conversation: typeof conversation;
  readonly dialer: typeof dialer;
  readonly messages: typeof messages;
  readonly aiVoice: typeof aiVoice;
  readonly analytics: typeof analytics;
  readonly integrations: typeof integrations;
  readonly oauth: typeof oauth;
  readonly ping: typeof ping;
}

export const api: Api = {
  calls,
  contacts,
  users,
  teams,
  numbers,
  tags,
  webhooks,
  company: companies,
  conversation,
  dialer,
  messages,
  aiVoice,
  analytics,
  integrations,
  oauth,
  ping,
};

/** All endpoints in one list, group by group. */
export const endpoints: readonly Endpoint[] = Object.values<Readonly<Record<string, Endpoint>>>({ ...api }).flatMap((group) =>
  Object.values(group),
);

/** Routes that only old clients know. Nothing is built on them: the client has no method for them, the simulator no route. */
export const legacy = [
  { method: 'POST', path: '/v1/calls/:id/metadata', replacedBy: 'calls.pushInsightCard' },
  { method: 'POST', path: '/v1/calls/:id/link', replacedBy: 'calls.pushInsightCard' },
] as const;
