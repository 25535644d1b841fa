// What a capability does to Aircall, in words for whoever is about to use it or to say yes to it.
import type { Effect } from '../../aircall/index.ts';

export const consequences: Readonly<Record<Effect, string>> = {
  read: 'It only reads.',
  add: 'It adds something that others will see.',
  change: 'It changes what the company has stored or set up.',
  delete: 'It deletes, and nothing brings it back.',
  live: 'It acts at once, on a live call or a person’s screen or phone.',
  egress: 'It sends something out of the company.',
};
