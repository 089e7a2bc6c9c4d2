// What is told of a journal or a snapshot that is no JSON: mostly git has left the marks of a merge in it.
import { dirname } from 'node:path';
import { isError } from '@cc/tx/errors';
import { typed } from '../errors.js';

/** Where the way out of a merge is told. */
export const mergeGuide = 'Step by step: docs/migrations.md, When two branches are merged';

/** Why `text`, of the file at `path` in `meta` of a folder, is no JSON, and what to do. `error` is what JSON.parse threw. */
export function brokenJson(
  path: string,
  text: string,
  error: unknown,
): { readonly reason: string; readonly hint: string } {
  const conflict = text.split('\n').findIndex((line) => line.startsWith('<<<<<<<'));
  if (conflict >= 0) {
    return {
      reason: `is not JSON: line ${conflict + 1} begins a conflict of a merge`,
      hint: `Take the journal and the snapshots of the branch whose migrations stay (git checkout <branch> -- ${typed(dirname(path))}), delete the .sql files of the other, and write its change anew: cc-migrate generate. ${mergeGuide}`,
    };
  }
  return {
    reason: `is not JSON: ${isError(error) ? error.message.replaceAll(/\s+/g, ' ') : String(error)}`,
    hint: `Mend it there, or take the committed one: git checkout -- ${typed(path)}; cc-migrate check then names the files that it does not list`,
  };
}
