// The down file beside each migration: there, finished, and made for this content of its migration.
import { markOf, parseDownHeader } from '../folder/down-file.js';
import type { FolderMigration } from '../folder/read-folder.js';
import type { CheckProblem } from './answers.js';

/** What is wrong with the way back of one migration; nothing where it is marked as irreversible. */
export function downProblems({ version, upSql, downSql }: FolderMigration): readonly CheckProblem[] {
  const source = `${version}.down.sql`;
  if (downSql === null) {
    const hint = `Write ${source}, or let generate --missing-downs do it`;
    return [{ kind: 'no_down', version, message: `${source} does not exist`, hint }];
  }
  const header = parseDownHeader(downSql);
  if (header?.kind === 'draft') {
    const hint = `Write what is left open in ${source}, and delete its first line`;
    return [{ kind: 'draft_down', version, message: `${source} is a draft`, hint }];
  }
  if (header && header.of !== null && header.of !== markOf(upSql)) {
    const message = `${source} was made for another content of ${version}.sql`;
    const hint = `Delete ${source} and let generate --missing-downs make it anew, or see that it fits and set of=${markOf(upSql)} in its first line`;
    return [{ kind: 'stale_down', version, message, hint }];
  }
  return [];
}
