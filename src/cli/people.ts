// The people who approve, put together for a command or a server from an open gateway.
import { randomBytes } from 'node:crypto';
import type { Clock } from '../base/index.ts';
import { PeopleDesk, strongCost } from '../gateway/index.ts';
import type { PeopleDeskParts } from '../gateway/index.ts';
import { PeopleStore } from '../store/index.ts';
import type { OpenGateway } from './gateway.ts';

export type OpenPeople = PeopleDeskParts & { readonly desk: PeopleDesk; readonly clock: Clock };

export function openPeople({ database, company, audit, keyring }: OpenGateway, clock: Clock): OpenPeople {
  // Hashes of passwords say what they are for, so that they and the secrets of agent keys cannot pass for one another.
  const work = { pepper: keyring.keys.agentKey, random: randomBytes, cost: strongCost };
  const parts = { store: new PeopleStore({ database, company }), audit, work, clock };
  return { ...parts, desk: new PeopleDesk(parts) };
}
