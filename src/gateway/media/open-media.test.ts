import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { jwkOf, makeSigningKey, tokenOf } from '../../../test/support/identity-provider.ts';
import { silentLog } from '../../base/index.ts';
import { AgentStore, AuditStore, openGatewayDatabase } from '../../store/index.ts';
import { AgentDesk } from '../agents/desk.ts';
import { addGuardrail, setConstraint, setField, setLevels, setStatus, setSubjects, setText } from '../agents/edits.ts';
import type { Edited } from '../agents/edits.ts';
import { openKeyBook } from '../agents/key-book.ts';
import { PolicyStore } from '../agents/policy-store.ts';
import { acceptTokens } from '../agents/token-book.ts';
import { openAuditLog } from '../audit/log.ts';
import type { AuditRecord } from '../audit/record.ts';
import { createMediaLinks, mediaLinkLifetimeMs } from '../filter/media-links.ts';
import type { Agent, Policy } from '../policy/types.ts';
import { makeGatewayKeys } from '../secrets/gateway-keys.ts';
import { createMediaDoor } from './open-media.ts';
import type { MediaFile } from './open-media.ts';

const address = 'https://recordings.example.com/call-7.mp3?signature=hunter2';

test('a link opens for its agent, is recorded before and after, and the address is nowhere', async () => {
  const { door, link, key, fetched, records, home } = await open();
  const reply = await door.open(request(link(), key));
  expect(reply).toMatchObject({ kind: 'file', file: { contentType: 'audio/mpeg' } });
  expect(fetched).toEqual([address]);
  const told = records().filter(({ callId }) => callId === reply.decisionId);
  expect(told.map(({ phase, sentence }) => [phase, sentence])).toEqual([
    ['intent', 'Support Agent opens the recording of call 7. Allowed: Recordings may be read.'],
    ['outcome', 'Support Agent opened the recording of call 7. Allowed: Recordings may be read.'],
  ]);
  expect(told[0]?.who.ip).toBe('192.0.2');
  for (const name of readdirSync(home)) expect(readFileSync(join(home, name)).includes('hunter2')).toBe(false);
});

const closed: readonly [string, (policy: Policy, agent: Agent) => Edited][] = [
  ['Recordings is taken away', (policy, agent) => setLevels(policy, agent, { recordings: 'off' })],
  ['the agent is paused', (policy, agent) => setStatus(policy, agent, 'paused')],
  ['the agent has ended', (policy, agent) => setText(policy, agent, { expiresAt: '2020-01-01T00:00:00.000Z' })],
  ['links are hidden', (policy, agent) => setField(policy, agent, { area: null, class: 'media' }, 'hide')],
  [
    'it is outside the hours',
    (policy, agent) => setConstraint(policy, agent, 'recordings', { hours: { days: [1], from: '00:00', to: '00:01', timeZone: 'UTC' } }),
  ],
  ['a company rule forbids it', (policy) => addGuardrail(policy, { id: 'g', forbids: { area: 'recordings' }, text: 'No recordings' })],
];

test.each(closed)('a link that was good is refused as soon as %s, and that is recorded', async (_name, edit) => {
  const { door, desk, agentId, link, key, fetched, records } = await open();
  const token = link();
  await desk.change((policy) => edit(policy, policy.agents[agentId]!));
  expect(await door.open(request(token, key))).toMatchObject({ kind: 'refusal', status: 403 });
  expect(fetched).toEqual([]);
  expect(records().at(-1)).toMatchObject({ phase: 'intent', decision: { effect: 'deny', code: 'not_granted' } });
});

