// What becomes of the failures of prepared statements.
import { models } from '@cc/schema';
import { eq, sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { statement } from '../src/statement.js';
import { openLibrary, targets } from './open-library.js';

test.each(targets)(
  'a value that cannot be bound is a TypeError, not a failure of the database, in %s',
  async (target) => {
    await using library = await openLibrary(target);
    const query = statement(
      'test',
      library.transactions.db
        .select({ id: models.id })
        .from(models)
        .where(eq(models.filePath, sql.placeholder('path')))
        .prepare(),
    );
    for (const run of ['all', 'get', 'run', 'cells'] as const) {
      await expect(query[run]({ path: 'a\0b' })).rejects.toThrow(TypeError);
      expect(await query[run]({ path: 'a' }).then(() => 'runs')).toBe('runs');
    }
  },
);
