import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openShell } from '../../test/support/cli.ts';
import type { Shell } from '../../test/support/cli.ts';
import { systemClock } from '../base/index.ts';
import { openGatewayDatabase, takeServingPlace } from '../store/index.ts';

const old = ['--before', '2100-01-01', '--to', 'archive', '--by', 'olga'] as const;

async function openLogged(): Promise<Shell> {
  const shell = openShell();
  expect(await shell.run('agents', 'add', 'Support Agent', '--owner', 'olga', '--purpose', 'Answers', '--by', 'olga')).toMatchObject({
    code: 0,
  });
  for (const area of ['calls', 'contacts', 'tags', 'users'])
    expect(await shell.run('agents', 'grant', 'Support Agent', `${area}=read`, '--by', 'olga')).toMatchObject({ code: 0 });
  return shell;
}

async function archivedLog(): Promise<Shell> {
  const shell = await openLogged();
  expect(await shell.run('audit', 'archive', ...old)).toMatchObject({ code: 0 });
  return shell;
}

test('archive says what went where and from where on the log goes, and verify proves both', async () => {
  const shell = await openLogged();
  const { code, stdout, stderr } = await shell.run('audit', 'archive', ...old);
  expect([code, stderr]).toEqual([0, '']);
  const [file = ''] = readdirSync(join(shell.cwd, 'archive'));
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^Archived records 1 to 4, until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, into 1 file in .*archive:$/);
  expect(lines[1]).toMatch(new RegExp(`^  ${file}  SHA-256 [0-9a-f]{64}$`));
  expect(lines[2]).toBe('4 records taken out of the log; the room is used again.');
  expect(lines[3]).toMatch(/^The log goes from record 5 \(.* UTC\) on\.$/);
  const alone = await shell.run('audit', 'verify', '--by', 'pat');
  expect(alone.code).toBe(0);
  expect(alone.stdout).toMatch(/^The log of default is as it was written: 2 records, /);
  expect(alone.stdout).toMatch(
    /Records 1 to 4 \(until .* UTC\) are archived in 1 file, which were not looked at: --archive FOLDER verifies them, too\./,
  );
  const whole = await shell.run('audit', 'verify', '--archive', 'archive', '--by', 'pat');
  expect(whole.code).toBe(0);
  expect(whole.stdout).toContain('are archived in 1 file: 4 records were verified there.');
  expect((await shell.run('audit', 'tail', '--by', 'pat')).stdout).toMatch(
    /olga archived records 1 to 4, the last of .*, into audit-default-0000000001-0000000004\.jsonl\.gz \(SHA-256 [0-9a-f]{64}\)\./,
  );
  const altered = join(shell.cwd, 'archive', file);
  writeFileSync(altered, 'nothing');
  const found = await shell.run('audit', 'verify', '--archive', 'archive', '--json', '--by', 'pat');
  expect(found.code).toBe(1);
  expect(JSON.parse(found.stdout)).toMatchObject({
    clean: false,
    damages: [{ kind: 'unreadable', file }],
    archived: { records: 4, segments: 1 },
  });
});

