// The phases that write migrations, which need no database but scratch ones in memory: `drizzle-kit generate` beside
// generateMigration, and the planning and proof of downs.
import { execFile } from 'node:child_process';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { generateMigration, writeMissingDowns } from '@cc/migrate/generate';
import Database from 'libsql';
import { digest } from '../harness/digest.js';
import { type Measurement, summarise } from '../harness/measure.js';
import type { Job, Phase, TrialReport } from '../harness/suite.js';

/** The contender that the rows of these phases refer to. */
export const drizzleKit = 'drizzle-kit';

/** Inputs of the phase `generate`. */
export interface GenerateInputs {
  /** A project with schema code, a configuration and one migration; copied before it is used. */
  readonly project: string;
  /** Schema code by row: what the project has come to. */
  readonly code: Readonly<Record<string, string>>;
}

/** Inputs of the phase `downs`: folders by row, the small ones first. */
export type DownsInputs = Readonly<
  Record<string, { readonly folder: string; readonly migrations: number; readonly samples: number }>
>;

/** Calls of a row before its first sample. Everything but the first row is warm by then. */
const warmupOf = (rows: Readonly<Record<string, Measurement>>): number => (Object.keys(rows).length === 0 ? 1 : 0);
const generateSamples = 2;

/** The next migration from changed schema code. */
export const generatePhase: Phase = {
  name: 'generate',
  contenders: [drizzleKit, 'drizzle-kit again', 'ours'],
  hasDatabase: false,
  run: runGenerate,
  inspect: async () => ({ digest: null, facts: {} }),
};

/** Downs for a folder that has none. */
export const downsPhase: Phase = {
  name: 'downs',
  contenders: ['ours'],
  hasDatabase: false,
  run: runDowns,
  inspect: async () => ({ digest: null, facts: {} }),
};

async function runGenerate({ contender, databasePath, inputsPath }: Job): Promise<TrialReport> {
  const { project, code } = await readJson<GenerateInputs>(inputsPath);
  const cwd = `${databasePath}.project`;
  await cp(project, cwd, { recursive: true, verbatimSymlinks: true });
  const folder = join(cwd, 'drizzle');
  const generate = contender === 'ours' ? () => generateMigration({ cwd, name: 'change' }) : () => runDrizzleKit(cwd);
  const rows: Record<string, Measurement> = {};
  try {
    for (const [row, text] of Object.entries(code)) {
      await writeFile(join(cwd, 'schema.ts'), text);
      const timesMs: number[] = [];
      let facts: Measurement['facts'] = {};
      const warmup = warmupOf(rows);
      for (let round = 0; round < warmup + generateSamples; round += 1) {
        await rm(folder, { recursive: true });
        await cp(join(project, 'drizzle'), folder, { recursive: true });
        const started = performance.now();
        const made = await generate();
        const tookMs = performance.now() - started;
        if (made !== null) facts = { 'statements by': made.author };
        if (round >= warmup) timesMs.push(tookMs);
      }
      rows[row] = summarise(timesMs, 'ms', digest(await madeIn(folder)), facts);
    }
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
  return { rows, durability: [] };
}

async function runDrizzleKit(cwd: string): Promise<null> {
  const kit = join(cwd, 'node_modules', 'drizzle-kit', 'bin.cjs');
  await promisify(execFile)(process.execPath, [kit, 'generate', '--name', 'change'], { cwd });
  return null;
}

/** The schema that the folder makes of an empty database, and the newest snapshot without its random names. */
async function madeIn(folder: string): Promise<unknown> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql') && !file.endsWith('.down.sql')).sort();
  if (files.length !== 2) throw new Error(`${folder} has ${files.length} migrations, and not 2`);
  const database = new Database(':memory:');
  try {
    for (const file of files) database.exec(await readFile(join(folder, file), 'utf8'));
    const schema = database.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all();
    const snapshot = await readJson<Record<string, unknown>>(join(folder, 'meta', '0001_snapshot.json'));
    return { schema, snapshot: { ...snapshot, id: null, prevId: null } };
  } finally {
    database.close();
  }
}

async function runDowns({ inputsPath }: Job): Promise<TrialReport> {
  const inputs = await readJson<DownsInputs>(inputsPath);
  const rows: Record<string, Measurement> = {};
  for (const [row, { folder, migrations, samples }] of Object.entries(inputs)) {
    const timesMs: number[] = [];
    let made: Awaited<ReturnType<typeof writeMissingDowns>> = [];
    const warmup = warmupOf(rows);
    for (let round = 0; round < warmup + samples; round += 1) {
      const started = performance.now();
      made = await writeMissingDowns(folder, { dryRun: true });
      const tookMs = performance.now() - started;
      if (round >= warmup) timesMs.push(tookMs);
    }
    const proven = made.filter(({ kind }) => kind === 'generated');
    if (proven.length !== migrations) throw new Error(`${row}: ${proven.length} of ${migrations} downs are proven`);
    const downs = proven.map(({ version, downSql }) => [version, downSql]);
    rows[row] = summarise(
      timesMs.map((time) => time / migrations),
      'ms',
      digest(downs),
    );
  }
  return { rows, durability: [] };
}

async function readJson<T>(path: string): Promise<T> {
  // Written by prepareMigrations, or by drizzle-kit.
  return JSON.parse(await readFile(path, 'utf8')) as T;
}
