// Pages of models: order, filters, cursors, and what happens when the library changes between two pages.
import type { Model } from '@cc/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ListOptions, ModelFilter, ModelSort } from '../../src/index.js';
import { modelInput } from '../model-input.js';
import { type Library, openLibrary, runsOn, targets } from '../open-library.js';

describe.each(targets)('listing in %s', (target) => {
  test('without options the newest models come first', async () => {
    await using library = await openLibrary(target);
    for (const name of ['a', 'b', 'c']) {
      await library.models.create(modelInput(name));
      library.tick();
    }
    const page = await library.models.list();
    expect(page.items.map((model) => model.name)).toEqual(['c', 'b', 'a']);
    expect(page.next).toBeNull();
  });

  test('naming the default order changes nothing', async () => {
    await using library = await openLibrary(target);
    for (const name of ['b', 'a', 'c']) {
      await library.models.create(modelInput(name));
      library.tick();
    }
    const order = async (sort: ModelSort | undefined) =>
      (await library.models.list({ sort })).items.map((model) => model.name);
    expect(await order({ by: 'createdAt' })).toEqual(await order(undefined));
    expect(await order({ by: 'createdAt' })).toEqual(['c', 'a', 'b']);
    expect(await order({ by: 'added' })).toEqual(['b', 'a', 'c']);
    expect(await order({ by: 'name' })).toEqual(['a', 'b', 'c']);
    const { next } = await library.models.list({ limit: 1 });
    const rest = await library.models.list({ sort: { by: 'createdAt' }, after: next });
    expect(rest.items.map((model) => model.name)).toEqual(['a', 'b']);
  });

  const sorts: readonly ModelSort[] = [
    { by: 'added' },
    { by: 'added', direction: 'desc' },
    { by: 'createdAt', direction: 'asc' },
    { by: 'createdAt', direction: 'desc' },
    { by: 'name' },
    { by: 'name', direction: 'desc' },
    { by: 'printedAt' },
    { by: 'printedAt', direction: 'asc' },
  ];
  test.each(sorts)('pages by $by $direction are the whole list, also with equal keys', async (sort) => {
    await using library = await openLibrary(target);
    const expected: { name: string; createdAt: number; printedAt: number; added: number }[] = [];
    for (let i = 0; i < 60; i += 1) {
      const createdAt = new Date(Math.floor((i * 7) % 5) * 1000);
      const name = ['beta', 'Alpha', 'alpha 10', 'Alpha 9', 'beta'][i % 5] ?? '';
      // Never printed is last, whatever the direction.
      const printedAt = i % 3 === 0 ? null : new Date(i % 4);
      await library.models.create(modelInput(name, { createdAt, printedAt, description: String(i) }));
      expected.push({
        name: name.toLowerCase().replace('9', '09'),
        createdAt: createdAt.getTime(),
        printedAt: printedAt?.getTime() ?? (sort.direction === 'asc' ? 1_000 : -1),
        added: i,
      });
    }
    const key = sort.by;
    expected.sort((a, b) => (a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : a.added - b.added));
    if (sort.direction === 'desc' || (sort.by === 'printedAt' && sort.direction !== 'asc')) expected.reverse();
    const listed = await everyPage(library, { sort, limit: 7 });
    expect(listed.map((model) => Number(model.description))).toEqual(expected.map((row) => row.added));
  });

  test('names are in their natural order, and again after reindex when plain SQL has taken their keys', async () => {
    await using library = await openLibrary(target);
    const ordered = [
      '#1',
      '2',
      '10',
      'ähnlich',
      'arm',
      'Arm',
      'Ärmel',
      'Part 2',
      'Part 02',
      'part 10',
      'Zebra',
      'Ωmega',
      'Яма',
      '漢字',
    ];
    for (const [i, name] of ordered.toReversed().entries())
      await library.models.create(modelInput(name, { description: String(i) }));
    const names = async (direction: 'asc' | 'desc' = 'asc') =>
      (await everyPage(library, { sort: { by: 'name', direction }, limit: 3 })).map((model) => model.name);
    expect(await names()).toEqual(ordered);
    expect(await names('desc')).toEqual(ordered.toReversed());

    const { $client } = library.transactions.db;
    await $client.execute(`update models set name_key = ''`);
    // No model is missed meanwhile, and no cursor breaks.
    expect((await names()).toSorted()).toEqual(ordered.toSorted());
    const { problems } = await library.search.verifyIndex();
    // All but arm, whose place is its name.
    expect(problems).toEqual([
      `${ordered.length - 1} models have no key of their place in the order by name, or an outdated one`,
    ]);
    await library.search.reindex();
    expect(await names()).toEqual(ordered);
    expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
  });

  test('a name that has nothing to be ordered by is first, and in order', async () => {
    await using library = await openLibrary(target);
    for (const name of ['a', '\u0001', '\u0001\u0001']) await library.models.create(modelInput(name));
    expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
    const page = await library.models.list({ sort: { by: 'name' } });
    expect(page.items.at(-1)?.name).toBe('a');
  });

  test('a page by name follows a renamed model', async () => {
    await using library = await openLibrary(target);
    for (const name of ['b', 'c']) await library.models.create(modelInput(name));
    const id = await library.models.create(modelInput('z'));
    await library.models.update(id, { name: 'Ä' });
    const page = await library.models.list({ sort: { by: 'name' } });
    expect(page.items.map((model) => model.name)).toEqual(['Ä', 'b', 'c']);
  });

  test('models added and removed between two pages neither repeat nor hide others', async () => {
    await using library = await openLibrary(target);
    const at = new Date(5_000);
    const ids = [];
    for (let i = 0; i < 30; i += 1) ids.push(await library.models.create(modelInput(`old ${i}`, { createdAt: at })));
    const seen: string[] = [];
    let after: string | null = null;
    let round = 0;
    do {
      const page = await library.models.list({ sort: { by: 'createdAt', direction: 'asc' }, limit: 4, after });
      seen.push(...page.items.map((model) => model.name));
      after = page.next;
      const last = page.items.at(-1);
      // The row that the cursor points at goes, and others come before and among the rest.
      if (last !== undefined) await library.models.delete(last.id);
      await library.models.create(modelInput(`before ${round}`, { createdAt: new Date(0) }));
      round += 1;
    } while (after !== null && round < 100);
    const old = seen.filter((name) => name.startsWith('old'));
    expect(old).toEqual(ids.map((_id, i) => `old ${i}`));
    expect(seen.filter((name) => name.startsWith('before'))).toEqual([]);
  });

  test('any writes between pages leave every other model on exactly one page', async () => {
    await using library = await openLibrary(target);
    const names = ['a', 'A', 'b', 'B', 'c'];
    const write = fc.record({
      kind: fc.constantFrom('create', 'delete', 'rename'),
      at: fc.nat(100),
      name: fc.constantFrom(...names),
    });
    const property = fc.asyncProperty(
      fc.constantFrom<ModelSort['by']>('added', 'createdAt', 'name'),
      fc.constantFrom('asc' as const, 'desc' as const),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.array(write, { maxLength: 3 }), { minLength: 1, maxLength: 20 }),
      async (by, direction, limit, rounds) => {
        const { items: old } = await library.models.list({ limit: 1_000 });
        for (const model of old) await library.models.delete(model.id);
        const untouched = new Set<string>();
        const create = (name: string, at: number) =>
          library.models.create(modelInput(name, { createdAt: new Date((at % 3) * 1_000) }));
        for (let i = 0; i < 12; i += 1) untouched.add(await create(names[i % names.length] ?? '', i));
        const seen: string[] = [];
        let after: string | null = null;
        let round = 0;
        do {
          const page = await library.models.list({ sort: { by, direction }, limit, after });
          seen.push(...page.items.map((model) => model.id));
          after = page.next;
          for (const { kind, at, name } of rounds[round % rounds.length] ?? []) {
            const { items } = await library.models.list({ sort: { by: 'added' }, limit: 1_000 });
            const id = items[at % Math.max(items.length, 1)]?.id;
            if (kind === 'create' || id === undefined) {
              // Not without end: behind the cursor of an ascending list new models could come for ever.
              if (round < 20) await create(name, at);
              continue;
            }
            untouched.delete(id);
            if (kind === 'delete') await library.models.delete(id);
            else await library.models.update(id, { name });
          }
          round += 1;
        } while (after !== null);
        for (const id of untouched) expect(seen.filter((one) => one === id)).toEqual([id]);
      },
    );
    await fc.assert(property, { numRuns: runsOn(target, 25) });
  });

  test('a cursor of another sort or filter, or none at all, is refused', async () => {
    await using library = await openLibrary(target);
    for (let i = 0; i < 3; i += 1) await library.models.create(modelInput());
    const { next } = await library.models.list({ limit: 1 });
    const refused = async (options: ListOptions) => expect(library.models.list(options)).rejects.toThrow(TypeError);
    await refused({ after: next, sort: { by: 'name' } });
    await refused({ after: next, sort: { by: 'createdAt', direction: 'asc' } });
    await refused({ after: next, filter: { favorite: true } });
    for (const after of ['', 'x', 'e30', 'W10', btoa('["a",1]'), `${next}A`, 'ä', '../etc']) await refused({ after });
    expect((await library.models.list({ after: next, filter: {} })).items).toHaveLength(2);
  });

  test('each filter keeps what it says', async () => {
    await using library = await openLibrary(target);
    const day = (n: number) => new Date(Date.UTC(2020, 0, n));
    const input = (name: string, fields: object) => library.models.create(modelInput(name, fields));
    const a = await input('a', {
      format: 'stl',
      triangles: 10,
      fileSize: 1,
      createdAt: day(1),
      author: 'Ada',
      rating: 1,
    });
    const b = await input('b', {
      format: 'obj',
      triangles: 20,
      fileSize: 2,
      createdAt: day(2),
      author: 'ada',
      rating: 5,
    });
    await input('c', {
      format: '3mf',
      fileSize: 3,
      createdAt: day(3),
      favorite: true,
      printedAt: day(9),
      license: 'MIT',
      status: 'missing',
    });
    await library.search.tag(a, 'Red');
    await library.search.tag(b, 'red');
    await library.search.tag(b, 'big');
    const cases: readonly (readonly [ModelFilter, string])[] = [
      [{}, 'abc'],
      [{ formats: ['obj'] }, 'b'],
      [{ formats: ['obj', 'stl'] }, 'ab'],
      [{ formats: [] }, ''],
      [{ statuses: ['missing'] }, 'c'],
      [{ parseStatuses: ['pending'] }, 'abc'],
      [{ createdFrom: day(2) }, 'bc'],
      [{ createdTo: day(2) }, 'a'],
      [{ createdFrom: day(1), createdTo: day(3) }, 'ab'],
      [{ minTriangles: 11 }, 'b'],
      [{ maxTriangles: 19 }, 'a'],
      [{ minFileSize: 2, maxFileSize: 2 }, 'b'],
      [{ minRating: 1 }, 'ab'],
      [{ favorite: true }, 'c'],
      [{ favorite: false }, 'ab'],
      [{ printed: true }, 'c'],
      [{ printed: false }, 'ab'],
      [{ printedFrom: day(9) }, 'c'],
      [{ printedTo: day(9) }, ''],
      [{ printed: false, printedFrom: day(1) }, ''],
      [{ author: 'ada' }, 'b'],
      [{ license: 'MIT' }, 'c'],
      [{ tagsAll: ['RED'] }, 'ab'],
      [{ tagsAll: ['red', 'big'] }, 'b'],
      [{ tagsAll: ['red', 'unknown'] }, ''],
      [{ tagsAll: [] }, 'abc'],
      [{ tagsAny: ['big', 'unknown'] }, 'b'],
      [{ tagsAny: ['unknown'] }, ''],
      [{ tagsAny: [] }, ''],
      [{ tagsNone: ['big'] }, 'ac'],
      [{ tagsNone: ['unknown'] }, 'abc'],
      [{ tagsAll: ['red'], tagsNone: ['big'], formats: ['stl'], maxTriangles: 10 }, 'a'],
    ];
    for (const [filter, expected] of cases) {
      const page = await library.models.list({ filter, sort: { by: 'name' } });
      expect([filter, page.items.map((model) => model.name).join('')]).toEqual([filter, expected]);
      expect([filter, await library.models.count(filter)]).toEqual([filter, expected.length]);
      expect([filter, (await library.search.searchModels('', filter)).total]).toEqual([filter, expected.length]);
    }
  });

  test('a wrong or misspelt filter is refused by name', async () => {
    await using library = await openLibrary(target);
    const refused = async (filter: object, message: RegExp) =>
      expect(library.models.list({ filter })).rejects.toThrow(message);
    await refused({ format: ['stl'] }, /'formats'/);
    await refused({ formats: ['exe'] }, /filter\.formats/);
    await refused({ createdFrom: '2020-01-01' }, /filter\.createdFrom must be a valid Date/);
    await refused({ createdTo: new Date('x') }, /filter\.createdTo/);
    await refused({ minTriangles: Number.NaN }, /filter\.minTriangles/);
    await refused({ tagsAll: 'red' }, /filter\.tagsAll/);
    await expect(library.models.list({ limit: 0 })).rejects.toThrow(/limit/);
    await expect(library.models.list({ limit: 1.5 })).rejects.toThrow(/limit/);
  });

  test('search finds by text, metadata and filter together', async () => {
    await using library = await openLibrary(target);
    const red = await library.models.create(modelInput('red gear', { format: 'obj' }));
    await library.models.create(modelInput('red gear', { format: 'stl' }));
    const blue = await library.models.create(modelInput('blue gear', { format: 'obj' }));
    await library.metadata.updateMetadata(red, { teeth: 12 });
    await library.metadata.updateMetadata(blue, { teeth: 12 });
    const page = await library.models.search({
      text: 'gear -blue',
      formats: ['obj'],
      metadata: [{ key: 'teeth', op: '>=', value: 12 }],
    });
    expect(page.items.map((model) => model.id)).toEqual([red]);
    expect((await library.models.search({ text: '???' })).items).toEqual([]);
    expect((await library.models.search({ text: '-red' })).items.map((model) => model.id)).toEqual([blue]);
  });

  test('listAll reads every model once, in batches, until told to stop', async () => {
    await using library = await openLibrary(target);
    for (let i = 0; i < 25; i += 1) await library.models.create(modelInput(`m${i}`));
    const names: string[] = [];
    for await (const model of library.models.listAll({ batchSize: 10 })) names.push(model.name);
    expect(names).toEqual(Array.from({ length: 25 }, (_, i) => `m${i}`));
    const stop = new AbortController();
    const readUntilStopped = async () => {
      let read = 0;
      for await (const _model of library.models.listAll({ batchSize: 5, signal: stop.signal })) {
        read += 1;
        if (read === 5) stop.abort();
      }
    };
    await expect(readUntilStopped()).rejects.toThrow(/abort/i);
  });
});

async function everyPage(library: Library, options: ListOptions): Promise<Model[]> {
  const models: Model[] = [];
  let after: string | null = null;
  do {
    const page = await library.models.list({ ...options, after });
    models.push(...page.items);
    after = page.next;
  } while (after !== null);
  return models;
}
