// The promises of a run, each broken in the way that would break it first. Whole runs: simulator, packages, destination.
import { expect, test } from 'vitest';
import { openLab } from './support/lab.ts';

test('a stream that is called off half-way does not claim to be done', async () => {
  const lab = await openLab({ inMemory: true, simulator: { contacts: 200 } });
  const calledOff = new AbortController();
  lab.simulator.faults.choose({ endpoint: 'contacts.list', page: 2 }, () => {
    calledOff.abort();
    return undefined;
  });
  const result = await lab.run({ signal: calledOff.signal });
  expect(result.outcome).toBe('interrupted');
  const [last] = result.streams.slice(-1);
  expect([last?.stream, last?.outcome]).toEqual(['contacts', 'incomplete']);
  expect(last?.messages).toEqual(['The run was interrupted before this stream was read to its end.']);
});
