// The phases of the suite `import`: each contender is a command in a process of its own, whose children count.
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import Database from 'libsql';
import { type Measurement, summarise } from '../harness/measure.js';
import { costOf, type TreeCost, type TreeOptions } from '../harness/process-tree.js';
import type { Job, Phase, TrialReport } from '../harness/suite.js';
import { type ImportInputs, largeFormats } from './import-inputs.js';
import { watchPhase } from './import-watch-phase.js';

/** The import as one writes it, in one table. */
export const byHand = 'by hand';
/** SHA-256 of every file, and nothing else. */
export const hashAlone = 'SHA-256 alone';
/** `readdir` and `stat`. */
export const walk = 'walk alone';

/** The phases. */
export const importPhases: readonly Phase[] = [
  phaseOf('small', [byHand, 'by hand again', hashAlone, 'ours'], async (job, inputs) => {
    const cost = await run(job, inputs.folder);
    return { small: row(cost.cpuMs), 'small wall': row(cost.wallMs) };
  }),
  phaseOf('again', [walk, 'walk again', 'ours'], async (job, inputs) => {
    if (job.contender === 'ours') await run(job, inputs.folder);
    const cost = await run(job, inputs.folder);
    return { again: row(cost.cpuMs), 'again wall': row(cost.wallMs) };
  }),
  ...largeFormats.map((format) =>
    phaseOf(format, [hashAlone, 'SHA-256 again', 'ours'], async (job, inputs) => {
      // Less what one file costs: what a run costs by itself stands in the rows of small files.
      const one = await run(job, inputs.first);
      await removeDatabase(job);
      const all = await run(job, inputs.folder);
      const times = inputs.files - 1;
      return {
        [format]: row((all.wallMs - one.wallMs) / times),
        [`${format} cpu`]: row((all.cpuMs - one.cpuMs) / times),
      };
    }),
  ),
  phaseOf('memory', ['ours'], async (job, inputs) => {
    const { peakMb } = await run(job, inputs.folder, { watchMemory: true });
    return { memory: row(peakMb ?? 0) };
  }),
  watchPhase,
];

function phaseOf(
  name: string,
  contenders: readonly string[],
  measured: (job: Job, inputs: ImportInputs) => Promise<TrialReport['rows']>,
): Phase {
  return {
    name,
    contenders,
    hasDatabase: false,
    async run(job) {
      await removeDatabase(job);
      return { rows: await measured(job, await inputsOf(job)), durability: [] };
    },
    async inspect(job) {
      const { folder, files } = await inputsOf(job);
      const found = await foundBy(job, folder);
      if (found.length !== files) throw new Error(`${job.contender} found ${found.length} of ${files} files`);
      const isHashed = ![walk, 'walk again'].includes(job.contender) && name !== 'again';
      const lines = found.map(({ path, size, hash }) => `${relative(folder, path)} ${size} ${isHashed ? hash : ''}`);
      return { digest: createHash('sha256').update(lines.sort().join('\n')).digest('hex').slice(0, 16), facts: {} };
    },
  };
}

/** One value to a process. */
function row(value: number): Measurement {
  return summarise([value], 'ms', null);
}

async function run(job: Job, folder: string, o: TreeOptions = {}): Promise<TreeCost> {
  return await costOf(argumentsOf(job, folder), o);
}

function argumentsOf({ contender, databasePath }: Job, folder: string): readonly string[] {
  if (contender === 'ours') {
    const candy = fileURLToPath(new URL('../../apps/demo/dist/main.js', import.meta.url));
    return [candy, 'import', folder, '--url', pathToFileURL(databasePath).href];
  }
  const entry = fileURLToPath(new URL('./import-by-hand.js', import.meta.url));
  const way = contender.startsWith('by hand') ? 'import' : contender.startsWith('SHA-256') ? 'hash' : 'walk';
  return [entry, way, folder, databasePath];
}

interface FoundFile {
  readonly path: string;
  readonly size: number;
  readonly hash: string;
}

/** What a contender has found: in its database, or told anew by those that keep none. */
async function foundBy(job: Job, folder: string): Promise<readonly FoundFile[]> {
  if (job.contender === 'ours') {
    return rowsOf(job.databasePath, 'SELECT file_path AS path, file_size AS size, file_hash AS hash FROM models');
  }
  if (job.contender.startsWith('by hand')) return rowsOf(job.databasePath, 'SELECT path, size, hash FROM files');
  const { stdout } = await run(job, folder);
  return stdout.split('\n').map((line) => {
    const [, path = '', size = '', hash = ''] = /^(.*?) (\d+)(?: ([0-9a-f]{64}))?$/.exec(line) ?? [];
    return { path, size: Number(size), hash };
  });
}

function rowsOf(path: string, sql: string): readonly FoundFile[] {
  const database = new Database(path);
  try {
    // Columns as the SQL names them.
    return database.prepare(sql).all() as FoundFile[];
  } finally {
    database.close();
  }
}

async function removeDatabase({ databasePath }: Job): Promise<void> {
  for (const suffix of ['', '-wal', '-shm']) await rm(`${databasePath}${suffix}`, { force: true });
}

async function inputsOf({ inputsPath }: Job): Promise<ImportInputs> {
  // Written by prepareImports.
  return JSON.parse(await readFile(inputsPath, 'utf8')) as ImportInputs;
}
