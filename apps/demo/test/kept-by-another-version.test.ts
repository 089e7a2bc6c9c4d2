// Two versions of a program on one library: the older one, which goes on until the newer one has taken its place, may be the last
// to fill the file of the cache. What it has kept lacks the columns that it does not know.
import { openCacheManager } from '@cc/cache';
import { type Model, type ModelId, schema } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';
import { expect, test } from 'vitest';
import { openLibrary } from '../src/library.js';
import { makePlace } from './temporary-library.js';

const withDisk = { cache: { disk: true } } as const;

test('a model that a program without one of its columns has kept on disk is read anew, and then kept', async () => {
  const { url } = makePlace();
  const id = await addModel(url);
  const { model } = await read(url, id);
  expect(await read(url, id)).toEqual({ model, isLoaded: false });
  await keepAsOlderProgram(url, model);
  expect(await read(url, id)).toEqual({ model, isLoaded: true });
  expect(await read(url, id)).toEqual({ model, isLoaded: false });
});

async function addModel(url: string): Promise<ModelId> {
  await using library = await openLibrary(url, withDisk);
  const file = { fileName: 'gear.stl', filePath: '/gear.stl', fileHash: 'c0ffee', fileSize: 84 };
  return await library.repositories.models.create({ name: 'Gear', format: 'stl', unit: 'millimeter', ...file });
}

/** What a program of this version is answered, and whether the database was asked. */
async function read(url: string, id: ModelId): Promise<{ readonly model: Model; readonly isLoaded: boolean }> {
  await using library = await openLibrary(url, withDisk);
  const model = await library.repositories.models.read(id);
  if (model === null) throw new Error('The model is gone');
  return { model, isLoaded: library.cache.getCacheStats().loadMs.p50 > 0 };
}

/** Keeps what the repositories did before `unit` came. */
async function keepAsOlderProgram(url: string, { unit: _unit, ...model }: Model): Promise<void> {
  await using transactions = await openTransactionManager({ url, schema });
  await using cache = await openCacheManager({ transactions, ...withDisk.cache });
  cache.region<Omit<Model, 'unit'>>('models', { toldBy: cache }).set(model.id, model);
}
