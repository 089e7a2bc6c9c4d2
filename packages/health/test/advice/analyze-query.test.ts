import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placeIn, type TargetName, targets } from '@cc/testkit/targets';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { openTransactionManager, type TransactionManager } from '@cc/tx';
import { makeOwnFolder } from '@cc/tx/side-program';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { analyzeQuery } from '../../src/advice/analyze-query.js';
import type { BoundValue } from '../../src/advice/types.js';
import { digestContent } from '../../src/digest.js';
import { openDatabase } from '../database.js';

/** Models as a library has them: formats that are not alike in number, sizes that hang together with the format. */
const library = [
  `create table models (seq integer primary key, id text not null unique, name text not null, format text not null, size integer not null,
    created_at integer not null, author text, rating integer)`,
  'create table tags (model text not null, tag text not null)',
  'create index models_author on models (author, created_at)',
  `insert into models (id, name, format, size, created_at, author, rating)
    select printf('%08x', value * 2654435761 % 4294967296), 'Model ' || (value * 7919 % 20011),
      case when value % 10 < 6 then 'stl' when value % 10 < 8 then 'obj' when value % 10 < 9 then '3mf' else 'ply' end,
      (value * 48271 % 20011) * (1 + value % 10), 1700000000 + value * 37 % 20011, 'author ' || (value % 997), value % 6
      from generate_series(1, 20000)`,
  `insert into tags select id, 'tag ' || (seq * 31 % 400) from models`,
  'analyze',
];

async function openLibrary(place: { url: string; syncUrl?: string }): Promise<TransactionManager> {
  const manager = await openTransactionManager(place);
  onTestFinished(() => manager.close({ drainMs: 0 }));
  // A server has no ANALYZE.
  for (const statement of library)
    if (statement !== 'analyze' || !/^(http|ws)/.test(place.syncUrl ?? place.url)) await manager.db.run(statement);
  return manager;
}

async function fileLibrary(): Promise<TransactionManager> {
  const { manager } = await openDatabase();
  for (const statement of library) await manager.db.run(statement);
  return manager;
}

interface Slow {
  readonly what: string;
  readonly sql: string;
  readonly parameterSets: readonly (readonly BoundValue[])[];
  /** The index that a person would make. */
  readonly index: string;
}

const slow: readonly Slow[] = [
  {
    what: 'one value of a column',
    sql: 'select id from models where size = ?',
    parameterSets: [[1234], [40], [99_999]],
    index: 'CREATE INDEX idx_models_size ON models (size)',
  },
  {
    what: 'an equal column and an order',
    sql: 'select "models"."name" from "models" where "models"."format" = ? order by "models"."created_at" desc limit ?',
    parameterSets: [
      ['stl', 20],
      ['obj', 20],
      ['ply', 20],
    ],
    index: 'CREATE INDEX idx_models_format_created_at ON models (format, created_at DESC)',
  },
  {
    what: 'a function of a column',
    sql: 'select * from models where lower(name) = ?',
    parameterSets: [['model 1'], ['model 77'], ['nobody']],
    index: 'CREATE INDEX idx_models_lower_name ON models (lower(name))',
  },
  {
    what: 'a join without an index',
    sql: 'select m.name from models as m join tags as t on t.model = m.id where m.author = ? and t.tag <> ?',
    parameterSets: [
      ['author 1', 'tag%'],
      ['author 2', 'tag 1%'],
      ['author 3', '%'],
    ],
    index: 'CREATE INDEX idx_tags_model ON tags (model)',
  },
  {
    what: 'rows to update',
    sql: 'update models set rating = ? where name = ?',
    parameterSets: [
      [1, 'Model 5'],
      [2, 'Model 6'],
      [3, 'Model 7'],
    ],
    index: 'CREATE INDEX idx_models_name ON models (name)',
  },
  {
    what: 'rows to update by two columns',
    sql: 'update models set name = ?, size = size + 1 where format = ? and rating = ?',
    parameterSets: [
      ['a', 'stl', 1],
      ['b', 'obj', 2],
      ['c', 'ply', 3],
    ],
    index: 'CREATE INDEX idx_models_format_rating ON models (format, rating)',
  },
  {
    what: 'a comparison in what is returned',
    sql: "select name = 'x', sum(case when size = 5 then 1 end) filter (where author = 'y') from models where format = ? and rating = ?",
    parameterSets: [
      ['stl', 1],
      ['obj', 2],
      ['ply', 3],
    ],
    index: 'CREATE INDEX idx_models_format_rating ON models (format, rating)',
  },
  {
    what: 'the greatest value of a group',
    sql: 'select max(size) from models where format = ?',
    parameterSets: [['stl'], ['obj'], ['ply']],
    index: 'CREATE INDEX idx_models_format_size ON models (format, size)',
  },
  {
    what: 'the start of a text',
    sql: "select id from models where name like ? and format <> 'x'",
    parameterSets: [['Model 1234%'], ['MODEL 7%1'], ['model 99%']],
    index: 'CREATE INDEX idx_models_name_nocase ON models (name COLLATE NOCASE)',
  },
  {
    what: 'a statement without placeholders',
    sql: "SELECT count(*) FROM models WHERE format = 'ply' AND size > 190000;",
    parameterSets: [],
    index: 'CREATE INDEX idx_models_format_size ON models (format, size)',
  },
];