test('with --json it is one document, and a second run has nothing to do', async () => {
  const shell = await openLogged();
  const first = JSON.parse((await shell.run('audit', 'archive', ...old, '--json')).stdout) as object;
  expect(first).toMatchObject({ segments: [{ firstSeq: 1, lastSeq: 4 }], removed: 4, kept: { fromSeq: 5 }, heldBackBy: null });
  const again = await shell.run('audit', 'archive', '--before', '1d', '--to', 'archive', '--by', 'olga');
  expect(again).toMatchObject({ code: 0, stderr: '' });
  expect(again.stdout).toMatch(/^Nothing to archive: no record that may go is as old\.\nThe log goes from record 5 \(/);
  expect(readdirSync(join(shell.cwd, 'archive'))).toHaveLength(1);
});

test('who looks back before what is kept is told since when it is', async () => {
  const shell = await archivedLog();
  const line = /^What came before record 5, and before .* UTC, is archived in files, and was not looked at here\.\n/;
  expect((await shell.run('audit', 'search', '--by', 'pat')).stderr).toMatch(line);
  expect((await shell.run('audit', 'search', '--by', 'pat', '--since', '2020-01-01')).stderr).toMatch(line);
  expect((await shell.run('audit', 'search', '--by', 'pat', '--limit', '1')).stderr).not.toMatch(line);
  expect((await shell.run('audit', 'search', '--by', 'pat', '--since', '2099-01-01')).stderr).toBe('No record fits.\n');
  expect((await shell.run('audit', 'export', '--by', 'pat')).stderr).toMatch(line);
  expect((await shell.run('audit', 'export', '--by', 'pat', '--after', '4')).stderr).toMatch(/^Exported/);
  expect((await shell.run('agents', 'unused', '--by', 'pat')).stderr).toMatch(line);
});

test('with the folder, search and export go back to the first record', async () => {
  const shell = await archivedLog();
  const searched = await shell.run('audit', 'search', '--agent', 'Support Agent', '--archive', 'archive', '--json', '--by', 'pat');
  expect(searched).toMatchObject({ code: 0, stderr: '' });
  expect((JSON.parse(searched.stdout) as { records: { seq: number }[] }).records.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  const exported = await shell.run('audit', 'export', '--archive', 'archive', '--by', 'pat');
  expect(exported.stderr).toMatch(/^Exported 8 records/);
  expect(exported.stdout).toContain('pat searched the log and its archive.');
  expect(await shell.run('audit', 'search', '--archive', 'nowhere')).toMatchObject({ code: 2 });
});

test('a checkpoint kept elsewhere of a record that is archived is compared where the folder is given', async () => {
  const shell = await openLogged();
  const kept = (await shell.run('audit', 'checkpoint', '--by', 'pat')).stdout;
  await shell.run('agents', 'grant', 'Support Agent', 'teams=read', '--by', 'olga');
  await shell.run('audit', 'archive', ...old);
  const without = await shell.run('audit', 'verify', '--checkpoint', kept, '--by', 'pat');
  // What was asked for was not done.
  expect(without.code).toBe(1);
  expect(without.stdout).toContain('The checkpoint kept elsewhere, of record 5, was not compared: that record is archived');
  const compared = await shell.run('audit', 'verify', '--checkpoint', kept, '--archive', 'archive', '--by', 'pat');
  expect(compared.code).toBe(0);
  expect(compared.stdout).not.toContain('was not compared');
  expect(await shell.run('audit', 'verify', '--archive', 'nowhere')).toMatchObject({ code: 2 });
});

test('--shrink gives the room back, and not while agents are served', async () => {
  const shell = await openLogged();
  const home = join(shell.cwd, '.trunkline');
  const database = await openGatewayDatabase({ home });
  const place = await takeServingPlace({ database, company: 'default', clock: systemClock });
  const refused = await shell.run('audit', 'archive', ...old, '--shrink');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('trunkline serve is running');
  await place.leave();
  database.prepare('CREATE TABLE filler (text TEXT)').run();
  database.prepare('INSERT INTO filler VALUES (hex(randomblob(2000000)))').run();
  database.prepare('DROP TABLE filler').run();
  database.close();
  const before = statSync(join(home, 'gateway.db')).size;
  expect(await shell.run('audit', 'archive', ...old, '--shrink')).toMatchObject({ code: 0 });
  expect(statSync(join(home, 'gateway.db')).size).toBeLessThan(before - 3_000_000);
  expect(await shell.run('audit', 'verify', '--archive', 'archive', '--indexes', '--by', 'pat')).toMatchObject({ code: 0 });
});

test('as long as nothing was archived there need not be a folder', async () => {
  const shell = await openLogged();
  expect(await shell.run('audit', 'verify', '--archive', 'archive')).toMatchObject({ code: 0 });
});

test('what cannot be archived is said with what can be done', async () => {
  const shell = await openLogged();
  expect(await shell.run('audit', 'archive', '--to', 'archive')).toMatchObject({ code: 2 });
  expect((await shell.run('audit', 'archive', '--before', 'yesterday', '--to', 'archive')).stderr).toContain('is not a date');
  shell.write('taken', '');
  const taken = await shell.run('audit', 'archive', '--before', '2100-01-01', '--to', 'taken');
  expect(taken.code).toBe(2);
  expect(taken.stderr).toContain('Nothing was taken out of the log');
  const database = await openGatewayDatabase({ home: join(shell.cwd, '.trunkline') });
  database.prepare('DELETE FROM audit_records WHERE seq = 5').run();
  database.close();
  expect((await shell.run('audit', 'archive', ...old)).stderr).toContain('Nothing is archived from a log whose end was altered.');
});
