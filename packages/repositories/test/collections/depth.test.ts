// Collections lie in one another 100 levels deep and no deeper. Where another program has put them deeper, or in a circle,
// they can still be listed, moved up and removed.
import { collections as table } from '@cc/schema';
import { eq, sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { type Library, openLibrary } from '../open-library.js';

const idOf = (i: number) => `01890000-0000-7000-8000-${String(i).padStart(12, '0')}`;

/** Puts `count` collections into one another, as another program would; returns their ids from the top down. */
async function addChain({ transactions: { db } }: Library, count: number): Promise<readonly string[]> {
  const at = new Date(0);
  const ids = Array.from({ length: count }, (_, i) => idOf(i + 1));
  const rows = ids.map((id, i) => ({ id, parentId: ids[i - 1] ?? null, name: `${i}`, createdAt: at, updatedAt: at }));
  await db.insert(table).values(rows);
  return ids;
}

const tooDeep = { code: 'COLLECTION_TOO_DEEP' };

describe.each(['file', ':memory:'] as const)('collections in %s', (target) => {
  test('are made and moved no deeper than 100 levels, with all that lies in them', async () => {
    await using library = await openLibrary(target);
    const { collections } = library;
    let deepest: string | null = null;
    const chain: string[] = [];
    for (let i = 0; i < 100; i += 1)
      chain.push((deepest = await collections.create({ name: 'in', parentId: deepest })));
    await expect(collections.create({ name: 'in', parentId: deepest })).rejects.toMatchObject(tooDeep);
    expect(await collections.pathOf(chain[99] ?? '')).toHaveLength(100);

    const outer = await collections.create({ name: 'outer' });
    await collections.create({ name: 'inner', parentId: outer });
    await expect(collections.update(outer, { parentId: chain[98] })).rejects.toMatchObject(tooDeep);
    expect(await collections.update(outer, { parentId: chain[97] })).toBe(true);
    expect(await collections.update(outer, { name: 'same place', parentId: chain[97] })).toBe(true);
    expect(await collections.delete(chain[0] ?? '')).toBe(true);
    expect(await collections.list()).toEqual([]);
  });

  test('that lie deeper already are listed, renamed, moved up and removed, and never put into a circle', async () => {
    await using library = await openLibrary(target);
    const { collections } = library;
    const ids = await addChain(library, 1_100);
    const [top = '', second = ''] = ids;
    const deepest = ids.at(-1) ?? '';
    expect((await collections.pathOf(deepest)).map(({ id }) => id)).toEqual(ids);
    expect(await collections.list(ids[1_000])).toHaveLength(1);
    await expect(collections.update(top, { parentId: deepest })).rejects.toMatchObject({ code: 'COLLECTION_CYCLE' });
    const aside = await collections.create({ name: 'aside' });
    await expect(collections.update(top, { parentId: aside })).rejects.toMatchObject(tooDeep);
    expect(await collections.update(deepest, { name: 'deepest' })).toBe(true);
    expect(await collections.update(second, { parentId: null })).toBe(true);
    expect(await collections.update(top, { parentId: aside })).toBe(true);
    expect(await collections.delete(second)).toBe(true);
    expect((await collections.list()).map(({ name }) => name)).toEqual(['aside']);
    expect(await collections.read(deepest)).toBeNull();
  });

  test('that lie deeper and of which somebody keeps the top are all left, and not told as removed', async () => {
    await using library = await openLibrary(target);
    const { collections, transactions } = library;
    const [top = ''] = await addChain(library, 120);
    await transactions.db.run(
      sql.raw(`create trigger kept before delete on collections when old.id = '${top}'
      begin select raise(ignore); end`),
    );
    await expect(collections.delete(top)).rejects.toMatchObject({ code: 'ROWS_IGNORED' });
    expect(await transactions.db.$count(table)).toBe(120);
  });

  test('in a circle that another program made have a way that ends, are renamed, taken out and removed', async () => {
    await using library = await openLibrary(target);
    const { collections, transactions } = library;
    const [first = '', second = '', third = ''] = await addChain(library, 3);
    await transactions.db.update(table).set({ parentId: third }).where(eq(table.id, first));
    expect((await collections.pathOf(second)).map(({ id }) => id)).toEqual([third, first, second]);
    expect(await collections.update(second, { name: 'second' })).toBe(true);
    expect(await collections.update(second, { parentId: null })).toBe(true);
    expect((await collections.list()).map(({ id }) => id)).toEqual([second]);
    await transactions.db.update(table).set({ parentId: first }).where(eq(table.id, second));
    expect(await collections.delete(third)).toBe(true);
    expect(await transactions.db.select().from(table)).toEqual([]);
    const long = await addChain(library, 1_100);
    await transactions.db
      .update(table)
      .set({ parentId: idOf(1_100) })
      .where(eq(table.id, long[0] ?? ''));
    expect(await collections.delete(long[500] ?? '')).toBe(true);
    expect(await transactions.db.select().from(table)).toEqual([]);
  });
});
