import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeWithSqld, placeIn, type TargetName, targets } from '@cc/testkit/targets';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { openTransactionManager, type TransactionManager } from '@cc/tx';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runChecks } from '../../src/checks/run-checks.js';
import type { CheckKind, CheckResult } from '../../src/checks/types.js';
import { openDatabase, openManager } from '../database.js';

const all: readonly CheckKind[] = ['integrity', 'quick', 'foreignKeys', 'fts'];

async function checkOne(manager: TransactionManager, kind: CheckKind): Promise<CheckResult> {
  const [result] = await runChecks(manager, [kind]);
  if (!result) throw new Error('no result');
  return result;
}

/** Closes the manager, lets `change` edit the bytes of the file, and opens it again. */
async function edited(
  { file, manager }: { file: string; manager: TransactionManager },
  change: (bytes: Buffer) => void,
): Promise<TransactionManager> {
  await manager.db.all('pragma wal_checkpoint(truncate)');
  await manager.close();
  const bytes = await readFile(file);
  change(bytes);
  await writeFile(file, bytes);
  return openManager(pathToFileURL(file).href);
}

const notes = [
  'create table notes (id integer primary key, title text, body text)',
  "create virtual table notes_fts using fts5(title, body, content='notes', content_rowid='id', prefix='2 3')",
  'create trigger notes_in after insert on notes begin insert into notes_fts(rowid, title, body) values (new.id, new.title, new.body); end',
  "insert into notes (title, body) select 'title ' || value, 'words of the body ' || value * 7 from generate_series(1, 500)",
];

async function withNotes(): Promise<{ file: string; manager: TransactionManager }> {
  const database = await openDatabase();
  for (const statement of notes) await database.manager.db.run(statement);
  return database;
}

describe.each(targets)('on %s', (name: TargetName) => {
  test('a sound database passes every check', async () => {
    const place = await placeIn(await temporaryFolder(), name);
    const manager = await openTransactionManager(place);
    onTestFinished(() => manager.close({ drainMs: 0 }));
    for (const statement of notes) await manager.db.run(statement);
    const results = await runChecks(manager, all);
    expect(results.map(({ kind, status }) => [kind, status])).toEqual(all.map((kind) => [kind, 'ok']));
    expect(results.every(({ findings, durationMs }) => findings.length === 0 && durationMs > 0)).toBe(true);
  });

  test('broken foreign keys, undecodable texts and a stale full-text index are told, each as what it is', async () => {
    const place = await placeIn(await temporaryFolder(), name);
    const manager = await openTransactionManager(place);
    onTestFinished(() => manager.close({ drainMs: 0 }));
    for (const statement of notes) await manager.db.run(statement);
    using lease = await manager.getConnection();
    await lease.client.migrate([
      'create table parts (id integer primary key, note integer references notes (id))',
      'insert into parts (note) values (1), (9001), (9002)',
      "update notes set body = 'nobody indexed this' where id = 7",
      "update notes set title = cast(x'ff41' as text) where id in (3, 4)",
    ]);
    lease.release();
    const results = await runChecks(manager, all);
    expect(results.map(({ status }) => status)).toEqual(['failed', 'ok', 'failed', 'failed']);
    const found = results.flatMap(({ findings }) => findings);
    expect(found.map(({ fault, name: what }) => [fault, what])).toEqual([
      ['text', 'notes'],
      ['foreignKey', 'parts'],
      ['fts', 'notes_fts'],
    ]);
    expect(found[0]?.message).toMatch(/^2 texts in notes\.title/);
    expect(found[1]?.message).toMatch(/^2 rows of parts refer to rows of notes/);
  });
});

test('texts are looked at as far as their end, and a stored U+FFFD is a character as any other', async () => {
  const { manager } = await openDatabase();
  await manager.db.run('create table texts (t, why text)');
  const values: readonly (readonly [string, boolean])[] = [
    ["'plain'", true],
    ["'caf\u00e9 \ufffd \u{1f600}'", true],
    ["cast(x'6100c3a9' as text)", true],
    ["x'ff'", true],
    ["cast(x'c3' as text)", false],
    ["cast(x'6100c3' as text)", false],
    ["cast(x'610062006300ff' as text)", false],
    ["cast(x'eda080' as text)", false],
    ["cast(x'c080' as text)", false],
    ["cast(x'e2efbfbd82ac' as text)", false],
    ["cast(x'f4908080' as text)", false],
  ];
  for (const [value] of values) await manager.db.run(`insert into texts (t) values (${value})`);
  const bad = values.filter(([, isSound]) => !isSound).length;
  const { findings } = await checkOne(manager, 'integrity');
  expect(findings.map(({ fault, message }) => [fault, message.split(' in ')[0]])).toEqual([['text', `${bad} texts`]]);
});

