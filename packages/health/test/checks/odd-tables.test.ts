// One table that the engine cannot look at hides nothing of the others. The judge of foreign keys is a plain model of the
// rows; that of full-text indexes is what was put in.
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { placeIn, targets } from '@cc/testkit/targets';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { openTransactionManager, type TransactionManager } from '@cc/tx';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runChecks } from '../../src/checks/run-checks.js';
import type { CheckKind, CheckResult } from '../../src/checks/types.js';
import { compareDigests, digestContent } from '../../src/digest.js';
import { createHealthMonitor } from '../../src/monitor.js';
import { openDatabase, openManager } from '../database.js';

async function checkOne(manager: TransactionManager, kind: CheckKind): Promise<CheckResult> {
  const [result] = await runChecks(manager, [kind]);
  if (!result) throw new Error('no result');
  return result;
}

async function write(manager: TransactionManager, statements: readonly string[]): Promise<void> {
  using lease = await manager.getConnection();
  await lease.client.migrate([...statements]);
}

describe.each(targets)('on %s', (name) => {
  test('a foreign key that fits nothing of its parent is told, and hides no broken row of other keys and tables', async () => {
    const place = await placeIn(await temporaryFolder(), name);
    const manager = await openTransactionManager(place);
    onTestFinished(() => manager.close({ drainMs: 0 }));
    await write(manager, [
      'create table p (a int, b text unique, c text, d integer primary key)',
      'create unique index p_c on p (c collate nocase)',
      "insert into p values (1, '01', 'x', 1)",
      'create table misfit (x int references p (a), y text references p (b), z int references p)',
      "insert into misfit values (1, '01', 1), (1, '1', 1), (null, null, 9), (null, '01', 7)",
      'create table sound (x int references p (d), w int references gone (q))',
      'insert into sound values (1, null), (5, null), (6, 3), (null, null)',
      'create view v as select 1 as a',
      'create table of_view (x int references v (a))',
      'create table by_collation (x text references p (c))',
    ]);
    const result = await checkOne(manager, 'foreignKeys');
    expect(result.status).toBe('failed');
    const told = result.findings.map(({ fault, name: table, message }) => {
      expect(fault).toBe('foreignKey');
      return [table, /^\d+ rows?(?= of)/.exec(message)?.[0] ?? /\([a-z]+\) refers to \w+ \(\w+\)/.exec(message)?.[0]];
    });
    expect(told.sort((a, b) => String(a).localeCompare(String(b)))).toEqual([
      ['by_collation', '(x) refers to p (c)'],
      ['misfit', '(x) refers to p (a)'],
      ['misfit', '1 row'],
      ['misfit', '2 rows'],
      ['of_view', '(x) refers to v (a)'],
      ['sound', '1 row'],
      ['sound', '2 rows'],
    ]);
  });

  test('older full-text indexes are compared as well, and one that cannot be hides no stale one', async () => {
    const place = await placeIn(await temporaryFolder(), name);
    const manager = await openTransactionManager(place);
    onTestFinished(() => manager.close({ drainMs: 0 }));
    await write(manager, [
      'create table notes (id integer primary key, body text)',
      "insert into notes values (1, 'a word'), (2, 'another')",
      "create virtual table five using fts5(body, content='notes', content_rowid='id')",
      "create virtual table by_rowid using fts5(body, content='notes')",
      "create virtual table four using fts4(content='notes', body)",
      'create virtual table three using fts3(body)',
      "insert into five(five) values ('rebuild')",
      "insert into by_rowid(by_rowid) values ('rebuild')",
      "insert into four(four) values ('rebuild')",
      "insert into three values ('mine')",
    ]);
    expect(await checkOne(manager, 'fts')).toMatchObject({ status: 'ok' });
    await write(manager, ["update notes set body = 'nobody indexed this' where id = 2"]);
    const { findings } = await checkOne(manager, 'fts');
    expect(findings.map(({ name: table }) => table)).toEqual(['five', 'by_rowid', 'four']);
    await write(manager, ['create virtual table blind using fts4(content="", body)']);
    const beside = await checkOne(manager, 'fts');
    expect(beside).toMatchObject({
      status: 'failed',
      findings: [{ name: 'five' }, { name: 'by_rowid' }, { name: 'four' }],
    });
    expect(beside.message).toContain('Could not be looked at: blind (fts4');
    for (const { hint } of findings) await write(manager, [hint]);
    expect(await checkOne(manager, 'fts')).toMatchObject({ status: 'unsupported', findings: [] });
  });
});

test('an index that keeps no rows is no fault of the file, and one whose name has two lines is none of its pages', async () => {
  const { manager } = await openDatabase();
  await write(manager, [
    `create virtual table blind using fts4(content='', body)`,
    `insert into blind (docid, body) values (1, 'a word')`,
  ]);
  for (const kind of ['integrity', 'quick'] as const) {
    const result = await checkOne(manager, kind);
    expect(result).toMatchObject({ status: 'unsupported', findings: [] });
    expect(result.message).toContain('Could not be looked at: blind (SQL');
  }
  await write(manager, [
    'create virtual table "two\nlines" using fts4(body)',
    `insert into "two\nlines" values ('a word')`,
    `update "two\nlines_content" set c0body = 'nobody indexed this'`,
    'create table "a\nb" (c)',
    'create index "i\nj" on "a\nb" (c)',
    'insert into "a\nb" values (1)',
  ]);
  const { findings } = await checkOne(manager, 'integrity');
  expect(findings.map(({ fault, name }) => [fault, name])).toEqual([['fts', 'two\nlines']]);
});

