// The names that people read: of areas, levels, classes and limits. Sentences are made of these and of what operators wrote.
import type { FieldTreatment, GrantArea, Level, RuledClass } from './types.ts';

export const areaNames: Readonly<Record<GrantArea, string>> = {
  calls: 'Calls',
  recordings: 'Recordings',
  conversation: 'Conversation',
  contacts: 'Contacts',
  messages: 'Messages',
  users: 'Users',
  teams: 'Teams',
  numbers: 'Numbers',
  tags: 'Tags',
  webhooks: 'Webhooks',
  dialer: 'Dialer',
  ai_voice: 'AI voice',
  analytics: 'Analytics',
  company: 'Company',
};

/** All areas that can be granted, in the order of the catalogue. */
export const grantAreas = Object.keys(areaNames) as readonly GrantArea[]; // the keys of the record above, which is total

export const levelNames: Readonly<Record<Level, string>> = { off: 'Off', read: 'Read', write: 'Write', full: 'Full use' };

export const classNames: Readonly<Record<RuledClass, string>> = {
  phone: 'phone numbers',
  email: 'e-mail addresses',
  person: 'names of people',
  freetext: 'free text',
  media: 'media links',
};

export const ruledClasses = Object.keys(classNames) as readonly RuledClass[]; // the keys of the record above, which is total

export const treatmentNames: Readonly<Record<FieldTreatment, string>> = {
  show: 'shown',
  tokenize: 'replaced by tokens',
  mask: 'masked',
  hide: 'hidden',
};

/** “a”, “a and b”, “a, b and c”. */
export function listed(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), ...words.slice(-1)].filter((part) => part !== '').join(' and ');
}