test('the hint of a stale full-text index mends it, and the file is not called damaged', async () => {
  const { manager } = await withNotes();
  await manager.db.run("update notes set title = 'stale' where id = 1");
  const stale = await checkOne(manager, 'fts');
  expect(stale).toMatchObject({ status: 'failed', findings: [{ fault: 'fts', name: 'notes_fts' }] });
  expect((await checkOne(manager, 'integrity')).status).toBe('ok');
  await manager.db.run(stale.findings[0]?.hint ?? '');
  expect((await checkOne(manager, 'fts')).status).toBe('ok');
  await manager.db.run('delete from notes_fts_data where id = (select max(id) from notes_fts_data)');
  for (const kind of ['integrity', 'quick', 'fts'] as const) {
    const broken = await checkOne(manager, kind);
    expect(broken.findings.map(({ fault, name }) => [fault, name])).toEqual([['fts', 'notes_fts']]);
  }
});

test('full-text indexes of every declaration are compared: own rows, no rows, views, quoted names', async () => {
  const { manager } = await withNotes();
  const run = (sql: string): Promise<unknown> => manager.db.run(sql);
  await run("create virtual table own using fts5(a, b, tokenize='trigram', detail=none)");
  await run("insert into own values ('some words', 'more, of = them')");
  await run("create virtual table bare using fts5(a, content='')");
  await run("insert into bare(rowid, a) values (4, 'kept nowhere')");
  await run('create table "odd, ""name" (k integer primary key, "the text" text)');
  await run('insert into "odd, ""name" values (5, \'five\'), (6, \'six\')');
  await run(
    'create virtual table "fts of ""it" using FTS5 ("the text", content = "odd, ""name", content_rowid = k, columnsize = 0)',
  );
  await run('insert into "fts of ""it"("fts of ""it") values (\'rebuild\')');
  await run('create view both as select id, title || body as words from notes where id < 10');
  await run("create virtual table of_view using fts5(words, content='both', content_rowid='id')");
  await run("insert into of_view(of_view) values ('rebuild')");
  const sound = await checkOne(manager, 'fts');
  expect(sound).toMatchObject({ status: 'ok', findings: [] });
  await run("insert into of_view(rowid, words) values (70, 'not in the view')");
  await run('update "odd, ""name" set "the text" = \'seven\' where k = 6');
  const stale = await checkOne(manager, 'fts');
  expect(new Set(stale.findings.map(({ name }) => name))).toEqual(new Set(['fts of "it', 'of_view']));
});

test('a full-text index whose table is gone is told as a check that was not carried out', async () => {
  const { manager } = await withNotes();
  await manager.db.run('drop trigger notes_in');
  await manager.db.run('drop table notes');
  expect((await checkOne(manager, 'fts')).status).not.toBe('ok');
});

test('an overwritten page is damage of the file, and this process lives', async () => {
  const database = await withNotes();
  const manager = await edited(database, (bytes) => bytes.fill(0xa5, 4096 * 4, 4096 * 6));
  for (const kind of ['integrity', 'quick'] as const) {
    const { status, findings } = await checkOne(manager, kind);
    expect(status).toBe('failed');
    expect(findings.some(({ fault }) => fault === 'file')).toBe(true);
  }
  expect((await checkOne(manager, 'fts')).status).not.toBe('ok');
});

test('an index that does not agree with its table is mended by the hint', async () => {
  const database = await openDatabase();
  await database.manager.db.run('create table pairs (id integer primary key, label text)');
  await database.manager.db.run('create index pairs_label on pairs (label)');
  await database.manager.db.run("insert into pairs (label) values ('needle-one'), ('needle-two')");
  const manager = await edited(database, (bytes) => {
    const at = bytes.indexOf('needle-two', bytes.indexOf('needle-two') + 1);
    bytes.write('X', at);
  });
  const broken = await checkOne(manager, 'integrity');
  expect(broken.findings).toMatchObject([{ fault: 'index', name: 'pairs_label', hint: 'REINDEX "pairs_label"' }]);
  await manager.db.run(broken.findings[0]?.hint ?? '');
  expect((await checkOne(manager, 'integrity')).status).toBe('ok');
});

