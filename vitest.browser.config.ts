import { configDefaults, defineConfig } from 'vitest/config';
import { aliases } from './test/aliases.ts';
import { closingLine } from './test/closing-line.ts';

const minute = 60_000;

// Tests that need a browser. `npm run test:browser`, which says where one is.
export default defineConfig({
  resolve: { alias: aliases },
  test: {
    include: ['src/**/*.browser.test.ts', 'test/**/*.browser.test.ts'],
    exclude: configDefaults.exclude,
    testTimeout: 3 * minute,
    hookTimeout: minute,
    // A browser each would be too much for a small machine.
    fileParallelism: false,
    globalSetup: './test/setup.ts',
    reporters: ['default', 'json', closingLine],
    outputFile: { json: 'test-results/browser.json' },
  },
});