test('a link opens for a token of the identity provider too; when that cannot be checked, it is to be tried again', async () => {
  const signing = makeSigningKey('EdDSA');
  const published: object[] = [];
  const { door, desk, agentId, clock, link, records } = await open({ load: async () => ({ keys: published }) });
  await desk.change((policy) => setSubjects(policy, policy.agents[agentId]!, ['support-bot']));
  const exp = clock.now() / 1000 + 3600;
  const token = tokenOf(signing, { iss: terms.issuer, aud: terms.audience, client_id: 'support-bot', exp });
  expect(await door.open(request(link(), token))).toMatchObject({ kind: 'refusal', status: 503, code: 'store_unavailable' });
  expect(records().at(-1)).toMatchObject({ phase: 'auth', sentence: expect.stringContaining('could not be fetched') as string });
  published.push(jwkOf(signing));
  await clock.advance(15_000);
  expect(await door.open(request(link(), token))).toMatchObject({ kind: 'file' });
  expect(await door.open(request(link(), `${token}x`))).toMatchObject({ kind: 'refusal', status: 401, code: 'unauthenticated' });
});

test('a revoked agent has no key any more, and a link without a key is worth nothing', async () => {
  const { door, desk, agentId, link, key, fetched, records } = await open();
  expect(await door.open(request(link(), null))).toMatchObject({ kind: 'refusal', status: 401 });
  expect(await door.open(request(link(), 'hunter2'))).toMatchObject({ kind: 'refusal', status: 401 });
  await desk.revoke(agentId);
  expect(await door.open(request(link(), key))).toMatchObject({ kind: 'refusal', status: 401 });
  expect(fetched).toEqual([]);
  expect(records().at(-1)).toMatchObject({ phase: 'auth', decision: { effect: 'deny' } });
});

test('a link of another agent, an altered one and one that has ended are answered alike', async () => {
  const { door, desk, link, key, clock, fetched } = await open();
  const other = await desk.add({ name: 'Other', owner: 'olga', purpose: '', expiresAt: null }, { expiresAt: null, addresses: null });
  await desk.change((policy) => setLevels(policy, policy.agents[other.agent.id]!, { recordings: 'read' }));
  const token = link();
  // Of the last letter not every bit counts.
  const altered = `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`;
  const replies = [await door.open(request(token, other.key.key.reveal())), await door.open(request(altered, key))];
  await clock.advance(mediaLinkLifetimeMs);
  replies.push(await door.open(request(token, key)));
  for (const reply of replies) expect({ ...reply, decisionId: '' }).toEqual({ ...replies[0], decisionId: '' });
  expect(replies[0]).toMatchObject({ kind: 'refusal', status: 404 });
  expect(fetched).toEqual([]);
});

test('without a record nothing is fetched, and what was fetched is let go', async () => {
  const { door, link, key, fetched, database, files } = await open();
  database.prepare("CREATE TRIGGER full BEFORE INSERT ON audit_records BEGIN SELECT RAISE(ABORT, 'full'); END").run();
  expect(await door.open(request(link(), key))).toMatchObject({ kind: 'refusal', status: 503 });
  expect(fetched).toEqual([]);
  database.prepare('DROP TRIGGER full').run();
  database
    .prepare("CREATE TRIGGER full BEFORE INSERT ON audit_records WHEN new.bytes LIKE '%opened%' BEGIN SELECT RAISE(ABORT, 'full'); END")
    .run();
  expect(await door.open(request(link(), key))).toMatchObject({ kind: 'refusal', status: 503 });
  expect(files.map(({ closed }) => closed)).toEqual([true]);
});

test('a file that cannot be fetched is told in our words, and recorded', async () => {
  const { door, link, key, records } = await open({ fails: true });
  const reply = await door.open(request(link(), key));
  expect(reply).toMatchObject({ kind: 'refusal', status: 502 });
  expect(JSON.stringify(reply)).not.toContain('hunter2');
  expect(records().at(-1)).toMatchObject({ phase: 'outcome', outcome: { status: 'upstream_error' } });
});

test('an agent has at most four on their way, and a fifth when one of them has ended', async () => {
  const { door, link, key, files } = await open();
  const opened = await Promise.all(Array.from({ length: 6 }, () => door.open(request(link(), key))));
  expect(opened.map((reply) => (reply.kind === 'file' ? 200 : reply.status)).toSorted((a, b) => a - b)).toEqual([
    200, 200, 200, 200, 429, 429,
  ]);
  const [first] = opened.filter((reply) => reply.kind === 'file');
  first?.file.close();
  first?.file.close();
  expect(files.filter(({ closed }) => closed).length).toBe(1);
  const again = [await door.open(request(link(), key)), await door.open(request(link(), key))];
  expect(again.map(({ kind }) => kind)).toEqual(['file', 'refusal']);
});

