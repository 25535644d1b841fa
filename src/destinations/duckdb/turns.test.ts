import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

test('one alone keeps everybody out; many go together; nobody overtakes', async () => {
  const turns = new Turns();
  const log: string[] = [];
  const enter = (name: string, company: 'alone' | 'together') =>
    turns.enter(company).then((leave) => {
      log.push(name);
      return leave;
    });
  const first = await enter('writer 1', 'alone');
  const waiting = [
    enter('reader 1', 'together'),
    enter('reader 2', 'together'),
    enter('writer 2', 'alone'),
    enter('reader 3', 'together'),
  ] as const;
  await settled();
  expect(log).toEqual(['writer 1']);
  first();
  first();
  (await waiting[0])();
  await settled();
  expect(log).toEqual(['writer 1', 'reader 1', 'reader 2']);
  (await waiting[1])();
  (await waiting[2])();
  (await waiting[3])();
  expect(log).toEqual(['writer 1', 'reader 1', 'reader 2', 'writer 2', 'reader 3']);
  expect(turns.idle).toBe(true);
});

test('who gives up waiting no longer holds others back', async () => {
  const turns = new Turns();
  const reader = await turns.enter('together');
  const giving = new AbortController();
  const writer = turns.enter('alone', giving.signal);
  const second = turns.enter('together');
  giving.abort();
  await expect(writer).rejects.toMatchObject({ code: 'interrupted' });
  (await second)();
  reader();
  await expect(turns.enter('alone', giving.signal)).rejects.toMatchObject({ code: 'interrupted' });
  expect(turns.idle).toBe(true);
});

test('in any order of coming, leaving and giving up nobody alone ever has company and nobody is forgotten', async () => {
  const step = fc.record({ alone: fc.boolean(), giveUp: fc.boolean(), stay: fc.nat(3) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const turns = new Turns();
      let inside = 0;
      let alone = 0;
      const visit = async ({ alone: isAlone, giveUp, stay }: (typeof steps)[number]) => {
        const giving = new AbortController();
        const entering = turns.enter(isAlone ? 'alone' : 'together', giving.signal);
        if (giveUp) giving.abort();
        const leave = await entering.catch(() => null);
        if (leave === null) return;
        inside += 1;
        alone += isAlone ? 1 : 0;
        expect(alone === 0 || inside === 1).toBe(true);
        for (let tick = 0; tick < stay; tick += 1) await settled();
        inside -= 1;
        alone -= isAlone ? 1 : 0;
        leave();
      };
      await Promise.all(steps.map(visit));
      expect([turns.idle, inside]).toEqual([true, 0]);
    }),
  );
});

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
