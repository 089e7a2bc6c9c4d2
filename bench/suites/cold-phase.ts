// The first thing that somebody does after starting the computer: each sample is the first call of a fresh process on a
// database that it has just opened, whose file is not in the operating system's page cache.
import { readFile } from 'node:fs/promises';
import { createRepositories } from '@cc/repositories';
import { schema } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';
import { durabilityOf } from '../contenders/ours.js';
import { inInnerProcess } from '../harness/inner-process.js';
import { type Measurement, summarise } from '../harness/measure.js';
import { dropFromPageCache } from '../harness/page-cache.js';
import type { ConnectionDurability, Job, Phase, Row, TrialReport } from '../harness/suite.js';
import { sectionOf } from './latency-phase.js';
import {
  copyLibrary,
  type LibraryName,
  type LibraryPlace,
  libraryNames,
  librarySizes,
  phasesOf,
} from './library-places.js';
import { kinds } from './search-operations.js';

/** One phase for each library. */
export const coldPhases: readonly Phase[] = libraryNames.map((name) => ({
  name: phasesOf(name).reads[0],
  contenders: ['ours'],
  run: (job: Job) => runCold(job, name),
  inspect: async () => ({ digest: null, facts: {} }),
}));

/** What the processes of the cold phases run; the runner never does, so it has no contenders. */
export const firstCallPhase: Phase = {
  name: 'first call',
  contenders: [],
  run: runFirstCall,
  inspect: async () => ({ digest: null, facts: {} }),
};

/** Two more columns in the lines of the library. */
export function coldRowsOf(name: LibraryName): readonly Row[] {
  const section = sectionOf(name);
  const bars = [{ text: 'cold ≤ 100 ms', contender: 'ours', atMost: 100 }];
  return kinds.flatMap(({ title, isRead }) => {
    const row = (column: string): Row => ({ id: `${name} ${title} ${column}`, title, unit: 'ms', section, column });
    return [isRead ? { ...row('cold'), bars } : row('cold'), row('cold, slowest')];
  });
}

/** First calls of each kind. */
const samples = 3;
/** The file has more pages than this in memory when it could not be dropped. */
const droppedBytes = 2 ** 20;

interface FirstCall {
  readonly kind: string;
  readonly round: number;
  readonly size: number;
  readonly places: LibraryPlace['places'];
}

async function runCold(job: Job, name: LibraryName): Promise<TrialReport> {
  const { skipped, places } = await copyLibrary<LibraryPlace>(job);
  if (skipped !== null) return { rows: {}, durability: await durabilityAt(job.databasePath) };
  const rows: Record<string, Measurement> = {};
  const durability = new Map<string, ConnectionDurability>();
  for (const { title } of kinds) {
    const times: number[] = [];
    let resident: number | null = 0;
    for (let round = 0; round < samples; round += 1) {
      const { residentBytes } = dropFromPageCache(job.databasePath);
      resident = residentBytes === null || resident === null ? null : Math.max(resident, residentBytes);
      const call: FirstCall = { kind: title, round, size: librarySizes[name], places };
      const report = await inInnerProcess(job, firstCallPhase.name, { ...call });
      times.push(report.rows[title]?.value ?? Number.NaN);
      for (const each of report.durability) durability.set(JSON.stringify(each), each);
    }
    const measured = summarise(times, 'ms', null, stateInWords(resident));
    rows[`${name} ${title} cold`] = measured;
    rows[`${name} ${title} cold, slowest`] = { ...measured, value: measured.max, facts: {} };
  }
  return { rows, durability: [...durability.values()] };
}

/** Nothing to say when the file was out of memory before every call. */
export function stateInWords(resident: number | null): Measurement['facts'] {
  if (resident !== null && resident <= droppedBytes) return {};
  const why = resident === null ? 'this system cannot say what it holds' : `${resident} bytes stayed in the page cache`;
  return { cold: `first call of a new process, page cache warm (${why})` };
}

async function runFirstCall({ databasePath, inputsPath }: Job): Promise<TrialReport> {
  // Written by runCold.
  const { kind, round, size, places } = JSON.parse(await readFile(inputsPath, 'utf8')) as FirstCall;
  const operations = kinds.find(({ title }) => title === kind)?.operations ?? [];
  const operation = operations[round % operations.length];
  if (operation === undefined) throw new TypeError(`no kind of operations is called '${kind}'`);
  await using transactions = await openTransactionManager({ url: `file:${databasePath}`, schema });
  const library = createRepositories(transactions);
  const started = performance.now();
  await operation(library, { size, places, round });
  const ms = performance.now() - started;
  return { rows: { [kind]: summarise([ms], 'ms', null) }, durability: await durabilityOf(transactions) };
}

async function durabilityAt(path: string): Promise<readonly ConnectionDurability[]> {
  await using transactions = await openTransactionManager({ url: `file:${path}`, schema });
  return await durabilityOf(transactions);
}
