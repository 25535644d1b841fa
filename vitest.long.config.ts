import { configDefaults, defineConfig } from 'vitest/config';
import { aliases } from './test/aliases.ts';
import { closingLine } from './test/closing-line.ts';

const minute = 60_000;

// Tests that need long: many random lives, many kills. `npm run test:long`.
export default defineConfig({
  resolve: { alias: aliases },
  test: {
    include: ['src/**/*.long.test.ts', 'test/**/*.long.test.ts'],
    exclude: configDefaults.exclude,
    testTimeout: 120 * minute,
    hookTimeout: 5 * minute,
    fileParallelism: false,
    globalSetup: './test/setup.ts',
    reporters: ['default', 'json', closingLine],
    outputFile: { json: 'test-results/long.json' },
  },
});
