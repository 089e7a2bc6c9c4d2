import { expect, test } from 'vitest';
import * as names from '../src/index.js';

test('the package exports these values and no others', () => {
  expect(Object.keys(names).toSorted()).toEqual(['createMigrationManager', 'migrationManagerDefaults']);
});
