// Everything there is, asked for at random by an agent that may do all and one that may do nothing.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyArguments } from '../../../test/support/any-arguments.ts';
import { everything, openGatewayLab } from '../../../test/support/gateway-lab.ts';
import { capabilities } from '../capabilities/capabilities.ts';

test('who may do all gets an answer or a reason for everything there is, never a failure of ours; who may do nothing reaches nothing', async () => {
  const lab = await openGatewayLab({ client: { retry: { attempts: 1 } } });
  const all = await lab.addAgent('All', { grants: everything(), taint: false });
  const none = await lab.addAgent('None');
  await lab.changePolicy(() => ({ webhookHosts: ['*.example.com', '*.example.org'] }));
  for (const capability of capabilities) {
    const { id, endpoint, cost } = capability;
    await fc.assert(
      fc.asyncProperty(anyArguments(capability), async (given) => {
        const before = lab.upstream().length;
        const asNone = await lab.call({ key: { key: none.key, agentId: null }, endpoint, arguments: given });
        expect(asNone.result, id).toMatchObject({ kind: 'refusal', code: 'not_granted' });
        expect(lab.upstream(), id).toHaveLength(before);

        const asAll = { key: { key: all.key, agentId: null }, endpoint, arguments: given };
        const { result } = await lab.call(asAll);
        const token = result.kind === 'refusal' ? (result.confirm?.token ?? null) : null;
        const { result: confirmed } = token === null ? { result } : await lab.call({ ...asAll, confirmToken: token });
        for (const each of [result, confirmed]) {
          const code = each.kind === 'refusal' ? each.code : '';
          expect(['internal', 'store_unavailable', 'audit_unavailable', 'invalid_request'], id).not.toContain(code);
        }
        expect(lab.upstream().length - before, id).toBeLessThanOrEqual(2 * cost);
      }),
      { numRuns: 4 },
    );
    // Beyond ten a minute, refusals that are alike are only counted; and comments are few.
    await lab.clock.advance(60_000);
  }
  expect(await lab.audit.unfinished()).toEqual([]);
});
