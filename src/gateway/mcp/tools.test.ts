import type { JsonSchemaType } from '@modelcontextprotocol/server';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/server/validators/ajv';
import { expect, test } from 'vitest';
import { everything } from '../../../test/support/gateway-lab.ts';
import { capabilities } from '../capabilities/capabilities.ts';
import { makePolicy } from '../policy/policy.ts';
import type { Agent, MethodRule } from '../policy/types.ts';
import { ownTools } from './own-tools.ts';
import { capabilityOfTool, toolNameOf } from './tool-name.ts';
import { toolsFor } from './tools.ts';

const nowMs = Date.parse('2026-03-02T12:00:00Z');

test('the names of all tools are what they always were', async () => {
  const names = [...ownTools.map(({ name }) => name), ...capabilities.map((capability) => `${toolNameOf(capability)} ${capability.id}`)];
  await expect(`${names.join('\n')}\n`).toMatchFileSnapshot('./tool-names.txt');
});

test('a name is one capability’s, short, and of letters, digits and underscores', () => {
  const names = capabilities.map(toolNameOf);
  expect(new Set(names).size).toBe(capabilities.length);
  for (const [index, name] of names.entries()) {
    expect(name).toMatch(/^aircall_[a-z0-9_]{1,56}$/);
    expect(capabilityOfTool(name)).toBe(capabilities[index]);
  }
  expect(capabilityOfTool('aircall_oauth_token')).toBeUndefined();
});

test('an agent without grants sees the gateway’s own tools and nothing else; with all of them, everything in one order', () => {
  const none = policyOf({});
  expect(toolsFor(none, 'ag_a', nowMs)).toEqual(ownTools);
  const all = toolsFor(policyOf(everything()), 'ag_a', nowMs).map(({ name }) => name);
  expect(all).toEqual([...ownTools.map(({ name }) => name), ...capabilities.map(toolNameOf)]);
  expect(toolsFor(policyOf(everything()), 'ag_nobody', nowMs)).toEqual(ownTools);
});

test('of what it may only read, nothing that writes is listed, although a dry run of it would be allowed', () => {
  const tools = toolsFor(policyOf(everything('read')), 'ag_a', nowMs).slice(ownTools.length);
  expect(tools.length).toBe(capabilities.filter(({ effect }) => effect === 'read').length);
  expect(tools.every(({ annotations }) => annotations?.readOnlyHint === true)).toBe(true);
});

test('what needs a person says so, takes the approval, and stops saying so when the rule ends', () => {
  const rule: MethodRule = { id: 'r', capability: 'calls.list', effect: 'approve', reason: 'A test.', expiresAt: '2026-03-02T13:00:00Z' };
  const policy = policyOf({ calls: 'read' }, [rule]);
  const at = (ms: number) => toolsFor(policy, 'ag_a', ms).find(({ name }) => name === 'aircall_calls_list');
  expect(at(nowMs)?.description).toContain('Needs a person’s approval');
  expect(at(nowMs)?.inputSchema.properties).toHaveProperty('approval_id');
  expect(at(nowMs + 7_200_000)?.description).not.toContain('approval');
  expect(at(nowMs + 7_200_000)?.inputSchema.properties).not.toHaveProperty('approval_id');
  const deleting = toolsFor(policyOf({ contacts: 'full' }), 'ag_a', nowMs).find(({ name }) => name === 'aircall_contacts_delete');
  expect(deleting?.description).toContain('confirm_token');
});

test('every tool has closed schemas that a validator takes, a title, a description and all four hints', () => {
  const validator = new AjvJsonSchemaValidator();
  for (const tool of toolsFor(policyOf(everything()), 'ag_a', nowMs)) {
    expect(validator.getValidator(tool.inputSchema as JsonSchemaType)({ nothing_of_ours: 1 }).valid, tool.name).toBe(false);
    expect(validator.getValidator(tool.outputSchema as JsonSchemaType)({ nothing_of_ours: 1 }).valid, tool.name).toBe(false);
    expect(tool.inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
    // Model APIs take no choices at the top of a schema.
    for (const word of ['allOf', 'anyOf', 'oneOf', 'dependentRequired']) expect(tool.inputSchema, tool.name).not.toHaveProperty(word);
    expect(tool.title).toBeTruthy();
    expect(tool.description?.length).toBeGreaterThan(20);
    expect(Object.values(tool.annotations ?? {}).filter((hint) => typeof hint === 'boolean')).toHaveLength(4);
  }
});

test('what the schema refuses, no tool says to be taken otherwise', () => {
  const list = toolsFor(policyOf(everything()), 'ag_a', nowMs).find(({ name }) => name === 'aircall_calls_list');
  expect(list?.inputSchema.properties?.['per_page']).toEqual({
    type: 'integer',
    minimum: 1,
    maximum: 50,
    default: 20,
    description: 'Rows on a page.',
  });
});

test('arguments of the gateway’s own stand beside Aircall’s where they mean something', () => {
  const tools = new Map(
    toolsFor(policyOf(everything()), 'ag_a', nowMs).map((tool) => [tool.name, Object.keys(tool.inputSchema.properties ?? {})]),
  );
  expect(tools.get('aircall_calls_list')).not.toContain('dry_run');
  expect(tools.get('aircall_calls_comment')).toEqual(expect.arrayContaining(['dry_run', 'idempotency_key', 'approval_id']));
  expect(tools.get('aircall_calls_comment')).not.toContain('confirm_token');
  expect(tools.get('aircall_contacts_delete')).toContain('confirm_token');
  expect(tools.get('aircall_ai_voice_start_call')?.filter((name) => name === 'idempotency_key')).toHaveLength(1);
});

test('the same list is given again as long as it means the same', () => {
  const policy = policyOf(everything());
  expect(toolsFor(policy, 'ag_a', nowMs)).toBe(toolsFor(policy, 'ag_a', nowMs + 1));
});

function policyOf(grants: Agent['grants'], rules: readonly MethodRule[] = []) {
  const agent: Agent = {
    id: 'ag_a',
    name: 'A',
    owner: 'olga',
    purpose: '',
    status: 'active',
    expiresAt: null,
    grants,
    rules,
    constraints: {},
    fields: [],
    taint: false,
    text: 'apart',
    combinationAccepted: null,
  };
  return makePolicy({ company: 'acme', agents: { ag_a: agent }, guardrails: [], webhookHosts: [] });
}
