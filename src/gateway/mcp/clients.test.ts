import { expect, test } from 'vitest';
import { openGatewayLab } from '../../../test/support/gateway-lab.ts';
import { connect, eras, versions } from '../../../test/support/mcp.ts';

test.each(eras)('a client of the %s era sees the tools it was granted and no others, and reads with them', async (era) => {
  const lab = await openGatewayLab();
  const agent = await lab.addAgent('Reader', { grants: { calls: 'read' } });
  const client = await connect(lab, agent, era);
  expect(client.getNegotiatedProtocolVersion()).toBe(versions[era]);
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual([
    'gateway_whoami',
    'gateway_explain',
    'gateway_budget',
    'gateway_approval_status',
    'aircall_calls_list',
    'aircall_calls_retrieve',
    'aircall_calls_search',
  ]);
  // The client checks `structuredContent` against the schema of the tool by itself.
  const result = await client.callTool({ name: 'aircall_calls_list', arguments: { per_page: 2 } });
  expect(result.isError).not.toBe(true);
  expect(result.structuredContent).toMatchObject({ data: { calls: [{}, {}], meta: { count: 2 } }, source: { from: 'live' } });
  expect(result.content).toEqual([{ type: 'text', text: JSON.stringify(result.structuredContent) }]);
});
