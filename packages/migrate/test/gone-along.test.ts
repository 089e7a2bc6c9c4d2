// Triggers, indexes and AUTOINCREMENT marks that go with a table which is dropped and made anew: SQLite says nothing of them, so
// plan and up do. What is there afterwards is asked of SQLite itself.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runProgram } from '../src/program.js';
import { makeScratch, type Opened, type Scratch } from './scratch.js';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await makeScratch();
});
afterEach(() => scratch[Symbol.asyncDispose]());

const noted = 'CREATE TRIGGER noted AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.a); END;';
const byA = 'CREATE UNIQUE INDEX by_a ON t (lower(a)) WHERE a IS NOT NULL;';
const before = {
  tag: '0000_before',
  up: `CREATE TABLE t (id integer PRIMARY KEY AUTOINCREMENT, a text, b text); CREATE TABLE log (line text); ${noted} ${byA}
CREATE INDEX by_b ON t (b); CREATE VIEW v AS SELECT a FROM t;
CREATE TRIGGER put INSTEAD OF INSERT ON v BEGIN INSERT INTO t (a) VALUES (new.a); END;`,
  down: '-- cc:down irreversible',
};
const rebuild = `CREATE TABLE n (id integer PRIMARY KEY AUTOINCREMENT, a text, b text); INSERT INTO n SELECT id, a, b FROM t;
DROP TABLE t; ALTER TABLE n RENAME TO t;`;
const marked = `DELETE FROM sqlite_sequence WHERE name = 'n'; INSERT INTO sqlite_sequence (name, seq) SELECT 'n', seq FROM sqlite_sequence WHERE name = 't';`;
const all = `DROP VIEW v; ${rebuild.replace('DROP', `${marked} DROP`)} ${noted} ${byA} CREATE INDEX by_b ON t (b);
CREATE VIEW v AS SELECT a FROM t; CREATE TRIGGER put INSTEAD OF INSERT ON v BEGIN INSERT INTO t (a) VALUES (new.a); END;`;

async function withPending(up: string, ...later: string[]): Promise<Opened> {
  await scratch.write([before]);
  const opened = await scratch.open();
  await opened.migrations.applyMigrations();
  await opened.run("INSERT INTO t (a) VALUES ('x'), ('gone')", "DELETE FROM t WHERE a = 'gone'");
  const next = [up, ...later].map((sql, index) => ({ tag: `000${index + 1}_next`, up: sql, down: before.down }));
  await scratch.write([before, ...next]);
  return opened;
}

const told = async ({ migrations }: Opened): Promise<readonly string[]> =>
  (await migrations.plan()).migrations.flatMap(({ warnings }) =>
    warnings.filter(({ kind }) => kind === 'dropped' || kind === 'unmeasured').map(({ message }) => message),
  );
const attached = async ({ rows }: Opened): Promise<readonly unknown[]> =>
  (await rows(`SELECT name FROM sqlite_schema WHERE type IN ('trigger', 'index') AND sql IS NOT NULL ORDER BY 1`)).map(
    ({ name }) => name,
  );

test('a rebuild that leaves out triggers, indexes and the mark is told, by name', async () => {
  const opened = await withPending(`DROP VIEW v; ${rebuild} CREATE VIEW v AS SELECT a FROM t;`);
  expect([...(await told(opened))].sort()).toEqual([
    '0001_next drops t and makes it anew without what stood on it: trigger noted, index by_a, index by_b. If that is not meant, make them again behind it',
    '0001_next drops v and makes it anew without what stood on it: trigger put. If that is not meant, make it again behind it',
    '0001_next makes t anew without its AUTOINCREMENT mark 2: numbers behind 1 that were given out may come again',
  ]);
  const said: string[] = [];
  const print = (text: string): unknown => said.push(text);
  const args = ['up', '--folder', scratch.folder, '--url', scratch.url];
  expect(await runProgram(args, { version: '0', env: {}, print, warn: print, ask: null })).toBe(0);
  expect(said.join('\n')).toContain('  warning: 0001_next drops t and makes it anew without what stood on it');
  expect(said.join('\n')).toContain('  warning: 0001_next makes t anew without its AUTOINCREMENT mark 2');
  expect(await attached(opened)).toEqual([]);
});

test.each([
  ['that makes all of it again', [all]],
  [
    'that is behind one that makes them again',
    [`DROP VIEW v; ${rebuild.replace('DROP', `${marked} DROP`)}`, `${noted} ${byA} CREATE INDEX by_b ON t (b);`],
  ],
  [
    'that drops them by name',
    [
      `DROP TRIGGER noted; DROP INDEX IF EXISTS main."BY_A"; DROP INDEX by_b; DROP VIEW v; ${rebuild.replace('DROP', `${marked} DROP`)}`,
    ],
  ],
  ['of a table that goes', ['DROP VIEW v; DROP TABLE t; -- cc:loss t']],
  ['that renames', ['ALTER TABLE t RENAME TO u; ALTER TABLE u RENAME COLUMN a TO c;']],
  [
    'that takes a column and its index, and gives another index a new name',
    [
      `DROP TRIGGER noted; DROP VIEW v; CREATE TABLE n (id integer PRIMARY KEY AUTOINCREMENT, a text); INSERT INTO n SELECT id, a FROM t;
${marked} DROP TABLE t; ALTER TABLE n RENAME TO t; ${byA.replace('by_a', 'other')} -- cc:loss t.b`,
    ],
  ],
])('nothing is told of a migration %s', async (_, [up = '', ...later]) => {
  expect(await told(await withPending(up, ...later))).toEqual([]);
});

test('a mark that is no higher than the last number is none to miss', async () => {
  const opened = await withPending(rebuild.replace('DROP', 'DROP VIEW v; DROP'));
  await opened.run("INSERT INTO t (a) VALUES ('y')");
  expect((await told(opened)).filter((message) => message.includes('mark'))).toEqual([]);
});
