// An agent that may see some rows and wants the others: by telling a hidden row from one that is not there, by naming it in another
// spelling, in a body, in a search, or by asking for it before the look at it is over.
import { expect, test } from 'vitest';
import { everything, openGatewayLab } from './support/gateway-lab.ts';
import type { Answer, GatewayLab, LabAgent } from './support/gateway-lab.ts';

type World = { readonly lab: GatewayLab; readonly agent: LabAgent };

const others = '+33155501234';

/** Ten calls of the team the agent may see; and where they are there, three hidden ones of another team, the newest of all. */
async function open({ hidden }: { readonly hidden: boolean }): Promise<World & { readonly hiddenIds: readonly number[] }> {
  const lab = await openGatewayLab({ simulator: { calls: 0, contacts: 5 }, settings: { publicUrl: 'http://gateway.example' } });
  const [mine, theirs] = [...lab.simulator.company.teams.all()];
  const at = lab.simulator.company.now() - 5000;
  const add = (index: number, teamId: number, externalNumber: string) =>
    lab.simulator.company.calls.add({ teamIds: [teamId], externalNumber, contactId: null, startedAt: at + 100 * index });
  for (let index = 0; index < 10; index += 1) add(index, mine!.id, '+33155509999');
  const hiddenIds = [20, 21, 22].map((index) => add(index, theirs!.id, others).id);
  if (!hidden) for (const id of hiddenIds) lab.simulator.company.calls.remove(id);
  const agent = await lab.addAgent('Support', {
    grants: everything('full'),
    constraints: { calls: { teams: [String(mine!.id)] } },
    taint: false,
  });
  return { lab, agent, hiddenIds };
}

/** All that an agent sees of an answer, but for what names the very request. */
function seen({ status, headers, text }: Answer): unknown {
  const { date: _date, 'x-gateway-decision': id, ...rest } = headers;
  return { status, headers: rest, text: text.replaceAll(String(id), '') };
}

test('whatever is asked, a company with hidden rows answers as one without them', async () => {
  const [full, bare] = [await open({ hidden: true }), await open({ hidden: false })];
  const [first = 0] = full.hiddenIds;
  const startedAt = full.lab.simulator.company.calls.get(first)!.startedAt;
  const asked: readonly (readonly [string, string])[] = [
    ['GET', '/v1/calls'],
    ['GET', '/v1/calls?per_page=20&order=desc'],
    ['GET', `/v1/calls?from=${startedAt - 1}`],
    ['GET', `/v1/calls/search?phone_number=${encodeURIComponent(others)}`],
    ['GET', `/v1/calls/search?phone_number=${encodeURIComponent(others)}&per_page=1`],
    ['GET', `/v1/calls/search?phone_number=${encodeURIComponent(others)}&per_page=1&page=2`],
    ['GET', '/v1/calls?per_page=1&order=desc'],
    ['GET', '/v1/calls?per_page=1&page=11'],
    ...full.hiddenIds.flatMap((id): readonly (readonly [string, string])[] => [
      ['GET', `/v1/calls/${id}`],
      ['GET', `/v1/calls/${id}?fetch_contact=true`],
      ['HEAD', `/v1/calls/${id}`],
      ['OPTIONS', `/v1/calls/${id}`],
      ['GET', `/v1/calls/${id}/transcription`],
      ['GET', `/v1/calls/${id}/summary`],
      ['GET', `/v1/calls/${id}/sentiments`],
      ['PUT', `/v1/calls/${id}/archive`],
      ['DELETE', `/v1/calls/${id}/recording`],
    ]),
  ];
  for (const [method, path] of asked) {
    expect(seen(await full.lab.ask(full.agent, method, path)), `${method} ${path}`).toEqual(
      seen(await bare.lab.ask(bare.agent, method, path)),
    );
  }
  for (const [method, path, body] of [
    ['POST', 'comments', { content: 'x' }],
    ['POST', 'tags', { tags: ['1'] }],
    ['POST', 'transfers', { number: '+33155507777' }],
    ['POST', 'insight_cards', { contents: [{ type: 'title', text: 'x' }] }],
    ['POST', 'pause_recording', undefined],
  ] as const) {
    const at = `/v1/calls/${first}/${path}`;
    const dry = { body, headers: { 'x-dry-run': '1' } };
    expect(seen(await full.lab.ask(full.agent, method, at, { body })), at).toEqual(
      seen(await bare.lab.ask(bare.agent, method, at, { body })),
    );
    expect(seen(await full.lab.ask(full.agent, method, at, dry)), at).toEqual(seen(await bare.lab.ask(bare.agent, method, at, dry)));
  }
});
