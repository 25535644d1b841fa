import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawPage } from './drawn-page.ts';
import { TimeIndex } from './time-index.ts';

type Step = { readonly kind: 'insert' | 'remove' | 'move'; readonly at: number; readonly pick: number };

const steps = fc.array(fc.record({ kind: fc.constantFrom('insert', 'remove', 'move'), at: fc.nat(12), pick: fc.nat(1_000) }), {
  maxLength: 60,
});

/** The index and a plain list after the same steps. */
function afterSteps(moments: readonly number[], taken: readonly Step[]) {
  const sorted = moments.toSorted((a, b) => a - b);
  const index = new TimeIndex(Uint32Array.from(sorted));
  const model = new Map(sorted.map((moment, slot) => [slot, moment]));
  let nextSlot = sorted.length;
  for (const { kind, at, pick } of taken) {
    const slots = [...model.keys()];
    const slot = slots[pick % Math.max(1, slots.length)];
    if (kind === 'insert') {
      index.insert(nextSlot, at);
      model.set(nextSlot, at);
      nextSlot += 1;
    } else if (slot !== undefined && kind === 'remove') {
      index.remove(slot);
      model.delete(slot);
    } else if (slot !== undefined) {
      index.move(slot, at);
      model.set(slot, at);
    }
  }
  return { index, model };
}

test('the index holds what was put into it, in the order of time', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(12), { maxLength: 40 }), steps, (moments, taken) => {
      const { index, model } = afterSteps(moments, taken);
      expect(index.count).toBe(model.size);
      const slots = Array.from({ length: index.count }, (_, position) => index.slotAt(position));
      expect(slots.toSorted((a, b) => a - b)).toEqual([...model.keys()].toSorted((a, b) => a - b));
      const times = slots.map((slot) => model.get(slot)!);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      for (let moment = 0; moment < 14; moment += 1) {
        expect(index.positionOf(moment)).toBe(times.filter((time) => time < moment).length);
      }
    }),
  );
});

test('pages drawn with one seed hold every row once, in the order asked for', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(6), { maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      fc.boolean(),
      fc.nat(),
      (moments, limit, descending, seed) => {
        const { index, model } = afterSteps(moments, []);
        const span = { low: index.positionOf(1), high: index.positionOf(6) };
        const walked: number[] = [];
        for (let offset = 0; offset < span.high - span.low; offset += limit) {
          walked.push(...drawPage(index, span, { offset, limit, descending, seed }));
        }
        const expected = [...model].filter(([, moment]) => moment >= 1 && moment < 6).map(([slot]) => slot);
        expect(walked).toHaveLength(expected.length);
        expect(new Set(walked)).toEqual(new Set(expected));
        const times = walked.map((slot) => model.get(slot)!);
        expect(times).toEqual(times.toSorted((a, b) => (descending ? b - a : a - b)));
      },
    ),
  );
});
