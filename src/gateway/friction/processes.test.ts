// Real processes on one gateway.db: several that want the same at once, and one that is killed between intent and outcome.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openFrictionDesk } from '../../../test/support/friction-desk.ts';
import type { FrictionDesk } from '../../../test/support/friction-desk.ts';

const project = fileURLToPath(new URL('../../..', import.meta.url));
const built = path.join(project, `node_modules/.cache/trunkline-friction-${process.pid}`);

beforeAll(() => {
  mkdirSync(built, { recursive: true });
  copyFileSync(path.join(project, 'package.json'), path.join(built, 'package.json'));
  const options = ['--ignoreConfig', '--target', 'es2023', '--module', 'nodenext', '--types', 'node', '--skipLibCheck', '--strict'];
  const entries = ['store/index.ts', 'gateway/friction/friction.ts', 'gateway/capabilities/capabilities.ts'];
  const outcome = spawnSync(
    process.execPath,
    [
      path.join(project, 'node_modules/typescript/bin/tsc'),
      ...entries.map((entry) => path.join(project, 'src', entry)),
      ...options,
      '--rewriteRelativeImportExtensions',
      '--rootDir',
      path.join(project, 'src'),
      '--outDir',
      path.join(built, 'dist'),
    ],
    { cwd: project, encoding: 'utf8' },
  );
  expect(outcome.stdout).toBe('');
  writeFileSync(path.join(built, 'child.mjs'), childProgram);
});
afterAll(() => rmSync(built, { recursive: true, force: true }));

const rounds = 12;

test('of processes that use one token, one approval, one key at once, exactly one wins each', async () => {
  const desk = await openFrictionDesk();
  const children = await Promise.all(Array.from({ length: 4 }, () => start(desk)));
  for (let round = 0; round < rounds; round += 1) {
    const request = desk.request('tags.delete', { at: { id: String(round) } });
    const drafted = desk.friction.draftApproval(request, { sentence: 'Delete.', why: 'A rule asks for it.' });
    await desk.write(drafted.store);
    await desk.decide(drafted.id, 'approve', 'Olga');
    const { token } = desk.friction.mintConfirmation(request);
    const presented = [
      { confirmToken: token, approvalId: null, idempotencyKey: null },
      { confirmToken: null, approvalId: drafted.id, idempotencyKey: null },
      { confirmToken: null, approvalId: null, idempotencyKey: `key ${round}` },
    ];
    for (const each of presented) {
      const answers = await Promise.all(
        children.map((child) => child.ask({ does: 'act', id: String(round), nowMs: desk.nowMs, presented: each })),
      );
      expect(answers.filter((answer) => answer === 'won')).toHaveLength(1);
      expect(answers.filter((answer) => answer === 'lost')).toHaveLength(children.length - 1);
    }
  }
  expect(desk.friction.usage(desk.request('tags.delete', {})).writesToday).toBe(rounds * 3);
});

test('of processes that count towards one limit, no more get through than it allows', async () => {
  const desk = await openFrictionDesk();
  const children = await Promise.all(Array.from({ length: 3 }, () => start(desk)));
  const answers: string[] = [];
  for (let round = 0; round < 5; round += 1) {
    const asked = children.map((child, at) =>
      child.ask({ does: 'act', id: `${round}${at}`, nowMs: desk.nowMs, mostWritesToday: 7, presented: nothing }),
    );
    answers.push(...(await Promise.all(asked)));
  }
  expect(answers.filter((answer) => answer === 'won')).toHaveLength(7);
});

test('processes that ask for the same approval share it; for others, each has its own id', async () => {
  const desk = await openFrictionDesk();
  const children = await Promise.all(Array.from({ length: 3 }, () => start(desk)));
  for (let round = 0; round < 5; round += 1) {
    const same = await Promise.all(children.map((child) => child.ask({ does: 'draft', id: `same ${round}`, nowMs: desk.nowMs })));
    expect(new Set(same).size).toBe(1);
  }
  const others = await Promise.all(children.map((child, at) => child.ask({ does: 'draft', id: `other ${at}`, nowMs: desk.nowMs })));
  expect(new Set(others).size).toBe(3);
  expect(desk.approvals.waiting()).toHaveLength(8);
});

test('killed between intent and outcome: the key is of unknown outcome, the token and the approval stay used', async () => {
  const desk = await openFrictionDesk();
  const request = desk.request('tags.delete', { at: { id: '1' } });
  const drafted = desk.friction.draftApproval(request, { sentence: 'Delete.', why: 'A rule asks for it.' });
  await desk.write(drafted.store);
  await desk.decide(drafted.id, 'approve', 'Olga');
  const presented = { confirmToken: desk.friction.mintConfirmation(request).token, approvalId: drafted.id, idempotencyKey: 'k' };
  const worth = () => desk.friction.examine(desk.request('tags.delete', { at: { id: '1' } }), presented).problem?.code;

  const child = await start(desk);
  expect(await child.ask({ does: 'act', id: '1', nowMs: desk.nowMs, presented })).toBe('won');
  expect(worth()).toBe('idempotency_in_progress');
  await child.kill();
  expect(worth()).toBe('outcome_unknown');
  expect(desk.friction.examine(request, { ...presented, idempotencyKey: null }).problem?.code).toBe('confirm_invalid');
  expect(desk.friction.examine(request, { ...presented, confirmToken: null, idempotencyKey: 'other' }).problem?.code).toBe(
    'approval_expired',
  );
  expect(desk.friction.usage(request).writesToday).toBe(1);
});

