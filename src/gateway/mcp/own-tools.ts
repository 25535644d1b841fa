// The tools by which an agent asks the gateway about itself. They are there for every agent, whatever it was granted.
import type { Tool, ToolAnnotations } from '@modelcontextprotocol/server';
import { isObject } from '../../base/index.ts';
import type { Json } from '../../base/index.ts';
import { capabilityOf } from '../capabilities/capabilities.ts';
import { placeArguments } from '../capabilities/schema.ts';
import type { OwnRequest } from '../flow/call.ts';
import { capabilityOfTool } from './tool-name.ts';

const looks: ToolAnnotations = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
const dialect = 'https://json-schema.org/draft/2020-12/schema';
const text = { type: 'string' } as const;
const textOrNull = { type: ['string', 'null'] } as const;
const countOrNull = { type: ['integer', 'null'] } as const;

type Schema = Readonly<Record<string, { readonly [name: string]: Json }>>;

export const ownTools: readonly Tool[] = Object.freeze([
  own('gateway_whoami', 'Who am I, and what may I do', {
    description: 'Says in words which areas of Aircall you may use and how, what is limited or hidden, and who answers for you.',
    input: {},
    output: {
      agent: { type: 'object' },
      summary: text,
      areas: { type: 'array', items: { type: 'object' } },
      may_use: { type: 'array', items: { type: 'object' } },
      policy_version: text,
    },
  }),
  own('gateway_explain', 'Would this be allowed, and why', {
    description:
      'Says whether a call of a tool would be allowed now, with these arguments, and which rule decides. Nothing is done, and Aircall is not asked.',
    input: {
      tool: { type: 'string', minLength: 1, maxLength: 128, description: 'The name of the tool, such as aircall_calls_list.' },
      arguments: { type: 'object', description: 'The arguments of the call. Left out: none.' },
      dry_run: { type: 'boolean', description: 'True: ask about a dry run of it.' },
    },
    required: ['tool'],
    output: {
      capability: textOrNull,
      effect: { type: 'string', enum: ['allow', 'deny', 'needs_approval', 'needs_confirm', 'dry_run'] },
      verdict: text,
      code: textOrNull,
      why: text,
      rule: { type: 'object' },
      fix: textOrNull,
      steps: { type: 'array', items: { type: 'object' } },
      policy_version: text,
    },
  }),
  own('gateway_budget', 'How many requests are left', {
    description:
      'Says how many requests to Aircall you have left in this minute, and today. All agents of the company share its limit by their ' +
      'weights: limit is what you get while all of them want more; with more than that you wait for your turn.',
    input: {},
    output: {
      limited: { type: 'boolean' },
      limit: countOrNull,
      remaining: countOrNull,
      resets_at: textOrNull,
      weight: { type: 'integer' },
      burst: { type: 'integer' },
      waiting: { type: 'integer', description: 'Your requests that wait for their turn.' },
      waiting_of_all: { type: 'integer', description: 'Those of all agents.' },
      today: { type: ['object', 'null'], description: 'Null: there is no limit a day.' },
    },
  }),
  own('gateway_approval_status', 'How an approval stands', {
    description: 'Says whether a person has approved or refused what you asked for, or whether it still waits.',
    input: {
      approval_id: { type: 'string', minLength: 1, maxLength: 64, description: 'As it came with approval_required, such as AP-31.' },
    },
    required: ['approval_id'],
    output: {
      approval_id: textOrNull,
      state: { type: 'string', enum: ['pending', 'approved', 'refused', 'used', 'expired', 'outdated', 'unknown'] },
      text,
      fix: textOrNull,
      capability: textOrNull,
      expires_at: textOrNull,
    },
  }),
]);

function own(
  name: string,
  title: string,
  facts: { readonly description: string; readonly input: Schema; readonly required?: readonly string[]; readonly output: Schema },
): Tool {
  const { description, input, required = [], output } = facts;
  const closed = { $schema: dialect, type: 'object' as const, additionalProperties: false };
  const tool = {
    name,
    title,
    description,
    inputSchema: { ...closed, properties: { ...input }, required: [...required] },
    outputSchema: { ...closed, properties: { ...output }, required: Object.keys(output) },
    annotations: { title, ...looks },
  };
  return Object.freeze(tool as Tool); // its schemas are of objects
}

/** Null: it is none of these tools. */
export function readOwnCall(tool: string, given: Readonly<Record<string, unknown>>): OwnRequest | { readonly problem: string } | null {
  const described = ownTools.find(({ name }) => name === tool);
  if (described === undefined) return null;
  const stranger = Object.keys(given).find((name) => !Object.hasOwn(described.inputSchema.properties ?? {}, name));
  if (stranger !== undefined) return { problem: `${tool} takes an argument that is not one of its own.` };
  switch (tool) {
    case 'gateway_whoami':
      return { kind: 'whoami' };
    case 'gateway_budget':
      return { kind: 'budget' };
    case 'gateway_approval_status': {
      const { approval_id: id } = given;
      if (typeof id !== 'string' || id === '' || id.length > 64)
        return { problem: 'approval_id must be the id of an approval, such as AP-31.' };
      return { kind: 'approval_status', approvalId: id };
    }
    default:
      return readExplain(given);
  }
}

function readExplain({
  tool,
  arguments: asked = {},
  dry_run: dryRun = false,
}: Readonly<Record<string, unknown>>): OwnRequest | { readonly problem: string } {
  if (typeof tool !== 'string' || tool.length > 128) return { problem: 'tool must be the name of a tool.' };
  if (!isObject(asked)) return { problem: 'arguments must be an object.' };
  if (typeof dryRun !== 'boolean') return { problem: 'dry_run must be true or false.' };
  const capability = capabilityOfTool(tool) ?? capabilityOf(tool);
  const placed = capability === undefined ? { at: {}, query: {}, body: null } : placeArguments(capability, asked);
  return { kind: 'explain', endpoint: capability?.endpoint ?? null, arguments: placed, dryRun };
}