describe.each(slow)('$what', ({ sql, parameterSets, index }) => {
  test('gets an index, which halves the work on the real database too', async () => {
    const manager = await fileLibrary();
    const analysis = await analyzeQuery(manager, { sql, parameterSets });
    expect(analysis.fullScans.length + analysis.temporarySorts.length).toBeGreaterThan(0);
    const [advice] = analysis.advice;
    expect(advice).toMatchObject({ sql: index, verified: true });
    await manager.db.run(advice?.sql ?? '');
    const after = await analyzeQuery(manager, { sql, parameterSets });
    expect(after).toMatchObject({ advice: [], fullScans: [] });
    expect(after.steps).toBeLessThanOrEqual((analysis.steps ?? 0) / 2);
  });
});

const controls: readonly (readonly [what: string, sql: string, sets: readonly (readonly BoundValue[])[]])[] = [
  ['a row by its key', 'select * from models where seq = ?', [[1], [2], [3]]],
  ['a row by a unique column', 'select * from models where id = ?', [['a'], ['b'], ['c']]],
  [
    'a column that has an index',
    'select * from models where author = ? order by created_at',
    [['author 1'], ['author 2'], ['x']],
  ],
  ['every row', 'select sum(size) from models', []],
  [
    'an insert',
    'insert into tags values (?, ?)',
    [
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
    ],
  ],
];

test.each(controls)('%s gets no index', async (_what, sql, parameterSets) => {
  const { advice } = await analyzeQuery(await fileLibrary(), { sql, parameterSets });
  expect(advice).toEqual([]);
});

test('an index that only looks better is refused, with what it costs', async () => {
  const manager = await fileLibrary();
  // An index on size gives a SEARCH in the plan, and more work: nearly every row is larger.
  const sql = 'select * from models where size > ? order by created_at desc limit 20';
  const analysis = await analyzeQuery(manager, { sql, parameterSets: [[1], [10], [100], [10_000_000]] });
  expect(analysis.advice.map((advice) => advice.sql)).not.toContain('CREATE INDEX idx_models_size ON models (size)');
  const alone = analysis.refused.find((refused) => refused.sql.endsWith('(size)'));
  expect(alone?.reason).toMatch(/^It leaves .* of the work$|^With some values the work becomes/);
});

test('a small table needs no index, and too few values prove none', async () => {
  const { manager } = await openDatabase();
  await manager.db.run('create table few (a, b)');
  await manager.db.run('insert into few select value, value from generate_series(1, 50)');
  const sets = [[1], [2], [3]];
  expect((await analyzeQuery(manager, { sql: 'select * from few where a = ?', parameterSets: sets })).advice).toEqual(
    [],
  );
  const one = await analyzeQuery(manager, { sql: 'select * from few where a = ?', parameterSets: [[1], [1], [1]] });
  expect(one).toMatchObject({ advice: [], fullScans: ['few'], message: expect.stringContaining('3 different lists') });
  const none = await analyzeQuery(manager, { sql: 'select * from few where a = ?' });
  expect(none).toMatchObject({ steps: null, plan: [{ detail: 'SCAN few', children: [] }] });
});

