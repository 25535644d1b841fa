// Which handler answers which endpoint. The type of the table makes a missing or misspelt one an error.
import type { Api } from '../../aircall/index.ts';
import type { Handler } from '../http/exchange.ts';
import { jsonAnswer } from '../http/message.ts';
import { listCalls, retrieveCall, searchCalls } from './read-calls.ts';
import { listContacts, retrieveContact, searchContacts } from './read-contacts.ts';
import {
  listAvailabilities,
  listNumbers,
  listTags,
  listTeams,
  listUserNumbers,
  listUsers,
  listWebhooks,
  retrieveAvailability,
  retrieveCompany,
  retrieveNumber,
  retrieveTag,
  retrieveTeam,
  retrieveUser,
  retrieveWebhook,
} from './read-directory.ts';

type Handlers = { readonly [Group in keyof Api]: { readonly [Name in keyof Api[Group]]: Handler } };
type SomeHandlers = { readonly [Group in keyof Handlers]?: Partial<Handlers[Group]> };

const table: SomeHandlers = {
  calls: { list: listCalls, search: searchCalls, retrieve: retrieveCall },
  contacts: { list: listContacts, search: searchContacts, retrieve: retrieveContact },
  users: {
    list: listUsers('v2'),
    retrieve: retrieveUser('v2'),
    numbers: listUserNumbers,
    listV1: listUsers('v1'),
    retrieveV1: retrieveUser('v1'),
    availabilities: listAvailabilities,
    availability: retrieveAvailability,
  },
  teams: { list: listTeams, retrieve: retrieveTeam },
  numbers: { list: listNumbers, retrieve: retrieveNumber },
  tags: { list: listTags, retrieve: retrieveTag },
  webhooks: { list: listWebhooks, retrieve: retrieveWebhook },
  company: { retrieve: retrieveCompany },
  ping: { check: () => jsonAnswer(200, '{"ping":"pong"}') },
};

/** By endpoint id. */
export const handlers: ReadonlyMap<string, Handler> = new Map(
  Object.entries(table).flatMap(([group, members]) =>
    Object.entries<Handler>(members).map(([name, handler]): [string, Handler] => [`${group}.${name}`, handler]),
  ),
);
