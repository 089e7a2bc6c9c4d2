// A database whose tables sort by a collation that only the program has that made it: SQLite cannot copy it row by row.
import { join } from 'node:path';
import Database from 'libsql';
import { expect, it } from 'vitest';
import { backupLocal } from '../src/backup/backup.js';
import { temporaryFolder } from './target.js';

it('says what to do where a collation of the application keeps a backup from being made', async () => {
  const folder = await temporaryFolder();
  const source = join(folder, 'library.db');
  const database = new Database(source);
  database.exec(`create table names (name text collate nocase unique); insert into names values ('Ada');
    pragma writable_schema = 1; update sqlite_schema set sql = replace(sql, 'nocase', 'unicase') where name = 'names'`);
  database.close();
  await expect(backupLocal({ source, destination: join(folder, 'copy.db') })).rejects.toMatchObject({
    reason: 'no such collation sequence: unicase',
    hint: expect.stringMatching(/stop every program that has the file open, and copy it with the -wal/),
  });
});
