// What the commands around a run refuse: adopting, restoring, generating, configurations, and questions.
import { chmodSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { library } from '../scratch.js';
import type { Case } from './stage.js';
import { afterUp, code, more, noStatement, said, saidInScratch, stage, wholeFile } from './stage.js';

/** By fault. */
export const tools: Readonly<Record<string, readonly Case[]>> = {
  confirm: [
    {
      provoke: () => saidInScratch('up', 'down'),
      file: 'none: the files are those of the migrations that it names',
      statement: noStatement,
      object: /0002_weight/,
      next: /cc-migrate down --yes/,
    },
    {
      provoke: () => saidInScratch('up', 'redo'),
      file: 'none: the files are those of the migrations that it names',
      statement: noStatement,
      object: /0002_weight/,
      next: /cc-migrate redo --yes/,
    },
  ],
  drift: [
    {
      provoke: async () => {
        const { run } = await stage.scratch.open();
        await run('CREATE TABLE parts (id integer PRIMARY KEY)');
        return await saidInScratch('baseline');
      },
      file: /0000_tables\.sql/,
      statement: 'none: schemas are compared, whoever made them',
      object: /table notes/,
      next: /cc-migrate create/,
    },
    {
      provoke: () => saidInScratch('baseline'),
      file: 'none: the database is empty, and no file is in question',
      statement: noStatement,
      object: /The database is empty/,
      next: /cc-migrate up/,
    },
    {
      provoke: () => afterUp(library, 'repair --yes', 'CREATE TABLE by_hand (x)'),
      file: 'none: what has no file is what is wrong',
      statement: 'none: schemas are compared, whoever made them',
      object: /by_hand/,
      next: /cc-migrate diff/,
    },
  ],
  applied: [
    {
      provoke: () => saidInScratch('up', 'drop --yes'),
      file: /0002_weight\.sql/,
      statement: wholeFile,
      object: /0002_weight/,
      next: /cc-migrate down/,
    },
    {
      provoke: () => saidInScratch('up', 'baseline'),
      file: /0000_tables\.sql/,
      statement: wholeFile,
      object: /0000_tables/,
      next: /cc-migrate status/,
    },
  ],
  replay: [
    {
      provoke: async () => {
        await stage.scratch.write(more('SELECT 1;\nINSERT INTO nowhere VALUES (1);'));
        await stage.scratch.open().then(({ run }) => run('CREATE TABLE x (y)'));
        return await saidInScratch('baseline --to 0003');
      },
      file: /0003_more\.sql/,
      statement: /line 2: INSERT INTO nowhere/,
      object: /no such table: nowhere/,
      next: /cc-migrate settle/,
    },
  ],
  restore: [
    {
      provoke: async () => {
        const { transactions, run } = await stage.scratch.open();
        await run('CREATE TABLE x (y)');
        await transactions.backup(join(stage.scratch.path, 'copy.db'));
        return await said(
          `restore ${join(stage.scratch.path, 'copy.db')} --yes --no-config --folder ${stage.scratch.folder} --url file:new.db`,
        );
      },
      file: /copy\.db/,
      statement: noStatement,
      object: /no migrations/,
      next: /cc-migrate restore \S+copy\.db --without-migrations/,
    },
    {
      provoke: () => said('restore x.db --yes --no-config --url http://localhost:1'),
      file: 'none: a server is no file',
      statement: noStatement,
      object: /server/,
      next: /turso db import/,
    },
  ],
  schema_code: [
    {
      provoke: async () => {
        await stage.project.code('export const parts = sqliteTable(');
        return await said('generate');
      },
      file: /schema\.ts/,
      statement: 'none: it is code, and no SQL was written yet',
      object: /Unexpected|Expected/,
      next: /cc-migrate generate/,
    },
    {
      provoke: async () => {
        await stage.project.code(
          `${code.replace(');', ", (t) => [index('i').on(t.name).where(sql`${t.name} = ${'x'}`)]);")}`,
        );
        return await said('generate');
      },
      file: /schema code|drizzle\.config/,
      statement: /condition|default|index/,
      object: /i of parts/,
      next: /cc-migrate generate/,
    },
  ],
  config: [
    {
      provoke: async () => {
        await writeFile('drizzle.config.ts', `export default { dialect: 'sqlite', out: 5 };`);
        return await said('status');
      },
      file: /drizzle\.config\.ts/,
      statement: noStatement,
      object: /out of/,
      next: /Write out: '\.\/drizzle'/,
    },
    {
      provoke: () => said('status --config nope.ts'),
      file: /nope\.ts/,
      statement: noStatement,
      object: /nope\.ts/,
      next: /--config <path>/,
    },
    {
      provoke: () => afterUp(library, 'status --table parts'),
      file: /drizzle\.config\.ts/,
      statement: noStatement,
      object: /table parts/,
      next: /cc-migrate status/,
    },
  ],
  read_only: [
    {
      provoke: async () => {
        await saidInScratch('up');
        const path = new URL(stage.scratch.url).pathname;
        chmodSync(path, 0o444);
        return process.getuid?.() === 0 ? unwritable() : await saidInScratch('down --yes');
      },
      file: /\.db/,
      statement: noStatement,
      object: /cannot be written/,
      next: /cc-migrate status/,
    },
  ],
  question: [
    {
      provoke: async () => {
        await stage.project.code(code);
        await said('generate');
        await stage.project.code(code.replace(`name: text('name')`, `title: text('title')`));
        return await said('generate');
      },
      file: /schema code/,
      statement: 'none: no SQL was written yet',
      object: /column parts\.name/,
      next: /cc-migrate generate --rename parts\.name=title/,
    },
    {
      provoke: async () => {
        const { migrations, run } = await stage.scratch.open();
        await migrations.applyMigrations();
        await run('DELETE FROM __cc_migrations');
        return await saidInScratch('down --yes --to-date 2020-01-01T00:00Z');
      },
      file: 'none: it is about times that are recorded',
      statement: noStatement,
      object: /0000_tables/,
      next: /cc-migrate down --to/,
    },
  ],
  unproven: [
    {
      provoke: async () => {
        await writeFile('bad.sql', 'INSERT INTO nowhere VALUES (1);');
        return await said(`create --name x --up bad.sql --folder ${stage.scratch.folder}`);
      },
      file: /bad\.sql/,
      statement: /INSERT INTO nowhere/,
      object: /no such table: nowhere/,
      next: /cc-migrate create/,
    },
    {
      provoke: async () => {
        await stage.project.code(`${code}\nexport const v = sqliteView('v').as((qb) => qb.select().from(parts));`);
        await said('generate');
        await stage.project.code(
          `${code.replace(`, name: text('name')`, '')}\nexport const v = sqliteView('v', { name: text('name') }).as(sql\`select name from parts\`);`,
        );
        return await said('generate --drop parts.name');
      },
      file: /schema code/,
      statement: 'none: a view is one statement, and it is named',
      object: /view v[^]*name/,
      next: /cc-migrate (?:create|generate)/,
    },
  ],
};

/** As root every file can be written: the error is made as the command makes it. */
async function unwritable(): Promise<string> {
  const { readOnlyError } = await import('../../src/command-line/database.js');
  return readOnlyError('app.db', 'app.db').message;
}
