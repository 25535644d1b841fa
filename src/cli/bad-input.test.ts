// What a person may get wrong: everything ends with exit 2 before any request, naming the value and a valid example.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openShell, type Shell } from '../../test/support/cli.ts';
import { startSimulator } from '../simulator/index.ts';

type Case = readonly [name: string, line: readonly string[], prepare: (shell: Shell) => void, parts: readonly string[]];

const nothing = () => {};
const set = (values: Readonly<Record<string, string>>) => (shell: Shell) => void Object.assign(shell.env, values);

const cases: readonly Case[] = [
  ['an unknown command', ['snyc'], nothing, ['"snyc"', 'trunkline sync']],
  ['a flag before the command', ['--jsonn'], nothing, ['--jsonn']],
  ['an unknown flag', ['sync', '--jsn'], nothing, ['--jsn', '--json']],
  ['a flag without its value', ['sync', '--from'], nothing, ['--from <date>', '--help']],
  ['a missing argument', ['query'], nothing, ['sql']],
  ['an argument too many', ['explain', 'this'], nothing, ['explain']],
  ['an unknown stream', ['sync', 'cals'], nothing, ['"cals"', 'calls']],
  ['an unknown stream in a setting', ['sync'], set({ TRUNKLINE_STREAMS: 'calls,contcts' }), ['"contcts"', 'contacts']],
  [
    'an unknown stream in the fields',
    ['sync'],
    (shell) => shell.write('trunkline.config.json', { fields: { cals: {} } }),
    ['"cals"', '"calls"'],
  ],
  ['a malformed date', ['sync', '--start-date', '31.1.2026'], nothing, ['"31.1.2026"', '--start-date 2026-01-31']],
  ['a date that does not exist', ['sync', '--from', '2026-02-30'], nothing, ['--from is "2026-02-30"', '--from 2026-03-01']],
  ['a range that ends before it begins', ['sync', '--from', '2026-03-07', '--to', '2026-03-01'], nothing, ['2026-03-07', '2026-03-01']],
  ['a range without a beginning', ['sync', '--to', '2026-03-01'], nothing, ['--to', '--from']],
  ['a start in the future', ['sync', '--start-date', '2999-01-01'], nothing, ['2999-01-01', '--start-date']],
  ['a number that is none', ['sync', '--max-minutes', 'five'], nothing, ['"five"', '--max-minutes 5']],
  ['a span that is none', ['status', '--fail-if-older', 'soon'], nothing, ['"soon"', '--fail-if-older 2h']],
  ['a format that is none', ['query', 'SELECT 1', '--format', 'xml'], nothing, ['"xml"', 'csv']],
  ['a destination nobody knows', ['sync', '--destination', 'mysql://db'], nothing, ['"mysql://db"', 'duckdb:./aircall.duckdb']],
  ['a destination that is not built', ['sync', '--destination', 'snowflake://a/b'], nothing, ['snowflake', 'duckdb:./aircall.duckdb']],
  ['a path instead of a URL', ['sync', '--destination', 'x.duckdb'], nothing, ['duckdb:x.duckdb']],
  ['a dataset like the file', ['sync', '--dataset', 'aircall'], nothing, ['"aircall"', 'aircall_data']],
  ['a dataset that is no name', ['sync', '--dataset', 'my data'], nothing, ['"my data"', 'aircall_data']],
  ['a plain http address elsewhere', ['sync', '--base-url', 'http://api.example.com'], nothing, ['http://api.example.com', 'https://']],
  ['a reserve that leaves nothing', ['sync', '--quota', '10', '--reserve', '10'], nothing, ['10', 'TRUNKLINE_QUOTA']],
  [
    'an unknown key in the configuration file',
    ['sync'],
    (shell) => shell.write('trunkline.config.json', { quotta: 5 }),
    ['"quotta"', '"quota"'],
  ],
  [
    'a configuration file that is not JSON',
    ['sync'],
    (shell) => shell.write('trunkline.config.json', '{ quota: 5 }'),
    ['trunkline.config.json'],
  ],
  ['a home folder that is a file', ['sync', '--home', 'taken/home'], (shell) => shell.write('taken', ''), ['taken/home', 'TRUNKLINE_HOME']],
  [
    'a destination in a folder that is a file',
    ['sync', '--destination', 'duckdb:taken/x.duckdb'],
    (shell) => shell.write('taken', ''),
    ['duckdb:taken/x.duckdb'],
  ],
  ['a destination that is a folder', ['sync', '--destination', 'duckdb:taken'], (shell) => mkdirSync(join(shell.cwd, 'taken')), ['taken']],
  [
    'a field setting that fits nothing',
    ['sync'],
    (shell) => shell.write('trunkline.config.json', { fields: { calls: { drop: ['nonsense.field'] } } }),
    ['nonsense.field'],
  ],
  [
    'a field hashed without a salt',
    ['sync'],
    (shell) => shell.write('trunkline.config.json', { fields: { calls: { hash: ['user.email'] } } }),
    ['TRUNKLINE_HASH_SALT'],
  ],
];

