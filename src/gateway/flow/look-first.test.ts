import { expect, test } from 'vitest';
import { everything, openGatewayLab } from '../../../test/support/gateway-lab.ts';

test('what Aircall says about a look is given only where words of the row that is looked at are shown', async () => {
  const lab = await openGatewayLab({ client: { retry: { attempts: 1 } } });
  const [call] = [...lab.simulator.company.calls.all()];
  const agent = await lab.addAgent('Reader', {
    grants: everything('read'),
    constraints: { calls: { numbers: [String(call!.numberId)] } },
    fields: [{ area: 'calls', class: 'freetext', treatment: 'hide' }],
  });
  lab.simulator.faults.next({ endpoint: 'calls.retrieve' }, { kind: 'status', status: 422, body: 'application' });
  const { text } = await lab.ask(agent, 'GET', `/v1/calls/${call!.id}/summary`);
  expect(text).not.toContain('Something went wrong');
});
