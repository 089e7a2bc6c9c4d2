// `generate` from schema code to files, through the real drizzle-kit.
import { execFile } from 'node:child_process';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openTransactionManager } from '@cc/tx';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMigration, generateMigration, writeMissingDowns } from '../../src/generate.js';
import { createMigrationManager } from '../../src/index.js';
import { makeProject, type Project } from './project.js';

const models = `export const models = sqliteTable('models', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  name: text('name').notNull(),
  size: integer('size'),
});`;
let project: Project;

beforeEach(async () => {
  project = await makeProject();
  await project.code(models);
});
afterEach(() => project[Symbol.asyncDispose]());

const generate = (rest: Parameters<typeof generateMigration>[0] = {}) =>
  generateMigration({ cwd: project.cwd, ...rest });
const drizzleKit = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(project.cwd, 'node_modules/drizzle-kit/bin.cjs'), ...args], {
    cwd: project.cwd,
  });

let started: Promise<Project> | undefined;
afterAll(async () => (await started)?.[Symbol.asyncDispose]());

/** Puts the folder there that `generate` makes of `models`: drizzle-kit takes a second, so it is made once and copied. */
async function start(): Promise<void> {
  const make = async (): Promise<Project> => {
    const made = await makeProject();
    await made.code(models);
    await generateMigration({ cwd: made.cwd, name: 'start' });
    return made;
  };
  started ??= make();
  await cp((await started).folder, project.folder, { recursive: true });
}

test('writes what drizzle-kit writes, a down file beside it, and drizzle-kit goes on with the folder', async () => {
  const made = await generate({ name: 'start' });
  expect(made).toMatchObject({ version: '0000_start', author: 'drizzle-kit', reasons: [] });
  expect(await project.files()).toEqual([
    '0000_start.down.sql',
    '0000_start.sql',
    'meta',
    'meta/0000_snapshot.json',
    'meta/_journal.json',
  ]);
  expect(await project.read('0000_start.down.sql')).toMatch(
    /^-- cc:down generated of=[\da-f]{16}\nDROP TABLE "models";\n$/,
  );
  expect((await generate()).version).toBeNull();
  expect((await drizzleKit('generate')).stdout).toContain('No schema changes');
  expect((await drizzleKit('check')).stdout).toContain(`Everything's fine`);

  const theirs = await makeProject();
  await theirs.code(models);
  await promisify(execFile)(
    process.execPath,
    [join(theirs.cwd, 'node_modules/drizzle-kit/bin.cjs'), 'generate', '--name', 'start'],
    { cwd: theirs.cwd },
  );
  const described = async ({ read }: Project): Promise<unknown> => {
    const snapshot = JSON.parse(await read('meta/0000_snapshot.json')) as Record<string, unknown>;
    const [entry] = (JSON.parse(await read('meta/_journal.json')) as { entries: Record<string, unknown>[] }).entries;
    return [
      { ...snapshot, id: '', prevId: '' },
      { ...entry, when: 0 },
      (await read('0000_start.sql')).trim().replaceAll(/;$/g, ''),
    ];
  };
  expect(await described(project)).toEqual(await described(theirs));
  await theirs[Symbol.asyncDispose]();

  await project.code(models.replace(`'size')`, `'size').default(3)`));
  await drizzleKit('generate', '--name', 'theirs');
  await project.code(`${models}\nexport const tags = sqliteTable('tags', { name: text('name') });`);
  expect((await generate({ name: 'ours' })).version).toBe('0002_ours');
});

