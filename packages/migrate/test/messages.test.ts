// Every refusal names the file, the statement, the object and the next command. Each code is provoked as a user would meet it, and
// its message is read for the four; where one cannot apply, the table says why. A code without a case fails.
import { chmodSync, rmSync, unlinkSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseError, isDatabaseError } from '@cc/tx/errors';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exitCodeOf } from '../src/command-line/exit-codes.js';
import { createMigrationManager } from '../src/index.js';
import { runProgram } from '../src/program.js';
import { makeProject, type Project } from './generate/project.js';
import { library, makeScratch, type Opened, overtaken, type Scratch, sendingBy, type Written } from './scratch.js';

/** What a message has to name, or why it cannot: such a reason begins with "none:". */
interface Case {
  readonly provoke: () => Promise<string>;
  readonly file: RegExp | `none: ${string}`;
  readonly statement: RegExp | `none: ${string}`;
  readonly object: RegExp;
  readonly next: RegExp;
}

const here = process.cwd();
let scratch: Scratch;
let project: Project;

beforeEach(async () => {
  scratch = await makeScratch();
  await scratch.write(library);
  project = await makeProject(`dbCredentials: { url: 'app.db' }`);
  process.chdir(project.cwd);
});
afterEach(async () => {
  process.chdir(here);
  await project[Symbol.asyncDispose]();
  await scratch[Symbol.asyncDispose]();
});

/** Runs commands one after the other; returns what the last one says. */
async function said(...lines: string[]): Promise<string> {
  let text = '';
  for (const line of lines) {
    text = '';
    const print = (more: string): void => void (text += `${more}\n`);
    await runProgram(line.split(' '), { version: '1', env: {}, print, warn: print, ask: null });
  }
  return text;
}

/** `line` for the database and the folder of `scratch`. */
const inScratch = (line: string): string => `${line} --no-config --url ${scratch.url} --folder ${scratch.folder}`;

async function saidInScratch(...lines: string[]): Promise<string> {
  return await said(...lines.map(inScratch));
}

async function thrown(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('Nothing was thrown');
}

/** All of the library is applied; then the folder becomes `then`. */
async function afterUp(then: readonly Written[], line: string, ...statements: readonly string[]): Promise<string> {
  const opened = await scratch.open();
  await opened.migrations.applyMigrations();
  if (statements.length > 0) await opened.run(...statements);
  await scratch.write(then);
  return await saidInScratch(line);
}

const more = (up: string, down: string | null = 'SELECT 1;'): readonly Written[] => [
  ...library,
  { tag: '0003_more', up, down },
];
const later = library.map((each, index) => ({ ...each, when: 1_700_000_100_000 + index * 1_000 }));
const edited = library.map((each, index) => (index === 2 ? { ...each, up: `${each.up}\n-- later` } : each));
const code = `export const parts = sqliteTable('parts', { id: integer('id').primaryKey(), name: text('name') });`;

async function failing(failure: DatabaseError): Promise<string> {
  const { transactions } = await scratch.open();
  const source = sendingBy(transactions, () => Promise.reject(failure));
  const manager = createMigrationManager(source, { folder: scratch.folder, maxAttempts: 2 });
  return await thrown(manager.applyMigrations());
}

const wholeFile = 'none: it is about the file as a whole, whose statements may all be right';
const noStatement = 'none: nothing was run or read, so no statement is in question';

