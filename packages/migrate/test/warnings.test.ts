// What plan, dry run and result say before and besides: sizes of rebuilds, and what a server's lock may not last for.
import { targets } from '@cc/testkit/targets';
import { afterEach, describe, expect, test } from 'vitest';
import { runProgram } from '../src/program.js';
import { makeScratch, type Opened, type Scratch } from './scratch.js';

let scratch: Scratch;
afterEach(() => scratch[Symbol.asyncDispose]());

const base = {
  tag: '0000_items',
  up: `CREATE TABLE items (id integer PRIMARY KEY, code text NOT NULL UNIQUE, name text, size integer);
CREATE INDEX idx_items_name ON items (name);`,
  down: 'DROP TABLE items;',
};
const rebuild = `CREATE TABLE items_new (id integer PRIMARY KEY, code text NOT NULL UNIQUE, name text, size text);
INSERT INTO items_new SELECT * FROM items; DROP TABLE items; ALTER TABLE items_new RENAME TO items;
CREATE INDEX idx_items_name ON items (name);`;

async function withRows(target: (typeof targets)[number], rows: number, up: string): Promise<Opened> {
  scratch = await makeScratch(target);
  await scratch.write([base]);
  const opened = await scratch.open();
  await opened.migrations.applyMigrations();
  await opened.run(
    `INSERT INTO items (code, name, size) WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${rows}) SELECT printf('%08d', i), 'item', i FROM c`,
  );
  await scratch.write([base, { tag: '0001_next', up, down: '-- cc:down irreversible' }]);
  return opened;
}

/** Kinds and tables, the way back left out: it is in way-back.test.ts. */
const kindsOf = async ({ migrations }: Opened): Promise<string[]> =>
  (await migrations.plan()).migrations.flatMap(({ warnings }) =>
    warnings.flatMap(({ kind, table, rows }) => (table === null ? [] : [`${kind} ${table} ${rows}`])),
  );

test.each(targets)('a rebuild on %s is told with its rows and bytes, in plan, dry run and result', async (target) => {
  const opened = await withRows(target, 2_000, rebuild);
  const warning = {
    kind: 'rebuild',
    table: 'items',
    rows: 2_000,
    bytes: expect.any(Number),
    message: expect.stringMatching(/^0001_next copies items into a new table: 2,000 rows, 0\.\d MB with its indexes$/),
  };
  const warnings = expect.arrayContaining([warning]);
  const [planned] = (await opened.migrations.plan()).migrations;
  expect(planned?.warnings).toEqual(warnings);
  const bytes = planned?.warnings.find(({ kind }) => kind === 'rebuild')?.bytes ?? 0;
  // Two thousand rows of some 30 bytes in a table and two indexes.
  expect(bytes).toBeGreaterThan(100_000);
  expect(bytes).toBeLessThan(400_000);
  expect((await opened.migrations.applyMigrations({ dryRun: true })).migrations).toMatchObject([{ warnings }]);
  expect((await opened.migrations.applyMigrations()).migrations).toMatchObject([{ warnings }]);
});

test('the command line shows warnings in plan and dry run', async () => {
  await withRows('file', 10, rebuild);
  const out: string[] = [];
  const run = (...args: string[]): Promise<number> =>
    runProgram([...args, '--folder', scratch.folder, '--url', scratch.url], {
      version: '0',
      env: {},
      print: (text) => out.push(text),
      warn: (text) => out.push(text),
      ask: null,
    });
  expect(await run('plan')).toBe(0);
  expect(out.join('\n')).toContain('-- WARNING: 0001_next copies items into a new table: 10 rows');
  expect(await run('up', '--dry-run')).toBe(0);
  expect(out.join('\n')).toContain('  warning: 0001_next copies items into a new table: 10 rows');
  out.length = 0;
  expect(await run('plan', '--json')).toBe(0);
  expect(JSON.parse(out.join('\n'))).toMatchObject({
    migrations: [{ warnings: [{ kind: 'irreversible' }, { rows: 10 }] }],
  });
});

// 100,000 rows are past half of a server's 5 s by the rates of estimate.ts wherever an index has to be kept.
const rows = 100_000;
const remote = targets.filter((target) => target === 'http' || target === 'replica');