describe('a rename', () => {
  const renamed = models.replace(`name: text('name')`, `title: text('title')`);
  beforeEach(async () => {
    await start();
    await project.code(renamed);
  });

  test('without an answer is refused with the flags to add, and nothing is written', async () => {
    const before = await project.files();
    await expect(generate()).rejects.toThrow(
      'The column models.name is gone from the schema code, and title is new [MIGRATION_QUESTION] in generate. Add --rename models.name=title if it was renamed, or --drop models.name if it was not',
    );
    expect(await project.files()).toEqual(before);
    await project.code(renamed.replace('title:', "subtitle: text('subtitle'), title:"));
    await expect(generate()).rejects.toThrow('is gone from the schema code, and subtitle, title are new');
  });

  test('is answered by a flag, noted in the snapshot as drizzle-kit does, and taken back without asking', async () => {
    await generate({ name: 'title', renames: ['models.name=title'] });
    expect(await project.read('0001_title.sql')).toContain('ALTER TABLE "models" RENAME COLUMN "name" TO "title";');
    expect(await project.read('0001_title.down.sql')).toContain(
      'ALTER TABLE "models" RENAME COLUMN "title" TO "name";',
    );
    const { _meta: meta } = JSON.parse(await project.read('meta/0001_snapshot.json')) as { _meta: unknown };
    expect(meta).toEqual({ schemas: {}, tables: {}, columns: { '"models"."name"': '"models"."title"' } });
  });

  test('is answered by a person', async () => {
    const asked: unknown[] = [];
    const ask = (question: unknown) => {
      asked.push(question);
      return Promise.resolve('title');
    };
    expect((await generate({ ask })).upSql).toContain('RENAME COLUMN');
    expect(asked).toEqual([{ kind: 'column', gone: 'models.name', candidates: ['title'] }]);
  });

  test('that was none drops the column, and says so in the down file', async () => {
    const made = await generate({ drops: ['models.name'] });
    expect(made.losses.up).toEqual(['models.name']);
    expect(await project.read('0001_changes.down.sql')).toMatch(
      /^-- cc:down generated of=[\da-f]{16} loss=models\.name\n/,
    );
  });

  test.each<[object, string]>([
    [{ renames: ['models.nam=title'] }, '--rename models.nam=title fits nothing that is gone'],
    [{ renames: ['models.name=titel'] }, '--rename models.name=titel: the schema code has no column models.titel'],
    [{ renames: ['models.name'] }, `--rename takes table=new or table.column=new, and not 'models.name'`],
    [{ renames: ['models.name=title', 'models.size=title'] }, 'two names become models.title'],
    [{ renames: ['models.name=size'] }, 'models.size is there already. Drop it in a migration of its own first'],
    [{ renames: ['models.name=title'], drops: ['models.weight'] }, '--drop models.weight fits nothing that is gone'],
    [{ name: '../x' }, 'name must be letters, digits, _ and -'],
    [{ rename: [] }, `unknown option 'rename'; did you mean 'renames'?`],
  ])('refuses %j', async (options, message) => {
    await expect(generate(options)).rejects.toThrow(message);
  });
});

describe('what drizzle-kit cannot read', () => {
  test('an error in the schema code is an error, although drizzle-kit ends with 0', async () => {
    await generate({ name: 'start' });
    await project.code('export const models = sqliteTable(');
    await expect(generate()).rejects.toThrow(/drizzle-kit could not read it: .*ERROR[^]*\[MIGRATION_SCHEMA_CODE\]/);
  });

  test('an index without a name, as drizzle-kit pull leaves one, is told with its table', async () => {
    await project.code(models.replace('});', `}, (table) => [index().on(table.size)]);`));
    await expect(generate()).rejects.toThrow(
      /An index of models has no name .*\[MIGRATION_SCHEMA_CODE\].*index\('models_index'\).*cc-migrate generate/,
    );
  });

  test('no configuration, another dialect', async () => {
    await expect(generate({ config: 'nope.ts' })).rejects.toThrow('nope.ts does not exist');
    const config = (text: string) => writeFile(join(project.cwd, 'other.config.ts'), `export default ${text};`);
    await config(`{ dialect: 'postgresql', schema: './schema.ts' }`);
    await expect(generate({ config: 'other.config.ts' })).rejects.toThrow('other.config.ts is for postgresql');
    await rm(join(project.cwd, 'drizzle.config.ts'));
    await expect(generate()).rejects.toThrow('There is no drizzle.config.ts');
  });

  test('a schema without tables drops them all', async () => {
    await generate({ name: 'start' });
    await project.code('');
    expect((await generate()).losses.up).toEqual(['models']);
  });
});

test('the settings of drizzle.config.ts are followed: out, breakpoints, prefix, the turso dialect', async () => {
  await writeFile(
    join(project.cwd, 'drizzle.config.ts'),
    `export default { dialect: 'turso', schema: './schema.ts', out: './db/steps', breakpoints: false, migrations: { prefix: 'timestamp' } };`,
  );
  await project.code(`${models}\nexport const tags = sqliteTable('tags', { name: text('name') });`);
  const made = await generate({ name: 'start', now: () => Date.UTC(2026, 0, 2, 3, 4, 5) });
  expect([made.version, made.folder]).toEqual(['20260102030405_start', join(project.cwd, 'db/steps')]);
  expect(made.upSql).not.toContain('statement-breakpoint');
});

test('a dry run shows the SQL and writes nothing', async () => {
  const made = await generate({ dryRun: true });
  expect(made).toMatchObject({ version: null, files: [], author: 'drizzle-kit' });
  expect(made.upSql).toContain('CREATE TABLE `models`');
  await expect(project.files()).rejects.toThrow('ENOENT');
});

