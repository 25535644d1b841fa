// Lists that lose rows while they are walked through, show pages twice, hide rows and lie about their totals, while runs look
// for deletions in them. Whatever they do: nothing alive is ever marked as deleted, and every run ends.
import { expect } from 'vitest';
import type { Fault } from '../../src/simulator/index.ts';
import { Dice } from './dice.ts';
import { openLab } from './lab.ts';
import { restoreCalm } from './life.ts';
import { falseDeletions, keysOf } from './sound.ts';

const streams = ['users', 'teams', 'tags', 'contacts'] as const;
/** More than any of these runs has reason to ask for. */
const mostRequests = 1500;

export async function readRestlessLists(seed: number): Promise<void> {
  const dice = new Dice(seed);
  const lab = await openLab({
    inMemory: true,
    simulator: { seed, calls: 0, contacts: dice.between(1, 300), users: dice.between(1, 120), tags: dice.between(0, 130), teams: 4 },
    client: { retry: { attempts: 2 } },
  });
  const tell = (what: string) => `seed ${seed}, ${what}`;
  const deletions = dice.pick(['mark', 'remove'] as const);
  await lab.run({ streams });
  const runs = dice.between(1, 3);
  for (let run = 1; run <= runs; run += 1) {
    await lab.pass(dice.pick([1, 3600, 25 * 3600, 8 * 24 * 3600]));
    const rate = dice.pick([0, 0.3, 2]);
    const perRequest = { contactRemoved: rate, userRemoved: rate / 2, tagRemoved: rate / 2, contactAdded: rate / 2, tagAdded: rate / 2 };
    const churn = lab.simulator.churn({
      seed: seed * 10 + run,
      perRequest,
      withinPage: { contactRemoved: rate / 3 },
      secondsPerRequest: 1,
    });
    const probability = dice.pick([0.05, 0.4, 0.9]);
    lab.simulator.faults.choose({ where: ({ path }) => !/\/\d+$/.test(path) }, () =>
      dice.chance(probability) ? drawLie(dice) : undefined,
    );
    const stored = new Map(streams.map((stream) => [stream, [...lab.memory.rows(stream).keys()]] as const));
    const result = await lab.run({ streams, deletions, sweep: dice.chance(0.7), confirmed: dice.chance(0.5) });
    churn.stop();
    lab.simulator.faults.clear();
    const alive = keysOf(lab.simulator.truth());
    const removed = streams.flatMap((stream) =>
      stored
        .get(stream)!
        .filter((key) => alive[stream].has(key) && !lab.memory.rows(stream).has(key))
        .map((key) => `${stream} ${key} was removed`),
    );
    expect([...removed, ...(await falseDeletions(lab.tables, alive))], tell(`run ${run}`)).toEqual([]);
    expect(result.requests, tell(`run ${run}`)).toBeLessThan(mostRequests);
  }
  await restoreCalm(lab);
  const last = await lab.run({ streams, deletions, sweep: true, confirmed: true });
  expect(
    last.streams.map(({ stream, outcome, messages }) => [stream, outcome, messages]),
    tell('in peace'),
  ).toEqual(streams.map((stream) => [stream, 'done', []]));
  expect(await lab.differences({ streams }), tell('in the end')).toEqual([]);
}

function drawLie(dice: Dice): Fault {
  const by = dice.pick([-60, -50, -3, -1, 1, 3, 50, 60]);
  const total: Fault = { kind: 'total', change: dice.chance(0.9) ? (count) => Math.max(0, count + by) : () => 0 };
  return dice.pick([total, { kind: 'samePage' }, hidesRows(dice, { honest: true }), hidesRows(dice, { honest: false })]);
}

/** An answer without some of its rows; honest when its total tells. */
function hidesRows(dice: Dice, { honest }: { readonly honest: boolean }): Fault {
  return {
    kind: 'replace',
    with: (answer) => {
      const body = JSON.parse(Buffer.from(answer.body ?? '').toString()) as Record<string, unknown>;
      const { meta } = body as { meta?: { total: number } };
      const [name, rows] = Object.entries(body).find(([, value]) => Array.isArray(value)) ?? [];
      if (name === undefined || meta === undefined) return answer;
      const left = (rows as unknown[]).filter(() => dice.chance(0.7));
      const hidden = (rows as unknown[]).length - left.length;
      return {
        ...answer,
        body: JSON.stringify({ ...body, [name]: left, meta: { ...meta, total: honest ? meta.total - hidden : meta.total } }),
      };
    },
  };
}
