import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';
import { closingLine } from './test/closing-line.ts';

const minute = 60_000;

// The default run: what `npm test` runs. Tests that need long are in vitest.long.config.ts.
export default defineConfig({
  // Examples import the package by its name, as its users do; tests run what stands in src/.
  resolve: { alias: { 'trunkline/client': fileURLToPath(new URL('src/client/index.ts', import.meta.url)) } },
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
