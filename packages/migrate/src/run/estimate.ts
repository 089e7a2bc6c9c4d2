// How large the tables are that a migration copies, and how long it may take on a server that takes its write lock away.
// plan.ts shows both as warnings; nothing is refused for them.
import { isDatabaseError } from '@cc/tx/errors';
import type { Connection } from '../contract/connection.js';
import type { MigrationWarning } from '../contract/migration.js';
import { followTables, sourcesOf } from '../sql/follow-tables.js';
import type { Statement } from '../sql/statements.js';
import { foldName, nameAt, quoteName, quoteText, type Word } from '../sql/words.js';
import { targetOf } from '../sql/writing.js';
import type { StoredTable } from './stored-tables.js';

/**
 * Microseconds for each row, measured on sqld 0.24.32 with 50,000 to 400,000 rows of 130 bytes on two shared cores
 * (medians of three). Indexes of random texts are what costs: their pages do not fit the server's cache.
 */
const costs = Object.freeze({
  copy: 3,
  copyIntoIndex: 25,
  update: 3,
  updateIndex: 50,
  delete: 3,
  deleteFromIndex: 30,
  createIndex: 4,
  dropColumn: 1,
  rebuildFullText: 6,
});

/** What is asked of the estimate. */
export interface Sizing {
  readonly version: string;
  readonly statements: readonly Statement[];
  /** Tables of the database as it is now. */
  readonly tables: readonly StoredTable[];
  /** How long the target lets a transaction hold the write lock against others. */
  readonly limitMs: number;
}

/** Returns the warnings `rebuild` and `long`. */
export async function sizeWarnings(connection: Connection, sizing: Sizing): Promise<readonly MigrationWarning[]> {
  const { version, statements, tables, limitMs } = sizing;
  const sizes = new Sizes(connection);
  const warnings: MigrationWarning[] = [];
  for (const name of rebuilt(statements, tables)) {
    const rows = await sizes.rowsOf(name);
    const bytes = await sizes.bytesOf(name);
    const size = bytes === undefined ? '' : `, ${(bytes / 1e6).toFixed(1)} MB with its indexes`;
    const message = `${version} copies ${name} into a new table: ${count(rows)}${size}`;
    warnings.push({ kind: 'rebuild', message, table: name, rows, ...(bytes !== undefined && { bytes }) });
  }
  if (Number.isFinite(limitMs)) warnings.push(...(await longWarning(sizes, sizing)));
  return warnings;
}

/** The tables that `statements` drop after their rows were copied into another one. */
function rebuilt(statements: readonly Statement[], tables: readonly StoredTable[]): readonly string[] {
  const { dropped, remaining } = followTables(statements, tables);
  return dropped.flatMap(({ origin }) => {
    const isCopied = remaining.some((table) => [...sourcesOf(table)].some((source) => source.origin === origin));
    return origin && isCopied ? [origin.name] : [];
  });
}

async function longWarning(
  sizes: Sizes,
  { version, statements, tables, limitMs }: Sizing,
): Promise<readonly MigrationWarning[]> {
  const spent: { readonly table: string; readonly rows: number; readonly ms: number }[] = [];
  for (const statement of statements) {
    const worked = workOf(statement, statements);
    const table = tables.find(({ name }) => foldName(name) === worked?.table)?.name;
    if (!worked || table === undefined) continue;
    const rows = await sizes.rowsOf(table);
    spent.push({ table, rows, ms: (rows * worked.microseconds(await sizes.indexesOf(table))) / 1_000 });
  }
  const ms = spent.reduce((sum, each) => sum + each.ms, 0);
  const [most] = spent.toSorted((a, b) => b.ms - a.ms);
  // The rates are rough; what takes half the time here may take all of it elsewhere.
  if (!most || ms < limitMs / 2) return [];
  return [
    {
      kind: 'long',
      message: `${version} may take about ${(ms / 1_000).toFixed(0)} s, most of it for the ${count(most.rows)} of ${most.table}; this server ends it after ${limitMs / 1_000} s when another writer waits. Run it while nobody writes, or change rows in slices (-- cc:chunk)`,
      table: most.table,
      rows: most.rows,
    },
  ];
}

interface Index {
  readonly columns: readonly string[];
  /** Made by UNIQUE or PRIMARY KEY: a copy of the table has it from the start. */
  readonly isConstraint: boolean;
}

interface Work {
  /** In lower case. */
  readonly table: string;
  readonly microseconds: (indexes: readonly Index[]) => number;
}

