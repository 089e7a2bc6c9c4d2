// drizzle-kit's snapshots of the schema: one to a migration, each naming the one before it. The next `generate` starts from
// the last one, so a wrong one puts wrong statements into the next migration.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isError } from '@cc/tx/errors';
import type { CheckProblem } from '../contract/care.js';
import { brokenJson, mergeGuide } from './broken-json.js';
import type { JournalEntry } from './read-folder.js';
import { parseSnapshot, type Snapshot } from './snapshot.js';

/** Where the snapshot of a migration is, in `meta`; null for a name without a number, for which drizzle-kit keeps one for all. */
export function snapshotName(tag: string): string | null {
  const number = /^\d+/.exec(tag)?.[0];
  return number === undefined ? null : `${number}_snapshot.json`;
}

/** What is wrong with the snapshots of `entries`. */
export async function snapshotProblems(
  folder: string,
  entries: readonly JournalEntry[],
): Promise<readonly CheckProblem[]> {
  const problems: CheckProblem[] = [];
  const chain: Link[] = [];
  for (const { tag } of entries) {
    const name = snapshotName(tag);
    if (name === null) continue;
    const found = await readLink(join(folder, 'meta', name), tag);
    if ('kind' in found) problems.push(found);
    else problems.push(...linkProblems(found, chain));
    chain.push('kind' in found ? { tag, snapshot: null } : found);
  }
  return problems;
}

interface Link {
  readonly tag: string;
  /** Null where it cannot be read. */
  readonly snapshot: Snapshot | null;
}

async function readLink(path: string, tag: string): Promise<Link | CheckProblem> {
  const hint = 'Restore it from version control; drizzle-kit needs it for the next migration';
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const reason = isError(error) && 'code' in error && error.code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    return { kind: 'no_snapshot', version: tag, message: `The snapshot of ${tag} ${reason}`, hint };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const broken = brokenJson(path, text, error);
    const message = `The snapshot of ${tag} ${broken.reason}`;
    return { kind: 'broken_snapshot', version: tag, message, hint: broken.hint };
  }
  try {
    return { tag, snapshot: parseSnapshot(value, `The snapshot of ${tag}`) };
  } catch (error) {
    const message = isError(error) ? error.message : String(error);
    const way = `When an older drizzle-kit wrote it: drizzle-kit up. Else: ${hint}`;
    return { kind: 'broken_snapshot', version: tag, message, hint: way };
  }
}

function linkProblems({ tag, snapshot }: Link, chain: readonly Link[]): CheckProblem[] {
  const before = chain.at(-1);
  if (!snapshot || !before?.snapshot || snapshot.prevId === before.snapshot.id) return [];
  const sibling = chain.find((link) => link.snapshot?.prevId === snapshot.prevId);
  if (sibling) {
    const message = `${sibling.tag} and ${tag} were generated from the same schema: two branches were merged`;
    const hint = `Write ${tag} anew behind the others. ${mergeGuide}`;
    return [{ kind: 'branches', version: tag, message, hint }];
  }
  const message = `The snapshot of ${tag} does not follow the one of ${before.tag}`;
  const hint = 'Restore the snapshots from version control, or generate the migration anew';
  return [{ kind: 'snapshot_chain', version: tag, message, hint }];
}
