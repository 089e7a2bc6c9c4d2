// A folder whose migrations write down that they ran, and what must hold after any number of processes ran them: used by
// the races.
import { expect } from 'vitest';
import { makeScratch, type Opened, type Scratch, type Written } from '../scratch.js';

const partCount = 200;

/** What each migration adds to every part that was there before; its down takes it away again. */
const added: Readonly<Record<string, number>> = {
  ...{ '0001_data': 1, '0002_rebuild': 100, '0005_data': 10_000 },
  ...{ '0001_one': 1, '0002_ten': 10, '0003_hundred': 100, '0004_thousand': 1_000 },
};

const parts = (name: string): string => `CREATE TABLE ${name} (
	id integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	name text NOT NULL,
	n integer DEFAULT 0 NOT NULL
)`;

/** A rebuild of the parent under ON DELETE CASCADE, as drizzle-kit writes it. */
const rebuild = (n: string): readonly string[] => [
  'PRAGMA foreign_keys=OFF',
  parts('__new_parts'),
  `INSERT INTO __new_parts (id, name, n) SELECT id, name, ${n} FROM parts`,
  'DROP TABLE parts',
  'ALTER TABLE __new_parts RENAME TO parts',
  'PRAGMA foreign_keys=ON',
];

const steps: readonly { readonly tag: string; readonly up: readonly string[]; readonly down: readonly string[] }[] = [
  { tag: '0001_data', up: ['UPDATE parts SET n = n + 1'], down: ['UPDATE parts SET n = n - 1'] },
  { tag: '0002_rebuild', up: rebuild('n + 100'), down: rebuild('n - 100') },
  {
    tag: '0003_column',
    up: ['ALTER TABLE notes ADD stars integer DEFAULT 0 NOT NULL'],
    down: ['ALTER TABLE notes DROP COLUMN stars'],
  },
  {
    tag: '0004_search',
    up: [
      `CREATE VIRTUAL TABLE parts_fts USING fts5(name, content = 'parts', content_rowid = 'id')`,
      `CREATE TRIGGER parts_fts_insert AFTER INSERT ON parts BEGIN
	INSERT INTO parts_fts(rowid, name) VALUES (new.id, new.name);
END`,
      `INSERT INTO parts_fts(parts_fts) VALUES ('rebuild')`,
    ],
    down: ['DROP TRIGGER parts_fts_insert', 'DROP TABLE parts_fts'],
  },
  { tag: '0005_data', up: ['UPDATE parts SET n = n + 10000'], down: ['UPDATE parts SET n = n - 10000'] },
  {
    tag: '0006_index',
    up: ['CREATE INDEX idx_parts_n ON parts (n)', 'CREATE INDEX idx_notes_body ON notes (body)'],
    down: ['DROP INDEX idx_notes_body', 'DROP INDEX idx_parts_n'],
  },
];

// Our row of the log is complete only at the end of the transaction: until then it tells who runs the statements.
const who = `CASE WHEN EXISTS (SELECT 1 FROM __cc_migrations WHERE violations_after IS NULL) THEN 'ours' ELSE 'theirs' END`;

// Counting up changes what was there: the files say so.
const text = (statements: readonly string[]): string =>
  ['-- cc:loss parts.n', statements.join(';\n--> statement-breakpoint\n')].join('\n');

/** The tables that are there before a race begins. */
export const base: Written = {
  tag: '0000_base',
  up: text([
    parts('parts'),
    'CREATE TABLE notes (part_id integer NOT NULL REFERENCES parts(id) ON DELETE CASCADE, body text NOT NULL)',
    'CREATE TABLE runs (seq integer PRIMARY KEY, step text NOT NULL, way text NOT NULL, who text NOT NULL)',
  ]),
  down: text(['DROP TABLE runs', 'DROP TABLE notes', 'DROP TABLE parts']),
};

const told = (tag: string, way: string): string =>
  `INSERT INTO runs (step, way, who) SELECT '${tag}', '${way}', ${who}`;

/** What processes race to apply. */
export const counted: readonly Written[] = [
  base,
  ...steps.map(({ tag, up, down }) => ({
    tag,
    up: text([...up, told(tag, 'up')]),
    down: text([...down, told(tag, 'down')]),
  })),
];

/** Every migration but the first. */
export const countedTags: readonly string[] = steps.map(({ tag }) => tag);

