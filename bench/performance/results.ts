// The committed results of the suites, as the page of figures reads them.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json } from '../harness/json.js';
import type { RowFigures } from '../harness/result.js';

/** What a run of a suite has written. */
export interface SuiteResult {
  readonly suite: string;
  readonly title: string;
  readonly command: string;
  /** ISO 8601. */
  readonly measuredAt: string;
  readonly machine: Readonly<Record<string, Json>>;
  readonly load: { readonly before: number; readonly after: number };
  readonly rows: readonly RowFigures[];
}

/** All results by the names of their suites. */
export type Results = ReadonlyMap<string, SuiteResult>;

/** Reads every result in `folder`. */
export async function readResults(folder: string): Promise<Results> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  const read = async (name: string): Promise<SuiteResult> =>
    JSON.parse(await readFile(join(folder, name), 'utf8')) as SuiteResult;
  const results = await Promise.all(names.map(read));
  return new Map(results.map((result) => [result.suite, result]));
}
