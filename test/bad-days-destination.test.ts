// What people do to a DuckDB file behind our back, and what a run makes of it.
import { rmSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { DestinationFailed } from '../src/load/index.ts';
import { failingLoads } from './support/failing-loads.ts';
import { type Lab, openLab } from './support/lab.ts';

const sizes = { calls: 120, contacts: 60 };

/** Runs statements on the file as somebody else would. */
async function tamper(lab: Lab, ...statements: readonly string[]): Promise<void> {
  const instance = await DuckDBInstance.create(lab.path);
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
}

function notices(lab: Lab): readonly string[] {
  return lab.events.flatMap((event) => (event.kind === 'notice' ? [event.text] : []));
}

const damages: readonly (readonly [string, string, readonly string[]])[] = [
  ['a table', 'tags', ['DROP VIEW aircall_data.live_tags', 'DROP TABLE aircall_data.tags']],
  ['the table of calls with its children', 'calls', ['DROP TABLE aircall_data.calls', 'DROP TABLE aircall_data.calls__tags']],
  ['a child table', 'calls__teams', ['DROP TABLE aircall_data.calls__teams']],
  ['a column', 'calls.cost', ['DROP VIEW aircall_data.live_calls', 'ALTER TABLE aircall_data.calls DROP COLUMN cost']],
  ['a column of a child table', 'teams__users.name', ['ALTER TABLE aircall_data.teams__users DROP COLUMN name']],
  ['the table of contacts', 'contacts', ['DROP TABLE aircall_data.contacts']],
];

test.for(damages)('%s dropped by hand is named and filled again', async ([, what, statements]) => {
  const lab = await openLab({ simulator: sizes });
  const streams = [/^[a-z]+/.exec(what)![0]];
  await lab.run({ streams });
  await tamper(lab, ...statements);
  expect((await lab.run({ streams })).outcome).toBe('done');
  expect(notices(lab).some((text) => text.includes(what))).toBe(true);
  expect(await lab.differences({ streams })).toEqual([]);
  await lab.pass(60);
  expect((await lab.run({ streams })).outcome).toBe('done');
  expect(notices(lab)).toEqual([]);
});

test('a dropped table is filled again even when the run that began to do so failed half-way', async () => {
  const historyStartMs = Date.UTC(2025, 9, 1);
  const lab = await openLab({ simulator: { ...sizes, calls: 200, historyStartMs }, client: { retry: { attempts: 2 } } });
  const streams = ['tags', 'calls'];
  await lab.run({ streams });
  await tamper(lab, 'DROP TABLE aircall_data.calls');
  lab.simulator.faults.always(
    { endpoint: 'calls.list', where: ({ query }) => /[?&]page=[3-9]/.test(query) },
    { kind: 'status', status: 500 },
  );
  expect((await lab.run({ streams })).outcome).toBe('incomplete');
  lab.simulator.faults.clear();
  expect((await lab.run({ streams })).outcome).toBe('done');
  expect(await lab.differences({ streams })).toEqual([]);
});

test('a dropped table is filled again even when a package of it was waiting', async () => {
  const lab = await openLab({ simulator: sizes });
  const streams = ['tags', 'calls'];
  await lab.run({ streams });
  const failed = new DestinationFailed({ label: 'the file', reason: 'a test said so.' });
  lab.simulator.company.tags.add({ name: 'Fresh', color: '#123ABC' });
  await expect(lab.run({ streams, destination: failingLoads(lab.destination, () => failed) })).rejects.toBe(failed);
  await tamper(lab, 'DROP TABLE aircall_data.tags');
  expect((await lab.run({ streams: ['calls'] })).outcome).toBe('done');
  expect((await lab.run({ streams })).outcome).toBe('done');
  expect(await lab.differences({ streams })).toEqual([]);
});

test('a dropped table whose stream cannot be read at all does not hinder the others', async () => {
  const lab = await openLab({ simulator: sizes, client: { retry: { attempts: 2 } } });
  const streams = ['users', 'tags'];
  await lab.run({ streams });
  await tamper(lab, 'DROP TABLE aircall_data.users');
  lab.simulator.faults.always({ endpoint: 'users.list' }, { kind: 'status', status: 500 });
  const result = await lab.run({ streams });
  expect(result.streams.filter(({ outcome }) => outcome !== 'done').map(({ stream, outcome }) => [stream, outcome])).toEqual([
    ['users', 'failed'],
  ]);
  lab.simulator.faults.clear();
  expect((await lab.run({ streams })).outcome).toBe('done');
  expect(await lab.differences({ streams })).toEqual([]);
});

test.for([
  [
    'users.wrap_up_time',
    'SMALLINT',
    'DROP VIEW aircall_data.live_users',
    'ALTER TABLE aircall_data.users ALTER wrap_up_time TYPE SMALLINT',
  ],
  ['calls__tags.id', 'INTEGER', 'DROP VIEW aircall_data.live_calls__tags', 'ALTER TABLE aircall_data.calls__tags ALTER id TYPE INTEGER'],
])(
  'a column altered by hand (%s to %s) is reported by name, and the other streams go on',
  async ([column = '', type = '', ...statements]) => {
    const lab = await openLab({ simulator: sizes });
    const streams = ['users', 'contacts', 'calls'];
    await lab.run({ streams });
    await tamper(lab, ...statements);
    lab.simulator.company.contacts.add({ firstName: 'New' });
    const result = await lab.run({ streams });
    expect(result.outcome).toBe('incomplete');
    const failed = result.streams.filter(({ outcome }) => outcome === 'failed');
    expect(failed.map(({ stream, error }) => [stream, error?.code])).toEqual([[column.split(/__|\./)[0], 'altered_table']]);
    expect(failed[0]?.messages[0]).toContain(column);
    expect(failed[0]?.messages[0]).toContain(type);
    expect(await lab.differences({ streams: ['contacts'] })).toEqual([]);

    await tamper(lab, statements[1]!.replace(`TYPE ${type}`, type === 'SMALLINT' ? 'TYPE INTEGER' : 'TYPE BIGINT'));
    expect((await lab.run({ streams })).outcome).toBe('done');
    expect(await lab.differences({ streams })).toEqual([]);
  },
);

test.for<[string, (lab: Lab) => unknown]>([
  ['deleted', (lab) => rmSync(lab.path)],
  ['emptied', (lab) => tamper(lab, 'DROP SCHEMA aircall_data CASCADE')],
])('a destination that was %s is refused until somebody says that this was meant', async ([, destroy]) => {
  const lab = await openLab({ simulator: sizes });
  const streams = ['users', 'tags', 'contacts', 'calls'];
  await lab.run({ streams });
  await destroy(lab);
  const requests = lab.simulator.requests.count;
  await expect(lab.run({ streams })).rejects.toMatchObject({ code: 'destination_emptied' });
  await expect(lab.run({ streams })).rejects.toMatchObject({ code: 'destination_emptied' });
  expect(lab.simulator.requests.count).toBe(requests);
  expect((await lab.run({ streams, adoptEmptyDestination: true })).outcome).toBe('done');
  expect(await lab.differences({ streams })).toEqual([]);
  expect((await lab.run({ streams })).outcome).toBe('done');
});

test('rows that somebody deleted or changed by hand come back with a full read', async () => {
  const lab = await openLab({ simulator: sizes });
  const streams = ['users', 'tags', 'contacts', 'calls'];
  await lab.run({ streams });
  await tamper(
    lab,
    'DELETE FROM aircall_data.calls WHERE id % 2 = 0',
    "UPDATE aircall_data.users SET name = 'x'",
    'DELETE FROM aircall_data.contacts__emails',
  );
  expect((await lab.run({ streams, full: true })).outcome).toBe('done');
  expect(await lab.differences({ streams })).toEqual([]);
});

test('columns, tables and views that somebody added of their own are left alone', async () => {
  const lab = await openLab({ simulator: sizes });
  const streams = ['users', 'tags', 'contacts', 'calls'];
  await lab.run({ streams });
  await tamper(
    lab,
    'CREATE TABLE aircall_data.notes (call_id BIGINT, note VARCHAR)',
    "INSERT INTO aircall_data.notes VALUES (1, 'mine')",
    'ALTER TABLE aircall_data.tags ADD COLUMN mine VARCHAR',
  );
  lab.simulator.company.tags.add({ name: 'Fresh', color: '#123ABC' });
  expect((await lab.run({ streams, full: true })).outcome).toBe('done');
  expect(await lab.differences({ streams })).toEqual([]);
});
