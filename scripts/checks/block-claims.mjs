// Who answers for the blocks of code in the pages: `code-blocks.mjs` typechecks what is TypeScript, with what stands here
// beside it, and wants a claim for everything else.

const lookedFor = 'packages/migrate/test/docs-commands.test.ts looks for each command and flag';

/**
 * Of the blocks of `page` in one of `languages`, those under the heading `under` when it is given: `by` is the test or
 * check that reads the page and runs them; `because` says why nothing does.
 */
export const claims = [
  { page: 'CONTRIBUTING.md', languages: ['sh'], because: 'each script is looked for in package.json' },
  {
    page: 'README.md',
    languages: ['sh'],
    because: 'each script is looked for in package.json, and the tests of the demo start its commands',
  },
  {
    page: 'apps/demo/README.md',
    languages: ['text'],
    because: 'columns of commands and words; each script is looked for in package.json',
  },
  { page: 'apps/demo/README.md', languages: ['sh'], by: 'apps/demo/test/readme.test.ts' },
  {
    page: 'bench/README.md',
    languages: ['sh'],
    because: 'they take minutes; each script is looked for in package.json',
  },
  { page: 'docs/architecture.md', languages: ['text'], because: 'drawings; the check "package arrows" has the arrows' },
  { page: 'docs/coming-from.md', languages: ['sh'], because: lookedFor },
  { page: 'docs/guides/bundlers.md', under: 'Migrations as data', languages: ['sh'], because: lookedFor },
  { page: 'docs/guides/bundlers.md', languages: ['js'], by: 'apps/demo/test/bundles.test.ts' },
  ...['from-drizzle', 'idempotency', 'several-processes', 'shutdown', 'slow-queries'].map((guide) => ({
    page: `docs/guides/${guide}.md`,
    languages: ['text'],
    by: 'examples/test/guides.test.ts',
  })),
  {
    page: 'docs/troubleshooting.md',
    languages: ['sh', 'text', 'console'],
    by: 'apps/demo/test/troubleshooting/troubleshooting.test.ts',
  },
  { page: 'docs/migration-guide.md', languages: ['sh'], by: 'apps/demo/test/adopt/migration-guide.test.ts' },
  { page: 'docs/migration-guide.md', languages: ['python'], because: 'the program that there was before' },
  { page: 'docs/migration-guide.md', languages: ['console'], because: 'the check "consumer" installs the packages' },
  ...['The daily commands', 'Custom SQL', 'When an old migration no longer runs', 'Bundled apps'].map((under) => ({
    page: 'docs/migrations.md',
    under,
    languages: ['sh'],
    by: 'packages/migrate/test/cli-docs-examples.test.ts',
  })),
  ...['Checking in CI', 'Adopting an existing database', 'When journal and database disagree', 'The rollback plan'].map(
    (under) => ({
      page: 'docs/migrations.md',
      under,
      languages: ['sh'],
      by: 'packages/migrate/test/cli-docs.test.ts',
    }),
  ),
  {
    page: 'docs/migrations.md',
    under: 'When two branches are merged',
    languages: ['sh'],
    by: 'packages/migrate/test/care/merged-branches.test.ts',
  },
  {
    page: 'docs/migrations.md',
    under: 'Splitting a table with its data',
    languages: ['sh', 'sql'],
    by: 'packages/migrate/test/cli-first-steps.test.ts',
  },
  { page: 'docs/migrations.md', under: 'Renames', languages: ['sh'], because: lookedFor },
  { page: 'docs/migrations.md', under: 'Custom SQL', languages: ['sql'], because: 'the first line of a file' },
  {
    page: 'docs/migrations.md',
    under: 'What is measured, and what it costs',
    languages: ['text'],
    because: 'a message, shortened',
  },
  { page: 'docs/page.md', languages: ['sh'], because: 'each script is looked for in package.json' },
  { page: 'docs/scaling.md', languages: ['sh'], because: 'they want servers; the test of copying runs them elsewhere' },
  {
    page: 'docs/scaling.md',
    languages: ['console'],
    because: 'servers that stay; apps/demo/test/copy/scaling.test.ts runs the script, which starts the same ones',
  },
  { page: 'examples/README.md', languages: ['sh'], by: 'examples/test/up-and-down.test.ts' },
  ...['cache', 'health', 'repositories', 'schema', 'tx'].map((name) => ({
    page: `packages/${name}/README.md`,
    languages: ['sh'],
    because: 'the check "consumer" installs the packages',
  })),
  { page: 'packages/migrate/README.md', languages: ['sh'], by: 'packages/migrate/test/cli-first-steps.test.ts' },
  { page: 'packages/migrate/README.md', languages: ['text'], because: lookedFor },
  {
    page: 'packages/migrate/README.md',
    languages: ['sql'],
    because: 'a piece; run/chunks of its tests run such files',
  },
];

const manager = `declare const transactions: import('@cc/tx').TransactionManager;`;

/**
 * What the TypeScript of a page, or of what stands under one of its headings (`page#anchor`), needs beside it to be whole.
 * `together`: the blocks are one program.
 */
export const beside = {
  'docs/caching.md': { together: true, code: manager },
  'docs/errors.md': {
    within: 'async function create(): Promise<unknown> {',
    code: `declare const models: import('@cc/repositories').Repositories['models'];
      declare const input: import('@cc/schema/validation').ModelInput;
      declare function conflict(columns: readonly string[]): unknown;
      declare function tryAgainLater(): unknown;`,
  },
  'docs/migration-guide.md': {
    together: true,
    code: 'type Database = Awaited<ReturnType<typeof openDatabase>>;',
  },
  'docs/operations.md': { code: manager },
  'packages/health/README.md#alerts': {
    code: `${manager}
      import { createHealthMonitor } from '@cc/health';
      declare function isNight(): boolean;`,
  },
  'packages/health/README.md#exporters': {
    code: `${manager}
      import { createHealthMonitor } from '@cc/health';
      declare const health: ReturnType<typeof createHealthMonitor>;
      declare const app: import('hono').Hono;
      declare const register: import('prom-client').Registry;
      declare const logger: import('pino').Logger;`,
  },
  'packages/tx/README.md#when-something-breaks': {
    code: `${manager}
      declare const db: typeof transactions.db;
      declare const accounts: import('drizzle-orm/sqlite-core').SQLiteTable;
      declare function add(name: string, amount: number): Promise<unknown>;`,
  },
  'packages/tx/README.md#testing': {
    code: `${manager}
      import { afterEach, aroundEach, beforeEach } from 'vitest';`,
  },
};
