// The down file beside each migration: there, finished, and made for this content of its migration.
import type { FolderMigration } from '../folder/read-folder.js';
import { draftProblem, staleProblem } from '../run/way-back.js';
import type { CheckProblem } from './answers.js';

/** What is wrong with the way back of one migration; nothing where it is marked as irreversible. */
export function downProblems({ version, upSql, downSql }: FolderMigration): readonly CheckProblem[] {
  const source = `${version}.down.sql`;
  if (downSql === null) {
    const hint = `Write ${source}, or let generate --missing-downs do it`;
    return [{ kind: 'no_down', version, message: `${source} does not exist`, hint }];
  }
  return [...draftProblem(version, downSql), ...staleProblem(version, upSql, downSql)];
}
