// A model as a row and back: which columns are selected, how their cells are read, and what a new row holds. Whoever
// selects models selects `modelColumns` and reads them by `toModel`; whoever adds some writes `newModelRow`.
// model-lookup.ts reads single models by what identifies them; metadata-value.ts is the same for a metadata value.
import { type Model, type ModelId, type ModelRow, models } from '@cc/schema';
import type { ModelInput } from '@cc/schema/validation';
import { getTableColumns, type SQL } from 'drizzle-orm';
import { type BoundCell, type Cells, placeholderAt } from '../statement.js';
import { extraSearchText } from '../text/extra-text.js';
import { nameKey } from '../text/name-key.js';

const {
  seq: _seq,
  tagsText: _tagsText,
  searchExtra: _searchExtra,
  nameKey: _nameKey,
  nameOrder: _nameOrder,
  sizeOctave: _sizeOctave,
  triangleOctave: _triangleOctave,
  facets: _facets,
  ...publicColumns
} = getTableColumns(models);

/** The columns of a `Model`, in the order in which `toModel` reads their cells. */
export const modelColumns = publicColumns;

/** How many cells `toModel` reads; further selected fields come after them. */
export const modelCellCount = Object.keys(modelColumns).length;

type Decoder = 'plain' | 'date' | 'boolean';

const fields = Object.entries(modelColumns).map(([name, column]): readonly [string, Decoder] => [
  name,
  column.dataType === 'date' || column.dataType === 'boolean' ? column.dataType : 'plain',
]);

/**
 * Returns the model of a row's cells, the first of which is at `offset`.
 * A loop of ours because drizzle's mapping of 28 fields costs as much as reading them.
 */
export function toModel(cells: Cells, offset = 0): Model {
  const model: Record<string, unknown> = {};
  let i = offset;
  for (const [name, decoder] of fields) {
    const cell = cells[i];
    i += 1;
    if (decoder === 'plain' || cell === null) model[name] = cell;
    else model[name] = decoder === 'date' ? new Date(Number(cell)) : cell === 1;
  }
  // Every column of the table but those left out above, each in its declared type: what `Model` says.
  return model as Model;
}

/** A whole new row as the database stores it, but `seq` that it gives and what it generates. */
export type NewModelRow = Readonly<
  Record<Exclude<keyof ModelRow, 'seq' | 'nameOrder' | 'sizeOctave' | 'triangleOctave' | 'facets'>, BoundCell>
>;

/** Returns the row of a checked input. `tags` are names in the order of their keys. */
export function newModelRow(input: ModelInput, id: ModelId, at: Date, tags: readonly string[] = []): NewModelRow {
  const createdAt = (input.createdAt ?? at).getTime();
  return {
    id,
    name: input.name,
    description: input.description ?? null,
    format: input.format,
    fileName: input.fileName,
    filePath: input.filePath,
    fileHash: input.fileHash,
    fileSize: input.fileSize,
    fileModifiedAt: input.fileModifiedAt?.getTime() ?? null,
    fileStamp: input.fileStamp ?? null,
    author: input.author ?? null,
    license: input.license ?? null,
    sourceUrl: input.sourceUrl ?? null,
    parseStatus: input.parseStatus ?? 'pending',
    parseError: input.parseError ?? null,
    triangles: input.triangles ?? null,
    vertices: input.vertices ?? null,
    minX: input.minX ?? null,
    minY: input.minY ?? null,
    minZ: input.minZ ?? null,
    maxX: input.maxX ?? null,
    maxY: input.maxY ?? null,
    maxZ: input.maxZ ?? null,
    volume: input.volume ?? null,
    unit: input.unit ?? null,
    rating: input.rating ?? null,
    favorite: input.favorite === true ? 1 : 0,
    printedAt: input.printedAt?.getTime() ?? null,
    status: input.status ?? 'active',
    tagsText: tags.join('\n'),
    searchExtra: extraSearchText({ ...input, description: input.description ?? null }),
    createdAt,
    // The time that is given may be ahead of the clock.
    updatedAt: Math.max(createdAt, at.getTime()),
    version: 1,
    nameKey: nameKey(input.name),
  };
}

const columns = getTableColumns(models);
const newModelColumns = Object.keys(columns).filter(
  (name): name is keyof NewModelRow => name !== 'seq' && columns[name as keyof ModelRow].generated === undefined,
);

/** How many values a new row has. */
export const newModelValueCount = newModelColumns.length;

/** Adds the values of a new row to `target`, in the order of its placeholders. */
export function appendModelValues(target: BoundCell[], row: NewModelRow): void {
  for (const name of newModelColumns) target.push(row[name]);
}

/** Returns the placeholders of a new row, the first of which is at `position`. */
export function newModelPlaceholders(position: number): Record<keyof NewModelRow, SQL> {
  const entries = newModelColumns.map((name, i) => [name, placeholderAt(position + i)] as const);
  // One entry for each column, which Object.fromEntries cannot say.
  return Object.fromEntries(entries) as Record<keyof NewModelRow, SQL>;
}