/** A folder of which no statement fails when it runs a second time. */
export const repeatable: readonly Written[] = [
  base,
  ...['0001_one', '0002_ten', '0003_hundred', '0004_thousand'].map((tag) => ({
    tag,
    up: text([`UPDATE parts SET n = n + ${added[tag] ?? 0}`, told(tag, 'up')]),
    down: text([`UPDATE parts SET n = n - ${added[tag] ?? 0}`, told(tag, 'down')]),
  })),
];

/** Puts in the rows that must survive; `base` is applied. */
export async function fill({ run }: Opened): Promise<void> {
  await run(
    `INSERT INTO parts (name) WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${partCount}) SELECT 'part ' || i FROM c`,
    `INSERT INTO notes SELECT id, 'first' FROM parts UNION ALL SELECT id, 'second' FROM parts`,
  );
}

/** One run of a migration, as its own statements wrote it down. */
export interface Told {
  readonly step: string;
  readonly way: string;
  readonly who: string;
}

/** What was told to run, in order. */
export async function toldRuns({ rows }: Opened): Promise<readonly Told[]> {
  const runs = await rows('SELECT step, way, who FROM runs ORDER BY seq');
  return runs.map(({ step, way, who }) => ({ step: String(step), way: String(way), who: String(who) }));
}

/**
 * Checks that the database is what its runs, one after another, make of it: each up is that of the next migration and
 * each down that of the newest, log and ledger say the same, rows and schema fit, and nothing is damaged.
 */
export async function expectConsistent(scratch: Scratch): Promise<readonly Told[]> {
  const opened = await scratch.open();
  const { rows, migrations } = opened;
  const runs = await toldRuns(opened);
  let height = 0;
  for (const { step, way } of runs) {
    expect(step).toBe(way === 'up' ? countedTags[height] : countedTags[height - 1]);
    height += way === 'up' ? 1 : -1;
  }
  const [, ...log] = await rows('SELECT version AS step, direction AS way FROM __cc_migrations ORDER BY run');
  expect(log).toEqual(runs.map(({ step, way }) => ({ step, way })));
  expect(await rows('SELECT count(*) AS n, count(DISTINCT hash) AS hashes FROM __drizzle_migrations')).toEqual([
    { n: height + 1, hashes: height + 1 },
  ]);
  const { applied, pending, problems } = await migrations.status();
  const all = counted.map(({ tag }) => tag);
  expect(applied.map(({ version }) => version)).toEqual(all.slice(0, height + 1));
  expect(pending.map(({ version }) => version)).toEqual(all.slice(height + 1));
  expect(problems).toEqual([]);
  await expectRows(scratch, runs);
  expect(await looseSchema(opened)).toEqual(await schemaAt(height));
  return runs;
}

/** Checks the rows that were there before: each part counted what ran, nothing is lost, nothing damaged. */
export async function expectRows(scratch: Scratch, told: readonly Told[]): Promise<void> {
  const n = told.reduce((sum, { step, way }) => sum + (way === 'up' ? 1 : -1) * (added[step] ?? 0), 0);
  // A connection that has read a full-text table before calls it malformed when others have changed it (SQLite 3.45.1).
  const { rows, run } = await scratch.open();
  expect(await rows('SELECT count(*) AS parts, min(n) AS low, max(n) AS high FROM parts')).toEqual([
    { parts: partCount, low: n, high: n },
  ]);
  expect(await rows('SELECT count(*) AS notes FROM notes')).toEqual([{ notes: 2 * partCount }]);
  expect(await rows('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  expect(await rows('SELECT count(*) AS violations FROM pragma_foreign_key_check')).toEqual([{ violations: 0 }]);
  const [search] = await rows(`SELECT name FROM sqlite_schema WHERE name = 'parts_fts'`);
  if (search) await run(`INSERT INTO parts_fts(parts_fts, rank) VALUES ('integrity-check', 1)`);
}

/** Rebuilds and renames change how names are quoted and nothing else. */
async function looseSchema({ schema }: Opened): Promise<unknown> {
  return (await schema()).map(({ name, sql }) => [name, sql === null ? null : String(sql).replaceAll(/["`\s]+/g, ' ')]);
}

const schemas = new Map<number, unknown>();

/** The schema after the first `height` migrations, each applied once on an empty database. */
async function schemaAt(height: number): Promise<unknown> {
  if (!schemas.has(height)) {
    await using scratch = await makeScratch();
    await scratch.write(counted);
    const opened = await scratch.open();
    await opened.migrations.applyMigrations({ steps: height + 1 });
    schemas.set(height, await looseSchema(opened));
  }
  return schemas.get(height);
}
