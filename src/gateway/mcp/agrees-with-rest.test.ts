// The same request by both surfaces: what is decided is the same, and so is what comes back. Two companies that are alike, one
// asked over REST and one over MCP, with the same policy and the same requests in the same order.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyArguments } from '../../../test/support/any-arguments.ts';
import { openGatewayLab } from '../../../test/support/gateway-lab.ts';
import type { GatewayLab, LabAgent } from '../../../test/support/gateway-lab.ts';
import { anyAgent, anyCapability, anyConstraint, anyGuardrail, anyRule } from '../policy/random-policies.conformance.ts';
import { connect } from '../../../test/support/mcp.ts';
import { isObject } from '../../base/index.ts';
import { planRequest } from '../../client/index.ts';
import type { Capability } from '../capabilities/capability.ts';
import type { CallArguments } from '../policy/decision.ts';
import type { Agent, Guardrail } from '../policy/types.ts';
import { toolNameOf } from './tool-name.ts';

type Case = {
  readonly agent: Agent;
  readonly guardrails: readonly Guardrail[];
  readonly capability: Capability;
  readonly given: CallArguments;
  readonly dryRun: boolean;
  readonly key: string | null;
};

const anyCase: fc.Arbitrary<Case> = anyCapability.chain((capability) =>
  fc
    .tuple(anyAgent(), fc.array(anyRule, { maxLength: 1 }), fc.option(anyConstraint, { freq: 2 }), fc.array(anyGuardrail, { maxLength: 1 }))
    .chain(([agent, rules, constraint, guardrails]) =>
      fc.record({
        agent: fc.constant({
          ...agent,
          rules: [...agent.rules, ...rules.map((rule) => ({ ...rule, capability: capability.id }))],
          constraints: constraint === null ? agent.constraints : { ...agent.constraints, [capability.area]: constraint },
          // Tokens belong to one gateway.
          fields: agent.fields.map((rule) => (rule.treatment === 'tokenize' ? { ...rule, treatment: 'mask' as const } : rule)),
        }),
        guardrails: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.constant(guardrails)),
        capability: fc.constant(capability),
        given: anyArguments(capability),
        dryRun: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
        key: fc.constantFrom(null, null, 'a', 'b'),
      }),
    ),
);

test(
  'REST and MCP give the same decision and the same filtered data, whatever the policy and the request',
  { timeout: 120_000 },
  async () => {
    const [rest, mcp] = [await openSide(), await openSide()];
    const client = await connect(mcp.lab, mcp.agent, 'modern');
    const answered = new Set<string>();
    await fc.assert(
      fc.asyncProperty(anyCase, async (drawn) => {
        const given = { ...drawn.given, at: withRealIds(rest.lab, drawn.capability, drawn.given.at) };
        // One endpoint takes an idempotency key itself: over MCP it is the gateway's too, over REST the two are apart.
        fc.pre(!Object.hasOwn(drawn.capability.endpoint.body ?? {}, 'idempotency_key'));
        // The clients of this test read numbers as JSON.parse does: ids beyond 2^53 would not come through them.
        fc.pre(!/\d{16}/.test(JSON.stringify(given, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value))));
        // What an address cannot carry in one way of reading only, REST refuses before it is a request.
        fc.pre(/^[\w/?&=.:@+,[\] -]*$/.test(decodeURIComponent(planRequest(drawn.capability.endpoint, given).path)));
        for (const side of [rest, mcp]) await setPolicy(side, drawn);
        const byRest = await askRest(rest, { ...drawn, given });
        const isWrite = drawn.capability.effect !== 'read';
        const result = await client.callTool({
          name: toolNameOf(drawn.capability),
          arguments: {
            ...given.at,
            ...given.query,
            ...given.body,
            ...(drawn.dryRun ? { dry_run: true } : {}),
            ...(isWrite && drawn.key !== null ? { idempotency_key: drawn.key } : {}),
          },
        });
        const byMcp = seenByMcp(mcp, result);
        expect(byMcp, drawn.capability.id).toEqual(byRest);
        expect(lastDecision(mcp.lab), drawn.capability.id).toEqual(lastDecision(rest.lab));
        answered.add(String(byRest['code'] ?? 'answer'));
      }),
      { numRuns: 100 },
    );
    // The drawing reached more than refusals of one kind.
    expect(answered.size).toBeGreaterThan(3);
    expect(answered).toContain('answer');
  },
);

type Side = { readonly lab: GatewayLab; readonly agent: LabAgent };

async function openSide(): Promise<Side> {
  const lab = await openGatewayLab({ settings: { cacheMs: 0 } });
  return { lab, agent: await lab.addAgent('Support Agent') };
}

