// One run for the whole repository. `units` test the sources and need no build; `programs` start built commands as
// child processes, so their global setup builds first (cached).
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// So that `npx vitest` runs in any folder of it.
const root = fileURLToPath(new URL('./', import.meta.url));

const programs = [
  'packages/*/test/cli*.test.ts',
  'packages/*/test/processes/**/*.test.ts',
  'apps/*/test/**/*.test.ts',
  'examples/test/**/*.test.ts',
];

// Workspace packages resolve to their sources.
const conditions = ['@cc/source'];
const sources = { root, ssr: { resolve: { conditions, externalConditions: conditions } } };
// Only what hangs may meet these limits: a busy machine makes everything ten times as slow, and more.
const limits = {
  pool: 'forks',
  maxWorkers: 2,
  testTimeout: 600_000,
  hookTimeout: 600_000,
  // Shorter, so that what is polled tells what it was at last.
  expect: { poll: { timeout: 240_000 } },
} as const;

export default defineConfig({
  test: {
    reporters: ['default', `${root}scripts/closing-line.mjs`],
    projects: [
      {
        ...sources,
        test: {
          ...limits,
          name: 'units',
          include: ['packages/*/test/**/*.test.ts', 'bench/test/**/*.test.ts', 'scripts/test/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...programs],
        },
      },
      {
        ...sources,
        test: {
          ...limits,
          name: 'programs',
          include: programs,
          globalSetup: './scripts/build-programs.mjs',
          setupFiles: './scripts/require-build.mjs',
        },
      },
    ],
  },
});
