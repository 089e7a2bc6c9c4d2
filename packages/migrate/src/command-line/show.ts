// The answers of the manager as text for people. `--json` prints them as they are instead.

import type {
  DataLoss,
  MigrationHistoryEntry,
  MigrationProblem,
  MigrationStatus,
  MigrationWarning,
  WayBack,
} from '../contract/migration.js';
import type { MigrationPlan, MigrationResult, MigrationStepProgress, PlannedMigration } from '../contract/run.js';
import { typed } from '../errors.js';

/** What `up` and `down` did. */
export function showResult({ direction, dryRun, migrations, current, backup }: MigrationResult): string {
  const verb = direction === 'up' ? (dryRun ? 'Would apply' : 'Applied') : dryRun ? 'Would take back' : 'Took back';
  const lines = migrations.flatMap(({ version, durationMs, warnings }) => [
    `${verb} ${version}${duration(durationMs)}`,
    // What is done cannot be helped, but for values that were made up, what is missing now, and what nothing has measured.
    ...warnings.filter(({ kind }) => dryRun || telling.has(kind)).map(({ message }) => `  warning: ${message}`),
  ]);
  if (lines.length === 0) lines.push('Nothing to do');
  lines.push(`Current: ${current ?? 'none'}`);
  if (backup !== null) lines.push(`Backup: ${backup}`, `To go back: cc-migrate restore ${typed(backup)}`);
  return lines.join('\n');
}

const telling: ReadonlySet<MigrationWarning['kind']> = new Set(['filled', 'agreement', 'dropped', 'unmeasured']);

/** How far a run is, as one line. */
export function showProgress(progress: MigrationStepProgress): string {
  const { version, direction, step, steps, statement, statements, rows } = progress;
  const changed = rows === null ? '' : `, ${rows} rows`;
  return `${direction} ${version} (${step} of ${steps}): statement ${statement} of ${statements}${changed}`;
}

/** Folder and database side by side. */
export function showStatus({ current, applied, pending, problems }: MigrationStatus): string {
  return [
    `Current: ${current ?? 'none'}`,
    ...section(
      'Applied',
      applied.map(({ version, appliedAt, durationMs, kind, wayBack }) => {
        const from = kind === 'drizzle' ? `by drizzle's migrator` : `recorded by ${kind}`;
        const when = appliedAt ? `${time(appliedAt)}${duration(durationMs)}` : from;
        return `${version}  ${when}${wayBackNotes[wayBack]}`;
      }),
    ),
    ...section(
      'Pending',
      pending.map(({ version, wayBack }) => `${version}${wayBackNotes[wayBack]}`),
    ),
    ...section('Problems', problems.map(problem)),
  ].join('\n');
}

const wayBackNotes: Readonly<Record<WayBack, string>> = {
  ready: '',
  none: '  (no down file)',
  draft: '  (its down file is a draft)',
  irreversible: '  (irreversible)',
};

/** Every run, oldest first. */
export function showHistory(entries: readonly MigrationHistoryEntry[]): string {
  const lines = entries.map(({ version, direction, kind, repaired, at, durationMs, who }) => {
    const when = at ? time(at) : 'by drizzle, time unknown';
    const what = kind === 'run' ? direction : kind;
    const by = who === null ? '' : `  ${who}`;
    return `${what.padEnd(4)}  ${version}  ${when}${duration(durationMs)}${repaired ? `  (${repaired})` : ''}${by}`;
  });
  return lines.length === 0 ? 'No migration has run' : lines.join('\n');
}

/** SQL that can be read and pasted; all else is a comment. */
export function showPlan({ direction, migrations, problems }: MigrationPlan): string {
  const lines = [
    ...problems.map((found) => comment(`PROBLEM: ${problem(found)}`)),
    ...migrations.map((migration) => showMigration(migration)),
  ];
  return lines.length === 0 ? comment(`Nothing to do ${direction}`) : lines.join('\n\n');
}

function showMigration(migration: PlannedMigration): string {
  const { version, direction, statements, slices, losses, warnings, problems } = migration;
  return [
    comment(`${direction} ${version}`),
    ...warnings.map(({ message }) => comment(`WARNING: ${message}`)),
    ...losses.map((loss) => comment(`LOSES: ${showLoss(loss)}`)),
    ...problems.map((found) => comment(`REFUSED: ${problem(found)}`)),
    ...statements.flatMap((sql, index) => {
      const rows = slices?.[index];
      return [...(rows === undefined ? [] : [comment(`in slices of ${rows} rows, each a transaction`)]), `${sql};`];
    }),
  ].join('\n');
}

function showLoss({ table, column, rows, key, measured }: DataLoss): string {
  const what = column === null ? `${rows} rows of ${table}` : `${rows} values of ${table}.${column}`;
  return `${what}${key === null ? '' : `, such as ${key}`} (${measured ? 'measured on a copy' : 'read from the statements'})`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)];
}

function problem({ message, hint }: MigrationProblem): string {
  return `${message}. ${hint}`;
}

function comment(text: string): string {
  return `-- ${text.replaceAll('\n', '\n-- ')}`;
}

function duration(durationMs: number | null): string {
  return durationMs === null ? '' : `  ${durationMs} ms`;
}

function time(at: Date): string {
  return at
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
}
