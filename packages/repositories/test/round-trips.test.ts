// How often a call asks a server that is far away, and waits for the answer: as often as it must.
import { requestsOf } from '@cc/testkit/requests';
import { describeWithSqld } from '@cc/testkit/targets';
import { expect, test } from 'vitest';
import { modelInput } from './model-input.js';
import { openLibrary } from './open-library.js';

describeWithSqld('over a network', () => {
  test('calls that change one thing take one round trip', async () => {
    await using library = await openLibrary('http');
    const { models, metadata, tags } = library;
    const id = await models.create(modelInput('one'));
    const other = await models.create(modelInput('other'));
    await tags.tag(other, 'Screws');
    const calls: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['create', () => models.create(modelInput('third'))],
      ['update', () => models.update(id, { rating: 5, favorite: true }, { ifVersion: 1 })],
      ['updateMetadata', () => metadata.updateMetadata(id, { material: 'A2', printed: true })],
      ['deleteMetadata', () => metadata.deleteMetadata(id, 'material')],
      ['tag', () => tags.tag(id, 'screws')],
      ['untag', () => tags.untag(id, 'screws')],
      ['delete', () => models.delete(id)],
    ];
    const took: Record<string, number> = {};
    for (const [name, call] of calls) took[name] = await requestsOf(call);
    expect(took).toEqual(Object.fromEntries(calls.map(([name]) => [name, 1])));
    expect(await tags.listTags()).toEqual([{ name: 'Screws', models: 1 }]);
  });

  test('what takes several steps asks for all that it can at once', async () => {
    await using library = await openLibrary('http');
    const { models, search, transactions } = library;
    const items = Array.from({ length: 40 }, (_, i) => ({
      model: modelInput(`hexagon bolt ${i}`),
      metadata: { material: 'PETG', weight: i },
      tags: ['printed', i % 2 ? 'left' : 'right'],
    }));
    // What is in the way, tags and numbers, rows, words, what follows from them, COMMIT, and whether others have left words behind.
    expect(await requestsOf(() => models.createMany(items))).toBe(7);
    const searches: readonly (readonly [string, number])[] = [
      ['hexagon', 2],
      ['', 2],
      ['qqqqqqqq', 5],
      ['qqqqqqqq wwwwwwww', 6],
      ['hexagom', 6],
      ['hexagom boltt', 6],
    ];
    // In one snapshot that has begun: what they take without its beginning and end.
    await transactions.read(async () => {
      // The first search asks how large the library is.
      await search.searchModels('bolt');
      const took: [string, number][] = [];
      for (const [query] of searches) {
        const requests = await requestsOf(() => search.searchModels(query, {}, { facets: query === '' }));
        took.push([query, requests]);
      }
      expect(took).toEqual(searches);
    });
  });
});