test('a clock that went back makes no migration that drizzle would skip', async () => {
  await generate({ name: 'start', now: () => 5_000 });
  await project.code(models.replace(`'size')`, `'size').default(3)`));
  await generate({ now: () => 1_000 });
  const { entries } = JSON.parse(await project.read('meta/_journal.json')) as { entries: { when: number }[] };
  expect(entries.map(({ when }) => when)).toEqual([5_000, 5_001]);
});

test('drizzle-kit’s statements that fail the proof are replaced, and the file says why', async () => {
  await generate({ name: 'start' });
  await project.code(
    models
      .replace(`integer('size')`, `integer('size').notNull()`)
      .replace('size:', `stars: integer('stars').notNull(), size:`),
  );
  const made = await generate({ name: 'stars' });
  expect(made.author).toBe('cc-migrate');
  expect(await project.read('0001_stars.sql')).toMatch(
    /^-- Not as drizzle-kit writes it: up fails: [^]*\n-- models\.stars is NOT NULL without a default: rows that are there get 0\n/,
  );
});

test('a change of names that SQLite does not keep makes a migration that does nothing, or none', async () => {
  const keyed = (name: string) => `import { primaryKey } from 'drizzle-orm/sqlite-core';
export const pairs = sqliteTable('pairs', { a: integer('a').notNull(), b: integer('b').notNull() }, (t) => [
  primaryKey({ name: '${name}', columns: [t.a, t.b] }),
]);`;
  await project.code(keyed('first_name'));
  await generate({ name: 'start' });
  await project.code(keyed('second_name'));
  const made = await generate({ name: 'renamed' });
  expect(made.losses).toEqual({ up: [], down: [] });
  expect((await generate()).version).toBeNull();
});

describe('down files of a folder that plain drizzle-kit made', () => {
  beforeEach(async () => {
    await drizzleKit('generate', '--name', 'start');
    await project.code(models.replace(`'size')`, `'size').default(3)`));
    await drizzleKit('generate', '--name', 'default');
    await drizzleKit('generate', '--custom', '--name', 'search');
  });

  test('are completed and work', async () => {
    await writeFile(
      join(project.folder, '0002_search.sql'),
      `CREATE VIRTUAL TABLE models_fts USING fts5(name, content='models', content_rowid='id');
CREATE TRIGGER models_i AFTER INSERT ON models BEGIN INSERT INTO models_fts(rowid, name) VALUES (new.id, new.name); END;
INSERT INTO models_fts(models_fts) VALUES ('rebuild');`,
    );
    const made = await writeMissingDowns(project.folder);
    expect(made.map(({ version, kind }) => [version, kind])).toEqual([
      ['0000_start', 'generated'],
      ['0001_default', 'generated'],
      ['0002_search', 'generated'],
    ]);
    expect(await project.read('0002_search.down.sql')).toMatch(
      /\nDROP TRIGGER "models_i";\n--> statement-breakpoint\nDROP TABLE "models_fts";\n$/,
    );
    expect(await writeMissingDowns(project.folder)).toEqual([]);
    await using transactions = await openTransactionManager({ url: project.url });
    const migrations = createMigrationManager(transactions, { folder: project.folder });
    await migrations.applyMigrations();
    await migrations.rollbackMigration({ targetVersion: null });
    expect(await migrations.getCurrentVersion()).toBeNull();
  });

  test('of data statements are drafts that say what to add', async () => {
    await writeFile(
      join(project.folder, '0002_search.sql'),
      `ALTER TABLE models ADD loud text;\nUPDATE models SET loud = upper(name), name = lower(name);`,
    );
    const made = (await writeMissingDowns(project.folder)).find(({ version }) => version === '0002_search');
    expect(made?.kind).toBe('draft');
    expect(await project.read('0002_search.down.sql')).toMatch(
      /^-- cc:down draft of=[^]*-- Still to be undone by hand: UPDATE models SET loud[^]*ALTER TABLE "models" DROP COLUMN "loud";\n$/,
    );
    const [declared] = await writeMissingDowns(project.folder, { irreversible: ['0002_search'] });
    expect(declared).toMatchObject({ version: '0002_search', kind: 'irreversible' });
    expect(await writeMissingDowns(project.folder)).toEqual([]);
  });

  test('that belong to an older text of their up are made again', async () => {
    await writeMissingDowns(project.folder);
    const text = await project.read('0001_default.sql');
    await writeFile(join(project.folder, '0001_default.sql'), text.replaceAll('\n', '\r\n'));
    expect(await writeMissingDowns(project.folder)).toEqual([]);
    await writeFile(
      join(project.folder, '0001_default.sql'),
      `${text}\n--> statement-breakpoint\nCREATE TABLE more (x);`,
    );
    expect((await writeMissingDowns(project.folder)).map(({ version }) => version)).toEqual(['0001_default']);
    expect(await project.read('0001_default.down.sql')).toContain('DROP TABLE "more";');
  });

  test('written by hand are left alone', async () => {
    await writeFile(join(project.folder, '0002_search.down.sql'), 'SELECT 1;');
    const made = await writeMissingDowns(project.folder);
    expect(made.map(({ version }) => version)).toEqual(['0000_start', '0001_default']);
    await expect(writeMissingDowns(project.folder, { versions: ['0009'] })).rejects.toThrow(
      `'0009' is no version here`,
    );
  });
});

