// The phases that run migrations on a file: a rebuild of a big table up and down, an update and a dropped column of it, twenty
// small ones, and status().
import { createHash } from 'node:crypto';
import { copyFile, open, readFile, rm } from 'node:fs/promises';
import { createMigrationManager } from '@cc/migrate';
import { openTransactionManager } from '@cc/tx';
import Database from 'libsql';
import { durabilityOf } from '../contenders/ours.js';
import { type Measurement, measure, summarise } from '../harness/measure.js';
import type { ConnectionDurability, Inspection, Job, Phase, TrialReport } from '../harness/suite.js';
import { type Course, migrators, openMigrator, unmeasured } from './migrations-contenders.js';

/** Inputs of a phase that runs migrations. */
export interface RunningInputs extends Course {
  /** The database that every sample starts on a copy of; null = an empty file. */
  readonly start: string | null;
  /** Migrations that drizzle's table must hold afterwards, where the contender keeps it. */
  readonly recorded: number;
}

/** Inputs of the phase of `status()`. */
export interface StatusInputs {
  readonly start: string;
  readonly folder: string;
  readonly applied: number;
}

const big = { warmup: 1, samples: 2 } as const;
const small = { warmup: 3, samples: 12 } as const;
const thereAndBack = migrators.filter((name) => name !== 'drizzle + @libsql/client');

/** The rebuild of a big table, up. */
export const rebuildUpPhase = runningPhase('rebuildUp', [...migrators, unmeasured], big);

/** An update of each of its rows that keeps every value. */
export const updatePhase = runningPhase('update', [...migrators, unmeasured], big);

/** A column of it that holds nothing goes. */
export const dropColumnPhase = runningPhase('dropColumn', [...migrators, unmeasured], big);

/** Its way back, which drizzle's migrator does not have. */
export const rebuildDownPhase = runningPhase('rebuildDown', thereAndBack, big);

/** Many small migrations. */
export const smallPhase = runningPhase('small', migrators, small);

/** Comparing a folder with a database. */
export const statusPhase: Phase = {
  name: 'status',
  contenders: ['ours'],
  run: runStatus,
  inspect: async ({ databasePath }) => ({ digest: digestOfDatabase(databasePath), facts: {} }),
};

function runningPhase(name: string, contenders: readonly string[], rounds: typeof big | typeof small): Phase {
  return {
    name,
    contenders,
    async run(job) {
      const inputs = await readJson<RunningInputs>(job.inputsPath);
      const timesMs: number[] = [];
      let durability: readonly ConnectionDurability[] = [];
      for (let round = 0; round < rounds.warmup + rounds.samples; round += 1) {
        await startOver(job.databasePath, inputs.start);
        const migrator = await openMigrator(job.contender, job.databasePath, inputs);
        globalThis.gc?.();
        const started = performance.now();
        await migrator.run();
        const tookMs = performance.now() - started;
        if (round >= rounds.warmup) timesMs.push(tookMs);
        durability = await migrator.durability();
        await migrator.close();
      }
      // What it did is on disk, and compared there.
      const rows: Record<string, Measurement> = { [name]: summarise(timesMs, 'ms', null) };
      return { rows, durability };
    },
    inspect: inspectMigrated,
  };
}

/** Puts a fresh copy of `start` at `path`, on disk: no sample pays for what the copying left to be written. */
async function startOver(path: string, start: string | null): Promise<void> {
  for (const suffix of ['', '-wal', '-shm']) await rm(`${path}${suffix}`, { force: true });
  if (start === null) return;
  await copyFile(start, path);
  const file = await open(path, 'r+');
  await file.sync();
  await file.close();
}

async function runStatus({ databasePath, inputsPath }: Job): Promise<TrialReport> {
  const { start, folder, applied } = await readJson<StatusInputs>(inputsPath);
  await startOver(databasePath, start);
  const transactions = await openTransactionManager({ url: `file:${databasePath}` });
  const migrations = createMigrationManager(transactions, { folder });
  const found = await migrations.status();
  if (found.applied.length !== applied || found.pending.length > 0 || found.problems.length > 0)
    throw new Error(`status() found ${found.applied.length} of ${applied}, and ${found.problems.length} problems`);
  const status = await measure({
    unit: 'ms',
    warmup: 20,
    samples: 60,
    operation: () => migrations.status(),
    compare: (each) => [each.current, each.applied.length, each.pending.length, each.problems.length],
  });
  const durability = await durabilityOf(transactions);
  await transactions.close();
  return { rows: { status }, durability };
}

async function inspectMigrated({ databasePath, inputsPath, contender }: Job): Promise<Inspection> {
  const { recorded } = await readJson<RunningInputs>(inputsPath);
  if (!contender.startsWith('bare SQL')) requireRecorded(databasePath, recorded, contender);
  return { digest: digestOfDatabase(databasePath), facts: {} };
}

function requireRecorded(path: string, recorded: number, contender: string): void {
  const database = new Database(path);
  try {
    // One row with one number.
    const { n } = database.prepare('SELECT count(*) AS n FROM __drizzle_migrations').get() as { n: number };
    if (n !== recorded) throw new Error(`${contender}: ${n} migrations are recorded, and not ${recorded}`);
  } finally {
    database.close();
  }
}

/** The fingerprint of schema and rows without the bookkeeping of migrations. @throws Error when the file is damaged */
function digestOfDatabase(path: string): string {
  const database = new Database(path);
  try {
    const damage = [
      ...database.prepare('PRAGMA integrity_check').raw(true).all().slice(1),
      ...database.prepare('PRAGMA foreign_key_check').all(),
    ];
    if (damage.length > 0) throw new Error(`${path}: the checks found ${damage.length} problems`);
    const schema = database
      .prepare(
        `SELECT type, name, tbl_name, sql FROM sqlite_schema
WHERE tbl_name NOT IN ('__drizzle_migrations', '__cc_migrations', 'sqlite_sequence') ORDER BY type, name`,
      )
      // Columns as the SQL names them.
      .all() as readonly { readonly type: string; readonly name: string }[];
    const hash = createHash('sha256').update(JSON.stringify(schema));
    for (const { name } of schema.filter(({ type }) => type === 'table')) {
      hash.update(name);
      for (const row of database.prepare(`SELECT * FROM "${name}" ORDER BY 1, 2`).raw(true).iterate())
        hash.update(JSON.stringify(row));
    }
    return hash.digest('hex').slice(0, 16);
  } finally {
    database.close();
  }
}

async function readJson<T>(path: string): Promise<T> {
  // Written by prepareMigrations.
  return JSON.parse(await readFile(path, 'utf8')) as T;
}
