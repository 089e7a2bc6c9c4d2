// A folder in which check finds nothing: files, downs, and a chain of snapshots. Tests break one thing in it.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scratch, Written } from '../scratch.js';

/** Id of the snapshot behind the migration with this number; -1 is the one before the first. */
export function snapshotId(index: number): string {
  return `00000000-0000-0000-0000-${String(index + 1).padStart(12, '0')}`;
}

/** What drizzle-kit keeps of a schema; only what ties snapshots together is real. */
export function snapshotText(index: number, prevId: string = snapshotId(index - 1)): string {
  return JSON.stringify({ id: snapshotId(index), prevId, version: '6', dialect: 'sqlite', tables: {}, views: {} });
}

/** Where the snapshot with this number is. */
export function snapshotPath(folder: string, index: number): string {
  return join(folder, 'meta', `${String(index).padStart(4, '0')}_snapshot.json`);
}

/** Writes `migrations` with their snapshots. */
export async function writeSound(scratch: Scratch, migrations: readonly Written[]): Promise<void> {
  await scratch.write(migrations);
  for (const index of migrations.keys()) await writeFile(snapshotPath(scratch.folder, index), snapshotText(index));
}
