import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { modelOf } from '../catalogue/row.js';
import { syntheticCatalogue } from '../catalogue/synthetic-catalogue.js';
import { openContender } from '../contenders/open.js';
import { type BulkInputs, bulkInputs, readBulks } from '../suites/bulk-inputs.js';
import { fillLibrary } from '../suites/fill-library.js';
import { digestOfLastModels } from '../suites/inspect-file.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-bulk-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('adds the same rows by hand and by ours', async () => {
  const catalogue = { source: 'synthetic', models: syntheticCatalogue(300).map(modelOf) };
  const library = join(folder, 'library.db');
  await fillLibrary(library, catalogue, 300);
  // Written by bulkInputs.
  const [bulk = []] = readBulks(bulkInputs(library, catalogue.models) as unknown as BulkInputs);
  const digests = [];
  for (const name of ['raw', 'ours']) {
    const path = join(folder, `${name}.db`);
    await copyFile(library, path);
    const contender = await openContender(name, path);
    await contender.library.createMany(bulk, 'reject');
    await contender.close();
    digests.push(digestOfLastModels(path, bulk.length));
  }
  expect(bulk).toHaveLength(1_000);
  expect(digests[1]).toBe(digests[0]);
});
