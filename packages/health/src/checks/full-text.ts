// Full-text indexes against their rows. FTS5 compares them by an INSERT, which would hold the write lock of the
// application; so the index is compared as a temporary copy, in a process of its own, on one snapshot of the file.
/// <reference path="../raw-text.d.ts" />

import { isDatabaseError } from '@cc/tx/errors';
import { databaseFileOf } from '@cc/tx/side-program';
import { runBeside } from '../beside.js';
import { type Ask, type DatabaseSource, decoded, literal, marked, quoted } from '../questions.js';
import { type FullTextTable, readDeclaration } from './full-text-declaration.js';
import program from './full-text-worker.js?raw';
import { fullTextFinding } from './integrity.js';
import type { CheckFinding, Findings } from './types.js';

/** What the program is asked. */
export interface FullTextRequest {
  readonly path: string;
  readonly encryptionKey: string | undefined;
  readonly tables: readonly FullTextTable[];
}

/** What the program answers for each table: null when it agrees with its rows. */
export type FullTextAnswer = readonly ({
  readonly message: string;
  readonly code: string;
  /** Whether the copy was made and compared: what fails before that is no fault of the index. */
  readonly compared: boolean;
} | null)[];

/** Compares every FTS5 table with its rows. */
export async function checkFullText(
  ask: Ask,
  source: DatabaseSource,
  signal: AbortSignal | undefined,
): Promise<Findings> {
  const declared = (await ask(`SELECT CAST(name AS BLOB), CAST(sql AS BLOB) FROM sqlite_schema WHERE rootpage = 0`))
    .map(([name, sql]) => readDeclaration(decoded(name), decoded(sql)))
    .filter((table) => table !== null);
  const tables = declared.filter(({ module }) => module === 'fts5');
  const older = declared.find(({ module }) => module !== 'fts5');
  if (older)
    return { unsupported: `${older.name} is made by ${older.module}: only FTS5 can be compared with its rows` };
  if (tables.length === 0) return [];
  const file = databaseFileOf(source);
  return file ? beside({ ...file, tables }, signal) : inPlace(tables, source, signal);
}

async function beside(request: FullTextRequest, signal: AbortSignal | undefined): Promise<readonly CheckFinding[]> {
  const answers = await runBeside<FullTextAnswer>(program, request, { name: '@cc/health/full-text', signal });
  return answers.flatMap((answer, index) => {
    const table = request.tables[index];
    if (!answer || !table) return [];
    if (answer.compared) return [findingOf(table)];
    throw Object.assign(new Error(answer.message), { code: answer.code });
  });
}

/** Where there is no file to open: an INSERT that changes nothing. A server lets others write when it has ended. */
async function inPlace(
  tables: readonly FullTextTable[],
  source: DatabaseSource,
  signal: AbortSignal | undefined,
): Promise<readonly CheckFinding[]> {
  using lease = await source.getConnection({ mode: 'write', ...(signal && { signal }) });
  const findings: CheckFinding[] = [];
  for (const table of tables) {
    const name = quoted(table.name);
    try {
      await lease.client.execute(
        marked(`INSERT INTO ${name}(${name}, rank) VALUES (${literal('integrity-check')}, 1)`),
      );
    } catch (error) {
      if (!isDatabaseError(error) || error.type !== 'integrity') throw error;
      findings.push(findingOf(table));
    }
  }
  return findings;
}

function findingOf(table: FullTextTable): CheckFinding {
  const finding = fullTextFinding(table.name);
  if (table.content !== null) return finding;
  return { ...finding, remedy: `${table.name} keeps no rows (content=''): make it anew and fill it again` };
}
