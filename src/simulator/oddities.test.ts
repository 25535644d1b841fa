import { expect, test } from 'vitest';
import { simulated } from '../../test/support/simulated.ts';
import { oddities } from './oddities.ts';

test.each(Object.entries(oddities))('a record can carry %s, and the truth has it too', async (_, fields) => {
  const { simulator, get } = await simulated({ calls: 2 });
  const before = [...simulator.truth({ streams: ['calls'] }).calls.values()][0]!;
  simulator.company.drift({ stream: 'calls', fields });
  const reply = await get('/v1/calls');
  expect(reply.status).toBe(200);
  const after = [...simulator.truth({ streams: ['calls'] }).calls.values()][0]!;
  const [name] = Object.keys(fields);
  expect(after[name!]).not.toEqual(before[name!]);
});
