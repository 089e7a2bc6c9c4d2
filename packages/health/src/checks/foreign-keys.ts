// Rows whose parent is missing, counted by table and key. A key that fits nothing of its parent makes foreign_key_check refuse
// its table, and the whole database: then the tables are asked one by one, and those with such a key key by key.
import { type DatabaseError, isDatabaseError } from '@cc/tx/errors';
import { type Ask, asBytes, decoded, literal, quoted } from '../questions.js';
import { type ForeignKey, fitOf, foreignKeysOf } from './foreign-key-declaration.js';
import type { CheckFinding, Findings } from './types.js';

/** Returns a finding for each foreign key that rows break, or that no row can keep. */
export async function checkForeignKeys(ask: Ask): Promise<Findings> {
  const all = await brokenRows(ask, 'pragma_foreign_key_check');
  if (!isDatabaseError(all)) return { findings: all, unseen: [] };
  const findings: CheckFinding[] = [];
  const unseen: string[] = [];
  for (const [table, keys] of await foreignKeysOf(ask)) {
    const ofTable = await brokenRows(ask, `pragma_foreign_key_check(${literal(table)})`);
    if (!isDatabaseError(ofTable)) findings.push(...ofTable);
    else {
      const ofKeys = await checkEach(keys, ask);
      findings.push(...ofKeys.findings);
      if (!ofKeys.explained) unseen.push(`${table} (${ofTable.reason})`);
    }
  }
  return { findings, unseen };
}

/** Or the error with which the engine refuses to look. */
async function brokenRows(ask: Ask, from: string): Promise<readonly CheckFinding[] | DatabaseError> {
  try {
    const rows = await ask(
      `SELECT ${asBytes('"table"')}, ${asBytes('parent')}, count(*) FROM ${from} GROUP BY "table", parent, fkid`,
    );
    return rows.map(([child, parent, count]) => broken(decoded(child), decoded(parent), Number(count)));
  } catch (error) {
    if (isDatabaseError(error) && error.type === 'syntax') return error;
    throw error;
  }
}

interface OfKeys {
  readonly findings: readonly CheckFinding[];
  /** Whether one of them is why the engine refuses the table. */
  readonly explained: boolean;
}

async function checkEach(keys: readonly ForeignKey[], ask: Ask): Promise<OfKeys> {
  const fits = await Promise.all(keys.map((key) => fitOf(key, ask)));
  // An index with another collation than its columns have does not serve; only where nothing else explains the refusal.
  const isMisfit = (fit: string | undefined): boolean => fit === (fits.includes('misfits') ? 'misfits' : 'collation');
  const findings: CheckFinding[] = [];
  for (const [index, key] of keys.entries()) {
    if (isMisfit(fits[index])) findings.push(misfit(key));
    else {
      const count = await countBroken(key, ask);
      if (count > 0) findings.push(broken(key.child, key.parent, count));
    }
  }
  return { findings, explained: fits.some(isMisfit) };
}

/** As the engine compares: by affinity and collation of the parent, so the child's column has none (`+`). */
async function countBroken({ child, parent, from, to }: ForeignKey, ask: Ask): Promise<number> {
  const isThere = from.map((column) => `child.${quoted(column)} IS NOT NULL`).join(' AND ');
  const same = to
    .map((column, index) => `parent.${quoted(column)} = +child.${quoted(from[index] ?? '')}`)
    .join(' AND ');
  const isBroken = to.length === 0 ? '' : ` AND NOT EXISTS (SELECT 1 FROM ${quoted(parent)} parent WHERE ${same})`;
  const [row] = await ask(`SELECT count(*) FROM ${quoted(child)} child WHERE ${isThere}${isBroken}`);
  return Number(row?.[0]);
}

function broken(table: string, parent: string, count: number): CheckFinding {
  return {
    fault: 'foreignKey',
    name: table,
    message: `${count === 1 ? `1 row of ${table} refers` : `${count} rows of ${table} refer`} to rows of ${parent} that are not there`,
    hint: `PRAGMA foreign_key_check(${quoted(table)}) names the rows: delete them, or give them a parent`,
  };
}

function misfit({ child, parent, from, to }: ForeignKey): CheckFinding {
  const columns = to.length === 0 ? parent : `${parent} (${to.join(', ')})`;
  const list = to.map(quoted).join(', ');
  return {
    fault: 'foreignKey',
    name: child,
    message: `The foreign key ${child} (${from.join(', ')}) refers to ${columns}, which is no key there, as a unique index with the collation of the columns would be: what it would check is refused`,
    hint:
      to.length === 0
        ? `Make ${child} anew with a key that refers to the primary key or to unique columns of ${parent}`
        : `CREATE UNIQUE INDEX ${quoted(`${parent}_${to.join('_')}`)} ON ${quoted(parent)} (${list}), where its values differ; else make ${child} anew with another key`,
  };
}
