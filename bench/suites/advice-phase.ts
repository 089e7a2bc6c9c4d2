// Index advice over a library of 100,000 models: ours beside `.expert` of the shell of SQLite. Both are judged by the same
// measure, made here: an index is right when it leaves at most half of the steps over all values and none with a tenth more.
import { execFileSync } from 'node:child_process';
import { copyFile, rm } from 'node:fs/promises';
import { createHealthMonitor } from '@cc/health';
import { openTransactionManager } from '@cc/tx';
import Database from 'libsql';
import type { Measurement } from '../harness/measure.js';
import type { Job, Phase, Row, TrialReport } from '../harness/suite.js';
import { type AdviceQuery, controlQueries, slowQueries } from './advice-queries.js';

const expert = 'sqlite3 .expert';

/** Advice beside `.expert`. */
export const advicePhase: Phase = {
  name: 'advice',
  contenders: ['ours', expert],
  // Each advises what it advises: that is what is compared.
  mayDiffer: [expert],
  mayNotFinish: [expert],
  hasDatabase: false,
  run: runAdvice,
  inspect: async () => ({ digest: null, facts: {} }),
};

/** The rows of the phase. */
export const adviceRows: readonly Row[] = [
  {
    id: 'advice slow',
    title: `right advice, of ${slowQueries.length} slow queries`,
    unit: 'hits',
    section: 'Index advice, 100,000 models',
    bars: [{ text: 'ours = all', contender: 'ours', atLeast: slowQueries.length }],
  },
  {
    id: 'advice controls',
    title: `wrong advice, of ${slowQueries.length + controlQueries.length} queries`,
    unit: 'hits',
    section: 'Index advice, 100,000 models',
    bars: [{ text: 'ours = none', contender: 'ours', atMost: 0 }],
  },
  { id: 'advice time', title: 'median time of one analysis', unit: 'ms', section: 'Index advice, 100,000 models' },
];

type Value = string | number | null;

async function runAdvice({ contender, databasePath }: Job): Promise<TrialReport> {
  if (contender === expert && !hasShell()) return { rows: {}, durability: [], unfinished: 'sqlite3 is not installed' };
  const transactions = await openTransactionManager({ url: `file:${databasePath}` });
  const monitor = createHealthMonitor(transactions);
  const times: number[] = [];
  let [right, wrong] = [0, 0];
  for (const query of [...slowQueries, ...controlQueries]) {
    const sets = valuesOf(databasePath, query);
    const started = performance.now();
    const advised =
      contender === 'ours'
        ? (await monitor.analyzeQuery({ sql: query.sql, parameterSets: sets })).advice.map(({ sql }) => sql)
        : askShell(databasePath, query, sets[0] ?? []);
    times.push(performance.now() - started);
    if (advised.length === 0) continue;
    if (await halves(databasePath, advised, query, sets)) right += 1;
    else wrong += 1;
  }
  await transactions.close();
  times.sort((a, b) => a - b);
  const rows = {
    'advice slow': single(right),
    'advice controls': single(wrong),
    'advice time': single(times[Math.floor(times.length / 2)] ?? 0),
  };
  return { rows, durability: [] };
}

function single(value: number): Measurement {
  return { value, samples: 1, mean: value, p95: value, max: value, digest: null, facts: {} };
}

function valuesOf(path: string, { values }: AdviceQuery): readonly (readonly Value[])[] {
  const database = new Database(path);
  try {
    return database.prepare(values).raw(true).all() as Value[][];
  } finally {
    database.close();
  }
}

function hasShell(): boolean {
  try {
    execFileSync('sqlite3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** It takes no values apart from the statement. What it cannot read it advises nothing for. */
function askShell(path: string, { sql }: AdviceQuery, set: readonly Value[]): readonly string[] {
  let next = 0;
  const text = sql.replaceAll('?', () => {
    const value = set[next];
    next += 1;
    return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
  });
  try {
    const output = execFileSync('sqlite3', [path], { input: `.expert\n${text};\n`, encoding: 'utf8', stdio: 'pipe' });
    return output.split('\n').filter((line) => line.startsWith('CREATE INDEX'));
  } catch {
    // It refuses statements about tables that it cannot copy.
    return [];
  }
}

/** Measured on a copy, right after the index was made and with statistics of it. */
async function halves(
  path: string,
  indexes: readonly string[],
  { sql }: AdviceQuery,
  sets: readonly (readonly Value[])[],
): Promise<boolean> {
  const copy = `${path}.judge`;
  await copyFile(path, copy);
  const database = new Database(copy);
  try {
    const before = stepsOf(database, sql, sets);
    for (const index of indexes) database.exec(index);
    const fresh = stepsOf(database, sql, sets);
    database.exec('ANALYZE');
    return [fresh, stepsOf(database, sql, sets)].every(
      (after) => total(after) <= total(before) / 2 && after.every((steps, at) => steps <= (before[at] ?? 0) * 1.1),
    );
  } finally {
    database.close();
    for (const suffix of ['', '-wal', '-shm']) await rm(copy + suffix, { force: true });
  }
}

let runs = 0;

function stepsOf(database: Database.Database, sql: string, sets: readonly (readonly Value[])[]): readonly number[] {
  return (sets.length === 0 ? [[]] : sets).map((set) => {
    runs += 1;
    const text = `/* ${runs} */ ${sql}`;
    database.exec('SAVEPOINT judged');
    const statement = database.prepare(text);
    if (statement.columns().length === 0) statement.run(set);
    else for (const _row of statement.raw(true).iterate(set));
    const [steps] = database.prepare('SELECT nstep FROM sqlite_stmt WHERE sql = ?').raw(true).get([text]) as [number];
    database.exec('ROLLBACK TO judged; RELEASE judged');
    return steps;
  });
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
