// `<version>.base.sql`: history up to a version, put down as the schema that it makes. Files up to it are not replayed any
// more, so that an old one that no longer runs is no obstacle. generate/settle-history.ts writes it, every replay reads it.
import { type FolderMigration, migrationOf } from './read-folder.js';

const opening = '-- cc:base ';

/** The text of a base file: `statements` make what `version` and the migrations before it make. */
export function baseFile(version: string, statements: readonly string[]): string {
  return `${opening}${version}: what it and the migrations before it make. They are not replayed any more: the replay starts here.
-- Only scratch databases run this file. Add what custom SQL made (triggers, full-text tables), and mend what is not so.
${statements.map((sql) => `${sql.replace(/;\s*$/, '')};`).join('\n--> statement-breakpoint\n')}\n`;
}

/**
 * Returns what a replay of `migrations` runs: all of them, or from the newest base file on, that file in place of its
 * migration and those before it.
 */
export function sinceBase(migrations: readonly FolderMigration[]): readonly FolderMigration[] {
  const at = migrations.findLastIndex(({ baseSql }) => typeof baseSql === 'string');
  const base = migrations[at];
  if (!base) return migrations;
  return [asMigration(base), ...migrations.slice(at + 1)];
}

/** Which of `migrations` stand before the point where a replay starts, that one included. */
export function settledIn(migrations: readonly FolderMigration[]): readonly FolderMigration[] {
  return migrations.slice(0, migrations.findLastIndex(({ baseSql }) => typeof baseSql === 'string') + 1);
}

/** Name of the file whose statements are those of `migration` in a replay, for messages. */
export function sourceOf({ version, baseSql }: FolderMigration): string {
  return baseSql === undefined || baseSql === null ? `${version}.sql` : `${version}.base.sql`;
}

function asMigration({ version, createdAt, downSql, baseSql }: FolderMigration): FolderMigration {
  return { ...migrationOf({ version, createdAt, upSql: baseSql ?? '', downSql }), baseSql: baseSql ?? null };
}
