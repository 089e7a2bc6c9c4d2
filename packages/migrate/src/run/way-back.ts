// What is known of the way back of a migration, and whether it may go up without one. standing.ts and plan.ts ask.

import type { MigrationProblem, WayBack } from '../contract/migration.js';
import { markOf, parseDownHeader } from '../folder/down-file.js';
import { dataStatements, tablesBefore } from '../sql/data-statements.js';
import { lineAt, type Statement } from '../sql/statements.js';

/** What the text of a down file says of itself. */
export function wayBackOf(downSql: string | null): WayBack {
  if (downSql === null) return 'none';
  const kind = parseDownHeader(downSql)?.kind;
  return kind === 'draft' || kind === 'irreversible' ? kind : 'ready';
}

/** Names a down file that was made for another text of its up file. `upSql` is null when that text is not known. */
export function staleProblem(version: string, upSql: string | null, downSql: string | null): MigrationProblem[] {
  const mark = downSql === null ? null : (parseDownHeader(downSql)?.of ?? null);
  if (mark === null || upSql === null || markOf(upSql) === mark) return [];
  return [
    {
      kind: 'stale_down',
      version,
      message: `${version}.down.sql was made for another text of ${version}.sql`,
      hint: `Generate it again: cc-migrate generate --missing-downs; or see that it fits, and set of=${markOf(upSql)} in its first line`,
    },
  ];
}

/** Names a down file that is only a draft. */
export function draftProblem(version: string, downSql: string | null): MigrationProblem[] {
  if (wayBackOf(downSql) !== 'draft') return [];
  return [
    {
      kind: 'draft_down',
      version,
      message: `${version}.down.sql is a draft: a part of it is still to be written by hand`,
      hint: 'Write that part and take its first line away, or make that line: -- cc:down irreversible; then: cc-migrate check',
    },
  ];
}

/**
 * Names the statements of `upSql` that change rows which were there before, when nothing says how to take them back: no
 * comparison of schemas can. `present` are the tables of the database, in lower case.
 */
export function dataProblem(
  version: string,
  { upSql, downSql }: { readonly upSql: string; readonly downSql: string | null },
  statements: readonly Statement[],
  present: ReadonlySet<string>,
): MigrationProblem[] {
  if (downSql !== null) return [];
  const changing = dataStatements(statements, new Set([...present, ...tablesBefore(statements)]));
  if (changing.length === 0) return [];
  const named = changing.slice(0, maxNamed).map(({ sql, words }) => {
    const line = lineAt(upSql, words[0]?.start ?? 0);
    return `line ${line}: ${shorten(sql)}`;
  });
  const more = changing.length > maxNamed ? `, and ${changing.length - maxNamed} more` : '';
  return [
    {
      kind: 'no_down',
      version,
      message: `${version} changes rows that were there before, and nothing says how to take it back (${named.join('; ')}${more})`,
      hint: `Add ${version}.down.sql with the statements that undo it, or with the one line: -- cc:down irreversible; a draft of it: cc-migrate generate --missing-downs`,
    },
  ];
}

const maxNamed = 3;

function shorten(sql: string): string {
  const line = sql.replaceAll(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
