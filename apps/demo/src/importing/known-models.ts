// What the library knows of files: the few columns that an import compares, read by path, by content and by folder.
import { sep } from 'node:path';
import { models } from '@cc/schema';
import { and, gt, gte, inArray, lt } from 'drizzle-orm';
import type { Library } from '../library.js';

const columns = {
  id: models.id,
  filePath: models.filePath,
  fileName: models.fileName,
  name: models.name,
  format: models.format,
  fileHash: models.fileHash,
  fileSize: models.fileSize,
  fileModifiedAt: models.fileModifiedAt,
  fileStamp: models.fileStamp,
  parseStatus: models.parseStatus,
  parseError: models.parseError,
  status: models.status,
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

const chunk = 500;

/** The models at these paths. */
export async function modelsAt({ transactions: { db } }: Library, paths: readonly string[]) {
  return await db
    .select(columns)
    .from(models)
    .where(inArray(models.filePath, [...paths]));
}

/** The models with these contents, in the order in which they were added. */
export async function modelsWith({ transactions: { db } }: Library, hashes: readonly string[]): Promise<Known[]> {
  if (hashes.length === 0) return [];
  return await db
    .select(columns)
    .from(models)
    .where(inArray(models.fileHash, [...hashes]))
    .orderBy(models.seq);
}

/** The models below a folder, by their paths. */
export async function* modelsBelow({ transactions: { db } }: Library, folder: string): AsyncGenerator<Known> {
  const start = folder.endsWith(sep) ? folder : folder + sep;
  // The first text behind all that begin with it.
  const end = start.slice(0, -1) + String.fromCharCode(sep.charCodeAt(0) + 1);
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
