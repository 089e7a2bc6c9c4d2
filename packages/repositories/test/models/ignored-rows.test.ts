// A trigger of somebody's that ignores rows: no call ends as if they were written, and none goes on for ever.
import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { modelInput } from '../model-input.js';
import { openLibrary, targets } from '../open-library.js';

const ignored = { code: 'ROWS_IGNORED', outcome: 'none' };

describe.each(targets)('rows that a trigger ignores in %s', (target) => {
  test.each(['reject', 'allow'] as const)('are told by create and createMany, equal files: %s', async (policy) => {
    await using library = await openLibrary(target);
    const { models, transactions } = library;
    await transactions.db.run(
      sql`create trigger no_secrets before insert on models when new.name = 'secret' begin select raise(ignore); end`,
    );
    const options = { onDuplicateHash: policy };
    await models.create(modelInput('plain'), options);
    const secret = { ...modelInput('other'), name: 'secret' };
    await expect(models.create(secret, options)).rejects.toMatchObject(ignored);
    await expect(models.upsertByPath(secret, options)).rejects.toMatchObject(ignored);
    const items = [{ model: modelInput('third') }, { model: secret }];
    await expect(models.createMany(items, { ...options, onConflict: 'skip' })).rejects.toMatchObject(ignored);
    expect(await models.count()).toBe(1);
  });

  test('are told by changes', async () => {
    await using library = await openLibrary(target);
    const { models, transactions } = library;
    const id = await models.create(modelInput('plain'));
    await transactions.db.run(
      sql`create trigger no_rating before update of rating on models begin select raise(ignore); end`,
    );
    await expect(models.update(id, { rating: 3 })).rejects.toMatchObject(ignored);
    expect(await models.update(id, { license: 'MIT' })).toBe(true);
  });
});
