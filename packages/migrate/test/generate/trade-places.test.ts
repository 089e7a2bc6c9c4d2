// Names that trade places where everything else stays the same: the schema code looks as before, only the answers say it.
import { openTransactionManager } from '@cc/tx';
import { createClient } from '@libsql/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { generateMigration } from '../../src/generate.js';
import { createMigrationManager } from '../../src/index.js';
import { makeProject, type Project } from './project.js';

let project: Project;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(() => project[Symbol.asyncDispose]());

/** What another client reads. */
async function stored(sql: string): Promise<unknown> {
  const client = createClient({ url: project.url });
  try {
    return (await client.execute(sql)).rows.map((row) => ({ ...row }));
  } finally {
    client.close();
  }
}

const generate = (renames: readonly string[] = []) => generateMigration({ cwd: project.cwd, renames });

const columns = (body: string): string =>
  `export const t = sqliteTable('t', { id: integer('id').primaryKey(), ${body} });`;
const pair = `export const a = sqliteTable('a', { id: integer('id').primaryKey(), v: text('v') });
export const b = sqliteTable('b', { id: integer('id').primaryKey(), v: text('v') });`;

test.each([
  {
    what: 'two columns',
    code: [columns(`a: text('a'), b: text('b')`), columns(`a: text('b'), b: text('a')`)],
    renames: ['t.a=b', 't.b=a'],
    rows: [`INSERT INTO t (id, a, b) VALUES (1, 'was a', 'was b')`],
    read: 'SELECT a, b FROM t',
    before: [{ a: 'was a', b: 'was b' }],
    after: [{ a: 'was b', b: 'was a' }],
  },
  {
    what: 'three columns in a circle',
    code: [columns(`a: text('a'), b: text('b'), c: text('c')`), columns(`a: text('b'), b: text('c'), c: text('a')`)],
    renames: ['t.a=b', 't.b=c', 't.c=a'],
    rows: [`INSERT INTO t (id, a, b, c) VALUES (1, 'was a', 'was b', 'was c')`],
    read: 'SELECT a, b, c FROM t',
    before: [{ a: 'was a', b: 'was b', c: 'was c' }],
    after: [{ a: 'was c', b: 'was a', c: 'was b' }],
  },
  {
    what: 'two tables of one shape',
    code: [pair, pair],
    renames: ['a=b', 'b=a'],
    rows: [`INSERT INTO a (v) VALUES ('was a')`, `INSERT INTO b (v) VALUES ('was b')`],
    read: 'SELECT a.v AS a, b.v AS b FROM a, b',
    before: [{ a: 'was a', b: 'was b' }],
    after: [{ a: 'was b', b: 'was a' }],
  },
])(
  '$what of the same kind trade places with their rows, and back',
  async ({ code, renames, rows, read, before, after }) => {
    await project.code(code[0] ?? '');
    await generate();
    await using transactions = await openTransactionManager({ url: project.url });
    const manager = createMigrationManager(transactions, { folder: project.folder });
    await manager.applyMigrations();
    const client = createClient({ url: project.url });
    for (const row of rows) await client.execute(row);
    client.close();
    await project.code(code[1] ?? '');
    expect((await generate(renames)).version).toBe('0001_changes');
    await manager.applyMigrations();
    expect(await stored(read)).toEqual(after);
    await manager.rollbackMigration();
    expect(await stored(read)).toEqual(before);
    expect((await generate()).version).toBeNull();
  },
);

test('one name of a pair is refused with the flag for the other, and a name that stays is none', async () => {
  await project.code(columns(`a: text('a'), b: text('b')`));
  await generate();
  await expect(generate(['t.a=b'])).rejects.toThrow('if the two trade places, add --rename t.b=a');
  await expect(generate(['t.a=a'])).rejects.toThrow('--rename t.a=a: it is called so already');
});
