// Defaults and checks of every option object of this package.
import { types } from 'node:util';
import { refuseUnknownOptions } from '@cc/tx/known-options';
import type { MigrationManagerOptions, RunOptions } from './contract/run.js';
import { dataOrigin, folderOrigin, type Origin } from './folder/origin.js';
import { drizzleTable } from './sql/bookkeeping.js';

/** The values of absent options. */
export const migrationManagerDefaults = Object.freeze({ maxAttempts: 5, migrationsTable: drizzleTable });

const defaults = migrationManagerDefaults;

/** Fills in the defaults. @throws TypeError for an unknown option or a wrong value */
export function resolveManagerOptions(options: MigrationManagerOptions): {
  readonly origin: Origin;
  readonly maxAttempts: number;
  readonly migrationsTable: string;
} {
  refuseUnknownOptions('createMigrationManager', options, ['folder', 'migrations', 'maxAttempts', 'migrationsTable']);
  const { maxAttempts = defaults.maxAttempts, migrationsTable = defaults.migrationsTable } = options;
  const origin = originOf(options);
  if (!isCount(maxAttempts)) throw new TypeError('maxAttempts must be a whole number of at least 1, or Infinity');
  checkTable(migrationsTable);
  return { origin, maxAttempts, migrationsTable };
}

/** Passes for what a table of drizzle's may be called. @throws TypeError */
function checkTable(name: unknown): void {
  if (typeof name !== 'string' || name === '') throw new TypeError('migrationsTable must be the name of a table');
  // The first are SQLite's and the log's, and whatever else begins so is taken for ours and left out of comparisons.
  if (/^(?:sqlite_|__cc_)/i.test(name)) throw new TypeError(`migrationsTable cannot be ${name}: that name is taken`);
}

function originOf({ folder, migrations }: MigrationManagerOptions): Origin {
  if (migrations !== undefined) {
    if (folder !== undefined) throw new TypeError('createMigrationManager: give folder or migrations, not both');
    return dataOrigin(migrations);
  }
  if (typeof folder !== 'string' || folder === '')
    throw new TypeError('folder must be the path of a drizzle-kit folder');
  return folderOrigin(folder);
}

/** Options that say how far to go. */
export interface Reach {
  readonly targetVersion?: string | null | undefined;
  readonly steps?: number | undefined;
  /** Only for the way down. */
  readonly targetDate?: Date | undefined;
}

/** Passes when only one says how far, and makes sense. @throws TypeError */
export function checkReach(where: string, { targetVersion, steps, targetDate }: Reach): void {
  const given = Object.entries({ targetVersion, targetDate, steps }).filter(([, value]) => value !== undefined);
  if (given.length > 1) throw new TypeError(`${where}: give ${given.map(([name]) => name).join(' or ')}, not both`);
  if (targetDate !== undefined && !(types.isDate(targetDate) && Number.isFinite(targetDate.getTime())))
    throw new TypeError(`${where}: targetDate must be a valid Date`);
  if (steps !== undefined && !isCount(steps))
    throw new TypeError(`${where}: steps must be a whole number of at least 1, or Infinity`);
}

/** Passes for options of a run, `more` beside those that both directions have. @throws TypeError for an unknown option or a wrong value */
export function checkRunOptions(where: string, options: RunOptions, more: readonly string[]): void {
  refuseUnknownOptions(where, options, [
    ...['targetVersion', 'steps', 'allowDataLoss', 'dryRun', 'backup', 'onProgress'],
    ...more,
  ]);
  const { backup, onProgress, allowDataLoss } = options;
  if (allowDataLoss !== undefined) checkAgreement(where, allowDataLoss);
  if (backup !== undefined && backup !== true && (typeof backup !== 'string' || backup === ''))
    throw new TypeError(`${where}: backup must be a path, or true`);
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw new TypeError(`${where}: onProgress must be a function`);
}

/** Passes for what may be lost. @throws TypeError for anything but a boolean or a list of names */
export function checkAgreement(where: string, allowDataLoss: unknown): void {
  const isName = (name: unknown): boolean => typeof name === 'string' && name.trim() !== '';
  if (typeof allowDataLoss === 'boolean' || (Array.isArray(allowDataLoss) && allowDataLoss.every(isName))) return;
  throw new TypeError(`${where}: allowDataLoss must be true, false, or a list such as ['users.email', 'audit']`);
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && value >= 1 && (value === Infinity || Number.isSafeInteger(value));
}
