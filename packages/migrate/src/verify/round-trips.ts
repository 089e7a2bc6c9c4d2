// The round trip on a copy: applies what is pending, takes migrations back from the newest on, and applies them again; after
// every step it looks at schema, rows and soundness. verify.ts makes the copy and removes it.

import { isDatabaseError } from '@cc/tx/errors';
import { renamesIn } from '../change/renames.js';
import { recordedFiles } from '../check/recorded.js';
import { schemaOf } from '../check/replay.js';
import type { VerifiedMigration } from '../contract/care.js';
import type { DataLoss, MigrationDirection } from '../contract/migration.js';
import type { PlannedMigration } from '../contract/run.js';
import { migrationError, refuse } from '../errors.js';
import { settledIn } from '../folder/base-file.js';
import { parseDownHeader } from '../folder/down-file.js';
import { type Call, type Ground, holding, look, planCall, runCall } from '../run/call.js';
import type { Applied, Standing } from '../run/standing.js';
import { type Schema, shapesOf } from '../schema/schema.js';
import { dataStatements } from '../sql/data-statements.js';
import { type Statement, splitStatements } from '../sql/statements.js';
import { foldName } from '../sql/words.js';
import { type Exempt, type Moment, newlyUnsound, readMoment, rowFaults, schemaFaults } from './moment.js';

/** Walks the database of `ground`, which is a copy. @throws DatabaseError for what keeps migrations from being applied */
export async function walk(ground: Ground, steps: number | undefined): Promise<readonly VerifiedMigration[]> {
  const { pending, applied: before, problems } = await standingOf(ground);
  refuse(problems, 'verify');
  const trip = new RoundTrip(ground, await momentOf(ground));
  const order = [...before, ...pending].map(({ version }) => version);
  const climbed = await trip.each(pending, (file) => trip.up(file), 'it was not tried, because one before it fails');
  if (climbed.length < pending.length) return trip.reports(order);
  const { applied } = await standingOf(ground);
  const wanted = [...applied].reverse().slice(0, steps ?? Math.max(1, pending.length));
  const why = 'it was not taken back, because one above it cannot be';
  const taken = await trip.each(wanted, (entry) => trip.down(entry), why);
  await trip.each(
    [...taken].reverse(),
    (entry) => trip.again(entry),
    'it was not applied again, because one before it fails',
  );
  return trip.reports(order);
}

interface Report {
  readonly version: string;
  readonly faults: string[];
  readonly warnings: string[];
  readonly losses: (DataLoss & { readonly direction: MigrationDirection })[];
  triedOn: 'copy' | 'nothing';
  upMs: number | null;
  downMs: number | null;
}

/** A step that ran. */
interface Passed {
  readonly before: Moment;
  readonly after: Moment;
  readonly planned: PlannedMigration;
  readonly durationMs: number | null;
}

class RoundTrip {
  readonly #ground: Ground;
  readonly #first: Moment;
  readonly #reports: Report[] = [];
  /** By version: the first way up, and the way down. */
  readonly #ups = new Map<string, Passed>();
  readonly #downs = new Map<string, Passed>();
  #now: Moment;

  constructor(ground: Ground, first: Moment) {
    this.#ground = ground;
    this.#first = first;
    this.#now = first;
  }

