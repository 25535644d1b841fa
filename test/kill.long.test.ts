// Hundreds of kills. TRUNKLINE_TEST_SEED and TRUNKLINE_TEST_LIVES choose other lives; each is killed twenty times.
import { test } from 'vitest';
import { liveAndBeKilled } from './support/killed-life.ts';

const first = Number(process.env['TRUNKLINE_TEST_SEED'] ?? 101);
const lives = Number(process.env['TRUNKLINE_TEST_LIVES'] ?? 20);

test.for(Array.from({ length: lives }, (_, index) => first + index))(
  'killed twenty times at random moments (life %i), the program ends with tables that equal the truth',
  (seed) => liveAndBeKilled(seed, { kills: 20, size: 1500 }),
);
