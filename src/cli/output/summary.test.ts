import { expect, test } from 'vitest';
import type { StreamResult } from '../../sync/index.ts';
import { styleOf } from './style.ts';
import { summaryLines } from './summary.ts';

const stream = (name: string, error: { message: string; hint?: string } | null): StreamResult => ({
  stream: name,
  outcome: error === null ? 'done' : 'failed',
  rows: 1,
  written: 0,
  deleted: 0,
  quarantined: 0,
  windows: 0,
  requests: 1,
  listed: 1,
  distinct: 1,
  liveRows: 1,
  secretsDropped: 0,
  messages: error === null ? [] : [error.message],
  error: error === null ? null : { code: 'failed', message: error.message, hint: error.hint },
});

test('a hint stands below the last of the messages in a row that it belongs to', () => {
  const lines = summaryLines(
    {
      outcome: 'incomplete',
      startedAt: '2026-10-01T08:00:00.000Z',
      endedAt: '2026-10-01T08:00:01.000Z',
      requests: 5,
      packages: [],
      stillDue: [],
      streams: [
        stream('company', { message: 'blocked', hint: 'Look at the proxy.' }),
        stream('users', null),
        stream('teams', { message: 'blocked too', hint: 'Look at the proxy.' }),
        stream('tags', { message: 'refused' }),
        stream('calls', { message: 'failed', hint: 'Look at the status page.' }),
      ],
    },
    {
      destination: { scheme: 'duckdb', path: 'x.duckdb', label: 'duckdb:x.duckdb' },
      style: styleOf({ isTerminal: false, columns: () => Infinity, write: () => Promise.resolve() }, {}),
      width: Infinity,
    },
  );
  const told = lines.slice(lines.indexOf('! company: blocked'), lines.indexOf('  Look at the status page.') + 1);
  expect(told).toEqual([
    '! company: blocked',
    '! teams: blocked too',
    '  Look at the proxy.',
    '! tags: refused',
    '! calls: failed',
    '  Look at the status page.',
  ]);
});
