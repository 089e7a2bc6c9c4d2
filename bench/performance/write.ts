// Writes the page of figures, its charts, the table of the root's README, and those of the page of settings.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performancePage } from './page.js';
import { readResults } from './results.js';
import { withTuningTables } from './tuning.js';

/** Where the table of README begins and ends. */
const [begin, end] = ['<!-- The table is written by `npm run bench -- page`. -->', '<!-- Until here. -->'];

/** Returns what the files of `repository` should hold, by their paths in it. @throws Error when README lacks the marks */
export async function performanceFiles(repository: string, results: string): Promise<ReadonlyMap<string, string>> {
  const read = await readResults(results);
  const page = performancePage(read);
  const tuning = join('docs', 'tuning.md');
  const readme = await readFile(join(repository, 'README.md'), 'utf8');
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md has no place for the table, between ${begin} and ${end}`);
  return new Map([
    [tuning, withTuningTables(await readFile(join(repository, tuning), 'utf8'), read.get('tuning'))],
    [join('docs', 'performance.md'), page.text],
    ...[...page.charts].map(([name, svg]): [string, string] => [join('docs', 'performance', name), svg]),
    ['README.md', `${readme.slice(0, from + begin.length)}\n\n${page.firstScreen}\n\n${readme.slice(to)}`],
  ]);
}

/** Writes them, and removes the charts of before. Returns their paths. */
export async function writePerformance(repository: string, results: string): Promise<readonly string[]> {
  const files = await performanceFiles(repository, results);
  const folder = join(repository, 'docs', 'performance');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [path, content] of files) await writeFile(join(repository, path), content);
  return [...files.keys()];
}
