// Known-item queries on the real catalogue: how many find their model among the first ten, how high, how fast, and how long
// an index takes to make; ours beside libraries that keep theirs in memory.
import { readFile } from 'node:fs/promises';
import { createRepositories } from '@cc/repositories';
import { schema } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';
import { openCatalogue } from '../catalogue/catalogue.js';
import { durabilityOf } from '../contenders/ours.js';
import { type Measurement, summarise } from '../harness/measure.js';
import type { Job, Phase, Row, TrialReport } from '../harness/suite.js';
import { documentOf, type Engine, type EngineName, engineNames, openEngine, ourEngine } from '../relevance/engines.js';
import { knownItems, queriesOfKind, queryKinds } from '../relevance/known-items.js';

/** What the phase is told. */
export interface RelevanceInputs {
  readonly cataloguePath: string | null;
  readonly repository: string;
}

/** Each makes 60 queries of its own. */
export const seeds: readonly number[] = [42, 101, 202, 7, 8];

const peers = engineNames.filter((name) => name !== 'ours');

/** Relevance beside peers. */
export const relevancePhase: Phase = {
  name: 'relevance',
  contenders: engineNames,
  // They keep no database, and find what they find: that is what is compared.
  mayDiffer: peers,
  mayNotFinish: peers,
  run: runRelevance,
  inspect: async () => ({ digest: null, facts: {} }),
};

/** The rows of the phase. */
export const relevanceRows: readonly Row[] = [
  ...queryKinds.flatMap((kind): Row[] => {
    const section = `Relevance: ${seeds.length} × 60 known-item queries`;
    const queries = queriesOfKind[kind] * seeds.length;
    const bars = [{ text: 'ours ≥ every peer, lead over the best', contender: 'ours', atLeastEach: peers }];
    return [
      { id: `hits ${kind}`, title: `${kind}: found among the first ten, of ${queries}`, unit: 'hits', section, bars },
      { id: `mrr ${kind}`, title: `${kind}: mean reciprocal rank`, unit: 'MRR', section, bars },
      { id: `time ${kind}`, title: `${kind}: median time of a query`, unit: 'ms', section },
    ];
  }),
  {
    id: 'build',
    title: 'index of 10,000 models; ours: the library is opened',
    unit: 'ms',
    section: 'Making an index',
  },
];

async function runRelevance({ contender, databasePath, inputsPath }: Job): Promise<TrialReport> {
  // Written by prepareSearch.
  const { cataloguePath, repository } = JSON.parse(await readFile(inputsPath, 'utf8')) as RelevanceInputs;
  const { models } = await openCatalogue(cataloguePath ?? undefined, repository);
  const nameOf = new Map<string, string>(models.map(({ model }) => [model.id, model.name]));
  const started = performance.now();
  const transactions =
    contender === 'ours' ? await openTransactionManager({ url: `file:${databasePath}`, schema }) : null;
  const engine: Engine =
    transactions === null
      ? await openEngine(contender as Exclude<EngineName, 'ours'>, models.map(documentOf))
      : ourEngine(createRepositories(transactions));
  const rows: Record<string, Measurement> = { build: single(performance.now() - started) };
  const items = seeds.flatMap((seed) => knownItems(models, seed));
  // Until V8 has compiled what runs hot.
  for (const { query } of items.slice(0, 30)) await engine.search(query);
  for (const kind of queryKinds) {
    const ranks: number[] = [];
    const timesMs: number[] = [];
    for (const { query, name } of items.filter((item) => item.kind === kind)) {
      const begun = performance.now();
      const ids = await engine.search(query);
      timesMs.push(performance.now() - begun);
      ranks.push(ids.findIndex((id) => nameOf.get(id) === name) + 1);
    }
    const found = ranks.filter((rank) => rank > 0);
    rows[`hits ${kind}`] = single(found.length);
    rows[`mrr ${kind}`] = single(found.reduce((sum, rank) => sum + 1 / rank, 0) / ranks.length);
    rows[`time ${kind}`] = summarise(timesMs, 'ms', null);
  }
  const durability = transactions === null ? [] : await durabilityOf(transactions);
  await transactions?.close();
  return { rows, durability };
}

function single(value: number): Measurement {
  return { value, samples: 1, mean: value, p95: value, max: value, digest: null, facts: {} };
}
