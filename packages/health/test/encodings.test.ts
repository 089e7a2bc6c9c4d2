// Databases whose texts are UTF-16: what is said of them is what is said of the same one in UTF-8.
import { placeIn } from '@cc/testkit/targets';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { openTransactionManager, type TransactionManager } from '@cc/tx';
import { expect, onTestFinished, test } from 'vitest';
import { analyzeQuery } from '../src/advice/analyze-query.js';
import { reviewIndexes } from '../src/advice/review-indexes.js';
import { runChecks } from '../src/checks/run-checks.js';
import { compareDigests, createHealthMonitor, digestContent } from '../src/index.js';
import { runMaintenance } from '../src/maintenance/run-maintenance.js';
import { onlyWhenAsked } from './database.js';

const schema = [
  'create table "Märchen, 物語" (id integer primary key, "Größe ""x""" int, "größter" text)',
  'create index "ä 1" on "Märchen, 物語" ("Größe ""x""")',
  'create index "ä 2" on "Märchen, 物語" ("Größe ""x""", "größter")',
  'create table "ключи" ("имя" text primary key, "märchen" integer references "Märchen, 物語") without rowid',
  'create table plain (a int, b text, c as (a + 1))',
  'create index "by ""ß""" on plain (b) where a > 0',
  'create view "ansicht" as select m."größter" from "Märchen, 物語" m join plain on plain.a = m.id',
  `create virtual table "wörter" using fts5("größter", content='Märchen, 物語', content_rowid='id')`,
  `insert into "Märchen, 物語" ("Größe ""x""") select value from generate_series(1, 300)`,
  `update "Märchen, 物語" set "größter" = 'von 物 ' || id`,
  `insert into "wörter"("wörter") values ('rebuild')`,
  `insert into plain select value, 'ß' || value from generate_series(1, 400)`,
];

const faults: string[] = [
  `insert into "ключи" values ('нет', 9001), ('да', 9002), ('там', 5)`,
  `update "Märchen, 物語" set "größter" = 'niemand' where id = 7`,
];

async function database(where: 'file' | ':memory:', encoding: string): Promise<TransactionManager> {
  const manager = await openTransactionManager(await placeIn(await temporaryFolder(), where));
  onTestFinished(() => manager.close({ drainMs: 0 }));
  const lease = await manager.getConnection();
  await lease.client.executeMultiple([`pragma encoding = '${encoding}'`, ...schema].join(';\n'));
  lease.release();
  expect(await manager.db.values('pragma encoding')).toEqual([[encoding]]);
  return manager;
}

async function saidOf(manager: TransactionManager): Promise<unknown> {
  const sound = await runChecks(manager, ['integrity', 'quick', 'fts']);
  const before = await digestContent(manager);
  const lease = await manager.getConnection();
  // With foreign keys off.
  await lease.client.migrate(faults);
  lease.release();
  const broken = await runChecks(manager, ['integrity', 'quick', 'foreignKeys', 'fts']);
  const after = await digestContent(manager);
  const review = await reviewIndexes(manager, [{ sql: `select 1 from plain where b = 'ß1'` }]);
  const { plan, advice } = await analyzeQuery(manager, {
    sql: `select count(*) from "ansicht" where "größter" = ?`,
    parameterSets: [['von 物 3']],
  });
  const maintained = await runMaintenance(manager, { tasks: ['analyze', 'fullText'] });
  const health = createHealthMonitor(manager, onlyWhenAsked);
  await health.startMonitoring();
  onTestFinished(() => health.stopMonitoring());
  await manager.db.all('select * from "ansicht"');
  await manager.db.all('select * from "ключи"');
  await health.getHealthMetrics();
  const scans = health.getSlowQueries({ by: 'scan', limit: 100 });
  return {
    ...{ sound: sound.map(({ kind, findings }) => ({ kind, findings })) },
    broken: broken.map(({ kind, findings }) => ({ kind, findings })),
    // SQLite sorts by bytes, which are others in each encoding.
    changes: [...compareDigests(before, after)].sort((a, b) => (a.name < b.name ? -1 : 1)),
    review: review.map(({ name, fault, sql }) => ({ name, fault, sql })),
    ...{
      plan,
      advice: advice.map(({ sql, command }) => ({ sql, command })),
      maintained: maintained.map(({ task, status }) => ({ task, status })),
    },
    scans: scans
      .map(({ statement, fullScans }) => ({ statement, fullScans }))
      .sort((a, b) => (a.statement < b.statement ? -1 : 1)),
  };
}

test.each(['file', ':memory:'] as const)('on %s', async (where) => {
  const expected = await saidOf(await database(where, 'UTF-8'));
  expect(expected).toMatchObject({
    broken: [{ findings: [] }, { findings: [] }, { findings: [{ name: 'ключи' }] }, { findings: [{ name: 'wörter' }] }],
    changes: [{ name: 'Märchen, 物語' }, { name: 'ä 2' }, { name: 'ключи' }],
  });
  for (const encoding of ['UTF-16le', 'UTF-16be'])
    expect(await saidOf(await database(where, encoding))).toEqual(expected);
});

test.each(['UTF-16le', 'UTF-16be'])(
  'texts that are no %s are found: to read one ends the process',
  async (encoding) => {
    const manager = await database(':memory:', encoding);
    const values: readonly (readonly [text: string, isSound: boolean])[] = [
      ['plain', true],
      ['caf\u00e9 \ufffd \u{1f600}', true],
      ['a\0\u{1f600}', true],
      ['', true],
      ['\ud800', false],
      // SQLite reads any two halves as one character.
      ['a\udc00b', true],
      ['a\0b\ud800', false],
      ['\udc00\ud800', true],
      ['\u{1f600}\udc00', false],
    ];
    await manager.db.run('create table texts (t text)');
    for (const [text] of values) {
      const little = Buffer.from(text, 'utf16le');
      const bytes = encoding === 'UTF-16le' ? little : little.swap16();
      await manager.db.run(`insert into texts values (cast(x'${bytes.toString('hex')}' as text))`);
    }
    const [result] = await runChecks(manager, ['integrity']);
    for (const [row, [, isSound]] of values.entries())
      if (isSound) expect(await manager.db.values(`select t from texts where rowid = ${row + 1}`)).toHaveLength(1);
    expect(result?.findings.map(({ fault, name, message }) => [fault, name, message])).toEqual([
      ['text', 'texts', `3 texts in texts.t cannot be decoded (no ${encoding}): to read one aborts Node`],
    ]);
  },
);
