import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';
import { aliases } from './test/aliases.ts';
import { closingLine } from './test/closing-line.ts';

const minute = 60_000;

// The default run: what `npm test` runs. Tests that need long are in vitest.long.config.ts.
export default defineConfig({
  resolve: { alias: aliases },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // One more than there would be by default on two cores: many tests wait for a process or a server.
    maxWorkers: Math.max(2, availableParallelism()),
    exclude: [...configDefaults.exclude, '**/*.long.test.ts', '**/*.browser.test.ts'],
    // Generous, because a slow machine is not a failure; a test that hangs still ends.
    testTimeout: minute,
    hookTimeout: minute,
    globalSetup: './test/setup.ts',
    reporters: ['default', 'json', closingLine],
    outputFile: { json: 'test-results/default.json' },
  },
});
