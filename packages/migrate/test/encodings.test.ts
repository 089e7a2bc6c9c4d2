// Databases whose texts are UTF-16: up, plan and down say and do what they do to one in UTF-8.
import { expect, test } from 'vitest';
import { makeScratch } from './scratch.js';

const migrations = [
  {
    tag: '0000_first',
    up: 'CREATE TABLE "Märchen" ("größe" text PRIMARY KEY, v text, n integer) WITHOUT ROWID;',
    down: 'DROP TABLE "Märchen";',
  },
  {
    tag: '0001_without',
    // As drizzle-kit rebuilds a table.
    up: `CREATE TABLE "__new" ("größe" text PRIMARY KEY, n integer) WITHOUT ROWID;
INSERT INTO "__new" SELECT "größe", n FROM "Märchen"; DROP TABLE "Märchen"; ALTER TABLE "__new" RENAME TO "Märchen";`,
    down: 'ALTER TABLE "Märchen" ADD v text;',
  },
];

/** What is said of a text key, and what is there in the end. */
async function played(encoding: string, key: string): Promise<unknown> {
  await using scratch = await makeScratch();
  await scratch.write(migrations);
  const { migrations: manager, rows, transactions } = await scratch.open();
  const lease = await transactions.getConnection();
  // It is kept with the first table.
  await lease.client.executeMultiple(`PRAGMA encoding = '${encoding}'; CREATE TABLE first (x); DROP TABLE first`);
  lease.release();
  await manager.applyMigrations({ steps: 1 });
  expect(await rows('PRAGMA encoding')).toEqual([{ encoding }]);
  await transactions.db.run(`INSERT INTO "Märchen" VALUES (${key}, 'lost', 1), ('b ß 物', NULL, 2)`);
  const plan = await manager.plan({ measure: true });
  const said: unknown = await manager.applyMigrations().catch(String);
  await manager.applyMigrations({ allowDataLoss: true });
  const after = await rows(`SELECT length("größe") AS length, "größe" = ${key} AS found, n FROM "Märchen" ORDER BY n`);
  const down: unknown = await manager.rollbackMigration({ targetVersion: null }).catch(String);
  return { losses: plan.migrations.flatMap(({ losses }) => losses), said, after, down };
}

test.each([
  { what: 'short', key: `'it''s 物'` },
  { what: 'long', key: `'${'ä'.repeat(300)}'` },
])('rows with a $what key are named', async ({ key }) => {
  const expected = await played('UTF-8', key);
  expect(expected).toMatchObject({ losses: [{ rows: 1 }], said: expect.stringContaining('such as größe = ') });
  for (const encoding of ['UTF-16le', 'UTF-16be']) expect(await played(encoding, key)).toEqual(expected);
});

test('a key that no text can show is named by its bytes, by which it is found', async () => {
  for (const [encoding, bytes] of [
    ['UTF-16le', '61000000620000D8'],
    ['UTF-16be', '006100000062D800'],
  ] as const)
    expect(await played(encoding, `CAST(x'${bytes}' AS TEXT)`)).toMatchObject({
      said: expect.stringContaining(`such as größe = CAST(x'${bytes}' AS TEXT) [`),
      after: [{ found: 1 }, { found: 0 }],
    });
});