/** A file in which an application has used functions, collations and modules of its own. */
async function withForeignParts(): Promise<TransactionManager> {
  const { file, manager } = await openDatabase();
  const lease = await manager.getConnection();
  await lease.client.executeMultiple(`
    create table own_rule (x integer primary key, y text);
    create table own_index (x integer primary key, y text);
    create index own_index_y on own_index (lower(y));
    create table own_collation (x text);
    create table many (${Array.from({ length: 1_500 }, (_, i) => `c${i} text`).join(', ')});
    create table notes (id integer primary key, body text);
    create virtual table stale using fts5(body, content='notes', content_rowid='id');
    create virtual table own_words using fts5(body);
    insert into own_index values (1, 'a');
    insert into own_collation values ('a');
    insert into many (c0, c1499) values ('a', 'b');
    insert into notes values (1, 'never indexed');
    create table parts (note integer references notes (id));
    pragma foreign_keys = off;
    insert into parts values (9);
    pragma writable_schema = on;
    update sqlite_schema set sql = 'CREATE TABLE own_rule (x integer primary key, y text, z as (own_function(y)), check (own_check(y)))' where name = 'own_rule';
    update sqlite_schema set sql = 'CREATE INDEX own_index_y on own_index (own_function(y))' where name = 'own_index_y';
    update sqlite_schema set sql = 'CREATE TABLE own_collation (x text collate own_order)' where name = 'own_collation';
    update sqlite_schema set sql = 'CREATE VIRTUAL TABLE own_words using fts5(body, tokenize=''own_tokenizer'')' where name = 'own_words';
    insert into sqlite_schema (type, name, tbl_name, rootpage, sql) values ('table', 'vectors', 'vectors', 0, 'CREATE VIRTUAL TABLE vectors using vec0(a float[3])');
  `);
  lease.release();
  await manager.close();
  return openManager(`file:${file}`);
}

test('functions, collations and modules that only the application has keep no check from the rest', async () => {
  const manager = await withForeignParts();
  const results = await runChecks(manager, ['integrity', 'quick', 'foreignKeys', 'fts']);
  expect(results.map(({ kind, status, findings }) => [kind, status, findings.map(({ name }) => name)])).toEqual([
    ['integrity', 'unsupported', []],
    ['quick', 'unsupported', []],
    ['foreignKeys', 'failed', ['parts']],
    ['fts', 'failed', ['stale']],
  ]);
  expect(results[0]?.message).toMatch(/own_rule \(unknown function/);
  expect(results[3]?.message).toContain('own_words');
  const before = await digestContent(manager);
  await manager.db.run("update notes set body = cast(x'ff41' as text)");
  await manager.db.run("update own_collation set x = 'b'");
  const changed = compareDigests(before, await digestContent(manager)).map(({ name }) => name);
  expect(changed).toEqual(['notes', 'own_collation']);
  expect(await checkOne(manager, 'integrity')).toMatchObject({
    status: 'failed',
    findings: [{ fault: 'text', name: 'notes' }],
  });
});

describe('a file that is gone or replaced', () => {
  const kinds: readonly CheckKind[] = ['integrity', 'quick', 'foreignKeys', 'fts'];
  const changes: readonly (readonly [string, (file: string) => Promise<void>])[] = [
    [
      'deleted',
      async (file) => {
        for (const end of ['', '-wal', '-shm']) await rm(file + end, { force: true });
      },
    ],
    ['moved', (file) => rename(file, `${file}.old`)],
    [
      'replaced by another',
      async (file) => {
        await rename(file, `${file}.old`);
        await writeFile(file, await readFile(`${file}.old`));
      },
    ],
    [
      'replaced by what is no database',
      async (file) => {
        await rm(file);
        await writeFile(file, Buffer.alloc(8_192, 7));
      },
    ],
  ];

  test.each(changes)('%s: no check, digest, maintenance or figure speaks of it', async (_how, change) => {
    const { file, manager } = await openDatabase();
    await manager.db.run('create virtual table f using fts5(a)');
    const health = createHealthMonitor(manager);
    const [before] = await health.runChecks(['quick']);
    expect(before?.status).toBe('ok');
    await change(file);
    const results = await health.runChecks(kinds);
    expect(results.map(({ status, message }) => [status, message.includes('was moved, deleted or replaced')])).toEqual(
      kinds.map(() => ['unknown', true]),
    );
    await expect(digestContent(manager)).rejects.toMatchObject({ code: 'SQLITE_READONLY_DBMOVED' });
    await expect(manager.backup(`${file}.copy`)).rejects.toMatchObject({ code: 'SQLITE_READONLY_DBMOVED' });
    const maintained = await health.runMaintenance({ tasks: ['analyze', 'fullText', 'checkpoint'] });
    expect(maintained.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed']);
    const figures = await health.getHealthMetrics({ name: 'cc_db_size_bytes' });
    expect(figures.map(({ value }) => value)).toEqual(['unknown']);
    expect(health.getActiveAlerts()).toMatchObject([{ rule: 'storage', severity: 'CRITICAL', state: 'firing' }]);
  });

  test('a finding stays an alert while its file is gone', async () => {
    const { file, manager } = await openDatabase();
    await write(manager, ['create table c (x int references items (id))', 'insert into c values (9)']);
    const health = createHealthMonitor(manager);
    const [found] = await health.runChecks(['foreignKeys']);
    expect(found?.status).toBe('failed');
    await rename(file, `${file}.old`);
    await health.runChecks(['foreignKeys']);
    await health.getHealthMetrics();
    expect(health.getActiveAlerts().map(({ rule }) => rule)).toContain('checks');
  });
});
