import { createHash, createPublicKey, verify } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openShell } from '../../test/support/cli.ts';
import type { Shell } from '../../test/support/cli.ts';
import { openGatewayDatabase } from '../store/index.ts';

const agent = ['agents', 'add', 'Support Agent', '--owner', 'olga', '--purpose', 'Answers', '--by', 'olga'];

async function openLogged(): Promise<Shell> {
  const shell = openShell();
  expect(await shell.run(...agent)).toMatchObject({ code: 0 });
  expect(await shell.run('agents', 'grant', 'Support Agent', 'calls=read', '--by', 'olga')).toMatchObject({ code: 0 });
  return shell;
}

async function tamper(shell: Shell, sql: string): Promise<void> {
  const database = await openGatewayDatabase({ home: join(shell.cwd, '.trunkline') });
  database.prepare(sql).run();
  database.close();
}

test('tail shows the newest records, and that somebody looked', async () => {
  const shell = await openLogged();
  const { code, stdout } = await shell.run('audit', 'tail', '--by', 'pat');
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^ {5}1 {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC {2}olga .*Support Agent.* {2}\[adm_[0-9a-f]{24}\]$/);
  expect(lines[2]).toContain('pat looked at the end of the log.');
  expect((await shell.run('audit', 'tail', '--lines', '1', '--by', 'pat')).stdout.trimEnd().split('\n')).toHaveLength(1);
});

test('search finds by agent, phase, words and time, and says when nothing fits', async () => {
  const shell = await openLogged();
  const found = async (...options: string[]) => {
    const { stdout } = await shell.run('audit', 'search', '--by', 'pat', '--json', ...options);
    return (JSON.parse(stdout) as { records: { seq: number; hash: string; sentence: string }[] }).records.map(({ seq }) => seq);
  };
  expect(await found('--agent', 'support agent')).toEqual([1, 2]);
  expect(await found('--agent', 'Support Agent', '--text', 'READ')).toEqual([2]);
  expect(await found('--phase', 'intent')).toEqual([]);
  expect(await found('--until', '2020-01-01')).toEqual([]);
  expect(await found('--since', '2020-01-01', '--limit', '1')).toEqual([7]);
  expect(await shell.run('audit', 'search', '--decision', 'deny', '--by', 'pat')).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'No record fits.\n',
  });
  const unknown = await shell.run('audit', 'search', '--agent', 'Suport Agent');
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain('Did you mean "Support Agent"?');
});

test('a search for a number is recorded without the number', async () => {
  const shell = await openLogged();
  await shell.run('audit', 'search', '--phone', '+33 6 12 34 56 78', '--text', 'Dupont', '--by', 'pat');
  const { stdout } = await shell.run('audit', 'export', '--by', 'pat');
  expect(stdout).toContain('pat searched the log.');
  expect(stdout).toMatch(/"contains":"hmac:tel:[0-9a-f]{32}"/);
  expect(stdout).not.toMatch(/612345678|12 34 56|Dupont/);
});

test('verify ends with 0 for a log as it was written, and with 1 and the place for one that was altered', async () => {
  const shell = await openLogged();
  const clean = await shell.run('audit', 'verify', '--indexes', '--by', 'pat');
  expect(clean.code).toBe(0);
  expect(clean.stdout).toMatch(/^The log of default is as it was written: 2 records, 2 checkpoints\./);
  await tamper(shell, "UPDATE audit_records SET bytes = replace(bytes, 'olga', 'mona') WHERE seq = 2");
  const altered = await shell.run('audit', 'verify', '--by', 'pat');
  expect(altered.code).toBe(1);
  expect(altered.stdout).toContain('NOT as it was written');
  expect(altered.stdout).toContain('Record 2 was altered or replaced.');
  const json = await shell.run('audit', 'verify', '--json', '--by', 'pat');
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({ clean: false, damages: [{ kind: 'altered', fromSeq: 2, toSeq: 2 }] });
});

