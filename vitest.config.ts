import { configDefaults, defineConfig } from 'vitest/config';
import { closingLine } from './test/closing-line.ts';

const minute = 60_000;

export default defineConfig({
  test: {
    // The default run: what `npm test` runs. Long runs have the project "long", `npm run test:long`.
    projects: [
      {
        extends: true,
        test: {
          name: 'default',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: [...configDefaults.exclude, '**/*.long.test.ts', '**/*.browser.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'long',
          include: ['src/**/*.long.test.ts', 'test/**/*.long.test.ts'],
          testTimeout: 60 * minute,
          hookTimeout: 5 * minute,
          fileParallelism: false,
        },
      },
    ],
    // Generous, because a slow machine is not a failure; a test that hangs still ends.
    testTimeout: minute,
    hookTimeout: minute,
    globalSetup: './test/setup.ts',
    reporters: ['default', 'json', closingLine],
    outputFile: { json: 'test-results/default.json' },
    passWithNoTests: false,
  },
});
