// Calls that move, hide and age while they are read.
import { expect, test } from 'vitest';
import { openLab } from './support/lab.ts';

const callsOnly = { streams: ['calls'] };
const hour = 3600;

/** Hides one call from every page without changing the count. */
function hide(body: string, id: number): string {
  const answer = JSON.parse(body) as { calls?: { id: number }[] };
  return JSON.stringify({ ...answer, calls: answer.calls?.filter((call) => call.id !== id) });
}

test('a call that moves by a second, out of a window that could not be proven, is found all the same', async () => {
  const lab = await openLab({ inMemory: true, simulator: { calls: 120 } });
  const { calls } = lab.simulator.company;
  const hidden = [...calls.all()][60]!;
  lab.simulator.faults.always(
    { endpoint: 'calls.list' },
    { kind: 'replace', with: (answer) => ({ ...answer, body: hide(Buffer.from(answer.body ?? '').toString(), hidden.id) }) },
  );
  const first = await lab.run(callsOnly);
  expect(first.outcome).toBe('incomplete');
  lab.simulator.faults.clear();

  const [window] = lab.memory.content.states['calls']!['unproven'] as { from: number; to: number }[];
  calls.update(hidden.id, { startedAt: window!.from - 1 });
  await lab.pass(2 * hour);
  expect((await lab.run(callsOnly)).outcome).toBe('done');
  expect(await lab.differences({ streams: ['calls'] })).toEqual([]);
});
