// A copy of a private database is private, from its first byte on.
import { chmod, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'libsql';
import { expect, it } from 'vitest';
import { openTransactionManager } from '../src/index.js';
import { temporaryFolder } from './target.js';

it.each([
  { source: 0o600, copy: 0o600 },
  { source: 0o640, copy: 0o640 },
  { source: 0o666, copy: 0o666 },
  { source: 0o444, copy: 0o644 },
  { source: 0o400, copy: 0o600 },
])('a backup of a file of mode $source may be read by the same users', async ({ source, copy }) => {
  const folder = await temporaryFolder();
  const path = join(folder, 'library.db');
  const database = new Database(path);
  database.exec(`create table t (data blob); insert into t with recursive c(n) as (values (1) union all
    select n + 1 from c where n < 20000) select randomblob(1000) from c`);
  database.close();
  await chmod(path, source);
  await using manager = await openTransactionManager({ url: `file:${path}`, readOnly: (source & 0o200) === 0 });
  const backups = await temporaryFolder();
  const destination = join(backups, 'copy.db');
  const seen = new Set<number>();
  let isDone = false;
  const looking = (async () => {
    while (!isDone) {
      for (const name of await readdir(backups)) {
        const stats = await stat(join(backups, name)).catch(() => undefined);
        if (stats && name.endsWith('.partial')) seen.add(stats.mode & 0o777);
      }
    }
  })();
  await manager.backup(destination);
  isDone = true;
  await looking;
  expect((await stat(destination)).mode & 0o777).toBe(copy);
  expect(seen).toContain(0o600);
  expect([...seen].filter((mode) => (mode & ~copy) !== 0)).toEqual([]);
});
