import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Random, seededRandom } from '@cc/testkit/random';
import { placeIn, type TargetName, targets } from '@cc/testkit/targets';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { isDatabaseError, openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runChecks } from '../src/checks/run-checks.js';
import { type ContentDigest, compareDigests, digestContent } from '../src/digest.js';
import { openDatabase, openManager } from './database.js';
import { unusedBytes } from './unused-bytes.js';

const seed = 20_261_128;

/** The kinds of tables: with a key, without a rowid, without a key. `values` makes one row. */
const forms: readonly { readonly columns: string; readonly values: (make: Make) => readonly unknown[] }[] = [
  {
    columns: '(id integer primary key, t text, n integer, r real, b blob)',
    values: (make) => [null, make.text(20), make.whole(), make.real(), make.bytes(24)],
  },
  { columns: '(k text primary key, v) without rowid', values: (make) => [make.text(16), make.bytes(12)] },
  { columns: '(t text, v)', values: (make) => [make.text(18), make.whole()] },
];

/** Makes values, and keeps the bytes by which SQLite stores them. */
class Make {
  readonly stored: Buffer[] = [];
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  bytes(length: number): Buffer {
    return this.#keep(Buffer.from(Array.from({ length }, () => this.#random.below(256))));
  }

  text(length: number): string {
    const letters = Array.from('abcdefghijklmnopqrstuvwxyzåäöß€');
    return this.#keep(Buffer.from(Array.from({ length }, () => this.#random.pick(letters)).join(''))).toString();
  }

