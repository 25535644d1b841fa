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

export const api = {
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
} as const satisfies Readonly<Record<string, Readonly<Record<string, Endpoint>>>>;

export type Api = typeof api;

/** All endpoints in one list, group by group. */
export const endpoints: readonly Endpoint[] = Object.values<Readonly<Record<string, Endpoint>>>(api).flatMap((group) =>
  Object.values(group),
);

/** Routes that only old clients know. Nothing is built on them: the client has no method for them, the simulator no route. */
export const legacy = [
  { method: 'POST', path: '/v1/calls/:id/metadata', replacedBy: 'calls.pushInsightCard' },
  { method: 'POST', path: '/v1/calls/:id/link', replacedBy: 'calls.pushInsightCard' },
] as const;
