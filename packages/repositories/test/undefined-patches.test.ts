// A field that is undefined is one that is absent, in every patch. The compiler agrees, also with `exactOptionalPropertyTypes`,
// and the types list the fields, so that a new one has to be added here.
import type { ModelPatch } from '@cc/schema/validation';
import { expect, test } from 'vitest';
import type { CollectionPatch } from '../src/index.js';
import { modelInput } from './model-input.js';
import { openLibrary } from './open-library.js';

type Undefined<T> = { readonly [Field in keyof T]-?: undefined };

const model: Undefined<ModelPatch> = {
  name: undefined,
  description: undefined,
  format: undefined,
  fileName: undefined,
  filePath: undefined,
  fileHash: undefined,
  fileSize: undefined,
  fileModifiedAt: undefined,
  fileStamp: undefined,
  author: undefined,
  license: undefined,
  sourceUrl: undefined,
  parseStatus: undefined,
  parseError: undefined,
  triangles: undefined,
  vertices: undefined,
  minX: undefined,
  minY: undefined,
  minZ: undefined,
  maxX: undefined,
  maxY: undefined,
  maxZ: undefined,
  volume: undefined,
  unit: undefined,
  rating: undefined,
  favorite: undefined,
  printedAt: undefined,
  status: undefined,
};
const collection: Undefined<CollectionPatch> = { name: undefined, parentId: undefined, description: undefined };

test('a patch leaves the fields that are undefined as they are', async () => {
  await using library = await openLibrary(':memory:');
  const id = await library.models.create(modelInput('part', { rating: 3, author: 'ada' }));
  const before = await library.models.read(id);
  expect(await library.models.update(id, model)).toBe(true);
  expect(await library.models.read(id)).toEqual(before);
  const outer = await library.collections.create({ name: 'outer' });
  const inner = await library.collections.create({ name: 'inner', parentId: outer, description: 'x' });
  expect(await library.collections.update(inner, collection)).toBe(true);
  expect(await library.collections.read(inner)).toMatchObject({ name: 'inner', parentId: outer, description: 'x' });
});
