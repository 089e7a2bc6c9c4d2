// Full-text indexes against their rows. The engine compares them by an INSERT, which would hold the write lock of the
// application; so the index is compared as a temporary copy, in a process of its own, on one snapshot of the file.
/// <reference path="../raw-text.d.ts" />
import { type DatabaseError, toDatabaseError } from '@cc/tx/errors';
import { databaseFileOf } from '@cc/tx/side-program';
import { runBeside } from '../beside.js';
import {
  type Ask,
  asBytes,
  type DatabaseSource,
  decoded,
  leasedOrInside,
  literal,
  marked,
  quoted,
} from '../questions.js';
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

/** Compares every full-text table with its rows. */
export async function checkFullText(
  ask: Ask,
  source: DatabaseSource,
  signal: AbortSignal | undefined,
): Promise<Findings> {
  const declared = (await ask(`SELECT ${asBytes('name')}, ${asBytes('sql')} FROM sqlite_schema WHERE rootpage = 0`))
    .map(([name, sql]) => readDeclaration(decoded(name), decoded(sql)))
    .filter((table) => table !== null);
  const tables = declared.filter((table) => !isBlind(table));
  const unseen = declared
    .filter(isBlind)
    .map(({ name, module }) => `${name} (${module} compares nothing without rows)`);
  if (tables.length === 0) return { findings: [], unseen };
  const file = databaseFileOf(source);
  const found = await (file ? beside({ ...file, tables }, signal) : inPlace(tables, source, signal));
  return { findings: found.findings, unseen: [...unseen, ...found.unseen] };
}

/** FTS3 and FTS4 have nothing to compare with where no rows are kept; FTS5 looks at the index itself. */
function isBlind({ module, content }: FullTextTable): boolean {
  return module !== 'fts5' && content === null;
}

async function beside(request: FullTextRequest, signal: AbortSignal | undefined): Promise<Findings> {
  const answers = await runBeside<FullTextAnswer>(program, request, { name: '@cc/health/full-text', signal });
  const comparison = new Comparison();
  for (const [index, answer] of answers.entries()) {
    const table = request.tables[index];
    if (!answer || !table) continue;
    if (answer.compared) comparison.differs(table);
    else comparison.failed(table, toDatabaseError(Object.assign(new Error(answer.message), answer), 'check fts'));
  }
  return comparison.end();
}

/** Where there is no file to open: an INSERT that changes nothing. A server lets others write when it has ended. */
async function inPlace(
  tables: readonly FullTextTable[],
  source: DatabaseSource,
  signal: AbortSignal | undefined,
): Promise<Findings> {
  return leasedOrInside(
    source,
    async () => {
      using lease = await source.getConnection({ mode: 'write', ...(signal && { signal }) });
      return await compareAll(tables, (sql) => lease.client.execute(sql));
    },
    (db) => compareAll(tables, (sql) => db.values(sql)),
  );
}

async function compareAll(
  tables: readonly FullTextTable[],
  run: (sql: string) => PromiseLike<unknown>,
): Promise<Findings> {
  const comparison = new Comparison();
  for (const table of tables) {
    const name = quoted(table.name);
    const check = literal('integrity-check');
    const values = table.module === 'fts5' ? `(${name}, rank) VALUES (${check}, 1)` : `(${name}) VALUES (${check})`;
    try {
      await run(marked(`INSERT INTO ${name}${values}`));
    } catch (error) {
      const reason = toDatabaseError(error, 'check fts');
      if (reason.type === 'integrity') comparison.differs(table);
      else comparison.failed(table, reason);
    }
  }
  return comparison.end();
}

/** What the comparison of several tables has found so far. */
class Comparison {
  readonly #findings: CheckFinding[] = [];
  readonly #unseen: string[] = [];
  #failure: DatabaseError | undefined;

  differs(table: FullTextTable): void {
    this.#findings.push(findingOf(table));
  }

  /** It could not be compared: its own declaration keeps it from that, or the disk, a lock, damage. */
  failed({ name }: FullTextTable, error: DatabaseError): void {
    if (error.type === 'syntax') this.#unseen.push(`${name} (${error.reason})`);
    else this.#failure ??= error;
  }

  /** @throws DatabaseError what kept a table from being compared, where the others have nothing to tell */
  end(): Findings {
    if (this.#failure && this.#findings.length === 0) throw this.#failure;
    return { findings: this.#findings, unseen: this.#unseen };
  }
}

function findingOf(table: FullTextTable): CheckFinding {
  const finding = fullTextFinding(table.name);
  if (table.content !== null) return finding;
  return { ...finding, hint: `${table.name} keeps no rows (content=''): make it anew and fill it again` };
}
