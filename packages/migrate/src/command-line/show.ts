// The answers of the manager as text for people. `--json` prints them as they are instead.
import type {
  MigrationHistoryEntry,
  MigrationPlan,
  MigrationProblem,
  MigrationResult,
  MigrationStatus,
  PlannedMigration,
} from '../types.js';

/** What `up` and `down` did. */
export function showResult({ direction, dryRun, migrations, current }: MigrationResult): string {
  const verb = direction === 'up' ? (dryRun ? 'Would apply' : 'Applied') : dryRun ? 'Would take back' : 'Took back';
  const lines = migrations.map(({ version, durationMs }) => `${verb} ${version}${duration(durationMs)}`);
  if (lines.length === 0) lines.push('Nothing to do');
  return [...lines, `Current: ${current ?? 'none'}`].join('\n');
}

/** Folder and database side by side. */
export function showStatus({ current, applied, pending, problems }: MigrationStatus): string {
  const noDown = (reversible: boolean): string => (reversible ? '' : '  (no down file)');
  return [
    `Current: ${current ?? 'none'}`,
    ...section(
      'Applied',
      applied.map(({ version, appliedAt, durationMs, by, reversible }) => {
        const from = by === 'drizzle' ? `by drizzle's migrator` : `recorded by ${by}`;
        const when = appliedAt ? `${time(appliedAt)}${duration(durationMs)}` : from;
        return `${version}  ${when}${noDown(reversible)}`;
      }),
    ),
    ...section(
      'Pending',
      pending.map(({ version, reversible }) => `${version}${noDown(reversible)}`),
    ),
    ...section('Problems', problems.map(problem)),
  ].join('\n');
}

/** Every run, oldest first. */
export function showHistory(entries: readonly MigrationHistoryEntry[]): string {
  const lines = entries.map(({ version, direction, kind, repaired, at, durationMs }) => {
    const when = at ? time(at) : 'by drizzle, time unknown';
    const what = kind === 'run' ? direction : kind;
    return `${what.padEnd(4)}  ${version}  ${when}${duration(durationMs)}${repaired ? `  (${repaired})` : ''}`;
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

function showMigration({ version, direction, statements, reversible, problems }: PlannedMigration): string {
  return [
    comment(`${direction} ${version}${reversible ? '' : ': cannot be taken back, it has no down file'}`),
    ...problems.map((found) => comment(`REFUSED: ${problem(found)}`)),
    ...statements.map((sql) => `${sql};`),
  ].join('\n');
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
