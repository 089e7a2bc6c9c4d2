// The down file beside each migration: there, finished, and made for this content of its migration.

import type { CheckProblem } from '../contract/care.js';
import type { FolderMigration } from '../folder/read-folder.js';
import { draftProblem, staleProblem } from '../run/way-back.js';

/**
 * What is wrong with the way back of one migration; nothing where it is marked as irreversible. `isSettled`: no replay reaches
 * it, so nothing drafts its way back.
 */
export function downProblems(
  { version, upSql, downSql }: FolderMigration,
  isSettled: boolean,
): readonly CheckProblem[] {
  const source = `${version}.down.sql`;
  if (downSql === null) {
    const hint = isSettled
      ? `Write ${source} by hand, or say that there is no way back: cc-migrate generate --irreversible ${version}`
      : `Write ${source}, or let it be drafted: cc-migrate generate --missing-downs`;
    return [{ kind: 'no_down', version, message: `${source} does not exist`, hint }];
  }
  return [...draftProblem(version, downSql), ...staleProblem(version, upSql, downSql)];
}
