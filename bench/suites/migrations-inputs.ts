// What the suite of @cc/migrate starts from: the big database before and behind its rebuild, a database with many applied
// migrations, folders without downs, and a project with schema code.
import { copyFile, mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createMigrationManager } from '@cc/migrate';
import { generateMigration } from '@cc/migrate/generate';
import { openTransactionManager } from '@cc/tx';
import Database from 'libsql';
import type { Json } from '../harness/json.js';
import type { Prepared, PrepareOptions } from '../harness/suite.js';
import {
  bigRebuild,
  bigRows,
  bigTables,
  bigUpdate,
  dropColumn,
  emptyColumn,
  smallMigrations,
  writeFolder,
} from './migrations-folders.js';
import type { RunningInputs, StatusInputs } from './migrations-running.js';
import type { DownsInputs, GenerateInputs } from './migrations-writing.js';

const models = 200_000;
const few = smallMigrations(20);
const many = smallMigrations(100);

/** Prepares everything. @throws Error when a migration fails */
export async function prepareMigrations({ workDirectory }: PrepareOptions): Promise<Prepared> {
  const at = (name: string): string => join(workDirectory, name);
  const [before, behind, applied, empty] = [at('before.db'), at('behind.db'), at('applied.db'), at('empty.db')];
  await writeFolder(at('big'), [bigTables, bigRebuild]);
  await writeFolder(at('update'), [bigTables, bigUpdate]);
  await writeFolder(at('drop'), [bigTables, emptyColumn, dropColumn]);
  await writeFolder(at('few'), few);
  await writeFolder(at('many'), many);
  await apply(before, at('big'), bigTables.tag);
  execute(before, ['BEGIN', ...bigRows(models), 'COMMIT', 'PRAGMA wal_checkpoint(TRUNCATE)']);
  await copyFile(before, behind);
  await copyFile(before, at('noted.db'));
  await apply(at('noted.db'), at('drop'), emptyColumn.tag);
  await apply(behind, at('big'));
  await apply(applied, at('many'));
  // What the runner copies for every process; the phases take what they need themselves.
  execute(empty, ['PRAGMA journal_mode = WAL']);

  const big = { folder: at('big') };
  const rebuildUp: RunningInputs = {
    ...big,
    direction: 'up',
    start: before,
    statements: [bigRebuild.up],
    recorded: 2,
  };
  const rebuildDown: RunningInputs = {
    ...big,
    direction: 'down',
    start: behind,
    statements: [bigRebuild.down],
    recorded: 1,
  };
  const update: RunningInputs = {
    ...{ direction: 'up', start: before, folder: at('update'), statements: [bigUpdate.up], recorded: 2 },
  };
  const drop: RunningInputs = {
    ...{ direction: 'up', start: at('noted.db'), folder: at('drop'), statements: [dropColumn.up], recorded: 3 },
  };
  const small: RunningInputs = {
    direction: 'up',
    start: null,
    folder: at('few'),
    statements: few.map(({ up }) => up),
    recorded: few.length,
  };
  const status: StatusInputs = { start: applied, folder: at('many'), applied: many.length };
  const generate: GenerateInputs = await makeProject(at('project'));
  const downs: Record<string, DownsInputs[string]> = {};
  // A call for the big folder is a mean of fifty already.
  for (const { migrations, samples } of [
    { migrations: 1, samples: 20 },
    { migrations: 10, samples: 3 },
    { migrations: 20, samples: 2 },
    { migrations: 50, samples: 1 },
    { migrations: 100, samples: 1 },
  ]) {
    const folder = at(`without-downs-${migrations}`);
    await writeFolder(folder, smallMigrations(migrations), { withDowns: false });
    downs[`downs${migrations}`] = { folder, migrations, samples };
  }
  const inputs = { rebuildUp, rebuildDown, update, dropColumn: drop, small, status, generate, downs };
  return {
    databasePath: empty,
    // Nothing in them but what JSON has.
    inputs: inputs as unknown as Readonly<Record<string, Json>>,
    facts: {
      'the table that is rebuilt': `${models} rows, ${models / 2} rows in its child, ${((await stat(before)).size / 1e6).toFixed(1)} MB`,
    },
  };
}

async function apply(path: string, folder: string, targetVersion?: string): Promise<void> {
  await using transactions = await openTransactionManager({ url: `file:${path}` });
  const target = targetVersion === undefined ? {} : { targetVersion };
  await createMigrationManager(transactions, { folder }).applyMigrations(target);
}

function execute(path: string, statements: readonly string[]): void {
  const database = new Database(path);
  try {
    for (const statement of statements) database.exec(statement);
  } finally {
    database.close();
  }
}

/** A project with one migration, and what its code becomes next. */
async function makeProject(project: string): Promise<GenerateInputs> {
  const modules = fileURLToPath(new URL('../node_modules', import.meta.url));
  await mkdir(join(project, 'node_modules', '@libsql'), { recursive: true });
  for (const name of ['drizzle-kit', 'drizzle-orm', '@libsql/client'])
    await symlink(join(modules, name), join(project, 'node_modules', name), 'junction');
  await writeFile(join(project, 'package.json'), '{ "name": "project", "private": true, "type": "module" }');
  await writeFile(
    join(project, 'drizzle.config.ts'),
    `import { defineConfig } from 'drizzle-kit';
export default defineConfig({ dialect: 'sqlite', schema: './schema.ts', out: './drizzle' });\n`,
  );
  await writeFile(join(project, 'schema.ts'), codeWith());
  await generateMigration({ cwd: project, name: 'start' });
  const code = {
    generateColumn: codeWith({ more: `rating: integer('rating'),` }),
    generateRebuild: codeWith({ size: 'real' }),
  };
  return { project, code };
}

/** Eight tables; the first two, tied by a foreign key, are those that change. */
function codeWith({ size = 'integer', more = '' }: { readonly size?: string; readonly more?: string } = {}): string {
  const others = ['collections', 'authors', 'printers', 'materials', 'jobs', 'settings'].map(
    (name) => `export const ${name} = sqliteTable('${name}', {
  id: integer('id').primaryKey(), name: text('name').notNull().unique(), note: text('note'), createdAt: integer('created_at').notNull(),
}, (table) => [index('idx_${name}_created_at').on(table.createdAt)]);`,
  );
  return `import { index, integer, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
export const models = sqliteTable('models', {
  id: integer('id').primaryKey(), name: text('name').notNull(), filePath: text('file_path').notNull(),
  description: text('description'), format: text('format').notNull(), size: ${size}('size').notNull(), ${more}
}, (table) => [index('idx_models_name').on(table.name), uniqueIndex('idx_models_file_path').on(table.filePath)]);
export const modelTags = sqliteTable('model_tags', {
  modelId: integer('model_id').notNull().references(() => models.id, { onDelete: 'cascade' }), tag: text('tag').notNull(),
});
${others.join('\n')}
`;
}
