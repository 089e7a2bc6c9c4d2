// Tests of what stands on repositories roll back with @cc/tx/testing: every table is afterwards as it was.
import { rolledBack } from '@cc/tx/testing';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { modelInput } from './model-input.js';
import { type Library, openLibrary } from './open-library.js';

test.each([':memory:', 'file'] as const)('nothing of a test that rolls back is left in %s', async (target) => {
  await using library = await openLibrary(target);
  const { transactions, models, metadata, search } = library;
  const kept = await models.create(modelInput('kept'));
  const before = await everyRow(library);
  const found = await rolledBack(transactions, async () => {
    const { filePath } = modelInput();
    const id = await models.create(modelInput('gear', { filePath }));
    await metadata.setMetadataValue(id, 'print.material', 'PETG');
    await models.createMany([{ model: modelInput('gear too'), tags: ['fastener'] }]);
    await models.delete(kept);
    await expect(models.create(modelInput('again', { filePath }))).rejects.toThrow(/duplicate|already|exists|path/i);
    return (await search.searchModels('gear')).total;
  });
  expect(found).toBe(2);
  expect(await everyRow(library)).toEqual(before);
  expect((await search.searchModels('gear')).total).toBe(0);
  expect(await search.verifyIndex()).toEqual({ ok: true, problems: [] });
});

async function everyRow({ transactions: { db } }: Library): Promise<Record<string, unknown>> {
  const tables = await db.all<{ name: string }>(
    sql`select name from pragma_table_list where schema = 'main' and type in ('table', 'shadow') order by name`,
  );
  const rows = await Promise.all(
    tables.map(async ({ name }) => [name, await db.all(sql.raw(`select * from "${name}"`))] as const),
  );
  return Object.fromEntries(rows);
}
