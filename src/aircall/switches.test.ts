import { expect, test } from 'vitest';
import { assumedSwitches, flippedSwitches, switches, switchNames, switchTopics } from './switches.ts';
import type { Switch } from './switches.ts';

const all = Object.entries<Switch>(switches);

test.each(all)('%s asks a question and assumes one of at least two answers', (_, { about, question, answers, assumed }) => {
  expect(switchTopics).toContain(about);
  expect(question).toMatch(/[?.]$/);
  expect(Object.keys(answers).length).toBeGreaterThanOrEqual(2);
  expect(Object.keys(answers)[0]).toBe(assumed);
  for (const meaning of Object.values(answers)) expect(meaning).toMatch(/\S\.$/);
});

test('what is assumed is one answer for every switch', () => {
  expect(Object.keys(assumedSwitches)).toEqual(switchNames);
  for (const name of switchNames) expect(assumedSwitches[name]).toBe(switches[name].assumed);
});

test('flipping changes exactly one switch at a time and reaches every other answer', () => {
  const flipped = flippedSwitches();
  const others = all.reduce((count, [, { answers }]) => count + Object.keys(answers).length - 1, 0);
  expect(flipped).toHaveLength(others);
  for (const { name, answer, settings } of flipped) {
    expect(settings[name]).toBe(answer);
    expect(switchNames.filter((other) => settings[other] !== assumedSwitches[other])).toEqual([name]);
  }
});
