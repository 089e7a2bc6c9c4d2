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
});
