// How often a call asks a server that is far away, and waits for the answer: as often as it must.
import { fewestRequestsOf, requestsOf } from '@cc/testkit/requests';
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

  test('reindex writes what is outdated many models to a request, so that no slow network makes a minute of some', async () => {
    await using library = await openLibrary('http');
    const { models, search, transactions } = library;
    await models.createMany(Array.from({ length: 300 }, (_, i) => ({ model: modelInput(`M3x${i}`) })));
    const asItIs = await requestsOf(() => search.reindex());
    await transactions.db.run(`update models set search_extra = ''`);
    const outdated = await requestsOf(() => search.reindex());
    expect(outdated - asItIs).toBeLessThan(20);
    expect(await search.verifyIndex()).toEqual({ ok: true, problems: [] });
  });

  test('what takes several steps asks for all that it can at once', async () => {
    await using library = await openLibrary('http');
    const { models, search, tags, transactions } = library;
    const id = await models.create(modelInput('hexagon bolt'));
    // That there is no such tag, the tag with its model, COMMIT.
    expect(await fewestRequestsOf((i) => tags.tag(id, `new ${i}`))).toBe(3);
    const some = (length: number) =>
      Array.from({ length }, (_, i) => ({
        model: modelInput(`hexagon bolt ${i}`),
        metadata: { material: 'PETG', weight: i },
        tags: ['printed', i % 2 ? 'left' : 'right'],
      }));
    // What is in the way, tags and numbers, rows, words, what follows from them, COMMIT, and whether others have left words behind.
    expect(await fewestRequestsOf(() => models.createMany(some(12)))).toBe(7);
    await search.refreshWords();
    const searches: readonly (readonly [string, number])[] = [
      ['hexagon', 2],
      ['', 1],
      ['qqqqqqqq', 4],
      ['qqqqqqqq wwwwwwww', 5],
      ['hexagom', 5],
      ['hexagom boltt', 5],
    ];
    // In one snapshot that has begun: what they take without its beginning and end.
    await transactions.read(async () => {
      const took: [string, number][] = [];
      for (const [query] of searches) {
        took.push([query, await fewestRequestsOf(() => search.searchModels(query, {}, { facets: query === '' }))]);
      }
      expect(took).toEqual(searches);
      expect(await fewestRequestsOf(() => search.getSearchSuggestions('bolt hex'))).toBe(2);
    });
    await models.createMany(some(200));
    await transactions.read(async () => {
      // Not all of the hits are ranked: how many there are, and which have the word in their name, is asked for together.
      expect(await fewestRequestsOf(() => search.searchModels('hexagon'))).toBe(3);
    });
  });
});
