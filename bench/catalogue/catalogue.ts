// Finds the catalogue of a run: the one that is named, the real one at its usual place, or the synthetic one.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type CatalogueModel, type CatalogueRow, modelOf } from './row.js';
import { syntheticCatalogue } from './synthetic-catalogue.js';

/** Rows that the synthetic catalogue has in a run. */
export const syntheticSize = 10_000;

/** A catalogue and where it came from, in words for the report. */
export interface Catalogue {
  readonly source: string;
  readonly models: readonly CatalogueModel[];
}

/**
 * Returns the catalogue at `path` (JSON lines, gzip), or without one the Thingi10K list beside the repository, or without
 * that the synthetic catalogue. `repository` is the repository's root folder.
 * @throws Error when `path` is given and cannot be read, or a line is no catalogue row
 */
export async function openCatalogue(path: string | undefined, repository: string): Promise<Catalogue> {
  const chosen = path ?? usualCatalogue(repository);
  if (chosen === undefined) {
    const rows = syntheticCatalogue(syntheticSize);
    return { source: `synthetic, ${rows.length} rows, seed 1`, models: rows.map(modelOf) };
  }
  const lines = gunzipSync(await readFile(chosen))
    .toString()
    .trimEnd()
    .split('\n');
  const models = lines.map((line, index) => modelOf(parseRow(line, index), index));
  return { source: `${basename(chosen)}, ${models.length} rows`, models };
}

/** Returns the path of the Thingi10K list beside the repository; undefined when it is not there. */
export function usualCatalogue(repository: string): string | undefined {
  const usual = join(repository, '..', 'shared', 'data', 'thingi10k.jsonl.gz');
  return existsSync(usual) ? usual : undefined;
}

function parseRow(line: string, index: number): CatalogueRow {
  const row: unknown = JSON.parse(line);
  const isRow = typeof row === 'object' && row !== null && 'file_id' in row && 'filename' in row && 'tags' in row;
  if (!isRow) throw new Error(`line ${index + 1} of the catalogue is no row of model files`);
  // The columns that decide are there; @cc/schema checks every value when the model is created.
  return row as CatalogueRow;
}
