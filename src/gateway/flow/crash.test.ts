// The death of the process at every step of a request, by kill -9, in a process of its own: whatever went to Aircall has its intent in
// the log, the chain holds, the next process says what it does not know, and an idempotency key does not act a second time.
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { exitOf, useOtherProcesses } from '../../load/conformance/other-process.conformance.ts';
import { AuditStore } from '../../store/index.ts';
import { verifyAuditLog } from '../audit/verify.ts';
import { writeGatewayKeys } from '../secrets/gateway-keys.ts';
import { everything, openGatewayLab } from '../../../test/support/gateway-lab.ts';

const sources = {
  flow: fileURLToPath(new URL('./gateway.ts', import.meta.url)),
  upstream: fileURLToPath(new URL('./upstream.ts', import.meta.url)),
  audit: fileURLToPath(new URL('../audit/log.ts', import.meta.url)),
  policies: fileURLToPath(new URL('../agents/policy-store.ts', import.meta.url)),
  book: fileURLToPath(new URL('../agents/key-book.ts', import.meta.url)),
  friction: fileURLToPath(new URL('../friction/friction.ts', import.meta.url)),
  filter: fileURLToPath(new URL('../filter/filter.ts', import.meta.url)),
  capabilities: fileURLToPath(new URL('../capabilities/capabilities.ts', import.meta.url)),
  keys: fileURLToPath(new URL('../secrets/gateway-keys.ts', import.meta.url)),
  store: fileURLToPath(new URL('../../store/index.ts', import.meta.url)),
  client: fileURLToPath(new URL('../../client/index.ts', import.meta.url)),
  base: fileURLToPath(new URL('../../base/index.ts', import.meta.url)),
};
const processes = useOtherProcesses(sources);

/** In the order of a request. What is known of it afterwards: nothing, that it was refused or is unknown, or its end. */
const steps = {
  'before the key is looked at': 'nothing',
  'before the policy is read': 'nothing',
  'while arguments are made plain': 'nothing',
  'before tokens and keys are looked at': 'nothing',
  'before the intent': 'nothing',
  'inside the transaction of the intent': 'nothing',
  'after the intent': 'unknown',
  'while it waits for its turn': 'unknown',
  'when it leaves': 'unknown',
  'after the answer': 'unknown',
  'while the answer is filtered': 'unknown',
  'before the outcome': 'unknown',
  'inside the transaction of the outcome': 'unknown',
  'after the outcome': 'ended',
  'before the answer is released': 'ended',
} as const;
type Step = keyof typeof steps;

test.each(['read', 'write'] as const)(
  'killed at any step of a %s, nothing has happened that the log does not tell',
  async (kind) => {
    const lab = await openGatewayLab();
    const { key } = await lab.addAgent('Bot', { grants: everything('full'), taint: false });
    const verify = () =>
      verifyAuditLog({ store: new AuditStore({ database: lab.database, company: 'acme' }), keys: lab.keys, indexes: true });
    for (const [index, step] of (Object.keys(steps) as Step[]).entries()) {
      // Before the intent all requests are alike; on their way to Aircall too.
      if (kind === 'write' ? index < 4 : index >= 4 && index < 9) continue;
      const [sentBefore, recordsBefore] = [lab.upstream().length, lab.records().length];
      const idempotencyKey = kind === 'write' ? `step-${index}` : null;
      const request =
        kind === 'read'
          ? { capability: 'calls.list', arguments: { at: {}, query: { per_page: 5 }, body: null } }
          : { capability: 'contacts.create', arguments: { at: {}, query: {}, body: contact(index) }, idempotencyKey };
      const died = await exitOf(start({ lab, key, step, request }));
      expect(died, `${step}: ${died.output}`).toMatchObject({ signal: 'SIGKILL' });

      const sent = lab.upstream().slice(sentBefore);
      const left = lab.records().slice(recordsBefore);
      const intents = left.filter(({ phase, decision }) => phase === 'intent' && decision?.effect === 'allow');
      expect(sent.length, step).toBeLessThanOrEqual(intents.length);
      expect(intents, step).toHaveLength(steps[step] === 'nothing' ? 0 : 1);
      expect(sent, step).toHaveLength(['unknown', 'ended'].includes(steps[step]) && hasLeft(step) ? 1 : 0);
      const before = await verify();
      expect(before.damages, step).toEqual([]);
      expect(before.unfinished.count, step).toBe(steps[step] === 'unknown' ? 1 : 0);

      // The next process, on the same files.
      const { gateway } = await lab.restart();
      expect(await gateway.recover(), step).toEqual({ unknown: steps[step] === 'unknown' ? 1 : 0 });
      const told = lab.records().slice(recordsBefore + left.length);
      if (steps[step] === 'unknown') {
        expect(
          told.map(({ outcome, sentence }) => outcome?.status ?? sentence),
          step,
        ).toEqual(['unknown', expect.stringContaining('restarted with 1 request of unknown outcome')]);
      } else expect(told, step).toEqual([]);
      expect((await verify()).damages, step).toEqual([]);
      expect((await verify()).unfinished.count, step).toBe(0);

      if (idempotencyKey === null) continue;
      const again = await lab.ask({ id: '', key }, 'POST', '/v1/contacts', {
        authorization: `Bearer ${key}`,
        headers: { 'idempotency-key': idempotencyKey },
        body: contact(index),
      });
      const expected = { nothing: undefined, unknown: 'outcome_unknown', ended: undefined }[steps[step]];
      expect(again.body?.code, `${step}: ${again.text}`).toBe(expected);
      // Sent once more only where it was certain that nothing had been sent.
      expect(lab.upstream().length - sentBefore, step).toBe(steps[step] === 'nothing' || hasLeft(step) ? 1 : 0);
    }
  },
  120_000,
);

