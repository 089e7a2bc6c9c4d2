// analyzeQuery: the plan of a statement, and the index that would halve its work, proven on a copy of the database with the
// values it was called with. statement-words.ts reads the statement, candidates.ts proposes, proof.ts measures.
import { refuseUnknownOptions } from '@cc/tx/known-options';
import { type Ask, asBytes, askerOf, type DatabaseSource, decoded, quoted } from '../questions.js';
import { refuseNoSignal } from '../signal.js';
import { fingerprint } from '../statistics/fingerprint.js';
import { foldName } from '../statistics/fold-name.js';
import { type Candidate, candidatesFor, type KnownIndex } from './candidates.js';
import { createCommand } from './create-command.js';
import { fullScansOf, type KnownNames } from './full-scans.js';
import { planTree, temporarySortsOf } from './plan.js';
import { onCopy, type Proof, prove } from './proof.js';
import { readQuery } from './read-query.js';
import { type Columns, quoteColumn, wishesOf } from './statement-words.js';
import type { AnalyzeOptions, IndexAdvice, QueryAnalysis, QueryToAnalyze, RefusedIndex } from './types.js';
import { type Cost, refusalOf, stepsIn, times } from './verdict.js';

/**
 * Explains a statement and looks for an index that halves its work. Everything runs on a copy of the database in a process
 * of its own; the copy lies in the folder for temporary files and needs as much room as the database.
 *
 * @throws TypeError for an unknown option, for what is no single statement that reads or writes rows, and for values that do
 *   not fit its placeholders
 * @throws DatabaseError what the statement or the copy fails with; `aborted`
 */
export async function analyzeQuery(
  source: DatabaseSource,
  query: QueryToAnalyze,
  options: AnalyzeOptions = {},
): Promise<QueryAnalysis> {
  refuseUnknownOptions('analyzeQuery', options, ['signal']);
  refuseNoSignal('analyzeQuery', options.signal);
  const { sql, sets, needed } = readQuery('analyzeQuery', query);
  const enough = sets.length >= needed;
  const ask = askerOf(source, options.signal);
  const candidates = enough ? await candidatesOf(sql, ask) : [];
  const proof = await onCopy(source, options.signal, (copy) =>
    prove({ ...copy, sql, sets, candidates }, options.signal),
  );
  const judged = candidates.map((candidate, index) => judge(candidate, proof, index));
  const proven = judged.filter((one) => one.advice !== undefined).map(({ advice }) => advice);
  const best = cheapest(proven.filter((advice) => advice !== undefined));
  const refused = judged.map(({ refusal }) => refusal).filter((refusal) => refusal !== undefined);
  return {
    statement: fingerprint(sql),
    plan: planTree(proof.plan),
    fullScans: fullScansOf(
      proof.plan.map(([, , , detail]) => detail),
      sql,
      await readKnownNames(ask),
    ),
    temporarySorts: temporarySortsOf(proof.plan),
    steps: sets.length === 0 ? null : stepsIn(proof.before),
    advice: best ? [best] : [],
    refused: refused.slice(0, 5),
    message: messageOf(best, { enough, needed, tried: candidates.length, before: proof.before }),
  };
}

async function candidatesOf(sql: string, ask: Ask): Promise<readonly Candidate[]> {
  const columns = await readColumns(ask);
  const wishes = wishesOf(sql, columns);
  if (wishes.length === 0) return [];
  return candidatesFor(wishes, await readIndexes(ask), await readNames(ask));
}

/** Of ordinary tables. Another index on the key of the rows themselves helps nothing. */
async function readKnownNames(ask: Ask): Promise<KnownNames> {
  const rows = await ask(
    `SELECT type, ${asBytes('name')}, ${asBytes('sql')} FROM sqlite_schema WHERE type IN ('table', 'view')`,
  );
  return {
    tables: rows.filter(([type]) => type === 'table').map(([, name]) => decoded(name)),
    views: rows.filter(([type]) => type === 'view').map(([, , text]) => decoded(text)),
  };
}

