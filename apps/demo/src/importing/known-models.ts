// What the library knows of files: the few columns that an import compares, read by path, by content and by folder.
import { sep } from 'node:path';
import { models } from '@cc/schema';
import { and, count, gt, gte, lt, type SQL, sql } from 'drizzle-orm';
import type { AnySQLiteColumn } from 'drizzle-orm/sqlite-core';
import type { Library } from '../library.js';

const seenColumns = {
  id: models.id,
  filePath: models.filePath,
  fileSize: models.fileSize,
  fileModifiedAt: models.fileModifiedAt,
  fileStamp: models.fileStamp,
  parseStatus: models.parseStatus,
  parseError: models.parseError,
  status: models.status,
};

const columns = {
  ...seenColumns,
  fileName: models.fileName,
  name: models.name,
  format: models.format,
  fileHash: models.fileHash,
  triangles: models.triangles,
  vertices: models.vertices,
  minX: models.minX,
  minY: models.minY,
  minZ: models.minZ,
  maxX: models.maxX,
  maxY: models.maxY,
  maxZ: models.maxZ,
  volume: models.volume,
  unit: models.unit,
};

/** A model as far as the import looks at it. */
export type Known = Awaited<ReturnType<typeof modelsAt>>[number];

/** As much of a model as tells whether its file is as it was. */
export type Seen = Pick<Known, keyof typeof seenColumns>;

const chunk = 500;

/**
 * What tells whether the files at these paths are as they were, for those that are models. The database answers with one text:
 * a second run asks for every model, and rows that cross over one by one take it longer than all the looks at the disk.
 */
export async function seenAt({ transactions: { db } }: Library, paths: readonly string[]): Promise<Seen[]> {
  const cells = sql.join(Object.values(seenColumns), sql.raw(', '));
  const [row] = await db
    .select({ all: sql<string>`json_group_array(json_array(${cells}))` })
    .from(models)
    .where(isOneOf(models.filePath, paths));
  // What SQLite made of the columns above, in their order.
  const rows = JSON.parse(row?.all ?? '[]') as SeenCells[];
  return rows.map(([id, filePath, fileSize, modifiedMs, fileStamp, parseStatus, parseError, status]) => {
    const fileModifiedAt = modifiedMs === null ? null : new Date(modifiedMs);
    return { id, filePath, fileSize, fileModifiedAt, fileStamp, parseStatus, parseError, status };
  });
}

/** The cells of `seenColumns` as JSON has them. */
type SeenCells = readonly [
  id: Seen['id'],
  filePath: string,
  fileSize: number,
  modifiedMs: number | null,
  fileStamp: string | null,
  parseStatus: Seen['parseStatus'],
  parseError: string | null,
  status: Seen['status'],
];

/** One value for all of them: a statement with one for each takes longer to put together than to run. */
function isOneOf(column: AnySQLiteColumn, values: readonly string[]): SQL {
  return sql`${column} in (select value from json_each(${JSON.stringify(values)}))`;
}

/** The models at these paths. */
export async function modelsAt({ transactions: { db } }: Library, paths: readonly string[]) {
  return await db.select(columns).from(models).where(isOneOf(models.filePath, paths));
}

/** The models with these contents, in the order in which they were added. */
export async function modelsWith({ transactions: { db } }: Library, hashes: readonly string[]): Promise<Known[]> {
  if (hashes.length === 0) return [];
  return await db.select(columns).from(models).where(isOneOf(models.fileHash, hashes)).orderBy(models.seq);
}

/** The models below a folder, by their paths. */
export async function* modelsBelow({ transactions: { db } }: Library, folder: string): AsyncGenerator<Known> {
  const [start, end] = boundsOf(folder);
  for (let from = start, isFirst = true; ; isFirst = false) {
    const page = await db
      .select(columns)
      .from(models)
      .where(and(isFirst ? gte(models.filePath, from) : gt(models.filePath, from), lt(models.filePath, end)))
      .orderBy(models.filePath)
      .limit(chunk);
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < chunk) return;
    from = last.filePath;
  }
}

/** How many models are below a folder. */
export async function countBelow({ transactions: { db } }: Library, folder: string): Promise<number> {
  const [start, end] = boundsOf(folder);
  const within = and(gte(models.filePath, start), lt(models.filePath, end));
  const [row] = await db.select({ models: count() }).from(models).where(within);
  return row?.models ?? 0;
}

/** The text that all paths below a folder begin with, and the first text behind them. */
function boundsOf(folder: string): readonly [start: string, end: string] {
  const start = folder.endsWith(sep) ? folder : folder + sep;
  return [start, start.slice(0, -1) + String.fromCharCode(sep.charCodeAt(0) + 1)];
}
