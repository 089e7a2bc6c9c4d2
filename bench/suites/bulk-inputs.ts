// Models to add to a library a thousand at a time, the same ones for the hand-written contender and for ours.
import Database from 'libsql';
import { type CatalogueModel, hashOf, idOf } from '../catalogue/row.js';
import type { NewModel } from '../contenders/contender.js';
import type { Json } from '../harness/json.js';

/** Lists of models to add. */
export interface BulkInputs {
  readonly bulks: readonly (readonly NewModel[])[];
}

/** How many lists there are, the first of which warms up, and how long they are. */
export const bulkSizes = Object.freeze({ bulks: 6, models: 1_000 });

/** Returns copies of the catalogue's models with ids, paths and contents that no library has. `path` holds their originals. */
export function bulkInputs(path: string, models: readonly CatalogueModel[]): Readonly<Record<string, Json>> {
  const derived = derivedTexts(path);
  const bulks = Array.from({ length: bulkSizes.bulks }, (_, list) =>
    Array.from({ length: bulkSizes.models }, (_each, i): NewModel => {
      const place = list * bulkSizes.models + i;
      const source = models[place % models.length];
      if (source === undefined) throw new RangeError('the catalogue is empty');
      // Its folders stay: their words are among those that the hand-written contender takes over.
      const filePath = source.model.filePath.replace(/[^/]*$/, (file) => `bulk-${place}-${file}`);
      const model = { ...source.model, id: idOf(6_000_000 + place), filePath, fileHash: hashOf(filePath) };
      const [searchExtra = '', nameKey = ''] = derived.get(source.model.id) ?? [];
      return { model, metadata: source.metadata, searchExtra, nameKey };
    }),
  );
  // Through JSON each process gets plain data: the dates become texts, which readBulks turns back.
  return { bulks: JSON.parse(JSON.stringify(bulks)) as Json };
}

/** Returns the lists with their dates. */
export function readBulks({ bulks }: BulkInputs): BulkInputs['bulks'] {
  return bulks.map((items) =>
    items.map((item) => ({ ...item, model: { ...item.model, createdAt: new Date(item.model.createdAt) } })),
  );
}

/** The parts of glued names and the places by name, which the hand-written contender has no code for. */
function derivedTexts(path: string): ReadonlyMap<string, readonly string[]> {
  const database = new Database(path, { readonly: true });
  try {
    const rows = database.prepare('SELECT id, search_extra, name_key FROM models WHERE seq <= 10000').raw(true).all();
    // Text columns.
    return new Map((rows as unknown as string[][]).map(([id = '', ...texts]) => [id, texts]));
  } finally {
    database.close();
  }
}
