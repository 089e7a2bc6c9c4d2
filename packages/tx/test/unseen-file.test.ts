// A file system that fails to say whether the file is still there. No such one can be made here, so what `stat` says of the file
// is a double; everything else is real.
import type * as fs from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openTransactionManager } from '../src/index.js';
import { temporaryFolder } from './target.js';

const broken = vi.hoisted(() => ({ path: undefined as string | undefined, code: '' }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const statSync = (...[path, options]: Parameters<typeof real.statSync>): unknown => {
    if (path !== broken.path) return real.statSync(path, options);
    throw Object.assign(new Error(`${broken.code}: it failed, stat '${path}'`), { code: broken.code, syscall: 'stat' });
  };
  return { ...real, statSync };
});

it.each(['EIO', 'ESTALE', 'EACCES', 'ELOOP'])(
  'a write is refused with a DatabaseError when that is %s',
  async (code) => {
    const path = join(await temporaryFolder(), 'x.db');
    const manager = await openTransactionManager({ url: pathToFileURL(path).href });
    onTestFinished(async () => {
      broken.path = undefined;
      await manager.close();
    });
    await manager.db.run('create table t (a)');
    Object.assign(broken, { path, code });
    const write = (): Promise<unknown> => manager.transaction(() => manager.db.run('insert into t values (1)'));
    await expect
      .poll(() => write().then(String, (error: unknown) => error))
      .toMatchObject({
        name: 'DatabaseError',
        type: 'connection',
        code,
        message: expect.stringContaining(path),
      });
    broken.path = undefined;
    const { n } = (await manager.db.get<{ n: number }>('select count(*) as n from t')) ?? { n: -1 };
    await write();
    expect(await manager.db.get('select count(*) as n from t')).toEqual({ n: n + 1 });
  },
);