test('a start abandons what the dead have left, and nothing of the living', async () => {
  const desk = await openFrictionDesk();
  const [dead, living] = await Promise.all([start(desk), start(desk)]);
  const presentedBy = (key: string) => ({ ...nothing, idempotencyKey: key });
  await dead.ask({ does: 'act', id: '1', nowMs: desk.nowMs, presented: presentedBy('dead') });
  await living.ask({ does: 'act', id: '1', nowMs: desk.nowMs, presented: presentedBy('living') });
  await dead.kill();
  await desk.write(desk.friction.abandonRunning());
  const request = desk.request('tags.delete', { at: { id: '1' } });
  const states = desk.database.prepare('SELECT state FROM idempotency_keys ORDER BY state').all() as { state: string }[];
  expect(states.map(({ state }) => state)).toEqual(['running', 'unknown']);
  expect(desk.friction.examine(request, presentedBy('living')).problem?.code).toBe('idempotency_in_progress');
  expect(await living.ask({ does: 'settle' })).toBe('settled');
  expect(desk.friction.examine(request, presentedBy('living')).stored).toEqual({ status: 204 });
});

const nothing = { confirmToken: null, approvalId: null, idempotencyKey: null };

type Job =
  | {
      readonly does: 'act';
      readonly id: string;
      readonly nowMs: number;
      readonly mostWritesToday?: number;
      readonly presented: typeof nothing | object;
    }
  | { readonly does: 'draft'; readonly id: string; readonly nowMs: number }
  | { readonly does: 'settle' };

/** A process with the desk's file and keys, ready to be asked. */
async function start(desk: FrictionDesk) {
  const facts = {
    folder: desk.folder,
    confirm: desk.keys.confirm.export().toString('hex'),
    idempotency: desk.keys.idempotency.export().toString('hex'),
  };
  const child: ChildProcess = spawn(process.execPath, [path.join(built, 'child.mjs'), JSON.stringify(facts)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  if (child.stdout === null || child.stdin === null) throw new TypeError('the pipes were asked for');
  const { stdin } = child;
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => String((await lines.next()).value);
  expect(await next()).toBe('ready');
  return {
    ask: async (job: Job) => {
      stdin.write(`${JSON.stringify(job)}\n`);
      return next();
    },
    kill: async () => {
      const gone = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await gone;
    },
  };
}

const childProgram = `
import { createSecretKey, randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { capabilityOf } from './dist/gateway/capabilities/capabilities.js';
import { createFriction } from './dist/gateway/friction/friction.js';
import { FrictionStore, openGatewayDatabase } from './dist/store/index.js';

const facts = JSON.parse(process.argv[2]);
const database = await openGatewayDatabase({ home: facts.folder });
const store = new FrictionStore({ database, company: 'acme' });
const key = (name) => createSecretKey(Buffer.from(facts[name], 'hex'));
const keys = { confirm: key('confirm'), idempotency: key('idempotency') };
const friction = createFriction({ store, company: 'acme', keys, random: randomBytes, clock: Date });
const write = (also) => database.write(() => { also(); return {}; });
let last;

const jobs = {
  async act({ presented }, request) {
    try {
      last = friction.examine(request, presented);
      if (last.problem !== null) return 'lost';
      await write(last.consume);
      return 'won';
    } catch (error) {
      return error.code === 'already_used' ? 'lost' : error.code;
    }
  },
  async draft(_job, request) {
    for (;;) {
      const drafted = friction.draftApproval(request, { sentence: 'Delete.', why: 'A rule asks for it.' });
      try {
        await write(drafted.store);
        return drafted.id;
      } catch (error) {
        if (error.code !== 'already_used') throw error;
      }
    }
  },
  async settle() {
    await write(last.settle({ status: 204, body: undefined }));
    return 'settled';
  },
};

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const job = JSON.parse(line);
  const request = {
    agentId: 'ag_billing',
    capability: capabilityOf('tags.delete'),
    arguments: { at: { id: job.id }, query: {}, body: null },
    policyVersion: 'v1',
    nowMs: job.nowMs,
    mostWritesToday: job.mostWritesToday ?? null,
    mostRequestsToday: null,
    mostRowsToday: null,
  };
  console.log(await jobs[job.does](job, request));
}
`;