test('refusals in a tight loop are folded: a stranger cannot fill the disk', async () => {
  const { door, link, records } = await open();
  const before = records().length;
  for (let times = 0; times < 100; times += 1) await door.open(request(link(), 'hunter2'));
  await door.close();
  const told = records().slice(before);
  expect(told.length).toBe(11);
  expect(told.at(-1)?.decision?.times).toBe(90);
});

test('an agent whose files could not be fetched may ask for others', async () => {
  const { door, link, key } = await open({ fails: true });
  for (let times = 0; times < 6; times += 1) expect(await door.open(request(link(), key))).toMatchObject({ kind: 'refusal', status: 502 });
});

function request(token: string, key: string | null) {
  return {
    key: key === null ? null : { key, agentId: null },
    token,
    ip: '192.0.2.7',
    signal: new AbortController().signal,
  };
}

const terms = {
  issuer: 'https://login.example.com',
  audience: 'https://gateway.example.com/mcp',
  algorithms: ['EdDSA'],
  claim: 'client_id',
} as const;

async function open({ fails = false, load }: { readonly fails?: boolean; readonly load?: () => Promise<unknown> } = {}) {
  const home = mkdtempSync(join(tmpdir(), 'trunkline-'));
  const clock = new FakeClock();
  const keys = makeGatewayKeys();
  const company = 'example-co';
  const database = await openGatewayDatabase({ home });
  const store = new AgentStore({ database, company });
  const policies = new PolicyStore({ store, company });
  const audit = await openAuditLog({ database, company, keys, clock, random: randomBytes, mayBegin: true });
  onTestFinished(async () => {
    await audit.close();
    database.close();
    rmSync(home, { recursive: true, force: true });
  });
  const pepper = keys.agentKey;
  const desk = new AgentDesk({ store, policies, audit, pepper, environment: 'test', operator: 'Olga', clock, random: randomBytes });
  const { agent, key } = await desk.add(
    { name: 'Support Agent', owner: 'olga', purpose: '', expiresAt: null },
    { expiresAt: null, addresses: null },
  );
  await desk.change((policy) => setLevels(policy, policy.agents[agent.id]!, { recordings: 'read' }));
  const baseUrl = 'https://gateway.example.com/media/';
  const links = createMediaLinks({ key: keys.link, company, baseUrl, hosts: ['recordings.example.com'], random: randomBytes });
  const link = () => {
    const minted = links.mint(address, { row: '7', field: 'recording' }, { agentId: agent.id, nowMs: clock.now() });
    return (minted ?? '').slice(baseUrl.length);
  };
  const fetched: string[] = [];
  const files: { closed: boolean }[] = [];
  const fetch = async (url: string): Promise<MediaFile> => {
    fetched.push(url);
    if (fails) throw new Error(`no connection to ${url}`);
    const file = { closed: false };
    files.push(file);
    return { contentType: 'audio/mpeg', sizeBytes: null, body: (async function* () {})(), close: () => void (file.closed = true) };
  };
  let made = 0;
  const newCallId = () => `call-${(made += 1)}`;
  const own = openKeyBook({ store, pepper });
  const book = load === undefined ? own : acceptTokens(own, { terms, load, policies, key: keys.token, clock, log: silentLog });
  const door = createMediaDoor({ policies, keys: book, audit, links, fetch, clock, newCallId, log: silentLog });
  const log = new AuditStore({ database, company });
  const records = () => log.records({ after: 0, limit: 1000 }).map(({ bytes }) => JSON.parse(bytes) as AuditRecord); // as the log writes them
  return { home, clock, database, desk, door, agentId: agent.id, key: key.key.reveal(), link, fetched, files, records };
}