function contact(index: number): object {
  return { first_name: 'Ada', last_name: 'Step', phone_numbers: [{ label: 'Work', value: `+331555000${10 + index}` }] };
}

/** Whether the request has reached Aircall by then. */
function hasLeft(step: Step): boolean {
  const names = Object.keys(steps);
  return names.indexOf(step) >= names.indexOf('after the answer');
}

type Lab = Awaited<ReturnType<typeof openGatewayLab>>;

function start(job: { readonly lab: Lab; readonly key: string; readonly step: Step; readonly request: object }): ChildProcess {
  const { lab, key, step, request } = job;
  const { baseUrl, apiId, apiToken } = lab.simulator;
  const given = { home: lab.home, key, step, request, baseUrl, apiId, apiToken, startMs: lab.clock.now() };
  return processes.start(`
    const given = ${JSON.stringify(given)};
    const KEYBYTES = ${JSON.stringify(writeGatewayKeys(lab.keys).toString('base64'))};
    ${program}`);
}

const program = `
  import { randomBytes } from 'node:crypto';
  // Not through the door: most of what is behind it takes longer to load than all this takes to run.
  const places = [FLOW, UPSTREAM, AUDIT, POLICIES, BOOK, FRICTION, FILTER, CAPABILITIES];
  const g = Object.assign({}, ...(await Promise.all(places.map((place) => import(place)))));
  const { readGatewayKeys } = await import(KEYS);
  const { AgentStore, FrictionStore, openGatewayDatabase } = await import(STORE);
  const { createRawClient } = await import(CLIENT);
  const { silentLog, systemClock } = await import(BASE);
  // Killed, and not a line of ours runs after it.
  const at = (step) => { if (step === given.step) { process.kill(process.pid, 'SIGKILL'); for (;;); } };
  const company = 'acme';
  const clock = { ...systemClock, now: () => given.startMs, monotonic: () => systemClock.monotonic(), sleep: (...all) => systemClock.sleep(...all) };
  const keys = readGatewayKeys(Buffer.from(KEYBYTES, 'base64'));
  const database = await openGatewayDatabase({ home: given.home });
  const audit = await g.openAuditLog({ database, company, keys, clock, random: randomBytes, mayBegin: false });
  const store = new AgentStore({ database, company });
  const policies = new g.PolicyStore({ store, company });
  const book = g.openKeyBook({ store, pepper: keys.agentKey });
  const friction = g.createFriction({ store: new FrictionStore({ database, company }), company, keys, clock, random: randomBytes });
  const client = createRawClient({ credential: { apiId: given.apiId, apiToken: given.apiToken }, baseUrl: given.baseUrl, budget: 'off', clock });
  const upstream = g.createUpstream(client);
  const filter = g.createFilter({ company, keys, media: null });
  const parts = {
    policies: { current: () => (at('before the policy is read'), policies.current()) },
    keys: { find: (...all) => (at('before the key is looked at'), book.find(...all)) },
    audit: {
      unfinished: () => audit.unfinished(),
      async append(facts, options) {
        const name = facts.phase === 'intent' ? 'intent' : 'outcome';
        at('before the ' + name);
        const also = () => { options.also?.(); at('inside the transaction of the ' + name); };
        const stored = await audit.append(facts, { ...options, also });
        at('after the ' + name);
        return stored;
      },
    },
    friction: { ...friction, examine: (...all) => (at('before tokens and keys are looked at'), friction.examine(...all)) },
    upstream: {
      ...upstream,
      async send(endpoint, args, options) {
        at('while it waits for its turn');
        const answer = await upstream.send(endpoint, args, { ...options, onSend: () => { options.onSend?.(); at('when it leaves'); } });
        at('after the answer');
        return answer;
      },
    },
    filter: {
      ...filter,
      reveal: (...all) => (at('while arguments are made plain'), filter.reveal(...all)),
      answer: (...all) => (at('while the answer is filtered'), filter.answer(...all)),
    },
    clock,
    newCallId: () => 'child-' + randomBytes(6).toString('hex').replaceAll(/\\d/g, 'x'),
    log: silentLog,
  };
  const gateway = g.createGateway(parts, { publicUrl: 'http://127.0.0.1:1' });
  const capability = g.capabilityOf(given.request.capability);
  const reply = await gateway.handle({
    surface: 'rest', key: { key: given.key, agentId: null }, endpoint: capability.endpoint, badOrigin: false, malformed: null,
    arguments: given.request.arguments, dryRun: false, confirmToken: null, approvalId: null,
    idempotencyKey: given.request.idempotencyKey ?? null, method: capability.endpoint.method, tool: null, protocol: null, client: null,
    ip: '127.0.0.1', traceId: null, signal: new AbortController().signal,
  });
  at('before the answer is released');
  console.log('it lives: ' + JSON.stringify(reply));
  process.exit(1);
`;
