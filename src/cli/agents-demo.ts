// The story of the agent gateway, on a simulated Aircall: two agents with different rights, what they get and do not get, what the log says
// of it, and what becomes of a log that somebody alters. Everything happens over real HTTP, in a folder that is gone afterwards.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isObject, silentLog } from '../base/index.ts';
import type { ExactJson } from '../base/index.ts';
import { createInProcessBudget } from '../client/index.ts';
import { setField, setLevels, verifyAuditLog } from '../gateway/index.ts';
import type { Agent, AuditRecord, GrantArea, Level } from '../gateway/index.ts';
import { startSimulator } from '../simulator/index.ts';
import { AuditStore, openGatewayDatabase } from '../store/index.ts';
import { exitCodes } from './exit-codes.ts';
import { openGateway } from './gateway.ts';
import type { OpenGateway } from './gateway.ts';
import { duration, plural } from './output/format.ts';
import { styleOf } from './output/style.ts';
import type { Style } from './output/style.ts';
import { wrap } from './output/width.ts';
import { startServing } from './serving.ts';
import type { World } from './world.ts';

type Actor = { readonly agent: Agent; readonly key: string };

/** Tells the story on stdout and returns the exit code. */
export async function showAgents(world: World): Promise<number> {
  const { clock, env, stdout, signal } = world;
  const style = styleOf(stdout, env);
  const say = (...lines: readonly string[]) => stdout.write(`${lines.join('\n')}\n`);
  const startedMs = clock.monotonic();
  const folder = await mkdtemp(join(tmpdir(), 'trunkline-demo-'));
  const simulator = await startSimulator({ calls: 200, contacts: 60, requestsPerMinute: 6000 });
  try {
    const { baseUrl, apiId, apiToken } = simulator;
    const settings = { home: 'home', company: 'demo', kek: null, kekPrevious: null, baseUrl };
    const gateway = await openGateway({ cwd: folder, env: { XDG_STATE_HOME: join(folder, 'state') }, signal, clock, settings });
    try {
      await say(
        style.bold('Trunkline demo: agents'),
        'A simulated Aircall with one all-powerful key, and the gateway in front of it. Nothing leaves this machine.',
        '',
        style.bold('Two agents'),
      );
      const support = await actor(gateway, 'Support Agent', { calls: 'read', contacts: 'read', tags: 'full' });
      const billing = await actor(gateway, 'Billing Bot', { contacts: 'read' });
      const masked = await gateway.desk('Olga').change((policy) => setField(policy, agentOf(policy.agents, support), phones, 'mask'));
      await say(...sentencesOf(gateway).map((sentence) => `  ${sentence}`), style.dim(`  Policy ${masked.policy.version.slice(0, 12)}`));

      const budget = createInProcessBudget({ requestsPerMinute: 6000, reserve: 0, clock });
      const serving = await startServing({
        gateway,
        aircall: { credential: { apiId, apiToken }, baseUrl, budget },
        listen: { host: '127.0.0.1', port: 0 },
        publicUrl: null,
        trustedProxies: [],
        fourEyes: false,
        trustClock: false,
        identity: null,
        otlp: null,
        clock,
        log: silentLog,
        signal,
      });
      const first = sentencesOf(gateway).length;
      try {
        const { contacts } = simulator.truth({ streams: ['contacts'] });
        const [id = ''] = [...contacts.entries()].find(([, contact]) => hasPhone(contact))?.map(String) ?? [];
        await say('', style.bold('What they get'));
        await say(...(await request(serving.url, support, 'GET', `/v1/contacts/${id}`, style)));
        await say(...(await request(serving.url, billing, 'DELETE', `/v1/contacts/${id}`, style)));
        await say(...(await request(serving.url, billing, 'GET', '/v1/calls?per_page=1', style)));
      } finally {
        await serving.stop();
      }
      await say(
        '',
        style.bold('What the log says'),
        ...sentencesOf(gateway)
          .slice(first)
          .flatMap((sentence) => indented(sentence, stdout)),
      );
    } finally {
      await gateway.close();
    }
    await say('', style.bold('Can it be trusted?'), ...(await proof(folder, gateway, style)));
    await say(
      '',
      `${duration(clock.monotonic() - startedMs)}. The folder is gone again.`,
      '',
      style.bold('Your own account'),
      `  ${style.cyan('npx trunkline agents add "Support Agent" --owner you')}`,
      `  ${style.cyan('npx trunkline agents grant "Support Agent" calls=read contacts=read')}`,
      `  ${style.cyan('npx trunkline serve')}`,
    );
    return exitCodes.done;
  } finally {
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const phones = { area: 'contacts', class: 'phone' } as const;

async function actor(gateway: OpenGateway, name: string, levels: Readonly<Partial<Record<GrantArea, Level>>>): Promise<Actor> {
  const desk = gateway.desk('Olga');
  const { agent, key } = await desk.add({ name, owner: 'olga', purpose: '', expiresAt: null }, { expiresAt: null, addresses: null });
  await desk.change((policy) => setLevels(policy, policy.agents[agent.id] ?? agent, levels));
  return { agent, key: key.key.reveal() };
}

function agentOf(agents: Readonly<Record<string, Agent>>, { agent }: Actor): Agent {
  return agents[agent.id] ?? agent;
}

async function request(url: string, { agent, key }: Actor, method: string, path: string, style: Style): Promise<readonly string[]> {
  const response = await fetch(url + path, { method, headers: { authorization: `Bearer ${key}` } });
  const body: unknown = await response.json();
  const paint = response.ok ? style.green : style.red;
  return [
    `  ${agent.name}: ${style.cyan(`${method} ${path}`)} → ${paint(String(response.status))}`,
    ...shown(body).map((line) => `    ${line}`),
  ];
}

/** Of a contact what the story is about; of a refusal its words. */
function shown(body: unknown): readonly string[] {
  if (!isObject(body)) return [];
  const contact = body['contact'];
  if (isObject(contact)) {
    const { id, phone_numbers: numbers } = contact;
    const apart = isObject(body['untrusted_text']) ? body['untrusted_text'] : {};
    const names = Object.fromEntries(['contact/first_name', 'contact/last_name'].map((place) => [place, apart[place]]));
    return [JSON.stringify({ contact: { id, phone_numbers: numbers } }), `untrusted_text ${JSON.stringify(names)}`];
  }
  return [body['troubleshoot'], body['fix']].filter((text) => typeof text === 'string');
}

function sentencesOf({ database, company }: Pick<OpenGateway, 'database' | 'company'>): readonly string[] {
  const records = new AuditStore({ database, company }).records({ after: 0, limit: 1000 });
  return records.map(({ bytes }) => (JSON.parse(bytes) as AuditRecord).sentence); // as the log writes them
}

function indented(sentence: string, { isTerminal, columns }: World['stdout']): readonly string[] {
  const [first = '', ...rest] = wrap(sentence, (isTerminal ? Math.min(columns(), 120) : 110) - 4);
  return [`  · ${first}`, ...rest.map((line) => `    ${line}`)];
}

/** Verifies the log, then a copy in which a refusal was turned into an allowance. */
async function proof(folder: string, { company, keyring }: OpenGateway, style: Style): Promise<readonly string[]> {
  await cp(join(folder, 'home'), join(folder, 'copy'), { recursive: true });
  const verify = async (home: string, alter: boolean) => {
    const database = await openGatewayDatabase({ home: join(folder, home) });
    try {
      const store = new AuditStore({ database, company });
      if (alter) database.prepare(`UPDATE audit_records SET bytes = replace(bytes, 'Denied', 'Allowed') WHERE bytes LIKE '%Denied%'`).run();
      return await verifyAuditLog({ store, keys: keyring.keys });
    } finally {
      database.close();
    }
  };
  const whole = await verify('home', false);
  const altered = await verify('copy', true);
  return [
    whole.damages.length === 0
      ? `  ${style.green('✓')} trunkline audit verify: ${plural(whole.records, 'record')}, as they were written.`
      : `  ${style.red('✗')} ${whole.damages.map(({ text }) => text).join(' ')}`,
    '  In a copy of the log, somebody turns “Denied” into “Allowed”. Verified again:',
    ...altered.damages.map(({ text }) => `  ${style.red('✗')} ${text}`),
  ];
}

function hasPhone(contact: unknown): boolean {
  const { phone_numbers: phones, first_name: name } = contact as Readonly<Record<string, ExactJson | undefined>>; // a contact as Aircall has it
  return Array.isArray(phones) && phones.length > 0 && typeof name === 'string';
}
