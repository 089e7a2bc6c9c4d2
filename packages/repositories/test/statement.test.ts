// What becomes of the failures of prepared statements.
import { models } from '@cc/schema';
import { eq, sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { cellsOf } from '../src/statement.js';
import { openLibrary, targets } from './open-library.js';

test.each(targets)(
  'a value that cannot be bound is a TypeError, not a failure of the database, in %s',
  async (target) => {
    await using library = await openLibrary(target);
    const query = library.transactions.db
      .select({ id: models.id })
      .from(models)
      .where(eq(models.filePath, sql.placeholder('path')))
      .prepare();
    const ways = [
      (path: string) => query.all({ path }),
      (path: string) => query.get({ path }),
      (path: string) => query.run({ path }),
      (path: string) => cellsOf(query, { path }),
    ];
    for (const run of ways) {
      await expect(run('a\0b')).rejects.toThrow(TypeError);
      expect(await run('a').then(() => 'runs')).toBe('runs');
    }
  },
);
