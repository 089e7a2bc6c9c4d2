// Collections: nested groups of models, unique names in one place, never a circle, and models that outlive them.
import type { ModelId } from '@cc/schema';
import { describe, expect, test } from 'vitest';
import { modelInput } from '../model-input.js';
import { type Library, openLibrary, targets } from '../open-library.js';

const absentModel = '00000000-0000-7000-8000-000000000000' as ModelId;
const absent = '00000000-0000-7000-8000-000000000001';

async function addThree({ models }: Library): Promise<readonly [ModelId, ModelId, ModelId]> {
  return [
    await models.create(modelInput('a')),
    await models.create(modelInput('b')),
    await models.create(modelInput('c')),
  ];
}

describe.each(targets)('collections in %s', (target) => {
  test('lie in one another, with unique names in one place', async () => {
    await using library = await openLibrary(target);
    const { collections } = library;
    const toys = await collections.create({ name: 'Toys', description: 'for children' });
    const cars = await collections.create({ name: 'Cars', parentId: toys });
    await collections.create({ name: 'Animals', parentId: toys });
    await collections.create({ name: 'Cars' });
    expect(await collections.read(toys)).toMatchObject({ name: 'Toys', parentId: null });
    expect(await collections.read(absent)).toBeNull();
    expect((await collections.list()).map(({ name, collections: inside }) => [name, inside])).toEqual([
      ['Cars', 0],
      ['Toys', 2],
    ]);
    expect((await collections.list(toys)).map(({ name }) => name)).toEqual(['Animals', 'Cars']);
    expect((await collections.pathOf(cars)).map(({ name }) => name)).toEqual(['Toys', 'Cars']);
    expect(await collections.pathOf(absent)).toEqual([]);
    const taken = { code: 'DUPLICATE_COLLECTION' };
    await expect(collections.create({ name: 'Toys' })).rejects.toMatchObject(taken);
    await expect(collections.create({ name: 'Cars', parentId: toys })).rejects.toMatchObject(taken);
    await expect(collections.create({ name: 'x', parentId: absent })).rejects.toMatchObject({
      code: 'COLLECTION_NOT_FOUND',
    });
  });

  test('are changed and moved, never into themselves', async () => {
    await using library = await openLibrary(target);
    const { collections } = library;
    const outer = await collections.create({ name: 'outer' });
    const middle = await collections.create({ name: 'middle', parentId: outer });
    const inner = await collections.create({ name: 'inner', parentId: middle });
    const at = library.tick(5);
    expect(await collections.update(inner, { name: 'core', description: 'x' })).toBe(true);
    expect(await collections.read(inner)).toMatchObject({
      name: 'core',
      description: 'x',
      parentId: middle,
      updatedAt: at,
    });
    for (const inside of [outer, middle, inner]) {
      const move = collections.update(outer, { parentId: inside });
      await expect(move).rejects.toMatchObject({ code: 'COLLECTION_CYCLE' });
    }
    expect(await collections.update(middle, { parentId: null })).toBe(true);
    expect((await collections.pathOf(inner)).map(({ name }) => name)).toEqual(['middle', 'core']);
    expect(await collections.update(absent, { name: 'x' })).toBe(false);
    await expect(collections.update(inner, { parentId: absent })).rejects.toMatchObject({
      code: 'COLLECTION_NOT_FOUND',
    });
  });

  test('hold models in their places, page by page', async () => {
    await using library = await openLibrary(target);
    const { collections } = library;
    const [a, b, c] = await addThree(library);
    const id = await collections.create({ name: 'one' });
    expect(await collections.addModels(id, [c, a])).toBe(2);
    expect(await collections.addModels(id, [a, b, b])).toBe(1);
    const names: string[] = [];
    let after: string | null = null;
    do {
      const page = await collections.modelsOf(id, { limit: 2, after });
      names.push(...page.items.map((model) => model.name));
      after = page.next;
    } while (after !== null);
    expect(names).toEqual(['c', 'a', 'b']);
    const { next } = await collections.modelsOf(id, { limit: 1 });
    await expect(collections.modelsOf(id, { after: next, nested: true })).rejects.toThrow(/another query/);
    expect(await collections.removeModels(id, [a, absentModel])).toBe(1);
    await library.models.delete(c);
    expect((await collections.modelsOf(id)).items.map((model) => model.name)).toEqual(['b']);
    expect((await collections.modelsOf(absent)).items).toEqual([]);
    await expect(collections.addModels(id, [absentModel])).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    await expect(collections.addModels(absent, [b])).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' });
    expect(await collections.removeModels(absent, [b])).toBe(0);
  });

  test('show the models of those inside, each once, and go without them', async () => {
    await using library = await openLibrary(target);
    const { collections } = library;
    const [a, b, c] = await addThree(library);
    const outer = await collections.create({ name: 'outer' });
    const inner = await collections.create({ name: 'inner', parentId: outer });
    await collections.addModels(outer, [c, a]);
    await collections.addModels(inner, [a, b]);
    const first = await collections.modelsOf(outer, { nested: true, limit: 2 });
    const second = await collections.modelsOf(outer, { nested: true, limit: 2, after: first.next });
    expect([...first.items, ...second.items].map((model) => model.name)).toEqual(['a', 'b', 'c']);
    expect(second.next).toBeNull();
    expect((await collections.collectionsOf(a)).map(({ name }) => name)).toEqual(['inner', 'outer']);
    expect((await collections.list())[0]).toMatchObject({ models: 2, collections: 1 });
    expect(await collections.delete(outer)).toBe(true);
    expect(await collections.delete(inner)).toBe(false);
    expect(await collections.collectionsOf(a)).toEqual([]);
    expect(await library.models.count()).toBe(3);
  });

  test('refuse wrong input by name', async () => {
    await using library = await openLibrary(target);
    const { collections } = library;
    for (const name of ['', '  ', 'x'.repeat(501), 'a\ud800', 5 as unknown as string]) {
      await expect(collections.create({ name })).rejects.toThrow(/collection\.name/);
    }
    await expect(collections.create({ title: 'x' } as never)).rejects.toThrow(/'title'/);
    await expect(collections.read('')).rejects.toThrow(TypeError);
    await expect(collections.addModels(absent, 'x' as never)).rejects.toThrow(/modelIds/);
    expect(await collections.list()).toEqual([]);
  });
});
