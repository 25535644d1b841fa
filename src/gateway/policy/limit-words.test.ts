import { expect, test } from 'vitest';
import { forbidText, limitsText } from './limit-words.ts';
import type { Constraint, Guardrail } from './types.ts';

const hours = (days: readonly number[]) => ({ hours: { days, from: '09:00', to: '17:00', timeZone: 'Europe/Paris' } });

test.each<[Constraint, string]>([
  [{}, ''],
  [
    { teams: ['7'], numbers: ['1', '2'], users: [], tags: ['3', '4', '5'] },
    'only team 7; only numbers 1 and 2; no users at all; only tags 3, 4 and 5',
  ],
  [{ directions: ['inbound'] }, 'only inbound calls'],
  [{ newerThanSeconds: 2_592_000 }, 'only what is newer than 30 days'],
  [{ newerThanSeconds: 86_400 }, 'only what is newer than 1 day'],
  [{ newerThanSeconds: 129_600 }, 'only what is newer than 36 hours'],
  [{ newerThanSeconds: 90 }, 'only what is newer than 90 seconds'],
  [{ newerThanSeconds: 0 }, 'only what is newer than 0 seconds'],
  [hours([1, 2, 3, 4, 5]), 'only from 09:00 to 17:00 (Europe/Paris) on Monday to Friday'],
  [hours([4, 2]), 'only from 09:00 to 17:00 (Europe/Paris) on Tuesday and Thursday'],
  [hours([7, 1, 2, 3, 4, 5, 6]), 'only from 09:00 to 17:00 (Europe/Paris) on every day'],
  [{ maximumRowsPerDay: 1, maximumWritesPerDay: 0 }, 'at most 1 row a day; at most 0 changes a day'],
])('limits %j are told in words', (constraint, text) => {
  expect(limitsText(constraint)).toBe(text);
});

test.each<[Guardrail['forbids'], string]>([
  [{ area: 'recordings', effect: 'delete' }, 'forbids deleting in Recordings'],
  [{ area: 'webhooks' }, 'forbids everything in Webhooks'],
  [{ effect: 'egress' }, 'forbids sending'],
  [{ capability: 'calls.deleteRecording' }, 'forbids “Delete the recording of a call”'],
])('a company rule about %j says what it forbids', (forbids, text) => {
  expect(forbidText(forbids)).toBe(text);
});
