// The texts of the files that `init` writes.
import { drizzleTable } from '../sql/bookkeeping.js';

/** Scripts for package.json. */
export const scripts: Readonly<Record<string, string>> = {
  'db:generate': 'cc-migrate generate',
  'db:up': 'cc-migrate up',
  'db:down': 'cc-migrate down',
  'db:status': 'cc-migrate status',
  'db:check': 'cc-migrate check',
};

/** The text of drizzle.config.ts. */
export function configText(say: {
  readonly schema: string;
  readonly folder: string;
  readonly url: string;
  /** Name of drizzle's table; undefined for the usual one. */
  readonly table: string | undefined;
}): string {
  const quoted = (text: string): string => `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
  const isServer = /^(?:libsql|https?|wss?):/.test(say.url);
  const credentials = isServer
    ? `{ url: ${quoted(say.url)}, authToken: process.env.CC_AUTH_TOKEN }`
    : `{ url: ${quoted(say.url)} }`;
  const isUsual = say.table === undefined || say.table === drizzleTable;
  const migrations = isUsual ? '' : `  migrations: { table: ${quoted(say.table)} },\n`;
  const hidden = ['!*_fts*', '!__cc_*', ...(isUsual ? [] : [`!${say.table}`])].map(quoted).join(', ');
  return `import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: '${isServer ? 'turso' : 'sqlite'}',
  schema: ${quoted(say.schema)},
  out: ${quoted(say.folder)},
  dbCredentials: ${credentials},
${migrations}  // Full-text tables and the bookkeeping of cc-migrate are not drizzle-kit's: without this, drizzle-kit push drops them.
  tablesFilter: [${hidden}],
});
`;
}

/** Schema code to begin with. */
export const exampleSchema = `import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export const notes = sqliteTable('notes', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  title: text('title').notNull(),
  body: text('body').notNull().default(''),
});
`;

/** A test of the migrations in \`folder\`. */
export function exampleTest(folder: string, runner: 'node:test' | 'vitest'): string {
  return `import assert from 'node:assert/strict';
import { checkFolder, verifyFolder } from '@cc/migrate/care';
import { test } from '${runner}';

test('every migration goes up, down and up again, with rows', async () => {
  const { migrations } = await verifyFolder(${JSON.stringify(folder)});
  for (const { version, faults } of migrations) assert.deepEqual(faults, [], version);
});

test('the folder is sound, and the schema code has no change without a migration', async () => {
  const { problems } = await checkFolder(${JSON.stringify(folder)}, { code: {} });
  assert.deepEqual(problems, []);
});
`;
}
