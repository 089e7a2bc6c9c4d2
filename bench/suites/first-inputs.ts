// The library that every trial copies, filled through createMany and checked against a scan, and the inputs of the phases.
import { join } from 'node:path';
import { createMigrationManager } from '@cc/migrate';
import { createRepositories, type Repositories } from '@cc/repositories';
import { type ModelFormat, migrationsFolder, models as modelsTable, schema } from '@cc/schema';
import { seededRandom } from '@cc/testkit/random';
import { openTransactionManager } from '@cc/tx';
import { openCatalogue } from '../catalogue/catalogue.js';
import { checkSearches } from '../catalogue/check-searches.js';
import { type CatalogueModel, hashOf, idOf } from '../catalogue/row.js';
import { type NewModel, pageSize, writtenAt } from '../contenders/contender.js';
import type { Json } from '../harness/json.js';
import type { Prepared, PrepareOptions } from '../harness/suite.js';

/** What the phases read, after JSON. */
export interface LibraryInputs {
  /** Models of the library, in random order. */
  readonly ids: readonly string[];
  /** Models to add one by one; every tenth has the file content of one that is there. */
  readonly creates: readonly NewModel[];
  /** Lists of 1,000 models to add at once. */
  readonly bulks: readonly (readonly NewModel[])[];
  /** Searches that find 1 to 20 models: all are on the page, so that the ways to rank them do not matter. */
  readonly searches: readonly { readonly words: readonly string[]; readonly format: ModelFormat }[];
}

/** How much of everything there is: enough for the warm-ups and samples of the phases. */
export const inputSizes = Object.freeze({ ids: 1_000, creates: 2_500, bulks: 10, bulkSize: 1_000, searches: 60 });

/** Prepares the library and the inputs. @throws Error when a search differs from a scan, or the index from the models */
export async function prepareLibrary({
  workDirectory,
  cataloguePath,
  repository,
}: PrepareOptions & { readonly repository: string }): Promise<Prepared> {
  const catalogue = await openCatalogue(cataloguePath, repository);
  const { models } = catalogue;
  const databasePath = join(workDirectory, 'prepared.db');
  await using transactions = await openTransactionManager({ url: `file:${databasePath}`, schema });
  await createMigrationManager(transactions, { folder: migrationsFolder }).applyMigrations();
  const repositories = createRepositories(transactions, { now: () => writtenAt.getTime() });

  const started = performance.now();
  const { created } = await repositories.models.createMany(models);
  const loadedMs = performance.now() - started;
  if (created !== models.length) throw new Error(`createMany made ${created} of ${models.length} models`);
  const index = await repositories.search.verifyIndex();
  if (!index.ok) throw new Error(`After createMany: ${index.problems.join('; ')}`);
  const searches = await checkSearches(repositories, models, 200);

  const rows = await transactions.db
    .select({ filePath: modelsTable.filePath, searchExtra: modelsTable.searchExtra, nameKey: modelsTable.nameKey })
    .from(modelsTable);
  const derived = new Map(rows.map(({ filePath, ...texts }) => [filePath, texts]));
  const inputs = await libraryInputs(models, derived, repositories);
  const few = { ...inputs, creates: inputs.creates.slice(0, 330), bulks: inputs.bulks.slice(0, 3) };
  // Through JSON each phase gets plain data: the dates become texts, which readInputs turns back.
  const library = JSON.parse(JSON.stringify(inputs)) as Json;
  const memory = JSON.parse(JSON.stringify(few)) as Json;
  return {
    databasePath,
    inputs: { library, memory },
    facts: {
      catalogue: catalogue.source,
      'loaded through createMany': {
        models: created,
        metadata: models.length * 5,
        tags: models.reduce((sum, { tags }) => sum + tags.length, 0),
        seconds: Number((loadedMs / 1_000).toFixed(2)),
        'models per second': Math.round((created / loadedMs) * 1_000),
      },
      'searches equal to a scan': { ...searches },
    },
  };
}

/** Returns the inputs with their dates. */
export function readInputs(inputs: LibraryInputs): LibraryInputs {
  const dated = (item: NewModel): NewModel => ({
    ...item,
    model: { ...item.model, createdAt: new Date(item.model.createdAt) },
  });
  return { ...inputs, creates: inputs.creates.map(dated), bulks: inputs.bulks.map((bulk) => bulk.map(dated)) };
}

async function libraryInputs(
  models: readonly CatalogueModel[],
  derived: ReadonlyMap<string, Pick<NewModel, 'searchExtra' | 'nameKey'>>,
  repositories: Repositories,
): Promise<LibraryInputs> {
  const random = seededRandom(3);
  let copies = 0;
  const copyOf = ({ model, metadata }: CatalogueModel): NewModel => {
    copies += 1;
    const filePath = `copies/${copies}/${model.filePath}`;
    const fileHash = hashOf(filePath);
    const copy = { ...model, id: idOf(models.length + copies), filePath, fileHash };
    return { model: copy, metadata, ...(derived.get(model.filePath) ?? { searchExtra: '', nameKey: '' }) };
  };
  const { ids, creates, bulks, bulkSize } = inputSizes;
  const some = (count: number) => Array.from({ length: count }, () => random.pick(models));
  return {
    ids: [...new Set(some(ids * 2).map(({ model }) => model.id))].slice(0, ids),
    creates: some(creates).map((source, i) => {
      const copy = copyOf(source);
      return i % 10 === 9 ? { ...copy, model: { ...copy.model, fileHash: source.model.fileHash } } : copy;
    }),
    bulks: Array.from({ length: bulks }, () => some(bulkSize).map(copyOf)),
    searches: await chooseSearches(models, repositories),
  };
}

/** Words of the models' names: a third single, a third two of a name, a third with a shortened last word. */
async function chooseSearches(models: readonly CatalogueModel[], { search }: Repositories) {
  const random = seededRandom(5);
  const chosen = new Map<string, LibraryInputs['searches'][number]>();
  while (chosen.size < inputSizes.searches) {
    const { model } = random.pick(models);
    const words = model.name.toLowerCase().match(/[a-z]{3,}/g) ?? [];
    if (words.length === 0) continue;
    const kind = chosen.size % 3;
    const wanted = kind === 1 ? [random.pick(words), random.pick(words)] : [random.pick(words)];
    if (kind === 2) wanted.push((wanted.pop() ?? '').slice(0, 4));
    const found = await search.searchModels(wanted.join(' '), { formats: [model.format] });
    const isFound = found.total > 0 && found.total <= pageSize && found.matching === 'all' && found.corrected === null;
    if (isFound) chosen.set(wanted.join(' '), { words: wanted, format: model.format });
  }
  return [...chosen.values()];
}
