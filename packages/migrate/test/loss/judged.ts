// A second reader for what a migration loses: every row as quote() shows its cells, taken by a connection of its own, and
// compared in JavaScript. It knows nothing of how the manager measures.
import { type Opened, writeFolder } from '../scratch.js';

/** Rows by key; each cell is its quote() text, `NULL` for none. */
export type Dump = readonly Readonly<Record<string, string>>[];

/** Reads the columns of `table` as text that tells types apart. */
export async function dump({ rows }: Pick<Opened, 'rows'>, table: string, columns: readonly string[]): Promise<Dump> {
  const cells = columns.map(
    (column) =>
      `quote("${column}") || CASE typeof("${column}") WHEN 'text' THEN ' ' || hex("${column}") ELSE '' END AS "${column}"`,
  );
  const found = await rows(`SELECT ${cells.join(', ')} FROM "${table}"`);
  return found.map((row) => Object.fromEntries(columns.map((column) => [column, String(row[column])])));
}

/** A case: tables with rows, a migration, and what it must be told to lose. */
export interface Kind {
  readonly name: string;
  readonly before: string;
  readonly up: string;
  /** As `table (rows)` or `table.column (rows)`. */
  readonly loses: readonly string[];
  /** Servers do not take its statements. */
  readonly isLocal?: boolean;
}

/** Applies `kind.before`, then says what `kind.up` is refused for; null when it ran. */
export async function refusalOf(
  opened: Opened,
  folder: string,
  { before, up }: Pick<Kind, 'before' | 'up'>,
): Promise<string | null> {
  const first = { tag: '0000_before', up: before, down: null };
  await writeFolder(folder, [first]);
  await opened.migrations.applyMigrations();
  await writeFolder(folder, [first, { tag: '0001_change', up, down: '-- cc:down irreversible\n' }]);
  try {
    await opened.migrations.applyMigrations();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The losses that a message names, without their keys. */
export function lossesIn(message: string | null): readonly string[] {
  if (message === null) return [];
  if (!message.includes('[MIGRATION_DATA_LOSS]')) throw new Error(message);
  return [...message.matchAll(/(?:table|column) (\S+) \((\d+) rows?\)/g)].map(([, name, rows]) => `${name} (${rows})`);
}
