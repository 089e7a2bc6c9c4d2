// One run for the whole repository. `units` and `sharing` test the sources and need no build; `programs` start built
// commands as child processes, so their global setup builds first (cached). Each file has a process of its own, but in
// `sharing`: there a process loads the packages once for many files, which is half of what short files cost. `realms` runs some again.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// So that `npx vitest` runs in any folder of it.
const root = fileURLToPath(new URL('./', import.meta.url));

const programs = [
  'packages/*/test/cli*.test.ts',
  'packages/*/test/processes/**/*.test.ts',
  'apps/*/test/**/*.test.ts',
  'examples/test/**/*.test.ts',
];

const units = ['{bench,scripts}/test/**/*.test.ts', 'packages/{cache,testkit,together,tx}/test/**/*.test.ts'];
const sharing = ['packages/{health,migrate,repositories,schema}/test/**/*.test.ts'];
/** Files of those folders that change or measure the process they run in, or are run alone by `npm run torture`. */
const alone = [
  'packages/health/test/{advice/analyze-query,query-statistics,rates,settings}.test.ts',
  'packages/migrate/test/{readme,histories/histories,loss/random}.test.ts',
  'packages/migrate/test/command-line/*.test.ts',
  'packages/repositories/test/{cached/beside-plain,oracle/oracle,turns,upkeep/upkeep}.test.ts',
  'packages/schema/test/readme.test.ts',
];

/** Files that also run with globals of their own, as jest and vitest's vm pools run those of users. */
const realms = [
  'packages/*/test/readme.test.ts',
  'packages/cache/test/tiers/{restart,serialise}.test.ts',
  'packages/tx/test/{binding,opening}.test.ts',
];

// Workspace packages resolve to their sources.
const conditions = ['@cc/source'];
const sources = { root, ssr: { resolve: { conditions, externalConditions: conditions } } };
// Only what hangs may meet these limits: a busy machine makes everything ten times as slow, and more.
const limits = {
  pool: 'forks',
  // One more than CI has cores: while one waits for a process or a server, the others run.
  maxWorkers: 3,
  testTimeout: 600_000,
  hookTimeout: 600_000,
  // Shorter, so that what is polled tells what it was at last.
  expect: { poll: { timeout: 240_000 } },
} as const;

/** Files of few lines that take longer than most of many. */
const longest = [
  'packages/migrate/test/loss/measured.test.ts',
  'packages/migrate/test/histories/histories.test.ts',
  'packages/tx/test/differential/servers.test.ts',
  'packages/tx/test/differential/local.test.ts',
  'packages/together/test/fuzz/fuzz.test.ts',
  'packages/repositories/test/cached/beside-plain.test.ts',
  'packages/repositories/test/contract.test.ts',
  'packages/cache/test/races/races.test.ts',
  'packages/repositories/test/oracle/oracle.test.ts',
  'packages/tx/test/differential/differences.test.ts',
  'packages/together/test/quick-commits.test.ts',
].map((path) => join(root, path));

/**
 * Where it is not known how long files take, as in a fresh clone, vitest begins with the large ones: those of `longest` would
 * come last, and one core would wait for the other.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => longest.includes(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    reporters: ['default', `${root}scripts/closing-line.mjs`],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        ...sources,
        test: {
          ...limits,
          name: 'units',
          include: [...units, ...alone],
          exclude: ['**/node_modules/**', ...programs],
        },
      },
      {
        ...sources,
        test: {
          ...limits,
          name: 'sharing',
          isolate: false,
          include: sharing,
          exclude: ['**/node_modules/**', ...programs, ...alone],
          setupFiles: './packages/testkit/src/sharing.ts',
        },
      },
      { ...sources, test: { ...limits, name: 'realms', pool: 'vmForks', include: realms } },
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
