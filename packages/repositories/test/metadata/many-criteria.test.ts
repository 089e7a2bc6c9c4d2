// Criteria as many as there may be, on as few keys and as many: each value has a place of its own in the statement.
import { expect, test } from 'vitest';
import type { MetadataCriterion } from '../../src/index.js';
import { modelInput } from '../model-input.js';
import { openLibrary } from '../open-library.js';

test('many comparisons of one key beside many other keys are each compared with their own value', async () => {
  await using library = await openLibrary(':memory:');
  const { metadata, models } = library;
  const id = await models.create(modelInput());
  const keys = Array.from({ length: 13 }, (_, i) => `key${i}`);
  await metadata.updateMetadata(id, Object.fromEntries(keys.map((key, i) => [key, 100 * i])));
  const each = keys.map((key, i): MetadataCriterion => ({ key, op: '>=', value: 100 * i }));
  for (const [i, key] of keys.entries()) {
    const more = Array.from({ length: 20 }, (_, n): MetadataCriterion => ({ key, op: '>=', value: 100 * i - n }));
    for (const criteria of [[...each, ...more], { any: [{ any: [...each, ...more].slice(1) }, ...each] }]) {
      const { items } = await metadata.searchByMetadata(criteria);
      expect([key, items.map((model) => model.id)]).toEqual([key, [id]]);
    }
    const { items } = await metadata.searchByMetadata([...each, ...more, { key, op: '<', value: 100 * i }]);
    expect([key, items]).toEqual([key, []]);
  }
});

test('an empty group counts as a condition, of which there are 64 at most', async () => {
  await using library = await openLibrary(':memory:');
  const { metadata, models } = library;
  const id = await models.create(modelInput());
  const empty = (count: number) => Array.from({ length: count }, () => ({ all: [] }));
  const { items } = await metadata.searchByMetadata(empty(64));
  expect(items.map((model) => model.id)).toEqual([id]);
  await expect(metadata.searchByMetadata(empty(2_000))).rejects.toThrow(
    new TypeError('criteria must not be more than 64'),
  );
});
