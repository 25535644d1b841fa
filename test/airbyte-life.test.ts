// Whole lives under the Airbyte source. More of them, and longer ones, are in airbyte.long.test.ts.
import { test } from 'vitest';
import { liveUnderAirbyte } from './support/airbyte-life.ts';

test.each([1, 2, 3, 4])('through churn, faults and reads that die, the tables become what Aircall has (seed %i)', (seed) =>
  liveUnderAirbyte({ seed }),
);