test('rows with the same key in a unique index are told as rows: REINDEX alone is refused', async () => {
  const database = await openDatabase();
  await database.manager.db.run('create table pairs (id integer primary key, label text)');
  await database.manager.db.run('create unique index pairs_label on pairs (label)');
  await database.manager.db.run("insert into pairs (label) values ('needle-one'), ('needle-two')");
  const manager = await edited(database, (bytes) => {
    for (let at = bytes.indexOf('needle-two'); at >= 0; at = bytes.indexOf('needle-two')) bytes.write('needle-one', at);
  });
  const message = 'Rows have the same key in the unique index pairs_label';
  const { findings } = await checkOne(manager, 'integrity');
  expect(findings).toMatchObject([{ fault: 'row', name: 'pairs_label', message }]);
  await expect(manager.db.run('REINDEX "pairs_label"')).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_UNIQUE' });
  await manager.db.run("update pairs set label = 'needle-two' where id = 2");
  expect(findings[0]?.hint).toContain('then REINDEX "pairs_label"');
  await manager.db.run('REINDEX "pairs_label"');
  expect((await checkOne(manager, 'integrity')).status).toBe('ok');
});

test('values that ALTER TABLE put into old rows are not taken for NULL', async () => {
  const { manager } = await openDatabase();
  await manager.db.run("insert into items (name) values ('one')");
  await manager.db.run('alter table items add column ratio real not null default 0.5');
  expect((await checkOne(manager, 'integrity')).status).toBe('ok');
});

test('checks neither wait for an open write transaction nor hold up writers and the checkpoint', async () => {
  const { manager } = await withNotes();
  await manager.transaction(async (tx) => {
    await tx.db.run("insert into items (name) values ('open')");
    const outside = await new Promise<readonly CheckResult[]>((resolve, reject) => {
      manager.transaction(() => runChecks(manager, all), { propagation: 'not_supported' }).then(resolve, reject);
    });
    expect(outside.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok']);
  });
  expect(await manager.db.all('pragma wal_checkpoint(truncate)')).toMatchObject([{ busy: 0 }]);
});

test('a check that is aborted ends with its process', async () => {
  const { manager } = await withNotes();
  for (const kind of ['fts', 'integrity'] as const) {
    await expect(runChecks(manager, [kind], { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    const stop = new AbortController();
    const running = runChecks(manager, [kind], { signal: stop.signal });
    setImmediate(() => stop.abort());
    await expect(running).rejects.toMatchObject({ type: 'aborted', code: 'ABORTED' });
    expect((await checkOne(manager, kind)).status).toBe('ok');
  }
});

test('an encrypted file is checked with its key', async () => {
  const url = pathToFileURL(join(await temporaryFolder(), 'secret.db')).href;
  const manager = await openTransactionManager({ url, encryptionKey: 'a key' });
  onTestFinished(() => manager.close({ drainMs: 0 }));
  for (const statement of notes) await manager.db.run(statement);
  const results = await runChecks(manager, all);
  expect(results.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok']);
});

test('unknown checks and options are refused by name', async () => {
  const { manager } = await openDatabase();
  const misspelt = 'foreignkeys' as CheckKind;
  await expect(runChecks(manager, [misspelt])).rejects.toThrow(
    /unknown check 'foreignkeys'; it takes integrity, quick/,
  );
  await expect(runChecks(manager, [])).rejects.toThrow(TypeError);
  const options = { sginal: undefined } as object;
  await expect(runChecks(manager, ['quick'], options)).rejects.toThrow(/did you mean 'signal'/);
});

test('a closed manager is an error, not a finding', async () => {
  const { manager } = await openDatabase();
  await manager.close();
  await expect(runChecks(manager, ['quick'])).rejects.toMatchObject({ type: 'closed' });
});

describeWithSqld('a server', () => {
  test('what it refuses is unsupported, never ok', async () => {
    const refusing = await openManager(':memory:');
    const source = {
      ...{ url: refusing.url, capabilities: { ...refusing.capabilities, target: 'remote' as const } },
      subscribe: refusing.subscribe.bind(refusing),
      stats: () => refusing.stats(),
      getConnection: refusing.getConnection.bind(refusing),
      db: { values: () => refusing.db.values('SELECT no_such_function()') },
      backup: refusing.backup.bind(refusing),
      offload: async <T>(query: () => PromiseLike<T>): Promise<T> => query(),
    };
    expect(await runChecks(source, ['quick'])).toMatchObject([{ status: 'unsupported' }]);
  });
});
