import { test } from 'vitest';
import { readRestlessLists } from './support/restless-lists.ts';

const first = Number(process.env['TRUNKLINE_TEST_SEED'] ?? 1);
const lives = Number(process.env['TRUNKLINE_TEST_LIVES'] ?? 1000);

test.for(Array.from({ length: lives }, (_, index) => first + index))(
  'restless lists %i: nothing alive is marked deleted, and every run ends',
  (seed) => readRestlessLists(seed),
);
