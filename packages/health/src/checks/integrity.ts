// integrity_check and quick_check, their lines read: what is damage of the file, what a REINDEX or a rebuild mends, and
// what is no fault at all.
import { type DatabaseError, isDatabaseError } from '@cc/tx/errors';
import { type Ask, asBytes, decoded, literal, quoted } from '../questions.js';
import { doubledByVacuum, madeAnew, selectVectorIndexes, vectorTable } from '../vector-indexes.js';
import type { CheckFinding, Findings } from './types.js';

/** Returns what the engine finds wrong in the file. */
export async function checkIntegrity(ask: Ask, kind: 'integrity' | 'quick'): Promise<Findings> {
  const { lines, unseen } = await linesOf(ask, kind);
  const findings = new Map<string, CheckFinding>();
  const blind: string[] = [];
  for (const line of lines) {
    const [, table, reason] = notLookedAt.exec(line) ?? [];
    if (table !== undefined) blind.push(`${table} (${reason})`);
    const finding = line === 'ok' || table !== undefined ? null : await read(line, ask);
    // Each row that an index misses has a line of its own.
    if (finding) findings.set(finding.message, finding);
  }
  return { findings: [...findings.values()], unseen: [...unseen, ...blind] };
}

/** FTS3 and FTS4 have nothing to compare with where no rows are kept, or the table with the rows is gone. */
const notLookedAt = /^unable to validate the inverted index for FTS\d table (?:main\.)?(.+): (SQL logic error)$/s;

interface Lines {
  readonly lines: readonly string[];
  readonly unseen: readonly string[];
}

/** A rule or index with a function of the application's own makes the engine refuse all: then table by table. */
async function linesOf(ask: Ask, kind: 'integrity' | 'quick'): Promise<Lines> {
  // As blobs: the names in the lines of a damaged schema may be any bytes. Distinct, because a row each may say the same.
  const check = async (what: string): Promise<string[]> =>
    (await ask(`SELECT DISTINCT ${asBytes(`${kind}_check`)} FROM pragma_${kind}_check(${what})`)).map(([line]) =>
      decoded(line),
    );
  const whole = await unlessRefused(check(String(mostLines)));
  if (!isDatabaseError(whole)) return { lines: whole, unseen: [] };
  const tables = await ask(`SELECT ${asBytes('name')} FROM pragma_table_list WHERE schema = 'main' AND type <> 'view'`);
  const lines: string[] = [];
  const unseen: string[] = [];
  for (const table of tables.map(([name]) => decoded(name))) {
    const found = await unlessRefused(check(literal(table)));
    if (isDatabaseError(found)) unseen.push(`${table} (${found.reason})`);
    else lines.push(...found);
  }
  // What refuses every table does not let the database be checked.
  if (lines.length === 0) throw whole;
  return { lines, unseen };
}

/** The answer, or the error of what the engine does not know. @throws DatabaseError any other */
async function unlessRefused<T>(answer: Promise<T>): Promise<T | DatabaseError> {
  try {
    return await answer;
  } catch (error) {
    if (isDatabaseError(error) && error.type === 'syntax') return error;
    throw error;
  }
}

const mostLines = 10_000;

async function read(line: string, ask: Ask): Promise<CheckFinding | null> {
  const index = /^(?:row \d+ missing from|wrong # of entries in) index (.+)$/s.exec(line)?.[1];
  if (index !== undefined) {
    const message = `The index ${index} does not agree with its table`;
    return { fault: 'index', name: index, message, hint: `REINDEX ${quoted(index)}` };
  }
  const unique = /^non-unique entry in index (.+)$/s.exec(line)?.[1];
  if (unique !== undefined) return doubledFinding(unique);
  const fullText = /(?:inverted index|vtab) for FTS\d table (?:main\.)?("?)(.+?)\1(?::|$)/is.exec(line)?.[2];
  if (fullText !== undefined) return fullTextFinding(fullText);
  const [, nullTable, nullColumn] = /^NULL value in (.+)\.([^.]+)$/s.exec(line) ?? [];
  if (nullTable !== undefined && nullColumn !== undefined) return nullFinding(nullTable, nullColumn, ask);
  const rule = /^(?:CHECK constraint failed in|NUMERIC value in|TEXT value in|non-\w+ value in) (.+)$/s.exec(line)?.[1];
  if (rule !== undefined) return rowFinding(line, rule);
  if (line === `row not in PRIMARY KEY order for ${vectorTable}`) return vectorFinding(ask);
  return { fault: 'file', name: null, message: line, hint: restore };
}

/** The rows themselves have it twice: REINDEX is refused until they differ. */
function doubledFinding(index: string): CheckFinding {
  const message = `Rows have the same key in the unique index ${index}`;
  const hint = `Change or remove rows until each has a key of its own, then REINDEX ${quoted(index)}`;
  return { fault: 'row', name: index, message, hint };
}

/** The rows are sound, and so are the indexes, as long as they are not made anew. */
async function vectorFinding(ask: Ask): Promise<CheckFinding> {
  const indexes = (await ask(selectVectorIndexes)).map(([name, sql]) => [name, sql] as const);
  const message = `${doubledByVacuum}, and has done so here; the rows and the indexes are sound`;
  return { fault: 'index', name: vectorTable, message, hint: madeAnew(indexes) };
}

/** A full-text index whose words do not fit its rows, or cannot be read: the rows are not touched by it. */
export function fullTextFinding(name: string): CheckFinding {
  const table = quoted(name);
  return {
    fault: 'fts',
    name,
    message: `The full-text index ${name} does not agree with its rows; the rows themselves are sound`,
    hint: `INSERT INTO ${table}(${table}) VALUES (${literal('rebuild')})`,
  };
}

/**
 * SQLite 3.42 to 3.46 takes values for NULL that ALTER TABLE … ADD COLUMN … REAL NOT NULL DEFAULT 0.5 put into rows that
 * were there before; typeof() looks at the value itself.
 */
async function nullFinding(table: string, column: string, ask: Ask): Promise<CheckFinding | null> {
  const isNull = `typeof(${quoted(table)}.${quoted(column)}) = 'null'`;
  const [row] = await ask(`SELECT EXISTS (SELECT 1 FROM ${quoted(table)} WHERE ${isNull})`);
  return Number(row?.[0]) === 0 ? null : rowFinding(`NULL value in ${table}.${column}`, table);
}

function rowFinding(message: string, name: string): CheckFinding {
  return { fault: 'row', name, message, hint: 'Correct the rows, or the rule in a migration' };
}

const restore = 'Stop writing, keep a copy of the file and restore the last verified backup (@cc/tx/restore)';
