// The tools of the protocol, one for each capability: made once, and given out in a fixed order to the agents that may use them.
import type { Tool, ToolAnnotations } from '@modelcontextprotocol/server';
import type { Effect } from '../../aircall/index.ts';
import { capabilities } from '../capabilities/capabilities.ts';
import type { Capability } from '../capabilities/capability.ts';
import { consequences } from '../capabilities/consequences.ts';
import { factsOf } from '../capabilities/facts.ts';
import { reach } from '../policy/matrix.ts';
import type { Policy } from '../policy/types.ts';
import { areaNames } from '../policy/words.ts';
import { ownTools } from './own-tools.ts';
import { toolNameOf } from './tool-name.ts';
import { choicesOf, inputSchemaOf, outputSchemaOf } from './tool-schema.ts';
import type { GatewayArgument } from './tool-schema.ts';

/** What stands before a call, as far as it is known before there is one. */
type Standing = 'allow' | 'needs_approval' | 'needs_confirm';

/** Hints alone, which no client should trust; what is left out would count as dangerous. */
const annotations: Readonly<Record<Effect, ToolAnnotations>> = {
  read: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  add: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  change: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  delete: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  live: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  egress: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
};

const standingWords: Readonly<Record<Standing, string>> = {
  allow: '',
  needs_approval:
    'Needs a person’s approval: the first call does nothing and gives an approval_id; once a person has approved it, send the very same call again with that approval_id.',
  needs_confirm:
    'Needs a confirmation: the first call does nothing and gives what would happen and a confirm_token; the very same call with that token is carried out.',
};

const standings = ['allow', 'needs_approval', 'needs_confirm'] as const satisfies readonly Standing[];

/** Each tool in each standing it can have. */
const variants: readonly { readonly capability: Capability; readonly tools: Readonly<Record<Standing, Tool>> }[] = capabilities.map(
  (capability) => {
    const outputSchema = outputSchemaOf(capability);
    const pairs = standings.map((standing) => [standing, toolOf(capability, standing, outputSchema)] as const);
    return { capability, tools: Object.fromEntries(pairs) as Record<Standing, Tool> }; // one for each of them
  },
);

/** A list, and for how long it means the same: rules end by themselves. */
type Kept = { readonly list: readonly Tool[]; readonly fromMs: number; readonly untilMs: number };

const lists = new WeakMap<Policy, Map<string, Kept>>();

/**
 * What the agent may use now, in the order of the catalogue, and the gateway's own tools before them. The same list for the same
 * access under the same policy. A list is never the check: what is not in it is decided and recorded when it is called.
 */
export function toolsFor(policy: Policy, agentId: string, nowMs: number): readonly Tool[] {
  const agent = Object.hasOwn(policy.agents, agentId) ? policy.agents[agentId] : undefined;
  if (agent === undefined) return ownTools;
  let agents = lists.get(policy);
  if (agents === undefined) {
    agents = new Map<string, Kept>();
    lists.set(policy, agents);
  }
  const kept = agents.get(agentId);
  if (kept !== undefined && nowMs >= kept.fromMs && nowMs < kept.untilMs) return kept.list;
  const usable = variants.flatMap(({ capability, tools }) => {
    const effect = reach(policy, agentId, capability, nowMs);
    return effect === 'allow' || effect === 'needs_approval' || effect === 'needs_confirm' ? [tools[effect]] : [];
  });
  const list = Object.freeze([...ownTools, ...usable]);
  const ends = [agent.expiresAt, ...agent.rules.map(({ expiresAt }) => expiresAt)].map((end) =>
    end === null ? Infinity : Date.parse(end),
  );
  agents.set(agentId, { list, fromMs: nowMs, untilMs: Math.min(...ends.filter((end) => !(end <= nowMs))) });
  return list;
}

const written = new WeakMap<readonly Tool[], Buffer>();

/** The JSON of a list, as it goes out. */
export function writtenTools(list: readonly Tool[]): Buffer {
  let bytes = written.get(list);
  if (bytes === undefined) {
    bytes = Buffer.from(JSON.stringify(list));
    written.set(list, bytes);
  }
  return bytes;
}

function toolOf(capability: Capability, standing: Standing, outputSchema: object): Tool {
  const { effect, endpoint, area } = capability;
  const { limits, product, endsOn } = factsOf(capability);
  const title = endpoint.title;
  const description = [
    `${title} (${areaNames[area]}, Aircall).`,
    consequences[effect],
    ...choicesOf(capability),
    ...limits.map((limit) => limit.replaceAll('`', '')),
    ...(product === null ? [] : [`Needs Aircall’s ${product}.`]),
    ...(endsOn === null ? [] : [`Aircall refuses it from ${endsOn} on.`]),
    standingWords[standing],
  ];
  return {
    name: toolNameOf(capability),
    title,
    description: description.filter((each) => each !== '').join(' '),
    // Both are schemas of objects.
    inputSchema: inputSchemaOf(capability, added(capability, standing)) as Tool['inputSchema'],
    outputSchema: outputSchema as NonNullable<Tool['outputSchema']>,
    annotations: { title, ...annotations[effect] },
  };
}

function added({ effect }: Capability, standing: Standing): readonly GatewayArgument[] {
  const approval = effect !== 'read' || standing === 'needs_approval' ? (['approval_id'] as const) : [];
  if (effect === 'read') return approval;
  const confirms = effect === 'delete' || effect === 'live' || effect === 'egress' || standing === 'needs_confirm';
  return ['dry_run', ...(confirms ? (['confirm_token'] as const) : []), ...approval, 'idempotency_key'];
}
