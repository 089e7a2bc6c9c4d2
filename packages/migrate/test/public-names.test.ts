import { expect, test } from 'vitest';
import * as care from '../src/care.js';
import * as names from '../src/index.js';

test('the package exports these values and no others', () => {
  expect(Object.keys(names).toSorted()).toEqual(['createMigrationManager', 'migrationManagerDefaults']);
});

test('so does the entry for looking after folder and database', () => {
  expect(Object.keys(care).toSorted()).toEqual(['checkFolder', 'restoreBackup', 'verifyFolder']);
});