describe('exit 2, before any request', () => {
  test.each(cases)('%s', async (_name, line, prepare, parts) => {
    const simulator = await startSimulator({ calls: 1, contacts: 1 });
    onTestFinished(() => simulator.close());
    const shell = openShell({
      env: { AIRCALL_API_ID: simulator.apiId, AIRCALL_API_TOKEN: simulator.apiToken, AIRCALL_BASE_URL: simulator.baseUrl },
    });
    prepare(shell);
    const { code, stdout, stderr } = await shell.run(...line);
    expect({ code, stdout, requests: simulator.requests.count }).toEqual({ code: 2, stdout: '', requests: 0 });
    for (const part of parts) expect(stderr).toContain(part);
    expect(stderr).not.toMatch(/\bat .+:\d+:\d+/);
  });
});

describe('credentials', () => {
  test('none: where to make one', async () => {
    const { code, stderr } = await openShell().run('sync');
    expect(code).toBe(2);
    expect(stderr).toMatch(/AIRCALL_API_ID.*AIRCALL_API_TOKEN/);
    expect(stderr).toContain('Integrations & API');
  });

  test.each(['AIRCALL_API_ID', 'AIRCALL_API_TOKEN'])('only %s: the other is named', async (name) => {
    const { code, stderr } = await openShell({ env: { [name]: 'hunter2' } }).run('sync');
    expect(code).toBe(2);
    expect(stderr).toContain('AIRCALL_API_ID');
    expect(stderr).toContain('AIRCALL_API_TOKEN');
    expect(stderr).not.toContain('hunter2');
  });

  test('a key pair and a token in one place: which two', async () => {
    const env = { AIRCALL_API_ID: 'a', AIRCALL_API_TOKEN: 'b', AIRCALL_ACCESS_TOKEN: 'c' };
    const { code, stderr } = await openShell({ env }).run('sync');
    expect(code).toBe(2);
    expect(stderr).toContain('AIRCALL_ACCESS_TOKEN');
  });

  test('refused by Aircall: exit 3, which one, and where to get a key', async () => {
    const simulator = await startSimulator({ calls: 1, contacts: 1 });
    onTestFinished(() => simulator.close());
    const env = { AIRCALL_API_ID: 'wrong', AIRCALL_API_TOKEN: 'hunter2', AIRCALL_BASE_URL: simulator.baseUrl };
    for (const line of [['sync'], ['check']]) {
      const { code, stdout, stderr } = await openShell({ env }).run(...line);
      expect(code).toBe(3);
      expect(stdout + stderr).toMatch(/API key|Integrations & API/);
      expect(stdout + stderr).not.toContain('hunter2');
    }
  });
});

test('a start date beyond the six months is a notice, and the sync goes on', async () => {
  const simulator = await startSimulator({ calls: 5, contacts: 1, requestsPerMinute: 'off' });
  onTestFinished(() => simulator.close());
  const env = { AIRCALL_API_ID: simulator.apiId, AIRCALL_API_TOKEN: simulator.apiToken, AIRCALL_BASE_URL: simulator.baseUrl };
  const { code, stderr } = await openShell({ env }).run('sync', 'calls', '--start-date', '2020-01-01');
  expect(code).toBe(0);
  expect(stderr).toContain('six months');
});

test('with --json an error is a document on stdout, too', async () => {
  const { code, stdout } = await openShell().run('sync', '--json');
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'no_credential' } });
});
