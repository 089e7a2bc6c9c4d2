// The exit codes of cc-migrate, for errors and for problems alike. Used by commands.ts and program.ts.
import { isDatabaseError } from '@cc/tx/errors';
import { codeOf, type MigrationFault } from '../errors.js';

/** Exit codes by meaning. */
export const exitCodes = Object.freeze({ ok: 0, error: 1, pendingOrDrift: 2, refused: 3, lockLost: 4 });

const byFault: Readonly<Record<MigrationFault, number>> = {
  folder: exitCodes.error,
  foreign_key: exitCodes.error,
  broken_object: exitCodes.error,
  failed: exitCodes.error,
  edited: exitCodes.pendingOrDrift,
  missing: exitCodes.pendingOrDrift,
  renumbered: exitCodes.pendingOrDrift,
  other_table: exitCodes.pendingOrDrift,
  other_server: exitCodes.pendingOrDrift,
  duplicate: exitCodes.pendingOrDrift,
  out_of_order: exitCodes.pendingOrDrift,
  journal_order: exitCodes.pendingOrDrift,
  stale_down: exitCodes.pendingOrDrift,
  half_back: exitCodes.pendingOrDrift,
  no_down: exitCodes.refused,
  draft_down: exitCodes.refused,
  data_loss: exitCodes.refused,
  statement: exitCodes.refused,
  confirm: exitCodes.refused,
  schema_code: exitCodes.error,
  config: exitCodes.error,
  read_only: exitCodes.error,
  question: exitCodes.refused,
  unproven: exitCodes.refused,
  lock_lost: exitCodes.lockLost,
  timeout: exitCodes.lockLost,
  drift: exitCodes.pendingOrDrift,
  applied: exitCodes.refused,
  replay: exitCodes.error,
  restore: exitCodes.refused,
};

const byCode = new Map(Object.entries(byFault).map(([fault, exitCode]) => [codeOf(fault), exitCode]));

/** The exit code for a problem of the folder, a migration or a run. */
export function exitCodeOfFault(fault: MigrationFault): number {
  return byFault[fault];
}

/** The exit code for anything thrown. */
export function exitCodeOf(error: unknown): number {
  if (!isDatabaseError(error)) return exitCodes.error;
  return byCode.get(error.code) ?? (error.type === 'lock' ? exitCodes.lockLost : exitCodes.error);
}
