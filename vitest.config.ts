import { configDefaults, defineConfig } from 'vitest/config';
import { closingLine } from './test/closing-line.ts';

const minute = 60_000;

// The default run: what `npm test` runs. Tests that need long are in vitest.long.config.ts.
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, '**/*.long.test.ts', '**/*.browser.test.ts'],
    // Generous, because a slow machine is not a failure; a test that hangs still ends.
    testTimeout: minute,
    hookTimeout: minute,
    globalSetup: './test/setup.ts',
    reporters: ['default', 'json', closingLine],
    outputFile: { json: 'test-results/default.json' },
  },
});
