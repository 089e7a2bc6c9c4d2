// The command: runs a suite, writes its results as JSON and as a page, and says where. Exit code 1 when contenders differ.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadNow, machineFacts } from './harness/machine.js';
import { contendersOf, figuresOf } from './harness/result.js';
import { runSuite } from './harness/run-suite.js';
import { pageOf } from './harness/table.js';
import { suiteNamed } from './suites/suites.js';

const usage = `npm run bench -- [suite] [options]

  suite                first (default), transactions, migrations, search, health, or cache
  --trials <n>         fresh processes for each contender and phase; default 5
  --phase <name>       only this phase; may be repeated. Results are printed, not written
  --catalogue <file>   catalogue of models (JSON lines, gzip); also BENCH_CATALOGUE
  --work <folder>      where the databases are written; default: the system's folder for temporary files
  --profile <folder>   every trial process writes a CPU profile there. Results are printed, not written
  --results <folder>   where the results are written; default: bench/results`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    trials: { type: 'string', default: '5' },
    phase: { type: 'string', multiple: true, default: [] },
    catalogue: { type: 'string' },
    work: { type: 'string' },
    profile: { type: 'string' },
    results: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(usage);
else
  await main().catch((error: unknown) => {
    // Wrong use is told, and has no trace worth reading.
    if (!(error instanceof TypeError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  });

async function main(): Promise<void> {
  const suite = suiteNamed(positionals[0] ?? 'first');
  const trials = Number(values.trials);
  if (!Number.isInteger(trials) || trials < 1) throw new TypeError('--trials must be a whole number of at least 1');
  const bench = fileURLToPath(new URL('../', import.meta.url));
  const measuredAt = new Date().toISOString();
  const before = loadNow();
  // The commit that was built, not the one that may be there when the run ends.
  const machine = machineFacts(bench, values.work);
  const { trials: done, facts: prepared } = await runSuite(suite, {
    trials,
    cataloguePath: values.catalogue ?? process.env['BENCH_CATALOGUE'],
    workDirectory: values.work,
    phases: values.phase,
    profileFolder: values.profile,
    entry: fileURLToPath(new URL('./trial.js', import.meta.url)),
    onProgress: (line) => console.error(`${(performance.now() / 1_000).toFixed(1)} s  ${line}`),
  });

  const rows = figuresOf(suite, done);
  const load = { before, after: loadNow() };
  const { name, title } = suite;
  const command = ['npm run bench --', name, ...(trials === 5 ? [] : [`--trials ${trials}`])].join(' ');
  const contenders = contendersOf(suite);
  const page = pageOf({ title, command, contenders, rows, trials, measuredAt, machine, load, prepared });
  console.log(page);
  const isPart = values.phase.length > 0 || values.profile !== undefined;
  if (isPart && values.results === undefined) return;
  const folder = values.results ?? join(bench, 'results');
  await mkdir(folder, { recursive: true });
  const result = { suite: name, title, command, measuredAt, machine, load, prepared, rows, trials: done };
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(result, null, 1)}\n`);
  await writeFile(join(folder, `${name}.md`), page);
  console.error(`written: ${join(folder, name)}.json and .md`);
}