  /** Those of `order` that were tried, in that order. */
  reports(order: readonly string[]): readonly VerifiedMigration[] {
    return order.flatMap((version) => this.#reports.find((report) => report.version === version) ?? []);
  }

  /** Takes `step` for each until one cannot be taken, and notes `why` for those behind it. Returns those before it. */
  async each<T extends { readonly version: string }>(
    list: readonly T[],
    step: (each: T) => Promise<boolean>,
    why: string,
  ): Promise<readonly T[]> {
    for (const [index, each] of list.entries()) {
      if (await step(each)) continue;
      for (const { version } of list.slice(index + 1)) this.#reportOf(version).warnings.push(why);
      return list.slice(0, index);
    }
    return list;
  }

  /** Applies the next migration. Returns whether it ran. */
  async up({ version }: { readonly version: string }): Promise<boolean> {
    const report = this.#reportOf(version);
    const passed = await this.#step(report, 'up', 'up');
    if (!passed) return false;
    this.#ups.set(version, passed);
    [report.triedOn, report.upMs] = ['copy', passed.durationMs];
    judge(report.faults, 'up', [...changedRows(passed), ...newlyUnsound(passed.after, this.#first)]);
    return true;
  }

  /** Takes the newest migration back. Returns whether that was possible. */
  async down(entry: Applied): Promise<boolean> {
    const report = this.#reportOf(entry.version);
    const kind = entry.downSql === null ? null : parseDownHeader(entry.downSql)?.kind;
    if (kind === 'irreversible') report.warnings.push('it has no way back, as its down file says');
    if (kind === 'draft') report.faults.push('its down file is a draft');
    if (kind === 'irreversible' || kind === 'draft') return false;
    const expected = this.#ups.get(entry.version)?.before ?? (await this.#schemaBefore());
    if (!expected) report.warnings.push('what it leads back to is not compared: it stands before the base file');
    const passed = await this.#step(report, 'down', 'down');
    if (!passed) return false;
    this.#downs.set(entry.version, passed);
    [report.triedOn, report.downMs] = ['copy', passed.durationMs];
    judge(report.faults, 'down', [
      ...(expected ? schemaFaults(passed.after, expected) : []),
      ...changedRows(passed),
      ...newlyUnsound(passed.after, this.#first),
    ]);
    this.#compareWithStart(report, entry, passed);
    return true;
  }

  /** Applies a migration again that was taken back. Returns whether it ran. */
  async again({ version }: { readonly version: string }): Promise<boolean> {
    const report = this.#reportOf(version);
    const down = this.#downs.get(version);
    const passed = await this.#step(report, 'up', 'up again');
    if (!passed || !down) return false;
    report.upMs ??= passed.durationMs;
    const isExempt = this.#lostBelow();
    judge(
      changesRows(passed) ? report.warnings : report.faults,
      'up again',
      rowFaults(down.before, passed.after, { isExempt }),
    );
    judge(report.faults, 'up again', [
      ...schemaFaults(passed.after, down.before),
      ...newlyUnsound(passed.after, this.#first),
    ]);
    return true;
  }

  /** What was there before the migration must be there again, but for what it says it takes. */
  #compareWithStart(report: Report, { version, downSql }: Applied, { after }: Passed): void {
    const up = this.#ups.get(version);
    if (!up) return;
    const said = downSql === null ? [] : (parseDownHeader(downSql)?.losses ?? []);
    const taken = [...said, ...up.planned.losses.map(({ table, column }) => nameOf(table, column))];
    const isExempt: Exempt = (table, column) => taken.includes(nameOf(table, column));
    judge(changesRows(up) ? report.warnings : report.faults, 'down', rowFaults(up.before, after, { isExempt }));
    if (said.length > 0) report.warnings.push(`it takes ${said.join(', ')} for good, as its down file says`);
  }

  /** What was gone at the deepest point is filled anew on the way up, perhaps with the time or at random. */
  #lostBelow(): Exempt {
    const downs = [...this.#downs.values()];
    const lost = downs.flatMap(({ planned }) => planned.losses.map(({ table, column }) => nameOf(table, column)));
    const lowest = downs.at(-1)?.after.schema;
    return (table, column) =>
      lost.includes(nameOf(table, column)) || (lowest !== undefined && !holds(lowest, table, column));
  }

  /** Null where the replay starts behind it. */
  async #schemaBefore(): Promise<{ readonly schema: Schema } | null> {
    const files = recordedFiles(await standingOf(this.#ground));
    if (settledIn(files).length === files.length && files.length > 0) return null;
    return { schema: await schemaOf(files.slice(0, -1)) };
  }

  async #step(report: Report, direction: MigrationDirection, stage: string): Promise<Passed | null> {
    const call: Call = { direction, reach: { steps: 1 }, allowOutOfOrder: false, allowDataLoss: true };
    try {
      const { migrations, problems } = await planCall(this.#ground, call);
      const [planned] = migrations;
      if (!planned || planned.version !== report.version) throw strayed(report.version);
      const refusals = [...problems, ...planned.problems].filter(({ kind }) => kind !== 'data_loss');
      judge(
        report.faults,
        null,
        refusals.map(({ message }) => message),
      );
      if (refusals.length > 0) return null;
      // The same loss is met a second time on the way up again.
      if (stage !== 'up again') report.losses.push(...planned.losses.map((loss) => ({ ...loss, direction })));
      const before = this.#now;
      const result = await runCall(this.#ground, call, manner);
      this.#now = await momentOf(this.#ground);
      return { before, after: this.#now, planned, durationMs: result.migrations[0]?.durationMs ?? null };
    } catch (error) {
      if (!isDatabaseError(error) || !ofMigration.has(error.type)) throw error;
      judge(report.faults, null, [error.reason]);
      return null;
    }
  }

  #reportOf(version: string): Report {
    const known = this.#reports.find((report) => report.version === version);
    if (known) return known;
    const report: Report = {
      version,
      faults: [],
      warnings: [],
      losses: [],
      triedOn: 'nothing',
      upMs: null,
      downMs: null,
    };
    this.#reports.push(report);
    return report;
  }
}

const manner = { dryRun: false, backup: undefined, onProgress: undefined } as const;

/** Failures that a migration itself brings about; others, such as a full disk, end the whole trial. */
const ofMigration = new Set(['constraint', 'syntax', 'integrity', 'aborted', 'unknown']);

function judge(into: string[], stage: string | null, found: readonly string[]): void {
  for (const fault of found) into.push(stage === null ? fault : `after ${stage}, ${fault}`);
}

/** Rows that a step changed, unless it has statements for that. */
function changedRows(passed: Passed): readonly string[] {
  const { before, after, planned } = passed;
  if (changesRows(passed)) return [];
  return rowFaults(before, after, { renames: renamesIn(statementsOf(planned), shapesOf(before.schema)) });
}

function changesRows({ before: { schema }, planned }: Passed): boolean {
  const present = new Set([...schema.tables.keys(), ...schema.virtualTables.keys()]);
  return dataStatements(statementsOf(planned), present).length > 0;
}

function statementsOf({ statements, version }: PlannedMigration): readonly Statement[] {
  return statements.flatMap((sql) => splitStatements(sql, version));
}

function holds({ tables }: Schema, table: string, column: string | null): boolean {
  const found = tables.get(foldName(table));
  if (!found) return false;
  return column === null || found.columns.some(({ name }) => name === column);
}

function nameOf(table: string, column: string | null): string {
  return column === null ? table : `${table}.${column}`;
}

function standingOf(ground: Ground): Promise<Standing> {
  return holding(ground, 'read', (connection) => look(ground, connection));
}

function momentOf(ground: Ground): Promise<Moment> {
  return holding(ground, 'write', readMoment);
}

function strayed(version: string): Error {
  return migrationError('lock_lost', `Another migration than ${version} came next on the copy`, {
    operation: 'verify',
    hint: 'The folder changed meanwhile: run it again',
  });
}
