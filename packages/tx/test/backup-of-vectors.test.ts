// Copies of files with vector indexes, which libSQL's VACUUM does not copy as they are.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type Database from 'libsql';
import { expect, it } from 'vitest';
import { backupLocal } from '../src/backup/backup.js';
import { open, valuesOf } from './driver-alone.js';
import { temporaryFolder } from './target.js';

it('a backup has vector indexes that find the same rows: VACUUM writes their parameters twice', async () => {
  const folder = await temporaryFolder();
  const source = join(folder, 'library.db');
  const database = open(source);
  database.exec(`create table v (id integer primary key, e F32_BLOB(2), other F32_BLOB(2));
    create index v_e on v (libsql_vector_idx(e, 'metric=cosine')); create index v_other on v (libsql_vector_idx(other));
    insert into v values (1, vector('[1,0]'), vector('[0,1]')), (2, vector('[0,1]'), vector('[1,0]'))`);
  const found = (from: Database.Database, index: string) =>
    valuesOf(from, `select id from vector_top_k('${index}', vector('[1,0]'), 1)`);
  const destination = join(folder, 'copy.db');
  // Of a file that was vacuumed itself, too.
  for (const statement of ['select 1', 'vacuum']) {
    database.exec(statement);
    expect((await backupLocal({ source, destination })).verified).toBe(true);
    const copy = open(destination);
    copy.exec(`insert into v values (3, vector('[9,1]'), vector('[9,1]')); delete from v where id < 3`);
    expect([found(copy, 'v_e'), found(copy, 'v_other')]).toEqual([[[3n]], [[3n]]]);
    expect(valuesOf(copy, 'pragma integrity_check')).toEqual([['ok']]);
    copy.close();
    await rm(destination);
  }
  expect([found(database, 'v_e'), found(database, 'v_other')]).toEqual([[[1n]], [[2n]]]);
});
