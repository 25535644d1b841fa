// Secrets and signed links come with every read and must not be found anywhere afterwards: not in the tables, not in the
// packages of runs that failed, not in what a run says or logs.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLog } from '../src/base/index.ts';
import { DestinationFailed } from '../src/load/index.ts';
import { failingLoads } from './support/failing-loads.ts';
import { openPlace } from './support/child-runs.ts';
import type { Tables } from './support/compare.ts';
import { type Lab, openLab } from './support/lab.ts';

const simulator = { calls: 120, contacts: 30, webhooks: 3 };

/** Everything in the answers that nobody may keep. */
function secretsOf(lab: Pick<Lab, 'simulator'>): readonly string[] {
  const { apiToken, accessToken, truth } = lab.simulator;
  const { webhooks, calls } = truth();
  const tokens = [...webhooks.values()].map(({ token }) => String(token));
  const links = [...calls.values()].flatMap(({ recording, voicemail, recording_short_url: short }) =>
    [recording, voicemail, short].filter((link) => typeof link === 'string'),
  );
  expect([tokens.length, links.length > 10]).toEqual([3, true]);
  // Links are signed anew every second; what they have in common is where the files lie.
  return [apiToken, accessToken, ...tokens, 'storage.example.test', 'X-Amz-Signature', 'short.example.test'];
}

function everyFile(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? everyFile(path) : [path];
  });
}

function findIn(texts: ReadonlyMap<string, Buffer>, secrets: readonly string[]): readonly string[] {
  return secrets.flatMap((secret) => [...texts].filter(([, text]) => text.includes(secret)).map(([name]) => `${name} holds ${secret}`));
}

function filesIn(folder: string): ReadonlyMap<string, Buffer> {
  return new Map(everyFile(folder).map((path) => [path, readFileSync(path)]));
}

/** Every row of every table as text: in the file itself values are compressed. */
async function rowsIn(tables: Tables): Promise<ReadonlyMap<string, Buffer>> {
  const texts = new Map<string, Buffer>();
  for (const table of await tables.names()) texts.set(`table ${table}`, Buffer.from(JSON.stringify(await tables.rows(table))));
  return texts;
}

test('no secret is left in tables, waiting packages, events, errors or logs', async () => {
  const lab = await openLab({ simulator });
  const secrets = secretsOf(lab);
  const said: string[] = [];
  const log = createLog({ level: 'debug', format: 'json', write: (line) => said.push(line) });
  const streams = ['company', 'users', 'webhooks', 'calls', 'contacts', 'transcriptions'];
  const change = { streams, confirmed: true, log };
  const failed = new DestinationFailed({ label: 'the file', reason: 'a test said so.' });

  await expect(lab.run({ ...change, destination: failingLoads(lab.destination, () => failed) })).rejects.toBe(failed);
  said.push(JSON.stringify(lab.events));
  expect(everyFile(lab.home).some((path) => path.endsWith('.ndjson'))).toBe(true);
  expect(findIn(filesIn(lab.folder), secrets)).toEqual([]);

  lab.simulator.faults.next({ endpoint: 'webhooks.list' }, { kind: 'truncated' }, 2);
  lab.simulator.faults.next({ endpoint: 'calls.list' }, { kind: 'status', status: 500 }, 2);
  const result = await lab.run(change);
  said.push(JSON.stringify(lab.events), JSON.stringify(result));
  expect(result.outcome).toBe('done');
  expect(result.streams.reduce((sum, { secretsDropped }) => sum + secretsDropped, 0)).toBeGreaterThan(0);
  expect(findIn(filesIn(lab.folder), secrets)).toEqual([]);
  expect(findIn(await rowsIn(lab.tables), secrets)).toEqual([]);
  expect(findIn(new Map([['what the run said', Buffer.from(said.join('\n'))]]), secrets)).toEqual([]);
});

test('secrets in fields that nobody knows, and in values that are set aside, are not kept either', async () => {
  const lab = await openLab({ simulator });
  const secret = 'whsec-4f8a1c0d9e7b6a5f3c2d1e0f';
  lab.simulator.company.drift({
    stream: 'users',
    fields: { api_token: secret, password: secret, settings: { authentication_token: secret }, keys: [{ secret }] },
  });
  lab.simulator.company.drift({
    stream: 'calls',
    fields: { duration: 'long', recording: `https://storage.example.test/new/${secret}.mp3` },
  });
  await lab.run({ streams: ['users', 'calls'] });
  const texts = new Map([...filesIn(lab.folder), ...(await rowsIn(lab.tables))]);
  expect(findIn(texts, [secret, 'storage.example.test'])).toEqual([]);
});

test('the program leaves no secret in its folder, its history of runs or its output, whether a run succeeds or fails', async () => {
  const place = await openPlace(simulator);
  const secrets = secretsOf(place);
  const outputs = new Map<string, Buffer>();
  const note = async (line: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const { code, stdout, stderr } = await place.run(line, { env: { TRUNKLINE_LOG: 'debug', ...env } });
    outputs.set(`${line.join(' ')} ended with ${code}`, Buffer.from(stdout + stderr));
    return code;
  };
  expect(await note(['sync', '--json'])).toBe(0);
  place.simulator.faults.always({ endpoint: 'calls.list' }, { kind: 'html', status: 200 });
  place.simulator.faults.always({ endpoint: 'webhooks.list' }, { kind: 'fields', fields: { created_at: 'never' } });
  expect(await note(['sync', 'webhooks', '--full', '--json'])).toBe(0);
  expect(await note(['sync', 'users'], { AIRCALL_API_TOKEN: 'a-wrong-token-0123456789' })).toBe(3);
  expect(await note(['status', '--json'])).toBeTypeOf('number');
  expect(await note(['explain'])).toBe(0);
  const files = new Map([...filesIn(place.folder), ...(await rowsIn(place.tables)), ...outputs]);
  expect(findIn(files, [...secrets, 'a-wrong-token-0123456789'])).toEqual([]);
});
