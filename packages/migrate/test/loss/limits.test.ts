// Tables and migrations at the limits of SQLite: two thousand columns of a result, a thousand levels of an expression.
import { expect, test } from 'vitest';
import type { Probe } from '../../src/loss/look.js';
import { lossesSql } from '../../src/loss/measure.js';
import { makeScratch } from '../scratch.js';

const columns = Array.from({ length: 1_100 }, (_, index) => `c${index}`);

test.each(['id integer PRIMARY KEY', 'id integer'])(
  'what a table of 1,100 columns loses is told, with %s',
  async (key) => {
    const made = (name: string, type: string): string =>
      `CREATE TABLE ${name} (${key}, ${columns.map((column) => `${column} ${type}`).join(', ')})`;
    await using scratch = await makeScratch();
    await scratch.write([
      { tag: '0000_wide', up: `${made('wide', 'text')};`, down: 'DROP TABLE wide;' },
      {
        tag: '0001_numbers',
        up:
          [made('next', 'integer'), 'INSERT INTO next SELECT * FROM wide', 'DROP TABLE wide']
            .join(';\n')
            .concat(';\n') + 'ALTER TABLE next RENAME TO wide;',
        down: `DROP TABLE wide;\n${made('wide', 'text')};`,
      },
    ]);
    const { migrations, rows, transactions } = await scratch.open();
    await migrations.applyMigrations({ steps: 1 });
    await transactions.db.run(
      `INSERT INTO wide (id, c0, c1099) VALUES (1, '12', '7'), (2, '013', NULL), (3, 'x', '08')`,
    );
    const told = await migrations.applyMigrations().catch(String);
    expect(told).toContain('would lose data: column wide.c0 (2 rows)');
    expect(told).toContain('column wide.c1099 (1 row)');
    const rest = await migrations.applyMigrations({ allowDataLoss: ['wide.c1099'] }).catch(String);
    expect(rest).toContain('would lose data: column wide.c0 (2 rows)');
    expect(rest).not.toContain('c1099');
    await migrations.applyMigrations({ allowDataLoss: ['wide.c0', 'wide.c1099'] });
    expect(await rows('SELECT id, c0, c1, c1099 FROM wide ORDER BY id')).toEqual([
      { id: 1, c0: 12, c1: null, c1099: 7 },
      { id: 2, c0: 13, c1: null, c1099: null },
      { id: 3, c0: 'x', c1: null, c1099: 8 },
    ]);
  },
);

test('losses of more than a thousand tables are counted by one expression', async () => {
  await using scratch = await makeScratch();
  const { rows } = await scratch.open();
  const probes = Array.from({ length: 2_500 }, (_, index): Probe => {
    return { isLost: `EXISTS (SELECT 1 WHERE ${index % 2})`, details: '', parts: [] };
  });
  expect(await rows(`SELECT ${lossesSql(probes)} AS n`)).toEqual([{ n: 1_250 }]);
});