  /** Eight bytes: beyond every shorter form. */
  whole(): bigint {
    const value = Buffer.alloc(8);
    value.writeBigInt64BE(BigInt(this.#random.whole(2 ** 52, 2 ** 53 - 1)) * -1_023n);
    return this.#keep(value).readBigInt64BE();
  }

  real(): number {
    const value = Buffer.alloc(8);
    value.writeDoubleBE(this.#random.next() * 1e9 + 0.123);
    return this.#keep(value).readDoubleBE();
  }

  #keep(value: Buffer): Buffer {
    this.stored.push(value);
    return value;
  }
}

/** A file, and by table every value in it as JavaScript has made it: what stands where in the file is known by that. */
async function library(random: Random): Promise<{ file: string; tables: ReadonlyMap<string, readonly Buffer[]> }> {
  const { file, manager } = await openDatabase();
  const tables = new Map<string, readonly Buffer[]>();
  for (let number = 0; number < 24; number += 1) {
    const { columns, values } = forms[number % forms.length] ?? { columns: '', values: () => [] };
    const table = `t${number}`;
    const make = new Make(random);
    await manager.db.run(`create table ${table} ${columns}`);
    const insert = (row: readonly unknown[]) =>
      manager.db.run(
        sql`insert into ${sql.raw(table)} values (${sql.join(
          row.map((value) => sql`${value}`),
          sql`, `,
        )})`,
      );
    // What was deleted may stand in the file still, and is no content.
    await insert(values(new Make(random)));
    await manager.db.run(`delete from ${table}`);
    for (let row = 0; row < 20; row += 1) await insert(values(make));
    // It goes on over pages of its own.
    if (number === 0) await insert([null, make.text(9_000), null, null, make.bytes(20_000)]);
    tables.set(table, make.stored);
  }
  await manager.db.all('pragma wal_checkpoint(truncate)');
  await manager.close();
  return { file, tables };
}

/** Where in the file the bytes of stored values stand: pieces that stand there exactly once. */
function contentOffsets(file: Buffer, values: readonly Buffer[]): readonly number[] {
  const offsets: number[] = [];
  for (const value of values) {
    for (let from = 0; from + 8 <= value.length; from += 8) {
      const piece = value.subarray(from, from + 8);
      const at = file.indexOf(piece);
      if (at !== -1 && file.indexOf(piece, at + 1) === -1) for (let n = 0; n < 8; n += 1) offsets.push(at + n);
    }
  }
  return offsets;
}

test(`480 bytes of stored values, one changed in each table at a time, are all found (seed ${seed})`, async () => {
  const random = seededRandom(seed);
  const { file, tables } = await library(random);
  const original = await readFile(file);
  const before = await digestAt(file);
  const offsets = [...tables].map(([table, values]) => ({ table, at: contentOffsets(original, values) }));
  const path = join(await temporaryFolder(), 'changed.db');
  for (let round = 0; round < 20; round += 1) {
    const changed = Buffer.from(original);
    const flips = offsets.map(({ at }) => ({ at: random.pick(at), by: random.whole(1, 255) }));
    for (const { at, by } of flips) changed[at] = (changed[at] ?? 0) ^ by;
    await writeFile(path, changed);
    const found = compareDigests(before, await digestAt(path)).map(({ name }) => name);
    expect({ flips, found }).toEqual({ flips, found: [...tables.keys()].sort() });
  }
});

test(`of bytes anywhere in the file only those that hold nothing change unnoticed (seed ${seed + 3})`, async () => {
  const random = seededRandom(seed + 3);
  const { file } = await library(random);
  const original = await readFile(file);
  const isUnused = unusedBytes(original);
  const before = await digestAt(file);
  const path = join(await temporaryFolder(), 'changed.db');
  const wronglyMissed: number[] = [];
  for (let round = 0; round < 25; round += 1) {
    const at = random.below(original.length);
    const changed = Buffer.from(original);
    changed[at] = (changed[at] ?? 0) ^ random.whole(1, 255);
    await writeFile(path, changed);
    if (!isUnused(at) && !(await isNoticed(path, before))) wronglyMissed.push(at);
  }
  expect(wronglyMissed).toEqual([]);
});

/** Whether the digest differs, or the file cannot be read any more. */
async function isNoticed(path: string, before: ContentDigest): Promise<boolean> {
  try {
    return compareDigests(before, await digestAt(path)).length > 0;
  } catch (error) {
    if (isDatabaseError(error)) return true;
    throw error;
  }
}

async function digestAt(path: string): Promise<ContentDigest> {
  const manager = await openTransactionManager({ url: pathToFileURL(path).href });
  try {
    return await digestContent(manager);
  } finally {
    await manager.close();
  }
}

describe.each(targets)('on %s', (name: TargetName) => {
  test('a digest tells which tables differ, and statistics of the planner are no content', async () => {
    const manager = await openTransactionManager(await placeIn(await temporaryFolder(), name));
    onTestFinished(() => manager.close({ drainMs: 0 }));
    await manager.db.run('create table one (id integer primary key, t text)');
    await manager.db.run('create table "the other" (rowid text, _rowid_ blob)');
    await manager.db.run("insert into one (t) values ('a'), (cast(x'ff41' as text)), (null)");
    const before = await digestContent(manager);
    expect(before.parts.map(({ name: part, kind, rows }) => [part, kind, rows])).toEqual([
      ['sqlite_schema', 'schema', 2],
      ['one', 'table', 3],
      ['the other', 'table', 0],
    ]);
    expect(compareDigests(before, await digestContent(manager))).toEqual([]);
    await manager.db.run("update one set t = '1' where id = 1");
    await manager.db.run('create table fresh (x)');
    const text = await digestContent(manager);
    expect(compareDigests(before, text)).toEqual([
      { name: 'fresh', kind: 'table', change: 'added' },
      { name: 'one', kind: 'table', change: 'changed' },
      { name: 'sqlite_schema', kind: 'schema', change: 'changed' },
    ]);
    // The same to a person, of another type to the engine.
    await manager.db.run("update one set t = cast('1' as blob) where id = 1");
    expect(compareDigests(text, await digestContent(manager))).toEqual([
      { name: 'one', kind: 'table', change: 'changed' },
    ]);
  });
});

test('an index that says something else than its table is told apart from it', async () => {
  const { file, manager } = await openDatabase();
  await manager.db.run('create table pairs (rowid text, k text primary key, v text collate nocase) without rowid');
  await manager.db.run('create index pairs_v on pairs (v desc)');
  await manager.db.run("insert into pairs values ('r', 'key one', 'Value-in-both')");
  await manager.db.run("insert into items (name) values ('Name-in-both')");
  const before = await digestContent(manager);
  expect(before.parts.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
    ...['schema sqlite_schema', 'table items', 'table pairs', 'index pairs_v', 'index sqlite_autoindex_items_1'],
  ]);
  await manager.db.all('pragma wal_checkpoint(truncate)');
  await manager.close();
  const original = await readFile(file);
  const changesWith = async (text: string, last: boolean): Promise<readonly string[]> => {
    const changed = Buffer.from(original);
    changed.write('X', last ? changed.lastIndexOf(text) : changed.indexOf(text));
    await writeFile(file, changed);
    return compareDigests(before, await digestAt(file)).map(({ name }) => name);
  };
  for (const [text, index] of [
    ['Value-in-both', 'pairs_v'],
    ['Name-in-both', 'sqlite_autoindex_items_1'],
  ] as const) {
    const table = index === 'pairs_v' ? 'pairs' : 'items';
    const both = [await changesWith(text, false), await changesWith(text, true)];
    expect(both.flat().sort()).toEqual([index, table].sort());
  }
});

test('a backup has the digest of its database, also where rows have no key of their own', async () => {
  const { file } = await library(seededRandom(seed + 1));
  const manager = await openManager(pathToFileURL(file).href);
  await manager.db.run('analyze');
  const copy = join(await temporaryFolder(), 'copy.db');
  await manager.backup(copy);
  const other = await openManager(pathToFileURL(copy).href);
  const [here, there] = [await digestContent(manager), await digestContent(other)];
  expect(compareDigests(here, there)).toEqual([]);
  expect(there.sha256).toBe(here.sha256);
});

test('it is taken from one snapshot: writers meanwhile change neither tables that come early nor late', async () => {
  const { manager } = await openDatabase();
  for (const table of ['aa', 'zz']) await manager.db.run(`create table ${table} (n integer)`);
  const add = () =>
    manager.transaction(async (tx) => {
      await tx.db.run('insert into aa select value from generate_series(1, 2000)');
      await tx.db.run('insert into zz select value from generate_series(1, 2000)');
    });
  let isRunning = true;
  const writing = (async () => {
    while (isRunning) await add();
  })();
  for (let round = 0; round < 5; round += 1) {
    const rows = new Map((await digestContent(manager)).parts.map((part) => [part.name, part.rows]));
    expect(rows.get('aa')).toBe(rows.get('zz'));
  }
  isRunning = false;
  await writing;
});

test('a file that cannot be read to its end is an error, and integrity finds it too', async () => {
  const { file } = await library(seededRandom(seed + 2));
  const bytes = await readFile(file);
  await writeFile(file, bytes.fill(0x5a, 4096 * 3, 4096 * 5));
  const manager = await openManager(pathToFileURL(file).href);
  await expect(digestContent(manager)).rejects.toMatchObject({ type: 'integrity' });
  expect(await runChecks(manager, ['integrity'])).toMatchObject([{ status: 'failed' }]);
});

test('an aborted digest is an error, and an unknown option is refused by name', async () => {
  const { manager } = await openDatabase();
  await expect(digestContent(manager, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
  await expect(digestContent(manager, { singal: undefined } as object)).rejects.toThrow(/did you mean 'signal'/);
});

test('statistics of the planner are no content, also when ANALYZE first makes their tables', async () => {
  const { manager } = await openDatabase();
  await manager.db.run("insert into items (name) values ('a'), ('b')");
  const before = await digestContent(manager);
  await manager.db.run('analyze');
  const after = await digestContent(manager);
  expect(compareDigests(before, after)).toEqual([]);
  expect(after.sha256).toBe(before.sha256);
});

test('a digest that was kept as JSON is compared with one of later, and what is none is refused by name', async () => {
  const { manager } = await openDatabase();
  const before = await digestContent(manager);
  expect(before.takenAt).toBeInstanceOf(Date);
  const kept = JSON.parse(JSON.stringify(before)) as typeof before;
  await manager.db.run("insert into items (name) values ('a')");
  const changed = compareDigests(kept, await digestContent(manager));
  expect(changed.map(({ name, change }) => [name, change])).toContainEqual(['items', 'changed']);
  expect(() => compareDigests({} as never, before)).toThrow(/before must be what digestContent\(\) returned/);
  expect(() => compareDigests(before, null as never)).toThrow(/after must be what digestContent/);
});
