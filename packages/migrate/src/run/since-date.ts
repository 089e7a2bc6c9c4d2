// Which migrations were applied after a point in time, newest first: what `targetDate` takes back. choose.ts asks.
import { migrationError } from '../errors.js';
import { lastRunOf } from './ledger.js';
import type { Applied, Standing } from './standing.js';

/**
 * The migrations of `standing` that were applied after `date`.
 *
 * @throws DatabaseError `MIGRATION_QUESTION` when that does not say how far back: the time of one is not known, or one that
 * was there before stands above one that came after
 */
export function appliedAfter({ applied, ledger }: Standing, date: Date): readonly Applied[] {
  const newestKept = applied.findLastIndex((entry) => sideOf(entry, ledger.log, date) === 'before');
  const gone = applied.slice(newestKept + 1);
  const below = applied.slice(0, newestKept + 1);
  const late = below.find((entry) => sideOf(entry, ledger.log, date) === 'after');
  const kept = applied[newestKept];
  if (late && kept) {
    throw unclear(
      `${late.version} was applied after ${date.toISOString()}, and ${kept.version}, which stands above it, was there before`,
      applied,
    );
  }
  const unknown = gone.find((entry) => sideOf(entry, ledger.log, date) === 'unknown');
  if (unknown) {
    throw unclear(
      `Nothing says whether ${unknown.version} was applied before or after ${date.toISOString()}: ${reasonFor(unknown)}`,
      applied,
    );
  }
  return [...gone].reverse();
}

function sideOf({ run }: Applied, log: Standing['ledger']['log'], date: Date): 'before' | 'after' | 'unknown' {
  const ran = run && lastRunOf(log, run);
  // What was recorded without running was there when that was done.
  const known = ran ?? run;
  if (known && known.at <= date) return 'before';
  return ran ? 'after' : 'unknown';
}

function reasonFor({ run }: Applied): string {
  return run ? `${run.kind} recorded it at ${run.at.toISOString()}` : `drizzle's migrator keeps no time`;
}

function unclear(reason: string, applied: readonly Applied[]): Error {
  const names = applied.map(({ version }) => version).join(', ');
  return migrationError('question', reason, {
    operation: 'go back to a date',
    hint: `Nothing was taken back. Name the migration that stays instead (${names}): cc-migrate down --to <version>, or targetVersion in code; cc-migrate history has the times`,
  });
}
