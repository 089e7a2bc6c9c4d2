// How a loss that nobody agreed to is told, with what to type for it. plan.ts tells what is sure before, run-steps.ts and
// slices.ts what their transactions measured.

import type { DataLoss, MigrationDirection, MigrationProblem } from '../contract/migration.js';
import { typed } from '../errors.js';
import { lossName } from '../loss/agreement.js';

/** The problem of losing `losses`; none when there are none. */
export function lossProblem(
  version: string,
  direction: MigrationDirection,
  losses: readonly DataLoss[],
): MigrationProblem[] {
  if (losses.length === 0) return [];
  const what = losses.map(({ table, column, rows, key }) => {
    const name = column === null ? `table ${table}` : `column ${table}.${column}`;
    return `${name} (${rows} ${rows === 1 ? 'row' : 'rows'})${key === null ? '' : ` such as ${key}`}`;
  });
  const names = losses.map(({ table, column }) => lossName(table, column)).join(',');
  return [
    {
      kind: 'data_loss',
      version,
      message: `${direction === 'up' ? 'Applying' : 'Taking back'} ${version} would lose data: ${what.join(', ')}`,
      hint: `Keep a copy of the database, then allow it by name: cc-migrate ${direction} --allow-data-loss ${typed(names)}, allowDataLoss in code, or a line -- cc:loss ${names} in ${version}${direction === 'up' ? '' : '.down'}.sql`,
    },
  ];
}
