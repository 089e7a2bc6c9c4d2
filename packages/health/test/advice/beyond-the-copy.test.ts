// Statements are proven on a copy of the database; what the engine's functions do to files of the machine is no part of it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { expect, test } from 'vitest';
import { createHealthMonitor } from '../../src/index.js';
import { openDatabase } from '../database.js';

test.each(['writefile', '"WriteFile"', '[writefile] /* so */ '])(
  'a statement that writes a file by %s is refused, and no file is written',
  async (name) => {
    const { manager } = await openDatabase();
    const path = join(await temporaryFolder(), 'written');
    const analysing = createHealthMonitor(manager).analyzeQuery({ sql: `select ${name}('${path}', 'x')` });
    await expect(analysing).rejects.toThrow(/works on files of this machine/);
    expect(existsSync(path)).toBe(false);
  },
);

test('a column of such a name is analysed', async () => {
  const { manager } = await openDatabase();
  await manager.db.run('create table notes (id integer primary key, writefile text)');
  const { fullScans } = await createHealthMonitor(manager).analyzeQuery({
    sql: 'select id from notes where writefile is null and id in (1)',
  });
  expect(fullScans).toEqual([]);
});
