// What generate and create did, as text for people.
import { relative } from 'node:path';
import type { CreatedMigration, GeneratedMigration, WrittenDown } from '../contract/generate.js';
import type { Bundle } from '../folder/write-bundle.js';

/** A generated migration: files, whose SQL it is and why, what is lost. */
export function showGenerated(migration: GeneratedMigration, dryRun: boolean): string {
  const { version, files, upSql, downSql, author, reasons, notes, losses, altered } = migration;
  if (upSql === null) return 'No schema changes, nothing to migrate';
  const head = dryRun
    ? ['Would write:', upSql, 'and to go back:', downSql ?? '']
    : [`Wrote ${version}`, ...filesOf(files)];
  return [
    ...head,
    `${author === 'drizzle-kit' ? `drizzle-kit's` : 'Own'} statements, proven both ways${
      altered.length === 0 ? '' : `, but for the values of ${altered.join(', ')}`
    }`,
    ...reasons.map((reason) => `  not drizzle-kit's: ${reason}`),
    ...notes.map((note) => `  note: ${note}`),
    ...losses.up.map((loss) => `  applying it takes what ${loss} holds`),
    ...losses.down.map((loss) => `  taking it back takes what ${loss} holds`),
  ].join('\n');
}

/** Down files that were written. */
export function showDowns(downs: readonly WrittenDown[]): string {
  if (downs.length === 0) return 'Every migration has its down file';
  return downs
    .flatMap(({ version, kind, path, notes }) => [
      `${path === null ? 'Would write' : 'Wrote'} ${version}.down.sql (${kind})`,
      ...notes.map((note) => `  ${note}`),
    ])
    .join('\n');
}

/** A custom migration. */
export function showCreated({ version, files, notes }: CreatedMigration): string {
  return [`Wrote ${version}`, ...filesOf(files), ...notes.map((note) => `  note: ${note}`)].join('\n');
}

/** A folder as a module. */
export function showBundle({ path, versions, isCurrent }: Bundle, check: boolean): string {
  const file = relative(process.cwd(), path);
  const count = versions.length === 1 ? '1 migration' : `${versions.length} migrations`;
  if (isCurrent) return `${file} has the ${count} of the folder`;
  return check ? `${file} is not what the folder says: run cc-migrate bundle` : `Wrote ${file}: ${count}`;
}

function filesOf(files: readonly string[]): readonly string[] {
  return files.map((file) => `  ${relative(process.cwd(), file)}`);
}
