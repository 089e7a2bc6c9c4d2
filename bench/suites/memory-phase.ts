// What the five operations leave behind in memory: create, read, metadata, search and createMany in one fresh process.
import { readFile } from 'node:fs/promises';
import { contenderNames, openContender } from '../contenders/open.js';
import { digest } from '../harness/digest.js';
import type { Job, Phase, TrialReport } from '../harness/suite.js';
import { type LibraryInputs, readInputs } from './first-inputs.js';
import { digestOfLibrary } from './inspect-file.js';
import { at, valuesOf } from './library-phase.js';

/** The growth of the resident set. */
export const memoryPhase: Phase = {
  name: 'memory',
  contenders: contenderNames.filter((name) => name !== 'raw again'),
  run: runOperations,
  inspect: async ({ databasePath }) => ({ digest: digestOfLibrary(databasePath), facts: {} }),
};

async function runOperations({ contender: name, databasePath, inputsPath }: Job): Promise<TrialReport> {
  // Written by prepareLibrary.
  const inputs = readInputs(JSON.parse(await readFile(inputsPath, 'utf8')) as LibraryInputs);
  const contender = await openContender(name, databasePath);
  const { library } = contender;
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  const outcomes = { made: 0, found: 0 };
  for (const item of inputs.creates) if ((await library.create(item)) === 'created') outcomes.made += 1;
  for (let i = 0; i < 1_000; i += 1) await library.read(at(inputs.ids, i));
  for (let i = 0; i < 330; i += 1) await library.setAndReadMetadata(at(inputs.ids, i), valuesOf(i));
  for (let i = 0; i < 120; i += 1) {
    const { words, format } = at(inputs.searches, i);
    outcomes.found += (await library.search(words, format)).total;
  }
  for (const bulk of inputs.bulks) outcomes.made += await library.createMany(bulk, 'reject');
  const value = (process.memoryUsage.rss() - before) / 2 ** 20;

  const durability = await contender.durability();
  await contender.close();
  const one = { value, samples: 1, mean: value, p95: value, max: value, facts: {} };
  return { rows: { memory: { ...one, digest: digest(outcomes) } }, durability };
}