const cases: Readonly<Record<string, readonly Case[]>> = {
  edited: [
    {
      provoke: () => afterUp(edited, 'up'),
      file: /0002_weight\.sql/,
      statement: 'none: only the hash of the text that ran is kept',
      object: /0002_weight/,
      next: /cc-migrate repair/,
    },
  ],
  missing: [
    {
      provoke: () => afterUp(library.slice(0, 2), 'up'),
      file: /0002_weight\.sql/,
      statement: wholeFile,
      object: /0002_weight/,
      next: /cc-migrate down[^]*cc-migrate repair/,
    },
  ],
  renumbered: [
    {
      provoke: () => afterUp(later, 'up'),
      file: /meta\/_journal\.json/,
      statement: wholeFile,
      object: /0000_tables/,
      next: /cc-migrate repair/,
    },
  ],
  other_table: [
    {
      provoke: () => afterUp(library, 'up --table other'),
      file: /0000_tables\.sql/,
      statement: noStatement,
      object: /__drizzle_migrations/,
      next: /--table __drizzle_migrations[^]*cc-migrate status/,
    },
  ],
  duplicate: [
    {
      provoke: () =>
        afterUp(
          library,
          'up',
          'INSERT INTO __drizzle_migrations (hash, created_at) SELECT hash, created_at FROM __drizzle_migrations LIMIT 1',
        ),
      file: /0000_tables\.sql/,
      statement: wholeFile,
      object: /__drizzle_migrations/,
      next: /cc-migrate repair/,
    },
  ],
  out_of_order: [
    {
      provoke: async () => {
        await scratch.write(library.filter((_, index) => index !== 1).map((each, n) => ({ ...each, when: 1 + n * 2 })));
        await saidInScratch('up');
        await scratch.write(library.map((each, n) => ({ ...each, when: n + 1 })));
        return await saidInScratch('up');
      },
      file: /0001_search\.sql/,
      statement: wholeFile,
      object: /0002_weight/,
      next: /cc-migrate up --allow-out-of-order/,
    },
  ],
  journal_order: [
    {
      provoke: async () => {
        await scratch.write(library.map((each, n) => ({ ...each, when: 10 - n })));
        return await saidInScratch('up');
      },
      file: /meta\/_journal\.json/,
      statement: wholeFile,
      object: /0001_search/,
      next: /cc-migrate repair --journal/,
    },
  ],
  no_down: [
    {
      provoke: async () => {
        await scratch.write(more('CREATE TABLE more (x);', null));
        return await saidInScratch('up', 'down --yes');
      },
      file: /0003_more\.down\.sql/,
      statement: 'none: what is missing is the file',
      object: /0003_more/,
      next: /cc-migrate generate --missing-downs/,
    },
    {
      provoke: async () => {
        await scratch.write(more(`SELECT 1;\nUPDATE parts SET name = 'x';`, null));
        return await saidInScratch('up');
      },
      file: /0003_more\.down\.sql/,
      statement: /line 2: UPDATE parts SET/,
      object: /0003_more/,
      next: /cc-migrate generate --missing-downs/,
    },
    {
      provoke: async () => {
        await scratch.write(more('CREATE TABLE more (x);', '-- cc:down irreversible\n'));
        return await saidInScratch('up', 'down --yes');
      },
      file: /0003_more\.down\.sql/,
      statement: wholeFile,
      object: /0003_more/,
      next: /cc-migrate restore/,
    },
  ],
  draft_down: [
    {
      provoke: async () => {
        await scratch.write(more('CREATE TABLE more (x);', '-- cc:down draft\n'));
        return await saidInScratch('up');
      },
      file: /0003_more\.down\.sql/,
      statement: 'none: the draft itself lists the statements to undo',
      object: /0003_more/,
      next: /cc-migrate check/,
    },
  ],
  stale_down: [
    {
      provoke: async () => {
        await scratch.write(
          more('CREATE TABLE more (x);', '-- cc:down generated of=0000000000000000\nDROP TABLE more;'),
        );
        return await saidInScratch('up');
      },
      file: /0003_more\.down\.sql[^]*0003_more\.sql/,
      statement: 'none: only the mark of the text that it was made for is kept',
      object: /0003_more/,
      next: /cc-migrate generate --missing-downs/,
    },
  ],
  data_loss: [
    {
      provoke: () =>
        afterUp(
          more('ALTER TABLE parts RENAME TO things;\nDELETE FROM things;'),
          'up',
          `INSERT INTO parts (name) VALUES ('bolt')`,
        ),
      file: /0003_more\.sql/,
      statement: 'none: it is measured on the rows behind all statements',
      object: /table parts \(1 row\) such as id = 1/,
      next: /cc-migrate up --allow-data-loss parts/,
    },
    {
      provoke: () => afterUp(library, 'down --to none --yes', `INSERT INTO parts (name) VALUES ('bolt')`),
      file: /0000_tables\.down\.sql/,
      statement: 'none: it is counted over all statements',
      object: /table parts \(1 row\)/,
      next: /cc-migrate down --allow-data-loss parts/,
    },
  ],
  statement: [
    {
      provoke: async () => {
        await scratch.write(more('SELECT 1;\nCOMMIT;'));
        return await saidInScratch('up');
      },
      file: /0003_more\.sql/,
      statement: /COMMIT on line 2/,
      object: /0003_more/,
      next: /cc-migrate up/,
    },
    {
      provoke: async () => {
        await scratch.write(more('SELECT 1;\nPRAGMA journal_mode = wal;'));
        return await saidInScratch('up');
      },
      file: /0003_more\.sql/,
      statement: /PRAGMA journal_mode on line 2/,
      object: /0003_more/,
      next: /cc-migrate up/,
    },
    {
      provoke: async () => {
        await scratch.write([...library, { tag: '0003_more', up: `SELECT 'x`, down: null }]);
        return await said(`generate --missing-downs --no-config --folder ${scratch.folder}`);
      },
      file: /0003_more\.sql/,
      statement: /line 1/,
      object: /quote/,
      next: /cc-migrate (?:up|settle)/,
    },
  ],
  folder: [
    {
      provoke: async () => {
        unlinkSync(join(scratch.folder, '0001_search.sql'));
        return await saidInScratch('up');
      },
      file: /0001_search\.sql/,
      statement: wholeFile,
      object: /0001_search/,
      next: /git checkout|cc-migrate check/,
    },
    {
      provoke: async () => {
        await writeFile(join(scratch.folder, 'meta', '_journal.json'), '<<<<<<< HEAD');
        return await saidInScratch('status');
      },
      file: /meta\/_journal\.json/,
      statement: wholeFile,
      object: /is not JSON/,
      next: /git checkout|cc-migrate check/,
    },
    {
      provoke: async () => {
        rmSync(scratch.folder, { recursive: true });
        return await saidInScratch('up');
      },
      file: /meta\/_journal\.json/,
      statement: noStatement,
      object: /journal/,
      next: /cc-migrate generate/,
    },
    ...['status', 'up', 'down --yes', 'plan', 'check', 'verify', 'diff', 'history', 'baseline', 'repair --yes'].map(
      (line): Case => ({
        provoke: async () => {
          await rm(scratch.folder, { recursive: true });
          await mkdir(join(scratch.folder, '20260101000000_start'), { recursive: true });
          await writeFile(join(scratch.folder, '20260101000000_start', 'migration.sql'), 'CREATE TABLE a (x);');
          return await saidInScratch(line);
        },
        file: /20260101000000_start\/migration\.sql/,
        statement: noStatement,
        object: /layout of drizzle-kit 1\.0/,
        next: /npm install --save-dev drizzle-kit@0\.31[^]*cc-migrate generate and cc-migrate baseline/,
      }),
    ),
  ],
  lock_lost: [
    {
      provoke: async () => {
        const first = await scratch.open();
        await first.migrations.applyMigrations({ steps: 1 });
        const other = await scratch.open();
        const manager = overtaken(first.transactions, scratch.folder, async () => {
          await other.migrations.applyMigrations();
          await other.migrations.rollbackMigration({ steps: 2, allowDataLoss: true });
          await scratch.write(later);
          await other.run('DELETE FROM __drizzle_migrations');
        });
        return await thrown(manager.applyMigrations({ steps: 1 }));
      },
      file: /0001_search/,
      statement: 'none: the migration was not run',
      object: /0001_search \(up\)/,
      next: /cc-migrate status/,
    },
    {
      provoke: () =>
        failing(
          new DatabaseError('database is locked', {
            type: 'lock',
            code: 'SQLITE_BUSY',
            operation: 'BEGIN',
            recoverable: true,
          }),
        ),
      file: /0000_tables/,
      statement: 'none: the migration was not run',
      object: /0000_tables \(up\)/,
      next: /cc-migrate status/,
    },
  ],
  timeout: [
    {
      provoke: () =>
        failing(
          new DatabaseError('it is gone', {
            type: 'aborted',
            code: 'TRANSACTION_LOST',
            operation: 'up',
            recoverable: true,
          }),
        ),
      file: /0000_tables\.sql/,
      statement: 'none: the server ends the transaction between any two statements',
      object: /0000_tables \(up\)/,
      next: /cc-migrate up/,
    },
  ],
  failed: [
    {
      provoke: async () => {
        await scratch.write(more('SELECT 1;\nCREATE INDEX i ON parts (nme);'));
        return await saidInScratch('up');
      },
      file: /0003_more\.sql, line 2/,
      statement: /CREATE INDEX i ON parts \(nme\)/,
      object: /no such column: nme/,
      next: /cc-migrate up/,
    },
    {
      provoke: async () => {
        await scratch.write(
          more(
            `CREATE TABLE log (x);\nCREATE TRIGGER t AFTER INSERT ON log BEGIN INSERT INTO lgo VALUES (1); END;\nINSERT INTO log VALUES (1);`,
          ),
        );
        return await saidInScratch('up');
      },
      file: /0003_more\.sql, line 3/,
      statement: /INSERT INTO log VALUES/,
      object: /no such table: \S*lgo/,
      next: /cc-migrate up/,
    },
    {
      provoke: async () => {
        await scratch.write(more(`UPDATE parts SET nmae = 'x' WHERE id = 1;`));
        return await saidInScratch('up');
      },
      file: /0003_more\.sql, line 1/,
      statement: /UPDATE parts SET nmae/,
      object: /no such column: nmae/,
      next: /cc-migrate up/,
    },
    {
      provoke: () => afterUp(more('SELECT 1;', 'DROP TABLE nowhere;'), 'up').then(() => saidInScratch('down --yes')),
      file: /0003_more\.down\.sql, line 1/,
      statement: /DROP TABLE nowhere/,
      object: /no such table: nowhere/,
      next: /cc-migrate down/,
    },
  ],
  foreign_key: [
    {
      provoke: async () => {
        await scratch.write(more(`INSERT INTO notes (part_id, body) VALUES (7, 'x');`));
        return await saidInScratch('up');
      },
      file: /0003_more\.sql/,
      statement: 'none: it is counted behind all statements',
      object: /notes[^]*parts/,
      next: /cc-migrate up/,
    },
    {
      provoke: async () => {
        await scratch.write(
          more(
            `CREATE TABLE c (p text REFERENCES parts (weight));`
              .replace('weight', 'id, name')
              .replace('p text', 'p text, q text')
              .replace(' REFERENCES parts (id, name)', ', FOREIGN KEY (p, q) REFERENCES parts (id, name)'),
          ),
        );
        return await saidInScratch('up');
      },
      file: /0003_more\.sql/,
      statement: /CREATE UNIQUE INDEX/,
      object: /\bc\b[^]*parts/,
      next: /cc-migrate up/,
    },
  ],
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
        const { run } = await scratch.open();
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
        await scratch.write(more('SELECT 1;\nINSERT INTO nowhere VALUES (1);'));
        await scratch.open().then(({ run }) => run('CREATE TABLE x (y)'));
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
      provoke: () => saidInScratch('restore nope.db --yes'),
      file: /nope\.db/,
      statement: noStatement,
      object: /nope\.db/,
      next: /cc-migrate restore <backup>/,
    },
    {
      provoke: async () => {
        const { transactions, run } = await scratch.open();
        await run('CREATE TABLE x (y)');
        await transactions.backup(join(scratch.path, 'copy.db'));
        return await said(
          `restore ${join(scratch.path, 'copy.db')} --yes --no-config --folder ${scratch.folder} --url file:new.db`,
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
        await project.code('export const parts = sqliteTable(');
        return await said('generate');
      },
      file: /schema\.ts/,
      statement: 'none: it is code, and no SQL was written yet',
      object: /Unexpected|Expected/,
      next: /cc-migrate generate/,
    },
    {
      provoke: async () => {
        await project.code(
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
        const path = new URL(scratch.url).pathname;
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
        await project.code(code);
        await said('generate');
        await project.code(code.replace(`name: text('name')`, `title: text('title')`));
        return await said('generate');
      },
      file: /schema code/,
      statement: 'none: no SQL was written yet',
      object: /column parts\.name/,
      next: /cc-migrate generate --rename parts\.name=title/,
    },
    {
      provoke: async () => {
        const { migrations, run } = await scratch.open();
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
        return await said(`create --name x --up bad.sql --folder ${scratch.folder}`);
      },
      file: /bad\.sql/,
      statement: /INSERT INTO nowhere/,
      object: /no such table: nowhere/,
      next: /cc-migrate create/,
    },
    {
      provoke: async () => {
        await project.code(`${code}\nexport const v = sqliteView('v').as((qb) => qb.select().from(parts));`);
        await said('generate');
        await project.code(
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
  const { readOnlyError } = await import('../src/command-line/database.js');
  return readOnlyError('app.db', 'app.db').message;
}

test('every code has a case', async () => {
  const source = await readFile(join(import.meta.dirname, '..', 'src', 'errors.ts'), 'utf8');
  const [, table = ''] = /const types: [^{]*\{([^}]*)\}/.exec(source) ?? [];
  const faults = [...table.matchAll(/^ {2}(\w+):/gm)].map(([, fault]) => fault ?? '');
  expect(faults.length).toBeGreaterThan(20);
  expect(Object.keys(cases).sort()).toEqual(faults.sort());
});

describe.each(Object.entries(cases))('MIGRATION_%s', (fault, list) => {
  test.each(list.map((each, index) => [index, each] as const))(
    'case %d names file, statement, object and next command',
    { timeout: 60_000 },
    async (_, { provoke, file, statement, object, next }) => {
      const message = await provoke();
      expect(message).toContain(`[MIGRATION_${fault.toUpperCase()}]`);
      for (const wanted of [file, statement, object, next])
        if (wanted instanceof RegExp) expect(message).toMatch(wanted);
      expect(message).not.toMatch(/status\(\)|: …|undefined|\[object/);
    },
  );
});
