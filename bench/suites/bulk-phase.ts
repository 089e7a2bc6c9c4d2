// Adding a thousand models at once to libraries of growing size, beside hand-written multi-row inserts.
import { openContender } from '../contenders/open.js';
import { type Measurement, measure } from '../harness/measure.js';
import type { Job, Phase, Row, TrialReport } from '../harness/suite.js';
import { type BulkInputs, bulkSizes, readBulks } from './bulk-inputs.js';
import { digestOfLastModels } from './inspect-file.js';
import { at } from './library-phase.js';
import {
  copyLibrary,
  type LibraryName,
  type LibraryPlace,
  libraryNames,
  librarySizes,
  phasesOf,
} from './library-places.js';

const contenders = ['raw', 'raw again', 'ours'];

/** One phase for each library. */
export const bulkPhases: readonly Phase[] = libraryNames.map((name) => ({
  name: phasesOf(name).bulk,
  contenders,
  run: (job: Job) => runBulk(job, name),
  inspect: async ({ databasePath }) => ({
    digest: digestOfLastModels(databasePath, bulkSizes.bulks * bulkSizes.models),
    facts: {},
  }),
}));

/** The rows of all libraries. */
export const bulkRows: readonly Row[] = libraryNames.map((name) => ({
  id: `${name} createMany`,
  title: `createMany of 1,000 models + 5,000 values into ${librarySizes[name].toLocaleString('en')}`,
  unit: 'ms',
  section: 'Filling and indexing',
  reference: 'raw',
  bars: [{ text: 'ours ≤ 1.1 × raw', contender: 'ours', against: 'raw', atMost: 1.1 }],
}));

async function runBulk(job: Job, name: LibraryName): Promise<TrialReport> {
  const inputs = await copyLibrary<LibraryPlace & BulkInputs>(job);
  const contender = await openContender(job.contender, job.databasePath);
  const rows: Record<string, Measurement> = {};
  if (inputs.skipped === null) {
    const bulks = readBulks(inputs);
    const measured = await measure({
      unit: 'ms',
      warmup: 1,
      samples: bulks.length - 1,
      operation: (i) => contender.library.createMany(at(bulks, i), 'reject'),
    });
    const facts = { 'models per second': Math.round((bulkSizes.models / measured.value) * 1_000) };
    rows[`${name} createMany`] = { ...measured, facts };
  }
  const durability = await contender.durability();
  await contender.close();
  return { rows, durability };
}