describe.each(remote)('%s', (target) => {
  test('a migration that may outlast the write lock is told, with the table that takes most of it', async () => {
    const opened = await withRows(target, rows, rebuild);
    expect(await kindsOf(opened)).toEqual([`rebuild items ${rows}`, `long items ${rows}`]);
    const next = (up: string): Promise<void> =>
      scratch.write([base, { tag: '0001_next', up, down: '-- cc:down irreversible' }]);
    for (const [up, expected] of [
      [`UPDATE items SET name = upper(name)`, [`long items ${rows}`]],
      [`UPDATE items SET size = size + 1`, []],
      [`DELETE FROM items WHERE size > 5`, [`long items ${rows}`]],
      [`ALTER TABLE items ADD COLUMN more text; CREATE INDEX idx_more ON items (size)`, []],
      [`-- cc:chunk 1000\nUPDATE items SET name = upper(name) WHERE name <> upper(name)`, []],
    ] as const) {
      await next(up);
      expect([up, await kindsOf(opened)]).toEqual([up, expected]);
    }
    const [planned] = (await opened.migrations.plan()).migrations;
    expect(planned?.slices).toEqual([1000]);
  });
});

test('nothing is too long for a file', async () => {
  const opened = await withRows('file', rows, 'UPDATE items SET name = upper(name)');
  expect(await kindsOf(opened)).toEqual([]);
});

const anew = 'CREATE TABLE items (id integer PRIMARY KEY, note text NOT NULL);';
test.each([
  [
    'renamed away',
    `ALTER TABLE items RENAME TO gone; ${anew} INSERT INTO items VALUES (99, 'x'); DROP TABLE gone;`,
    [],
  ],
  ['dropped', `DROP TABLE items; ${anew} INSERT INTO items VALUES (99, 'x');`, []],
  ['filled from another', `DROP TABLE items; ${anew} INSERT INTO items SELECT id, 'x' FROM other;`, []],
  [
    'copied by way of another',
    `CREATE TABLE aside AS SELECT * FROM items; DROP TABLE items; ${anew} INSERT INTO items SELECT id, 'x' FROM aside; DROP TABLE aside;`,
    ['filled items 10'],
  ],
  [
    'copied through a view',
    `CREATE VIEW seen AS SELECT * FROM items; CREATE TABLE draft (id integer PRIMARY KEY, note text NOT NULL);
INSERT INTO draft SELECT id, 'x' FROM seen; DROP VIEW seen; DROP TABLE items; ALTER TABLE draft RENAME TO items;`,
    ['filled items 10'],
  ],
])('rows that get a value they had none of are told where there are any: a table that is %s', async (_, up, told) => {
  const opened = await withRows('file', 10, `-- cc:loss items\n${up}`);
  await opened.run('CREATE TABLE other (id integer PRIMARY KEY)');
  expect((await kindsOf(opened)).filter((each) => each.startsWith('filled'))).toEqual(told);
});

test.each([
  ['UPDATE sqlite_sequence SET seq = 0', 1],
  [`DELETE FROM sqlite_sequence WHERE name = 'n'`, 1],
  [`INSERT INTO sqlite_sequence (name, seq) VALUES ('n', 1)`, 1],
  [`WITH one AS (SELECT 1) UPDATE "SQLITE_SEQUENCE" SET seq = (SELECT * FROM one)`, 1],
  // A rebuild takes the mark along.
  [
    `CREATE TABLE __new_n (id integer PRIMARY KEY AUTOINCREMENT); INSERT INTO __new_n SELECT * FROM n;
DELETE FROM sqlite_sequence WHERE name = '__new_n'; INSERT INTO sqlite_sequence (name, seq) SELECT '__new_n', seq FROM sqlite_sequence WHERE name = 'n';
DROP TABLE n; ALTER TABLE __new_n RENAME TO n`,
    0,
  ],
])('numbers that may be given out again are told: %s', async (up, told) => {
  const table = 'CREATE TABLE n (id integer PRIMARY KEY AUTOINCREMENT); INSERT INTO n DEFAULT VALUES;';
  const opened = await withRows('file', 1, `${table} SELECT 1`);
  await opened.migrations.applyMigrations();
  await scratch.write([
    base,
    { tag: '0001_next', up: `${table} SELECT 1`, down: '-- cc:down irreversible' },
    { tag: '0002_marks', up, down: '-- cc:down irreversible' },
  ]);
  const [planned] = (await opened.migrations.plan()).migrations;
  expect(planned?.problems).toEqual([]);
  expect(planned?.warnings.filter(({ kind }) => kind === 'unmeasured')).toHaveLength(told);
});
