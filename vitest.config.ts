import { defineConfig } from 'vitest/config';

// Tests run against the sources of every workspace package (the `source` export condition), so no build is needed
// except by the tests that start the real `kai` command.
const conditions = ['source', 'node', 'import', 'module', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'examples/**/*.test.ts', 'tests/**/*.test.ts'],
    // Generous: these are bounds for a hang on a busy machine, and no test waits for one.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores: more workers than that only makes the tests with real child processes wait for each other.
    maxWorkers: 2,
  },
});