test('a log whose end was altered can still be verified and read, and nothing else can be done', async () => {
  const shell = await openLogged();
  await tamper(shell, 'DELETE FROM audit_records WHERE seq = 2');
  const verified = await shell.run('audit', 'verify', '--by', 'pat');
  expect(verified.code).toBe(1);
  expect(verified.stdout).toContain('The end was cut off: the log ends with record 1, and the log noted that it had 2 records.');
  expect(verified.stderr).toContain('This look at the log is not recorded.');
  expect((await shell.run('audit', 'tail', '--by', 'pat')).stdout).toContain('Support Agent');
  expect(await shell.run('audit', 'checkpoint', '--by', 'pat')).toMatchObject({ code: 2, stdout: '' });
  const granted = await shell.run('agents', 'grant', 'Support Agent', 'calls=full', '--by', 'olga');
  expect(granted.code).not.toBe(0);
  expect(granted.stderr).toContain('trunkline audit verify');
});

test('a checkpoint kept elsewhere shows an older copy that was put back', async () => {
  const shell = await openLogged();
  const kept = await shell.run('audit', 'checkpoint', '--by', 'pat');
  expect(kept.code).toBe(0);
  shell.write('kept.json', kept.stdout);
  expect(await shell.run('audit', 'verify', '--checkpoint', 'kept.json', '--by', 'pat')).toMatchObject({ code: 0 });
  expect(await shell.run('audit', 'verify', '--checkpoint', kept.stdout, '--by', 'pat')).toMatchObject({ code: 0 });
  const longer = JSON.stringify({ ...(JSON.parse(kept.stdout) as object), seq: 40 });
  const cut = await shell.run('audit', 'verify', '--checkpoint', longer, '--by', 'pat');
  expect(cut.code).toBe(1);
  expect(cut.stdout).toContain('The checkpoint kept elsewhere of record 40 was altered');
  for (const wrong of ['{}', 'nothing.json', '{"company":1}', '[']) {
    expect(await shell.run('audit', 'verify', '--checkpoint', wrong)).toMatchObject({ code: 2, stdout: '' });
  }
});

test('whoever has a checkpoint can check it with nothing of Trunkline, as docs/serve.md says', async () => {
  const shell = await openLogged();
  const { company, head, seq, time, signature, keyId, publicKey } = JSON.parse(
    (await shell.run('audit', 'checkpoint', '--by', 'pat')).stdout,
  ) as Readonly<Record<string, string>>;
  const der = Buffer.from(publicKey ?? '', 'base64');
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  const isGood = (statement: object) => verify(null, Buffer.from(JSON.stringify(statement)), key, Buffer.from(signature ?? '', 'base64'));
  expect([key.asymmetricKeyType, isGood({ company, head, seq, time })]).toEqual(['ed25519', true]);
  expect(isGood({ company, head, seq: Number(seq) + 1, time })).toBe(false);
  expect(createHash('sha256').update(der).digest('hex').slice(0, 32)).toBe(keyId);
});

test('export goes on where the last one ended', async () => {
  const shell = await openLogged();
  const first = await shell.run('audit', 'export', '--format', 'csv', '--by', 'pat');
  expect(first.stdout.split('\r\n')[0]).toMatch(/^seq,time,id,/);
  expect(first.stdout.trimEnd().split('\r\n')).toHaveLength(4);
  expect(first.stderr).toBe('Exported 3 records. Next time: --after 3\n');
  const second = await shell.run('audit', 'export', '--after', '3', '--by', 'pat');
  expect(second.stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(second.stdout)).toMatchObject({ seq: 4, phase: 'admin', sentence: 'pat exported the log as jsonl.' });
  for (const format of ['ocsf', 'cloudevents']) {
    const { stdout } = await shell.run('audit', 'export', '--format', format, '--by', 'pat');
    for (const line of stdout.trimEnd().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow();
  }
});

test('what cannot be done is said with what can', async () => {
  const shell = openShell();
  expect((await shell.run('audit', 'verfy')).stderr).toContain('Did you mean trunkline audit verify?');
  expect(await shell.run('audit')).toMatchObject({ code: 2 });
  expect((await shell.run('audit', 'checkpoint', '--by', 'pat')).stderr).toContain('nothing to make a checkpoint of');
  expect(await shell.run('audit', 'search', '--phone', '+33', '--email', 'a@b.example')).toMatchObject({ code: 2 });
});
