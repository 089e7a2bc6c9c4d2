// Sizes are differences of coordinates, and carry their rounding: every condition on them has the same tolerance.
import { expect, test } from 'vitest';
import { modelInput } from '../model-input.js';
import { openLibrary } from '../open-library.js';

test('a side that differs by rounding alone passes the least, the greatest and the box of its length', async () => {
  await using library = await openLibrary(':memory:');
  const { models } = library;
  // 20.1 - 0.1 is a little more than 20, 20.7 - 0.7 too; 19.3 - -0.7 is 20, 19.9 - -0.1 too; the last two are 0.0004 away.
  const boxes = [
    [0.1, 20.1],
    [0.7, 20.7],
    [-0.7, 19.3],
    [0, 20],
    [0, 20.0004],
    [0, 19.9996],
  ] as const;
  for (const [min, max] of boxes) {
    await models.create(modelInput('cube', { minX: min, maxX: max, minY: 0, maxY: 1, minZ: 0, maxZ: 1 }));
  }
  expect(await models.count({ minSizeMm: 20 })).toBe(boxes.length);
  expect(await models.count({ maxSizeMm: 20 })).toBe(boxes.length);
  expect(await models.count({ minSizeMm: 20, maxSizeMm: 20 })).toBe(boxes.length);
  expect(await models.count({ fitsMm: [1, 20, 1] })).toBe(boxes.length);
  expect(await models.count({ minSizeMm: 20.01 })).toBe(0);
  expect(await models.count({ maxSizeMm: 19.99 })).toBe(0);
});
