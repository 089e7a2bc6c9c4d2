// Where texts that begin alike end, which names are one name, and times of change when the clock goes back.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { afterPrefix, afterPrefixNocase } from '../../src/text/after-prefix.js';
import { modelInput } from '../model-input.js';
import { openLibrary, targets } from '../open-library.js';

const [composed, decomposed] = ['M\u00f6bel', 'Mo\u0308bel'];

describe.each(targets)('in %s', (target) => {
  test('a metadata prefix finds the texts that go on with the last characters of Unicode', async () => {
    await using library = await openLibrary(target);
    const values = [
      'x',
      'x\u{10ffff}',
      'x\u{10ffff}\u{10ffff}y',
      'x\ud7ff',
      'x\ue000',
      'y',
      '\u{10ffff}',
      '\u{10ffff}a',
      '',
    ];
    await library.models.createMany(values.map((v) => ({ model: modelInput(), metadata: { v } })));
    const found = async (value: string) => {
      const page = await library.metadata.searchByMetadata({ key: 'v', op: 'prefix', value });
      const records = await library.metadata.getMany(page.items.map(({ id }) => id));
      return [...records.values()].map(({ v }) => v);
    };
    for (const prefix of values) {
      expect(await found(prefix)).toEqual(values.filter((value) => value.startsWith(prefix)));
    }
  });

  test('a prefix of tags finds those that go on with the last characters of Unicode', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput());
    const names = ['x', 'x\u{10ffff}', 'y', '\u{10ffff}', '\u{10ffff}z'];
    for (const name of names) await library.tags.tag(id, name);
    const found = async (prefix: string) => (await library.tags.listTags({ prefix })).map(({ name }) => name);
    expect(await found('x')).toEqual(['x', 'x\u{10ffff}']);
    expect(await found('\u{10ffff}')).toEqual(['\u{10ffff}', '\u{10ffff}z']);
  });

  test('a query ranks the models whose name begins with it, whatever the letter case and its last sign', async () => {
    await using library = await openLibrary(target);
    const named = ['Gear Z', 'gear z!', 'GEAR z\u{10ffff}', 'gear @ z', 'gear [ z'];
    const ids: string[] = [];
    for (const name of named) ids.push(await library.models.create(modelInput(name)));
    // So many that the named ones are ranked for how their name begins only.
    await library.models.createMany(
      Array.from({ length: 1_000 }, (_, i) => ({ model: modelInput(`Z ${i}`, { description: 'gear' }) })),
    );
    const first = await library.search.searchModels('gear z', {}, { limit: 3 });
    expect(first.ranking).toBe('bounded');
    expect(first.hits.map(({ model }) => model.id).sort()).toEqual(ids.slice(0, 3).sort());
  });

  test('a collection has one name however its accents are written', async () => {
    await using library = await openLibrary(target);
    const { collections } = library;
    const top = await collections.create({ name: decomposed });
    expect(await collections.read(top)).toMatchObject({ name: composed });
    const taken = expect.objectContaining({ code: 'DUPLICATE_COLLECTION' });
    await expect(collections.create({ name: composed })).rejects.toEqual(taken);
    await collections.create({ name: composed, parentId: top });
    await expect(collections.create({ name: decomposed, parentId: top })).rejects.toEqual(taken);
    const other = await collections.create({ name: 'other' });
    await expect(collections.update(other, { name: decomposed })).rejects.toEqual(taken);
    // Letter case tells collections apart, as it does folders.
    await collections.create({ name: composed.toUpperCase() });
  });

  test('a saved search has one name however its accents are written', async () => {
    await using library = await openLibrary(target);
    const { search } = library;
    await search.saveSearch(decomposed, 'first');
    await search.saveSearch(composed, 'second');
    expect(await search.getSavedSearches()).toMatchObject([{ name: composed, query: 'second', lastUsedAt: null }]);
    await search.runSavedSearch(decomposed);
    expect(await search.getSavedSearches()).toMatchObject([{ lastUsedAt: new Date(Date.UTC(2024, 0, 1)) }]);
    expect(await search.deleteSavedSearch(decomposed)).toBe(true);
  });

  test('a tag has one name however its accents are written', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput());
    expect(await library.tags.tag(id, decomposed)).toBe(true);
    expect(await library.tags.tag(id, composed)).toBe(false);
  });

  test('metadata keys, paths and names of models are kept as they are given', async () => {
    await using library = await openLibrary(target);
    const paths = [composed, decomposed].map((name) => `/library/${name}.stl`);
    for (const filePath of paths) {
      const id = await library.models.create(modelInput(decomposed, { filePath }));
      await library.metadata.addMetadata(id, { [composed]: 1, [decomposed]: 2 });
      expect(await library.models.readByPath(filePath)).toMatchObject({ id, filePath, name: decomposed });
      expect(await library.metadata.getMetadata(id)).toEqual({ [composed]: 1, [decomposed]: 2 });
    }
  });

  test('nothing was changed before it was made, also when the clock goes back', async () => {
    await using library = await openLibrary(target);
    const { models, collections, search } = library;
    const created = library.tick(60_000);
    const id = await models.create(modelInput());
    const ahead = await models.create(modelInput('ahead', { createdAt: new Date(Date.UTC(2050, 0, 1)) }));
    const collection = await collections.create({ name: 'one' });
    await search.saveSearch('saved', 'gear');
    library.tick(-30_000);
    await models.update(id, { rating: 1 });
    await models.upsertByPath(modelInput('other', { filePath: (await models.read(id))?.filePath ?? '' }));
    await collections.update(collection, { name: 'two' });
    await search.runSavedSearch('saved');
    expect(await models.read(id)).toMatchObject({ name: 'other', createdAt: created, updatedAt: created });
    expect(await models.read(ahead)).toMatchObject({ updatedAt: new Date(Date.UTC(2050, 0, 1)) });
    expect(await collections.read(collection)).toMatchObject({ createdAt: created, updatedAt: created });
    expect(await search.getSavedSearches()).toMatchObject([{ createdAt: created, lastUsedAt: created }]);
    const later = library.tick(60_000);
    await models.update(id, { rating: 2 });
    library.tick(-20_000);
    await models.update(id, { rating: 3 });
    expect(await models.read(id)).toMatchObject({ updatedAt: later });
  });
});

const signs = fc.constantFrom(...Array.from('aAzZ@[`{0~\u00e9\ud7ff\ue000\uffff\u{10000}\u{10fffe}\u{10ffff}'));
const texts = fc.string({ unit: signs, maxLength: 4 });

test('texts with a prefix are those from it until before what comes after it', () => {
  fc.assert(
    fc.property(texts, texts, (prefix, text) => {
      const end = afterPrefix(prefix);
      const isWithin = !isBelow(text, prefix) && (end === null || isBelow(text, end));
      expect(isWithin).toBe(text.startsWith(prefix));
      expect(end?.isWellFormed() ?? true).toBe(true);
      const endNocase = afterPrefixNocase(prefix);
      const isWithinNocase =
        !isBelow(lower(text), lower(prefix)) && (endNocase === null || isBelow(lower(text), lower(endNocase)));
      expect(isWithinNocase).toBe(lower(text).startsWith(lower(prefix)));
    }),
    { numRuns: 5_000 },
  );
});

/** As SQLite compares texts: by their bytes in UTF-8. */
function isBelow(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}

function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
