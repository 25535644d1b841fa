// The surface adds nothing of its own to a decision: the same request straight to the flow is decided alike, down to the digest
// of its arguments.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyArguments } from '../../../test/support/any-arguments.ts';
import { openGatewayLab } from '../../../test/support/gateway-lab.ts';
import { planRequest } from '../../client/index.ts';
import { capabilities } from '../capabilities/capabilities.ts';
import { fieldTreatments, levels } from '../policy/types.ts';
import { grantAreas } from '../policy/words.ts';
import { readTarget } from './target.ts';

const asked = fc
  .constantFrom(...capabilities)
  .chain((capability) => fc.record({ capability: fc.constant(capability), given: anyArguments(capability) }));
const access = fc.record({
  grants: fc.record(Object.fromEntries(grantAreas.map((area) => [area, fc.constantFrom(...levels)])), { requiredKeys: [] }),
  fields: fc.constantFrom(...fieldTreatments).map((treatment) => [{ area: null, class: 'phone' as const, treatment }]),
  dryRun: fc.boolean(),
});

test('REST and a direct call are decided alike, whatever is asked', async () => {
  const lab = await openGatewayLab({ client: { retry: { attempts: 1 } }, settings: { maximumAtOnce: 1000 } });
  const agent = await lab.addAgent('Worker');
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(asked, access, async ({ capability, given }, { grants, fields, dryRun }) => {
      await lab.changePolicy((policy) => ({
        agents: { ...policy.agents, [agent.id]: { ...policy.agents[agent.id]!, grants, fields, taint: false } },
      }));
      const { path, body } = planRequest(capability.endpoint, given);
      // The surface is stricter about how a value is written; what it does not read is decided nowhere else.
      if ('problem' in readTarget(path)) return;
      const before = lab.records().length;
      await lab.ask(agent, capability.endpoint.method, path, {
        ...(body === null
          ? {}
          : { body: JSON.stringify(body, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)) }),
        ...(dryRun ? { headers: { 'x-dry-run': '1' } } : {}),
      });
      const middle = lab.records();
      await lab.call({ key: { key: agent.key, agentId: null }, endpoint: capability.endpoint, arguments: given, dryRun });
      // Beyond ten a minute, refusals that are alike are only counted.
      await lab.clock.advance(60_000);
      const [rest, straight] = [middle[before], lab.records()[middle.length]];
      expect(rest?.what).toEqual(straight?.what);
      expect(rest?.decision).toEqual(expect.objectContaining({ effect: straight?.decision?.effect, rule: straight?.decision?.rule }));
      compared += 1;
    }),
    { numRuns: 150 },
  );
  expect(compared).toBeGreaterThan(100);
});
