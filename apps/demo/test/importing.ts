// Imports the models of a place with one geometry reader for a whole test file, and reads what is stored.
import type { Model } from '@cc/schema';
import { afterAll, beforeAll } from 'vitest';
import { type GeometryReader, openGeometryReader } from '../src/geometry/reader.js';
import { type ImportOptions, type ImportReport, importFolders } from '../src/importing/import-folders.js';
import type { Library } from '../src/library.js';
import type { Place } from './temporary-library.js';

/** The counts of an import that found no model file. */
export const none = {
  new: 0,
  changed: 0,
  unchanged: 0,
  duplicate: 0,
  moved: 0,
  unparsed: 0,
  unreadable: 0,
  missing: 0,
};

/** Runs an import; `folders` default to the models of the place. */
export type RunImport = (
  library: Library,
  place: Place,
  options?: Partial<ImportOptions>,
  folders?: readonly string[],
) => Promise<ImportReport>;

/** Opens a geometry reader around the tests of the calling file and returns what imports with it. */
export function importing(): { readonly run: RunImport; readonly reader: () => GeometryReader } {
  let opened: GeometryReader | undefined;
  const reader = (): GeometryReader => {
    if (opened === undefined) throw new Error('the geometry reader is open during tests only');
    return opened;
  };
  beforeAll(async () => {
    opened = await openGeometryReader();
  });
  afterAll(async () => await opened?.close());
  const never = new AbortController().signal;
  return {
    reader,
    run: (library, { models }, options = {}, folders = [models]) =>
      importFolders(library, folders, { geometry: reader(), signal: never, ...options }),
  };
}

/** The reader `geometry`, but for `readMany`: for faults at a certain file. */
export function withRead(geometry: GeometryReader, readMany: GeometryReader['readMany']): GeometryReader {
  return {
    read: geometry.read.bind(geometry),
    readMany,
    close: () => geometry.close(),
    [Symbol.asyncDispose]: () => geometry.close(),
  };
}

/** All models in the order in which they were added. */
export async function modelsOf(library: Library): Promise<Model[]> {
  const models: Model[] = [];
  for await (const model of library.repositories.models.listAll()) models.push(model);
  return models;
}

/** The model of a path, which must be there. */
export async function modelAt(library: Library, path: string): Promise<Model> {
  const model = await library.repositories.models.readByPath(path);
  if (model === null) throw new Error(`no model at ${path}`);
  return model;
}
