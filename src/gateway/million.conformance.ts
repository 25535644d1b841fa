// A million random requests under random policies, as fast as one process can: everything of a gateway is the real thing but the wire.
// Half of the requests go through the REST surface, half through what reads calls of MCP tools; behind the flow stands a made-up
// Aircall that tells a judge of all that reaches it. Policies, keys and approvals change while requests are under way.
//
// What is drawn depends on the seed alone: policies, requests, time. The order of events within a wave, and what follows from answers,
// depends on the disk too, so that a seed comes close to a run and does not repeat it to the letter.
import { randomBytes } from 'node:crypto';
import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdtempSync, rmSync } from 'node:fs';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'json-custom-numbers';
import { endpoints } from '../aircall/index.ts';
import type { Endpoint, Parameters } from '../aircall/index.ts';
import { isObject, isTrunklineError, silentLog } from '../base/index.ts';
import { planRequest } from '../client/index.ts';
import { AgentStore, AuditStore, FrictionStore, openGatewayDatabase } from '../store/index.ts';
import { anyArguments } from '../../test/support/any-arguments.ts';
import type { AnyArguments } from '../../test/support/any-arguments.ts';
import { Dice } from '../../test/support/dice.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { AgentDesk } from './agents/desk.ts';
import { draftOf, replacePolicy } from './agents/edits.ts';
import { openKeyBook } from './agents/key-book.ts';
import { PolicyStore } from './agents/policy-store.ts';
import { openAuditLog } from './audit/log.ts';
import { verifyAuditLog } from './audit/verify.ts';
import { createFilter } from './filter/filter.ts';
import type { GatewayReply, PresentedKey } from './flow/call.ts';
import { createGateway } from './flow/gateway.ts';
import type { OpenGateway } from './flow/gateway.ts';
import type { GatewayParts } from './flow/parts.ts';
import { createApprovals } from './friction/approvals.ts';
import { createFriction } from './friction/friction.ts';
import { recordDecision } from './friction/record-decision.ts';
import { callOf } from './mcp/exchange.ts';
import { readCall } from './mcp/read-call.ts';
import { toolNameOf } from './mcp/tool-name.ts';
import { resultOf } from './mcp/tool-result.ts';
import { Judge } from './million-judge.conformance.ts';
import type { Reply, Request } from './million-judge.conformance.ts';
import { recordingUpstream, World } from './million-world.conformance.ts';
import type { Agent, Constraint, Policy } from './policy/types.ts';
import { grantAreas } from './policy/words.ts';
import { anyPolicy } from './policy/random-policies.conformance.ts';
import { createRestHandler } from './rest/rest.ts';
import { makeGatewayKeys } from './secrets/gateway-keys.ts';

export type MillionOptions = {
  readonly seed: number;
  readonly requests: number;
  /** Called after about so many requests each. */
  readonly onProgress?: { readonly every: number; readonly tell: (soFar: Tally) => void };
  /** Lays something over a part: a gateway broken on purpose. */
  readonly over?: (parts: GatewayParts) => GatewayParts;
};

export type Tally = {
  readonly requests: number;
  /** What reached Aircall. */
  readonly upstream: number;
  readonly policies: number;
  readonly records: number;
  /** How often requests ended how. */
  readonly ends: ReadonlyMap<string, number>;
  /** Everything that the judge found, in words. */
  readonly wrong: readonly string[];
};

const company = 'acme';
const host = 'gateway.example';
const agentCount = 5;
const atOnce = 32;
const waveSize = 256;
/** So many waves have one world, one draw of arguments and of policies. */
const turnOf = 40;

type Caller = { readonly id: string; key: string; revoked: string | null };

