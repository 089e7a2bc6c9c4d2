// What a process needs that searches: ours with the library on disk, the others with their index in memory. The catalogue is
// read before, by another process, so that nothing of it is left over in this one: documents come one by one from a file.
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createRepositories } from '@cc/repositories';
import { schema } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';
import type { CatalogueModel } from '../catalogue/row.js';
import { durabilityOf } from '../contenders/ours.js';
import type { Json } from '../harness/json.js';
import { summarise } from '../harness/measure.js';
import type { Job, Phase, Row, TrialReport } from '../harness/suite.js';
import {
  type Document,
  documentOf,
  type EngineName,
  engineNames,
  openEngine,
  ourEngine,
} from '../relevance/engines.js';
import { knownItems } from '../relevance/known-items.js';
import { seeds } from './relevance-phase.js';

const peers = engineNames.filter((name) => name !== 'ours');

/** Memory beside peers. */
export const searchMemoryPhase: Phase = {
  name: 'search memory',
  contenders: engineNames,
  // They keep no database.
  mayDiffer: peers,
  mayNotFinish: peers,
  run: runSearches,
  inspect: async () => ({ digest: null, facts: {} }),
};

/** The row of the phase. */
export const searchMemoryRow: Row = {
  id: 'search memory',
  title: `growth of memory (RSS) by opening 10,000 models for search and ${seeds.length * 60} queries`,
  unit: 'MB',
  section: 'Memory beside search libraries',
};

interface SearchMemoryInputs {
  readonly documentsPath: string;
  readonly queries: readonly string[];
}

/** Writes the documents, and returns what the phase is told. */
export async function searchMemoryInputs(folder: string, models: readonly CatalogueModel[]): Promise<Json> {
  const documentsPath = join(folder, 'documents.jsonl');
  await writeFile(documentsPath, models.map((model) => `${JSON.stringify(documentOf(model))}\n`).join(''));
  const queries = seeds.flatMap((seed) => knownItems(models, seed).map(({ query }) => query));
  return { documentsPath, queries };
}

async function runSearches({ contender, databasePath, inputsPath }: Job): Promise<TrialReport> {
  // Written by searchMemoryInputs.
  const { documentsPath, queries } = JSON.parse(await readFile(inputsPath, 'utf8')) as SearchMemoryInputs;
  const before = memoryNow();
  const transactions =
    contender === 'ours' ? await openTransactionManager({ url: `file:${databasePath}`, schema }) : null;
  const engine =
    transactions === null
      ? await openEngine(contender as Exclude<EngineName, 'ours'>, documentsOf(documentsPath))
      : ourEngine(createRepositories(transactions));
  const opened = memoryNow();
  let found = 0;
  for (const query of queries) found += (await engine.search(query)).length;
  const after = memoryNow();
  if (found === 0) throw new Error(`${contender} found nothing at all`);
  const facts = {
    'opened MB': Math.round(opened.rss - before.rss),
    // What is alive, without what V8 has not given back.
    'of it JavaScript that is alive MB': Math.round(after.alive - before.alive),
  };
  const durability = transactions === null ? [] : await durabilityOf(transactions);
  await transactions?.close();
  // Megabytes stand where the times of other rows do.
  return { rows: { [searchMemoryRow.id]: summarise([after.rss - before.rss], 'ms', null, facts) }, durability };
}

async function* documentsOf(path: string): AsyncGenerator<Document> {
  // A line is what documentOf returned.
  for await (const line of createInterface({ input: createReadStream(path) })) yield JSON.parse(line) as Document;
}

/** Megabytes after a collection. */
function memoryNow(): { readonly rss: number; readonly alive: number } {
  globalThis.gc?.();
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss: rss / 2 ** 20, alive: (heapUsed + external) / 2 ** 20 };
}