describe('what custom SQL made', () => {
  const fullText = `CREATE VIRTUAL TABLE models_fts USING fts5(name, content='models', content_rowid='id');`;
  beforeEach(start);

  test('a full-text table whose column goes stops the change, and nothing is written', async () => {
    await createMigration(project.folder, { name: 'search', upSql: fullText });
    const before = await project.files();
    await project.code(models.replace(`name: text('name').notNull(),`, ''));
    await expect(generate()).rejects.toThrow(
      /the full-text index models_fts does not fit its table[^]*MIGRATION_UNPROVEN/,
    );
    expect(await project.files()).toEqual(before);
  });

  test('a full-text table whose table goes, goes with it, and a view that reads it', async () => {
    await project.code(`${models}\nexport const tags = sqliteTable('tags', { name: text('name') });`);
    await generate();
    await createMigration(project.folder, {
      name: 'search',
      upSql: `${fullText}\nCREATE VIEW names AS SELECT name FROM models;`,
    });
    await project.code(`export const tags = sqliteTable('tags', { name: text('name') });`);
    const made = await generate({ name: 'gone' });
    expect(made.notes).toEqual([
      'models_fts goes with models, whose text it indexes',
      'The view names is dropped: it would not work any more (no such table: main.models)',
    ]);
    expect(made.downSql).toMatch(/CREATE VIRTUAL TABLE models_fts[^]*CREATE VIEW names/);
  });

  test('a table that custom SQL changed beyond the code is named when the code changes it, too', async () => {
    await createMigration(project.folder, { name: 'more', upSql: `ALTER TABLE models ADD extra text;` });
    await project.code(models.replace(`integer('size')`, `text('size')`));
    const made = await generate();
    expect(made.notes).toContain(
      'models was changed by custom SQL (column extra is not expected); its new shape follows the schema code',
    );
    expect(made.losses.up).toEqual(['models.extra']);
  });
});

describe('a custom migration', () => {
  beforeEach(start);

  test('gets its way back drafted from the schemas, and drizzle-kit goes on behind it', async () => {
    const made = await createMigration(project.folder, {
      name: 'log',
      upSql: 'CREATE TABLE log (line text);\nCREATE INDEX log_line ON log (line);',
    });
    expect(made).toMatchObject({ version: '0001_log', down: 'generated' });
    expect(await project.read('0001_log.down.sql')).toContain('DROP TABLE "log"');
    expect((await drizzleKit('generate')).stdout).toContain('No schema changes');
    expect((await drizzleKit('check')).stdout).toContain(`Everything's fine`);
  });

  test('is refused when up or down does not work, before anything is written', async () => {
    const before = await project.files();
    const create = (upSql: string, downSql?: string) =>
      createMigration(project.folder, { name: 'x', upSql, ...(downSql !== undefined && { downSql }) });
    await expect(create('CREATE TABLE models (x)')).rejects.toThrow(
      'x.sql does not run on a database without rows: table models already exists',
    );
    await expect(create('CREATE TABLE a (x)', 'SELECT 1')).rejects.toThrow('after down, table a is not expected');
    await expect(create('CREATE TABLE a (x); COMMIT')).rejects.toThrow('COMMIT');
    expect(await project.files()).toEqual(before);
  });

  test('may be empty, irreversible, or come with its down', async () => {
    expect(await createMigration(project.folder, { name: 'empty' })).toMatchObject({
      version: '0001_empty',
      down: null,
    });
    const upSql = 'UPDATE models SET name = lower(name)';
    expect(await createMigration(project.folder, { name: 'lower', upSql, irreversible: true })).toMatchObject({
      down: 'irreversible',
    });
    expect(await createMigration(project.folder, { name: 'again', upSql, downSql: 'SELECT 1' })).toMatchObject({
      down: 'manual',
    });
    expect(await readFile(join(project.folder, '0003_again.down.sql'), 'utf8')).toBe('SELECT 1');
  });
});