/** Stops soon after something was wrong. */
export async function runMillion(options: MillionOptions): Promise<Tally> {
  const home = mkdtempSync(join(tmpdir(), 'trunkline-million-'));
  try {
    return await blow(options, home);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function blow({ seed, requests: wanted, onProgress, over = (parts) => parts }: MillionOptions, home: string): Promise<Tally> {
  const clock = new FakeClock({ startMs: Date.UTC(2026, 10, 18, 8) });
  const database = await openGatewayDatabase({ home });
  const keys = makeGatewayKeys();
  const audit = await openAuditLog({ database, company, keys, clock, random: randomBytes, mayBegin: true });
  const store = new AgentStore({ database, company });
  const policies = new PolicyStore({ store, company });
  const desk = new AgentDesk({
    store,
    policies,
    audit,
    pepper: keys.agentKey,
    environment: 'test',
    clock,
    random: randomBytes,
    operator: 'Olga',
  });
  const frictionParts = { store: new FrictionStore({ database, company }), company, keys, clock };
  const approvals = createApprovals({ ...frictionParts, policyVersion: () => policies.current().version });

  let world = new World(seed, 0);
  const underWay = new AsyncLocalStorage<Request>();
  const log = new AuditStore({ database, company });
  const judge = new Judge({
    log,
    policyOf: (number) => JSON.parse(store.policy(number)?.policy ?? 'null') as Policy | null, // as stored
    policyNumber: () => store.policyNumber(),
    world: () => world,
    nowMs: () => clock.now(),
  });
  let named = 0;
  const gateway = createGateway(
    over({
      policies,
      keys: openKeyBook({ store, pepper: keys.agentKey }),
      audit,
      friction: createFriction({ ...frictionParts, random: randomBytes }),
      upstream: recordingUpstream({
        world: () => world,
        nowMs: () => clock.now(),
        dice: new Dice(seed + 1),
        sent: (endpoint, given, agentId) => judge.sent(underWay.getStore(), endpoint, given, agentId),
      }),
      filter: createFilter({ company, keys, media: null }),
      clock,
      newCallId: () => {
        const id = `call-${(named += 1)}`;
        const request = underWay.getStore();
        if (request !== undefined) request.callId = id;
        return id;
      },
      log: silentLog,
    }),
    { publicUrl: `https://${host}` },
  );
  const surfaces = { rest: restOf(gateway, clock), mcp: mcpOf(gateway) };

  const terms = { expiresAt: null, addresses: null };
  const callers: Caller[] = [];
  for (let index = 0; index < agentCount; index += 1) {
    const { agent, key } = await desk.add({ name: `Storm ${index}`, owner: 'olga', purpose: 'A test.', expiresAt: null }, terms);
    callers.push({ id: agent.id, key: key.key.reveal(), revoked: null });
  }

  const ends = new Map<string, number>();
  let made = 0;
  let changes = 0;
  let told = 0;
  const tally = (): Tally => ({
    requests: made,
    upstream: judge.upstream,
    policies: changes,
    records: log.ends().lastSeq,
    ends,
    wrong: judge.wrong,
  });

  const changePolicy = async (drawn: readonly Policy[], dice: Dice): Promise<void> => {
    changes += 1;
    const [first, ...more] = drawn;
    if (first === undefined) return;
    const agents = [first, ...more].flatMap((policy) => Object.values(policy.agents));
    await desk.change(
      (policy) => {
        const next = Object.fromEntries(
          callers.map(({ id }, index) => {
            const { name, owner } = policy.agents[id] ?? { name: id, owner: 'olga' };
            return [id, { ...fitted(agents[index % agents.length], { dice, world, nowMs: clock.now() }), id, name, owner }];
          }),
        );
        const { guardrails, webhookHosts } = first;
        return replacePolicy(policy, { ...draftOf(policy), agents: next, guardrails, webhookHosts }, ['by a test']);
      },
      { acceptsCombination: true },
    );
  };

  /** A key is taken out of use, and another one given out. */
  const changeKey = async (dice: Dice): Promise<void> => {
    const caller = dice.pick(callers);
    const old = store.keys(caller.id).find(({ revokedAt }) => revokedAt === null);
    if (old === undefined) return;
    await desk.revokeKey(old.keyId);
    caller.revoked = caller.key;
    caller.key = (await desk.issueKey(caller.id, { terms, overlapMs: null })).key.key.reveal();
  };

  const decideApproval = async (id: string, dice: Dice): Promise<void> => {
    const verdict = dice.chance(0.8) ? 'approve' : 'refuse';
    const person = { verdict, by: 'Otto', fourEyes: null, areas: 'all', policy: policies.current() } as const;
    try {
      await recordDecision(id, person, { approvals, audit, random: randomBytes, surface: 'cli' });
      if (verdict === 'approve') judge.approved(id);
    } catch (error) {
      // The rules have changed, or somebody was faster.
      if (!isTrunklineError(error)) throw error;
    }
  };

  const seen: Seen = { tokens: [], approvals: [], keys: [] };

  const make = async (draw: Draw): Promise<Reply> => {
    const { surface, shown } = draw;
    made += 1;
    const request: Request = {
      ...draw,
      number: made,
      policyNumber: store.policyNumber(),
      nowMs: clock.now(),
      line: `${surface} ${draw.endpoint?.id ?? 'nothing'} ${written(draw.given)}${draw.trick === null ? '' : ` (${draw.trick})`}`,
      callId: null,
      acts: [],
      looks: [],
    };
    const reply = await underWay.run(request, () => surfaces[surface]({ ...draw, key: shown }));
    judge.answered(request, reply);
    const end =
      reply.code ?? (reply.replayed ? 'replayed' : reply.kind === 'answer' && request.acts.length === 0 ? 'answer, shared' : reply.kind);
    ends.set(end, (ends.get(end) ?? 0) + 1);
    if (reply.confirmToken !== null) keep(seen.tokens, reply.confirmToken);
    if (reply.approvalId !== null) keep(seen.approvals, reply.approvalId);
    if (draw.idempotencyKey !== null) keep(seen.keys, draw.idempotencyKey);
    return reply;
  };

  /** As an agent does that follows what it is told, more or less. */
  const insist = async (draw: Draw, dice: Dice): Promise<void> => {
    const first = await make(draw);
    if (first.confirmToken !== null && dice.chance(0.8)) {
      const again = { ...draw, confirmToken: first.confirmToken };
      // Twice at the same moment: one may win.
      await Promise.all(dice.chance(0.2) ? [make(again), make(again)] : [make(again)]);
    }
    if (first.approvalId !== null && dice.chance(0.8)) {
      if (dice.chance(0.9)) await decideApproval(first.approvalId, dice);
      const again = { ...draw, approvalId: first.approvalId };
      await Promise.all(dice.chance(0.2) ? [make(again), make(again)] : [make(again)]);
    }
    if (draw.idempotencyKey !== null && dice.chance(0.5)) await make(draw);
  };

  try {
    let pools: Pools | null = null;
    for (let wave = 0; made < wanted && judge.wrong.length === 0; wave += 1) {
      const dice = new Dice(seed * 1_000_003 + wave);
      if (pools === null || wave % turnOf === 0) {
        // Answers that are kept are of the old one.
        await clock.advance(60_000);
        world = new World(seed, wave / turnOf);
        pools = drawPools(seed + wave);
        if (wave > 0) await changeKey(dice);
      }
      await clock.advance(
        dice.pick([200, 200, 200, 6_000, 6_000, 61_000, 61_000, 61_000, 1_200_000, dice.chance(0.2) ? 25_200_000 : 1_000]),
      );
      clock.sleeps.length = 0;
      const drawn = pools.policies;
      await changePolicy([dice.pick(drawn), dice.pick(drawn), dice.pick(drawn)], dice);
      const draws = Array.from({ length: waveSize }, () => drawRequest({ dice, pools: pools as Pools, world, callers, seen }));
      let next = 0;
      const work = async (): Promise<void> => {
        for (let draw = draws[next++]; draw !== undefined; draw = draws[next++]) {
          // While others are under way, the rules change.
          if (next === waveSize / 2 && dice.chance(0.3)) await changePolicy([dice.pick(drawn), dice.pick(drawn), dice.pick(drawn)], dice);
          await insist(draw, dice);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, work));
      judge.settle(made + 1);
      if (onProgress !== undefined && made - told >= onProgress.every) {
        told = made;
        onProgress.tell(tally());
      }
    }
    await gateway.close();
    const unfinished = await audit.unfinished();
    if (unfinished.length > 0) judge.wrong.push(`${unfinished.length} requests without an end in the log`);
    const { damages } = await verifyAuditLog({
      store: log,
      keys: { auditChain: keys.auditChain, checkpoint: keys.checkpoint },
    });
    if (damages.length > 0) judge.wrong.push(`the log is damaged: ${damages[0]?.kind ?? ''}`);
    return tally();
  } finally {
    await gateway.close();
    await audit.close();
    database.close();
  }
}

// ---- what is drawn -------------------------------------------------------------------------------------------------

type Pools = { readonly policies: readonly Policy[]; readonly given: ReadonlyMap<Endpoint, readonly AnyArguments[]> };

function drawPools(seed: number): Pools {
  return {
    policies: fc.sample(anyPolicy, { seed, numRuns: 60 }),
    given: new Map(endpoints.map((endpoint) => [endpoint, fc.sample(anyArguments({ endpoint }), { seed, numRuns: 12 })])),
  };
}

/** A drawn agent with levels that let something through, rules about what is asked for, and limits that name what there is. */
function fitted(drawn: Agent | undefined, { dice, world, nowMs }: { dice: Dice; world: World; nowMs: number }): Agent {
  if (drawn === undefined) throw new TypeError('A policy needs agents.');
  const moment = () => (dice.chance(0.7) ? null : new Date(nowMs + dice.pick([-30_000, 1_000, 3_600_000])).toISOString());
  const rules = Array.from({ length: dice.between(0, 8) }, (_, place) => ({
    id: `r-${place}`,
    capability: dice.pick(offered).id,
    effect: dice.pick(['deny', 'approve', 'allow', 'allow'] as const),
    reason: '',
    expiresAt: moment(),
  }));
  const level = dice.pick(['full', 'full', 'full', 'write', 'read', null] as const);
  return {
    ...drawn,
    // A revoked one is revoked for good.
    status: dice.chance(0.05) ? 'paused' : 'active',
    expiresAt: dice.chance(0.05) ? moment() : null,
    grants: level === null ? drawn.grants : Object.fromEntries(grantAreas.map((area) => [area, dice.chance(0.1) ? 'off' : level])),
    rules: [...drawn.rules.map((rule) => ({ ...rule, expiresAt: moment() })), ...rules],
    constraints: Object.fromEntries(
      Object.entries(drawn.constraints)
        .filter(() => dice.chance(0.5))
        .map(([area, limit]) => [area, withReal(limit, { dice, world })]),
    ),
    combinationAccepted: null,
  };
}

const offered = endpoints.filter(({ agents, area }) => !('never' in agents) && area !== 'oauth' && area !== 'integrations');

function withReal(limit: Constraint, { dice, world }: { dice: Dice; world: World }): Constraint {
  const names: Readonly<Record<string, string>> = { teams: 'team', numbers: 'number', users: 'user', tags: 'tag' };
  const real = Object.entries(limit)
    .filter(([name]) => !(name === 'hours' || name.startsWith('maximum')) || dice.chance(0.3))
    .map(
      ([name, value]) =>
        [name, names[name] === undefined ? value : [...(value as string[]), ...dice.some(world.idsOf(names[name]))]] as const,
    );
  return Object.fromEntries(real);
}

type Seen = { readonly tokens: string[]; readonly approvals: string[]; readonly keys: string[] };

function keep(list: string[], one: string): void {
  list.push(one);
  if (list.length > 64) list.shift();
}

type Draw = Pick<Request, 'agentId' | 'endpoint' | 'given' | 'dryRun' | 'confirmToken' | 'approvalId' | 'idempotencyKey'> & {
  readonly surface: 'rest' | 'mcp';
  readonly shown: PresentedKey | null;
  /** What the client does that no honest client does. */
  readonly trick: Trick | null;
};

const tricks = [
  'no key',
  'made-up key',
  'revoked key',
  'key with another’s name',
  'forged secret',
  'another’s approval or token',
  'forged token',
  'forged approval',
  'unknown path',
  'path that points elsewhere',
  'parameter twice',
  'unknown parameter',
  'wrong type',
  'another method in a header',
  'foreign host',
  'dry run misspelt',
  'client leaves',
  'about the gateway',
] as const;
type Trick = (typeof tricks)[number];

function drawRequest({
  dice,
  pools,
  world,
  callers,
  seen,
}: {
  dice: Dice;
  pools: Pools;
  world: World;
  callers: readonly Caller[];
  seen: Seen;
}): Draw {
  const caller = dice.pick(callers);
  const other = dice.pick(callers);
  const endpoint = dice.chance(0.95) ? dice.pick(offered) : dice.pick(endpoints);
  const { at, query, body } = dice.pick(pools.given.get(endpoint) ?? []);
  const real = <T>(described: Parameters | undefined, given: T): T => withRealIds(described ?? {}, given, { dice, world });
  let draw: Draw = {
    surface: dice.pick(['rest', 'mcp']),
    agentId: caller.id,
    shown: { key: caller.key, agentId: dice.chance(0.5) ? caller.id : null },
    endpoint,
    given: { at: real(endpoint.at, at), query: real(endpoint.query, query), body: real(endpoint.body, body) },
    dryRun: dice.chance(0.05),
    confirmToken: null,
    approvalId: null,
    idempotencyKey: dice.chance(0.1)
      ? dice.chance(0.3) && seen.keys.length > 0
        ? dice.pick(seen.keys)
        : `key-${dice.between(1, 1e9)}`
      : null,
    trick: null,
  };
  const ownKey = draw.given.body?.['idempotency_key'];
  // One endpoint takes such a key itself; as a tool's argument it is the gateway's, too.
  if (endpoint.body?.['idempotency_key'] !== undefined) draw = { ...draw, idempotencyKey: draw.surface === 'mcp' ? textOf(ownKey) : null };
  if (dice.chance(0.8)) return draw;
  const trick = dice.pick(tricks);
  const tricked = { ...draw, trick };
  switch (trick) {
    case 'no key':
      return { ...tricked, agentId: null, shown: null };
    case 'made-up key':
      return { ...tricked, agentId: null, shown: { key: `acg_test_${dice.between(1, 1e9)}_abc`, agentId: null } };
    case 'revoked key':
      return caller.revoked === null ? tricked : { ...tricked, agentId: null, shown: { key: caller.revoked, agentId: null } };
    case 'key with another’s name':
      return { ...tricked, agentId: other === caller ? caller.id : null, shown: { key: caller.key, agentId: other.id } };
    case 'forged secret':
      return {
        ...tricked,
        agentId: null,
        shown: { key: `${caller.key.slice(0, -1)}${caller.key.endsWith('a') ? 'b' : 'a'}`, agentId: null },
      };
    case 'another’s approval or token':
      return {
        ...tricked,
        confirmToken: seen.tokens.length > 0 && dice.chance(0.7) ? dice.pick(seen.tokens) : null,
        approvalId: seen.approvals.length > 0 && dice.chance(0.7) ? dice.pick(seen.approvals) : null,
      };
    case 'forged token':
      return { ...tricked, confirmToken: seen.tokens.length > 0 ? `${dice.pick(seen.tokens).slice(0, -2)}AA` : 'c1.AAAA' };
    case 'forged approval':
      return { ...tricked, approvalId: `ap-${dice.between(1, 5_000)}` };
    case 'dry run misspelt':
      return { ...tricked, dryRun: true };
    default:
      return tricked;
  }
}

/** Ids of the world in place of random ones, so that most requests are about something. */
function withRealIds<T>(described: Parameters, given: T, around: { readonly dice: Dice; readonly world: World }): T {
  if (typeof given !== 'object' || given === null) return given;
  const { dice, world } = around;
  const realId = (names: string, value: unknown) => {
    const ids = world.idsOf(names);
    return typeof value === 'string' && /^\d+$/.test(value) && ids.length > 0 && dice.chance(0.9) ? dice.pick(ids) : value;
  };
  const entries = Object.entries(given).map(([name, value]: [string, unknown]) => {
    const { names, fields, type = 'text' } = described[name] ?? {};
    if (fields !== undefined)
      return [
        name,
        Array.isArray(value) ? value.map((each: unknown) => withRealIds(fields, each, around)) : withRealIds(fields, value, around),
      ];
    if (names === undefined) return [name, value];
    // One id twice in a list would be refused.
    return [
      name,
      type.endsWith('[]') && Array.isArray(value) ? [...new Set(value.map((each) => realId(names, each)))] : realId(names, value),
    ];
  });
  return Object.fromEntries(entries) as T; // the same names, with values of the same types
}

function written(value: unknown): string {
  return stringify(value, undefined, undefined, (_key, inner, type) => (type === 'bigint' ? String(inner) : undefined));
}

// ---- the surfaces, without a wire ----------------------------------------------------------------------------------

type Sent = Draw & { readonly key: PresentedKey | null };
type Surface = (sent: Sent) => Promise<Reply>;

/** What the handler writes, kept as it is. */
class Heard extends ServerResponse {
  text = '';
  replayed = false;

  override writeHead(status: number, ...rest: readonly unknown[]): this {
    const headers = rest.at(-1);
    this.statusCode = status;
    this.replayed = isObject(headers) && headers['X-Gateway-Replayed'] === '1';
    return this;
  }

  override end(body?: unknown): this {
    this.text = typeof body === 'string' ? body : '';
    return this;
  }
}

function restOf(gateway: OpenGateway, clock: FakeClock): Surface {
  const handle = createRestHandler({ gateway, clock, hosts: [host], addressOf: () => '192.0.2.7' });
  const line = new Socket();
  return async (sent) => {
    const { endpoint, trick } = sent;
    if (endpoint === null) throw new TypeError('There is nothing to ask for.');
    const { path, body } = planRequest(endpoint, sent.given);
    const request = new IncomingMessage(line);
    const headers = headersOf(sent);
    const payload = body === null ? null : tricked(written(body), trick);
    if (payload !== null)
      Object.assign(headers, { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(payload)) });
    request.method = endpoint.method;
    request.url = pathTricked(path, trick);
    request.headers = headers;
    request.rawHeaders = Object.entries(headers).flat();
    request.complete = true;
    if (payload !== null) request.push(payload);
    request.push(null);
    const response = new Heard(request);
    const done = handle(request, response);
    if (trick === 'client leaves') response.emit('close');
    await done;
    return restReply(response, endpoint);
  };
}

function headersOf({ key, trick, dryRun, confirmToken, approvalId, idempotencyKey }: Sent): Record<string, string> {
  const given = key?.agentId == null ? `Bearer ${key?.key ?? ''}` : `Basic ${Buffer.from(`${key.agentId}:${key.key}`).toString('base64')}`;
  return {
    host: trick === 'foreign host' ? 'evil.example' : host,
    ...(key === null ? {} : { authorization: given }),
    ...(dryRun ? { 'x-dry-run': trick === 'dry run misspelt' ? 'yes' : '1' } : {}),
    ...(confirmToken === null ? {} : { 'x-confirm-token': confirmToken }),
    ...(approvalId === null ? {} : { 'x-approval-id': approvalId }),
    ...(idempotencyKey === null ? {} : { 'idempotency-key': idempotencyKey }),
    ...(trick === 'another method in a header' ? { 'x-http-method-override': 'DELETE' } : {}),
  };
}

function pathTricked(path: string, trick: Trick | null): string {
  const more = path.includes('?') ? '&' : '?';
  switch (trick) {
    case 'unknown path':
      return `${path.split('?')[0] ?? ''}/secrets`;
    case 'path that points elsewhere':
      return path.replace('/v1/', '/v1/%2e%2e/v1/').replace('/v2/', '/v2//');
    case 'parameter twice':
      return `${path}${more}page=1&page=2`;
    case 'unknown parameter':
      return `${path}${more}everything=1`;
    case 'wrong type':
      return `${path}${more}per_page=many`;
    default:
      return path;
  }
}

function tricked(payload: string, trick: Trick | null): string {
  if (trick === 'unknown parameter') return payload.replace('{', '{"everything":true,');
  return trick === 'wrong type' ? `[${payload}]` : payload;
}

function restReply({ text, statusCode, replayed }: Heard, { answer }: Endpoint): Reply {
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  const said = isObject(body) ? body : {};
  const code = statusCode >= 400 ? textOf(said['code']) : null;
  const kind = statusCode >= 400 ? 'refusal' : said['dry_run'] === true ? 'plan' : 'answer';
  const row = answer.envelope === 'none' || kind === 'answer' ? body : said['row'];
  return {
    kind,
    text,
    code,
    replayed,
    data: kind === 'plan' ? null : row,
    confirmToken: textOf(said['confirm_token']),
    approvalId: code === 'approval_required' ? textOf(said['approval_id']) : null,
  };
}

function mcpOf(gateway: OpenGateway): Surface {
  return async (sent) => {
    const { endpoint, trick, given } = sent;
    if (endpoint === null) throw new TypeError('There is nothing to ask for.');
    const own: Readonly<Record<string, unknown>> = {
      ...(sent.dryRun ? { dry_run: trick === 'dry run misspelt' ? 'yes' : true } : {}),
      ...(sent.confirmToken === null ? {} : { confirm_token: sent.confirmToken }),
      ...(sent.approvalId === null ? {} : { approval_id: sent.approvalId }),
      ...(sent.idempotencyKey === null ? {} : { idempotency_key: sent.idempotencyKey }),
      ...(trick === 'unknown parameter' || trick === 'parameter twice' ? { everything: true } : {}),
      ...(trick === 'wrong type' ? { per_page: { many: true }, id: [] } : {}),
    };
    const tool =
      trick === 'about the gateway' ? 'gateway_explain' : `${toolNameOf({ id: endpoint.id })}${trick === 'unknown path' ? '_secrets' : ''}`;
    const flat = JSON.parse(written({ ...given.at, ...given.query, ...given.body })) as Readonly<Record<string, unknown>>; // of objects, one
    const read = readCall(
      tool,
      trick === 'about the gateway' ? { tool: toolNameOf({ id: endpoint.id }), arguments: flat } : { ...flat, ...own },
    );
    const gone = new AbortController();
    const facts = { surface: 'mcp', key: sent.key, badOrigin: trick === 'foreign host', method: 'POST', protocol: null } as const;
    const done = gateway.handle(callOf({ ...facts, client: null, ip: '192.0.2.7', traceId: null, signal: gone.signal }, read));
    if (trick === 'client leaves') gone.abort();
    return mcpReply(await done, { tool, isOwn: read.own != null });
  };
}

function mcpReply(reply: GatewayReply, asked: { readonly tool: string; readonly isOwn: boolean }): Reply {
  const { result } = reply;
  const text = shownBy(() => written(resultOf(reply, asked).structuredContent ?? {}));
  const said: unknown = text.startsWith('{') ? JSON.parse(text) : {};
  const plan = isObject(said) && isObject(said['plan']) ? said['plan'] : {};
  return {
    kind: asked.isOwn && result.kind === 'answer' ? 'own' : result.kind,
    text,
    code: result.kind === 'refusal' ? result.code : null,
    replayed: result.kind === 'answer' && result.replayed,
    data: result.kind === 'answer' && !asked.isOwn && isObject(said) ? said['data'] : plan['row'],
    confirmToken: result.kind === 'refusal' ? (result.confirm?.token ?? null) : null,
    approvalId: result.kind === 'refusal' && result.code === 'approval_required' ? (result.approval?.id ?? null) : null,
  };
}

/** An error of the protocol is an answer too. */
function shownBy(show: () => string): string {
  try {
    return show();
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
