// Drafted downs, each run by SQLite alone on rows of its own: what it leaves is compared as sqlite_schema and quote() show it.
import { createClient } from '@libsql/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseDownHeader } from '../../src/folder/down-file.js';
import { renamedBack } from '../../src/generate/plan-migration.js';
import { writeMissingDowns } from '../../src/generate.js';
import { openPast } from '../../src/scratch/past.js';
import { splitStatements } from '../../src/sql/statements.js';
import { makeScratch, type Scratch } from '../scratch.js';
import { downCases } from './down-cases.js';
import { takenDownCases, virtualDownCases } from './more-down-cases.js';
import { migrationOf } from './planned.js';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await makeScratch();
});
afterEach(() => scratch[Symbol.asyncDispose]());

interface Judge {
  readonly run: (sql: string) => Promise<void>;
  readonly schema: () => Promise<unknown>;
  readonly rows: () => Promise<unknown>;
  readonly sound: () => Promise<unknown>;
}

function openJudge(): Judge {
  const client = createClient({ url: ':memory:' });
  const read = async (sql: string) => (await client.execute(sql)).rows.map((row) => ({ ...row }));
  const tables = async () =>
    (await read(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1`)).map(
      ({ name }) => String(name),
    );
  return {
    run: async (sql) => {
      const statements = splitStatements(sql, 'test');
      const removal = /temp/i.test(sql) ? ['DROP VIEW temp.seen', 'DROP TABLE temp.kept'] : [];
      await client.migrate([...statements.map((statement) => statement.sql), ...removal]);
    },
    schema: async () => {
      const objects = await read(
        `SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow') ORDER BY type, name`,
      );
      return objects.map((row) => ({
        ...row,
        sql: String(row['sql'])
          .replaceAll(/[`"[\]]/g, '')
          .replaceAll(/\s+/g, ' ')
          .replaceAll(/ ?([(),]) ?/g, '$1'),
      }));
    },
    rows: async () => {
      const all: Record<string, unknown> = {};
      for (const name of await tables()) {
        const columns = (await read(`SELECT name FROM pragma_table_xinfo('${name}') WHERE hidden <> 1`)).map(
          (column) => `quote("${String(column['name'])}")`,
        );
        all[name] = await read(`SELECT ${columns.join(` || ', ' || `)} AS line FROM "${name}" ORDER BY 1`);
      }
      return all;
    },
    sound: async () => [await read('PRAGMA integrity_check'), await read('PRAGMA foreign_key_check').catch(() => [])],
  };
}

test.each([...downCases, ...virtualDownCases, ...takenDownCases].map((each) => [each.name, each] as const))(
  '%s',
  async (_, each) => {
    const last = '0009_last';
    await scratch.write([
      ...each.before.map((up, index) => ({ tag: `000${index}_before`, up, down: '-- not looked at' })),
      { tag: last, up: each.up, down: null },
    ]);
    const [made] = await writeMissingDowns(scratch.folder, { versions: [last] });
    expect([made?.kind, made?.notes.filter((note) => note.startsWith('Still to be mended'))]).toEqual([each.kind, []]);
    expect([...(parseDownHeader(made?.downSql ?? '')?.losses ?? [])].sort()).toEqual([...(each.losses ?? [])].sort());
    if (each.note !== undefined) expect(made?.notes.join('\n')).toContain(each.note);

    const judge = openJudge();
    for (const sql of [...each.before, ...(each.rows ?? [])]) await judge.run(sql);
    const [schema, rows] = [await judge.schema(), await judge.rows()];
    await judge.run(each.up);
    const after = await judge.schema();
    await judge.run(made?.downSql ?? '');
    expect(await judge.schema()).toEqual(schema);
    expect(await judge.sound()).toEqual([[{ integrity_check: 'ok' }], []]);
    if (each.rowsReturn ?? each.kind === 'generated') expect(await judge.rows()).toEqual(rows);
    await judge.run(each.up);
    expect(await judge.schema()).toEqual(after);
  },
);

test('old names that cannot be given back in any way are told as what they are, with what to write', async () => {
  await using past = await openPast([migrationOf('0000_t', 'CREATE TABLE t (id integer PRIMARY KEY);')]);
  const renaming = ['ALTER TABLE gone RENAME TO back'];
  await expect(renamedBack(past, [], await past.schema(), renaming)).rejects.toMatchObject({
    code: 'MIGRATION_UNPROVEN',
    reason: 'The old names cannot be given back: no such table: gone (ALTER TABLE gone RENAME TO back)',
    hint: expect.stringContaining('Write the down file by hand'),
  });
});