test('neither the database nor its connections are changed, and no value shows', async () => {
  const manager = await fileLibrary();
  const before = await digestContent(manager);
  const sql = "update models set author = 'secret one' where name = ? and size > ?";
  const analysis = await analyzeQuery(manager, {
    sql,
    parameterSets: [
      ['secret two', 1],
      ['b', 2],
      ['c', 3],
    ],
  });
  expect(JSON.stringify(analysis)).not.toContain('secret');
  expect((await digestContent(manager)).sha256).toBe(before.sha256);
  // DDL and a checkpoint meet no statement that was left open.
  await manager.db.run('drop table tags');
  expect(await manager.db.all('pragma wal_checkpoint(truncate)')).toMatchObject([{ busy: 0 }]);
});

test('the command writes a migration with its way back', async () => {
  const manager = await fileLibrary();
  const { advice } = await analyzeQuery(manager, { sql: "select * from models where name = 'Model 1'" });
  expect(advice[0]?.command).toBe(
    "printf '%s\\n' 'CREATE INDEX idx_models_name ON models (name);' > up.sql && printf '%s\\n' 'DROP INDEX \"idx_models_name\";' > down.sql && npx cc-migrate create --name add-idx_models_name --up up.sql --down down.sql",
  );
});

test('names that need quotes are quoted, and a name that is taken is not taken again', async () => {
  const { manager } = await openDatabase();
  await manager.db.run('create table "Odd ""Table" ("the order" integer, "Select" text)');
  await manager.db.run('create table idx_odd_table_the_order (x)');
  await manager.db.run(`insert into "Odd ""Table" select value, 'x' from generate_series(1, 5000)`);
  const sql = 'select "Select" from "Odd ""Table" where "the order" = ?';
  const { advice } = await analyzeQuery(manager, { sql, parameterSets: [[1], [2], [3]] });
  expect(advice).toHaveLength(1);
  await manager.db.run(advice[0]?.sql ?? '');
});

test('an abort ends it and removes the copy; what fails is told, with its values left out', async () => {
  const manager = await fileLibrary();
  // Of its own: whatever else runs on the machine makes copies too.
  vi.stubEnv('TMPDIR', await temporaryFolder());
  onTestFinished(() => void vi.unstubAllEnvs());
  const copies = async (): Promise<readonly string[]> => readdir(tmpdir());
  const sql = "select count(*) from models a, models b where a.size < b.size and a.name <> 'x'";
  const stop = new AbortController();
  const running = analyzeQuery(manager, { sql }, { signal: stop.signal });
  const ended = running.catch((error: unknown) => error);
  await expect.poll(copies).not.toEqual([]);
  stop.abort();
  expect(await ended).toMatchObject({ code: 'ABORTED' });
  expect(await copies()).toEqual([]);
  await expect(analyzeQuery(manager, { sql: 'select nothing from nowhere' })).rejects.toMatchObject({ type: 'syntax' });
  await expect(analyzeQuery(manager, { sql: '' })).rejects.toThrow(TypeError);
});

test('the copy that a killed process has left goes with the next analysis', async () => {
  const manager = await fileLibrary();
  vi.stubEnv('TMPDIR', await temporaryFolder());
  onTestFinished(() => void vi.unstubAllEnvs());
  const killed = spawn(process.execPath, ['-e', '']);
  await once(killed, 'exit');
  const own = makeOwnFolder('cc-health');
  await writeFile(join(own, 'copy.db'), 'rows');
  await rename(own, own.replace(`-${process.pid}-`, `-${killed.pid}-`));
  await analyzeQuery(manager, { sql: 'select id from models where size = 1' });
  expect(await readdir(tmpdir())).toEqual([]);
});

describe.each(targets)('on %s', (name: TargetName) => {
  test('a statement is analysed on a copy', async () => {
    const manager = await openLibrary(await placeIn(await temporaryFolder(), name));
    const sql = 'select name from models where size = ?';
    const { advice } = await analyzeQuery(manager, { sql, parameterSets: [[1], [2], [3]] });
    expect(advice).toMatchObject([{ sql: 'CREATE INDEX idx_models_size ON models (size)' }]);
  });
});