async function readColumns(ask: Ask): Promise<Columns> {
  const rows = await ask(
    `SELECT ${asBytes('t.name')}, ${asBytes('c.name')} FROM pragma_table_list t JOIN pragma_table_xinfo(t.name) c
      WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND c.hidden IN (0, 2, 3)
        AND NOT (c.pk = 1 AND lower(c.type) = 'integer')`,
  );
  const tables = new Map<string, Map<string, string>>();
  for (const [table, column] of rows) {
    const name = foldName(decoded(table));
    const columns = tables.get(name) ?? new Map<string, string>();
    tables.set(name, columns.set(foldName(decoded(column)), decoded(column)));
  }
  return tables;
}

async function readIndexes(ask: Ask): Promise<readonly KnownIndex[]> {
  const rows = await ask(
    `SELECT ${asBytes('t.name')}, ${asBytes('l.name')}, ${asBytes('c.name')}, c.desc, c.coll
      FROM pragma_table_list t JOIN pragma_index_list(t.name) l JOIN pragma_index_xinfo(l.name) c
      WHERE t.schema = 'main' AND t.type = 'table' AND l.partial = 0 AND c.key = 1 ORDER BY l.name, c.seqno`,
  );
  const indexes = new Map<string, { table: string; parts: string[] }>();
  for (const [table, index, column, descending, collation] of rows) {
    const known = indexes.get(decoded(index)) ?? { table: foldName(decoded(table)), parts: [] };
    const collated = collation === 'BINARY' ? '' : ` collate ${foldName(String(collation))}`;
    // An expression has no name: no column is called so.
    const name = column === null ? '(expression)' : foldName(quoteColumn(decoded(column)));
    known.parts.push(`${name}${collated}${Number(descending) ? ' desc' : ''}`);
    indexes.set(decoded(index), known);
  }
  return [...indexes.values()];
}

async function readNames(ask: Ask): Promise<ReadonlySet<string>> {
  const rows = await ask(`SELECT ${asBytes('lower(name)')} FROM sqlite_schema`);
  return new Set(rows.map(([name]) => decoded(name)));
}

function judge(
  { table, sql, name }: Candidate,
  { before, trials }: Proof,
  index: number,
): { readonly advice?: IndexAdvice; readonly refusal?: RefusedIndex } {
  const trial = trials[index];
  if (!trial || 'failed' in trial) return { refusal: { sql, reason: trial?.failed ?? 'It was not tried' } };
  const reason = refusalOf(before, [trial.fresh, trial.analyzed]);
  if (reason !== null) return { refusal: { sql, reason } };
  const command = createCommand(`add-${name}`, sql, `DROP INDEX ${quoted(name)}`);
  const stepsAfter = Math.max(stepsIn(trial.fresh), stepsIn(trial.analyzed));
  const steps = { stepsBefore: stepsIn(before), stepsAfter, parameterSets: before.length };
  return { advice: { table, sql, command, ...steps, bytes: trial.bytes, verified: true } };
}

/** The least work; among those within a twentieth of it the smallest. */
function cheapest(advice: readonly IndexAdvice[]): IndexAdvice | undefined {
  const least = Math.min(...advice.map(({ stepsAfter }) => stepsAfter));
  return advice.filter(({ stepsAfter }) => stepsAfter <= least * 1.05).sort((a, b) => a.bytes - b.bytes)[0];
}

function messageOf(
  best: IndexAdvice | undefined,
  { enough, needed, tried, before }: { enough: boolean; needed: number; tried: number; before: readonly Cost[] },
): string {
  if (!enough) return `An index is proven over ${needed} different lists of values: give more parameterSets.`;
  if (best) {
    const share = times(best.stepsAfter / best.stepsBefore);
    return `The index leaves ${share} of the work over ${before.length} lists of values, and is worse for none.`;
  }
  return tried === 0
    ? 'No index that is not there could help.'
    : `Of ${tried} indexes tried none is advised: refused has the reason for each.`;
}