async function setPolicy({ lab, agent }: Side, { agent: drawn, guardrails }: Case): Promise<void> {
  await lab.changePolicy(({ agents }) => {
    const own = agents[agent.id];
    if (own === undefined) throw new Error('no agent');
    const { grants, rules, constraints, fields, taint, text } = drawn;
    return { agents: { ...agents, [agent.id]: { ...own, grants, rules, constraints, fields, taint, text } }, guardrails };
  });
}

type Seen = Readonly<Record<string, unknown>>;

async function askRest({ lab, agent }: Side, { capability, given, dryRun, key }: Case): Promise<Seen> {
  const { path, body } = planRequest(capability.endpoint, given);
  const text =
    body === null ? undefined : JSON.stringify(body, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  const answer = await lab.ask(agent, capability.endpoint.method, path, {
    ...(text === undefined ? {} : { body: text }),
    headers: {
      ...(dryRun ? { 'x-dry-run': '1' } : {}),
      ...(key === null || capability.effect === 'read' ? {} : { 'idempotency-key': key }),
    },
  });
  const {
    code,
    fix,
    confirm_token: token,
    approval_id: approval,
    untrusted_text: untrusted,
    notice: _notice,
    ...rest
  } = (answer.body ?? {}) as Seen;
  if (typeof code === 'string') {
    return {
      code,
      fix: withoutPlace(fix),
      asksToConfirm: token !== undefined,
      asksForApproval: approval !== undefined,
      retry: answer.headers['retry-after'] ?? null,
    };
  }
  if (rest['dry_run'] === true) return { plan: rest['sentence'], act: rest['act'], request: rest['request'] };
  const isApart = untrusted !== undefined && capability.rows?.key === undefined;
  return {
    data: answer.text === '' ? null : plain(lab, isApart ? rest['data'] : rest),
    untrusted: untrusted ?? null,
    filtered: answer.headers['x-gateway-filtered'] === '1',
    replayed: answer.headers['x-gateway-replayed'] === '1',
  };
}

function seenByMcp({ lab }: Side, result: { readonly structuredContent?: unknown }): Seen {
  const content = isObject(result.structuredContent) ? result.structuredContent : {};
  const { code, fix, confirm_token: token, approval_id: approval, retry_after_s: retry } = content;
  if (typeof code === 'string') {
    return {
      code,
      fix: withoutPlace(fix),
      asksToConfirm: token !== undefined,
      asksForApproval: approval !== undefined,
      retry: retry === undefined ? null : String(retry),
    };
  }
  const { plan } = content;
  if (isObject(plan)) return { plan: plan['sentence'], act: plan['act'], request: plan['request'] };
  return {
    data: plain(lab, content['data']),
    untrusted: content['untrusted_text'] ?? null,
    filtered: content['filtered'],
    replayed: content['replayed'] === true,
  };
}

/** An approval and a token go into a header over REST, and into an argument over MCP. */
function withoutPlace(fix: unknown): unknown {
  return typeof fix === 'string' ? fix.replace(/ The (?:id|token) goes into the (?:header|argument) [\w-]+\.$/, '') : (fix ?? null);
}

/** Without the address of the one company, and of the one gateway. */
function plain(lab: GatewayLab, data: unknown): unknown {
  const text = JSON.stringify(data ?? null)
    .replaceAll(lab.url, 'http://gateway')
    .replaceAll(lab.simulator.baseUrl, 'http://aircall');
  return JSON.parse(text);
}

function lastDecision(lab: GatewayLab): unknown {
  const { decision, outcome, what } = lab.records().at(-1) ?? {};
  if (decision == null) return null;
  const { effect, code, rule, obligations, confirmed, idempotency } = decision;
  return {
    effect,
    code,
    rule: rule.id,
    obligations,
    confirmed,
    idempotency,
    capability: what?.capability,
    arguments: what === undefined ? null : Object.keys(isObject(what.arguments) ? what.arguments : {}),
    outcome:
      outcome == null
        ? null
        : { status: outcome.status, rows: outcome.rowsReturned, hidden: outcome.rowsHidden, masked: outcome.fieldsMasked },
  };
}

/** An id that exists stands where one is asked for by the path, so that something comes back. */
function withRealIds(lab: GatewayLab, { endpoint }: Capability, at: CallArguments['at']): CallArguments['at'] {
  const { company } = lab.simulator;
  const tables = {
    call: company.calls,
    contact: company.contacts,
    user: company.users,
    team: company.teams,
    number: company.numbers,
    tag: company.tags,
  };
  return Object.fromEntries(
    Object.entries(at).map(([name, value]) => {
      const table = tables[endpoint.at?.[name]?.names as keyof typeof tables]; // undefined for others
      const rows = table === undefined ? [] : [...table.all()];
      const row = rows[Number(BigInt(/^\d+$/.test(value) ? value : '0') % BigInt(Math.max(1, rows.length)))];
      return [name, row === undefined ? value : String(row.id)];
    }),
  );
}
