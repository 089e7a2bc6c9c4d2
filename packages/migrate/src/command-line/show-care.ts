// The answers of diff, check, baseline, verify, repair and restore as text for people.
import { relative } from 'node:path';
import type {
  MigrationBaseline,
  MigrationCheck,
  MigrationDrift,
  MigrationRepair,
  MigrationVerification,
  VerifiedMigration,
} from '../contract/care.js';
import type { RestoredDatabase } from '../repair/restore.js';

interface Told {
  readonly message: string;
  readonly hint: string;
}

/** What differs, one line each. */
export function showDrift({ current, differences, problems }: MigrationDrift): string {
  return [
    differences.length === 0
      ? `The schema is that of ${current ?? 'an empty database'}`
      : `The schema is not that of ${current ?? 'an empty database'}:`,
    ...differences.map(({ message }) => `  ${message}`),
    ...listed('Beside that:', problems),
  ].join('\n');
}

/** Every problem with what to do. */
export function showCheck({ migrations, problems }: MigrationCheck): string {
  const counted = count(migrations, 'migration');
  if (problems.length === 0) return `${counted}, nothing wrong`;
  return listed(`${counted}, ${count(problems.length, 'problem')}:`, problems).join('\n');
}

/** What was recorded. */
export function showBaseline(done: MigrationBaseline): string {
  const { version, dryRun, recorded, alsoFits, reordered, rewritten, differences } = done;
  return [
    ...(rewritten === null
      ? []
      : [`${dryRun ? 'Would write' : 'Wrote'} the schema of the database into ${relative(process.cwd(), rewritten)}`]),
    ...recorded.map((each) => `${dryRun ? 'Would record' : 'Recorded'} ${each}`),
    `${dryRun ? 'Would be at' : 'Current'}: ${version}`,
    ...(reordered.length === 0
      ? []
      : [
          `Columns stand in another order than the migrations make, which is accepted: ${reordered.join(', ')}.`,
          'Nothing depends on it but SQL that names no columns (INSERT INTO t VALUES …, SELECT *).',
        ]),
    ...(alsoFits.length === 0
      ? []
      : [
          `The schema is also that of ${alsoFits.join(', ')}: what comes behind writes only rows.`,
          `If those rows are not there, take --to ${alsoFits.at(-1) ?? ''}.`,
        ]),
    ...adopted(differences),
    ...(rewritten === null || dryRun ? [] : ['Next, the way back: cc-migrate generate --missing-downs']),
  ].join('\n');
}

/** What becomes of that in which an adopted database and the schema code differ: as generate/target-schema.ts has it. */
function adopted(differences: MigrationBaseline['differences']): readonly string[] {
  const isOfTable = ({ kind, object }: (typeof differences)[number]): boolean =>
    kind === 'changed' && object === 'table';
  const groups: readonly (readonly [title: string, of: MigrationBaseline['differences']])[] = [
    [
      'The schema code says otherwise, and the first migration that changes such a table in more than columns that it adds or drops makes it so:',
      differences.filter(isOfTable),
    ],
    ['The next migration makes what only the schema code has:', differences.filter(({ kind }) => kind === 'missing')],
    [
      'The schema code does not know of this, or not as it is, and it stays:',
      differences.filter((each) => each.kind !== 'missing' && !isOfTable(each)),
    ],
  ];
  return groups.flatMap(([title, of]) => (of.length === 0 ? [] : [title, ...of.map(({ message }) => `  ${message}`)]));
}

/** What was mended and why, and what is left. */
export function showRepair({ dryRun, actions, raised, problems }: MigrationRepair): string {
  const lines = [
    ...actions.map(({ kind, reason }) => `${kind}: ${reason}`),
    ...raised.map(
      ({ version, from, to }) =>
        `journal: 'when' of ${version} rises from ${from} to ${to}. It must be applied nowhere else`,
    ),
  ];
  const done = dryRun ? 'Would be mended:' : 'Mended:';
  return [
    ...(lines.length === 0 ? ['Nothing to mend'] : [done, ...lines.map((line) => `  ${line}`)]),
    ...listed('Left for people:', problems),
  ].join('\n');
}

/** How each migration did, and the copy. */
export function showVerification({ ok, migrations, copy, durationMs }: MigrationVerification): string {
  const where = copy
    ? `on a copy of ${sizeOf(copy.bytes)} (copied in ${copy.durationMs} ms)`
    : 'on an empty database with made-up rows';
  const empty = migrations.filter(({ triedOn }) => triedOn === 'empty tables').length;
  const advice = `, but ${count(empty, 'migration')} ran without rows: try ${empty === 1 ? 'it' : 'them'} on a copy of a database (cc-migrate verify --url …)`;
  const result = ok ? `all well${empty === 0 ? '' : advice}` : 'something differs';
  if (migrations.length === 0) return `Nothing to verify ${where}`;
  return [
    ...migrations.flatMap(verified),
    `${count(migrations.length, 'migration')} ${where} in ${durationMs} ms: ${result}`,
  ].join('\n');
}

/** Where everything is now, and which checkout goes with it. */
export function showRestored(restored: RestoredDatabase): string {
  const { database, backup, bytes, kept, version, folderIs, pending } = restored;
  const at = version ?? 'before the first migration';
  const checkouts: Readonly<Record<RestoredDatabase['folderIs'], readonly string[]>> = {
    same: ['The folder fits: this checkout may start'],
    newer: [
      `WARNING: the folder is newer: ${pending.join(', ')} ${pending.length === 1 ? 'is' : 'are'} not in the database.`,
      `Go back to the checkout whose newest migration is ${at}, or apply them again with up`,
    ],
    other: [`WARNING: the folder does not have all of it. Go to the checkout whose newest migration is ${at}`],
    none: [`The folder holds no migrations. The checkout that fits is the one whose newest migration is ${at}`],
  };
  return [
    `Restored ${database} from ${backup} (${sizeOf(bytes)})`,
    ...(kept === null ? [] : [`The database from before is ${kept}`]),
    `Current: ${at}`,
    ...checkouts[folderIs],
  ].join('\n');
}

const states: Readonly<Record<VerifiedMigration['triedOn'], string>> = {
  ...{ copy: 'ok', 'made-up rows': 'ok', 'empty tables': 'ok without rows', nothing: 'not tried' },
};

function verified(each: VerifiedMigration): readonly string[] {
  const { version, faults, warnings, losses, triedOn, upMs, downMs } = each;
  const times = [upMs === null ? [] : `up ${upMs} ms`, downMs === null ? [] : `down ${downMs} ms`].flat();
  return [
    `${version}  ${[faults.length === 0 ? states[triedOn] : 'DIFFERS', ...times].join('  ')}`,
    ...faults.map((fault) => `  ${fault}`),
    ...losses.map(({ direction, table, column, rows }) => {
      const what = column === null ? `table ${table}` : `column ${table}.${column}`;
      return `  ${direction} takes ${what}: ${count(rows, 'row')}`;
    }),
    ...warnings.map((warning) => `  note: ${warning}`),
  ];
}

function listed(title: string, problems: readonly Told[]): readonly string[] {
  return problems.length === 0 ? [] : [title, ...problems.map(({ message, hint }) => `  ${message}. ${hint}`)];
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

function sizeOf(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