/** What a statement does to every row of a table, as far as its words tell; WHERE is taken to select all of them. */
function workOf({ words }: Statement, all: readonly Statement[]): Work | null {
  const target = targetOf(words);
  const verb = words.find(({ keyword }) => /^(?:INSERT|REPLACE|UPDATE|DELETE|CREATE|ALTER)$/.test(keyword))?.keyword;
  const after = (keyword: string): string => nameAt(words, words.findIndex((word) => word.keyword === keyword) + 1).key;
  if (verb === 'UPDATE' && target !== null) {
    const set = namesBetween(words, 'SET', 'WHERE');
    const touched = (index: Index): boolean => index.columns.some((column) => set.has(column));
    return { table: target, microseconds: (is) => costs.update + costs.updateIndex * is.filter(touched).length };
  }
  if (verb === 'DELETE' && target !== null)
    return { table: target, microseconds: (is) => costs.delete + costs.deleteFromIndex * is.length };
  if (verb === 'INSERT' || verb === 'REPLACE') {
    const content = target === null ? contentOf(words[2]?.name ?? '', all) : null;
    if (content !== null) return { table: content, microseconds: () => costs.rebuildFullText };
    const constraints = (is: readonly Index[]): number => is.filter(({ isConstraint }) => isConstraint).length;
    const source = words.some(({ keyword }) => keyword === 'FROM') ? after('FROM') : undefined;
    if (source === undefined) return null;
    return { table: source, microseconds: (is) => costs.copy + costs.copyIntoIndex * constraints(is) };
  }
  if (verb === 'CREATE' && words.slice(1, 3).some(({ keyword }) => keyword === 'INDEX'))
    return { table: after('ON'), microseconds: () => costs.createIndex };
  const altered = nameAt(words, 2);
  if (verb === 'ALTER' && words[altered.next]?.keyword === 'DROP')
    return { table: altered.key, microseconds: () => costs.dropColumn };
  return null;
}

function namesBetween(words: readonly Word[], from: string, to: string): ReadonlySet<string> {
  const begin = words.findIndex(({ keyword }) => keyword === from);
  const end = words.findIndex(({ keyword }, index) => index > begin && keyword === to);
  return new Set(words.slice(begin, end === -1 ? undefined : end).map(({ name }) => foldName(name)));
}

/** The table whose text a full-text table that the migration creates indexes. */
function contentOf(name: string, all: readonly Statement[]): string | null {
  const made = all.find(({ words }) => words[1]?.keyword === 'VIRTUAL' && words.some((word) => word.name === name));
  const at = made?.words.findIndex(({ keyword }) => keyword === 'CONTENT') ?? -1;
  return at === -1 ? null : foldName(made?.words[at + 2]?.name ?? '');
}

/** Sizes, each asked for once. */
class Sizes {
  readonly #connection: Connection;
  readonly #rows = new Map<string, number>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async rowsOf(table: string): Promise<number> {
    const known = this.#rows.get(table);
    if (known !== undefined) return known;
    const { rows } = await this.#connection.execute(`SELECT count(*) AS n FROM ${quoteName(table)}`);
    const counted = Number(rows[0]?.['n'] ?? 0);
    this.#rows.set(table, counted);
    return counted;
  }

  /** Undefined where the database has no dbstat. */
  async bytesOf(table: string): Promise<number | undefined> {
    const name = quoteText(table);
    try {
      const { rows } = await this.#connection.execute(`SELECT sum(pgsize) AS n FROM dbstat WHERE name IN
(SELECT ${name} UNION ALL SELECT name FROM pragma_index_list(${name}))`);
      return Number(rows[0]?.['n'] ?? 0);
    } catch (error) {
      if (isDatabaseError(error) && error.type === 'syntax') return undefined;
      throw error;
    }
  }

  async indexesOf(table: string): Promise<readonly Index[]> {
    const { rows } = await this.#connection.execute(`SELECT l.name AS "index", l.origin, i.name AS "column"
FROM pragma_index_list(${quoteText(table)}) l JOIN pragma_index_info(l.name) i`);
    const indexes = new Map<string, { columns: string[]; isConstraint: boolean }>();
    for (const row of rows) {
      const index = indexes.get(String(row['index'])) ?? { columns: [], isConstraint: row['origin'] !== 'c' };
      index.columns.push(foldName(String(row['column'])));
      indexes.set(String(row['index']), index);
    }
    return [...indexes.values()];
  }
}

function count(rows: number): string {
  return `${rows.toLocaleString('en-US')} ${rows === 1 ? 'row' : 'rows'}`;
}
