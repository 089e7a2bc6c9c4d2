import { defineConfig } from 'vitest/config';

// Workspace packages resolve to their sources, so unit tests need no build.
const conditions = ['@cc/source'];

export default defineConfig({
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts', 'examples/test/**/*.test.ts', 'bench/test/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 20_000,
  },
});
