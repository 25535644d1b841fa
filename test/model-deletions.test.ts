import { test } from 'vitest';
import { readRestlessLists } from './support/restless-lists.ts';

test.for(Array.from({ length: 50 }, (_, index) => index + 1))(
  'restless lists %i: nothing alive is marked deleted, and every run ends',
  (seed) => readRestlessLists(seed),
);
