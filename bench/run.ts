// The command: runs a suite, writes its results as JSON and as a page, and says where. Exit code 1 when contenders differ.
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { usualCatalogue } from './catalogue/catalogue.js';
import { compareVersions, comparisonPage } from './harness/against.js';
import { loadNow, machineFacts } from './harness/machine.js';
import { contendersOf, figuresOf } from './harness/result.js';
import { runSuite } from './harness/run-suite.js';
import { pageOf } from './harness/table.js';
import { writePerformance } from './performance/write.js';
import { suiteNamed } from './suites/suites.js';

const usage = `npm run bench -- [suite] [options]
npm run bench -- page [--results <folder>]

  suite                first (default), transactions, migrations, search, health, cache, import, peers, or tuning
  page                 measures nothing: writes docs/performance.md, its charts, README's table and those of docs/tuning.md from the results
  --trials <n>         fresh processes for each contender and phase; default 5
  --phase <name>       only this phase; may be repeated. Results are printed, not written
  --against <git ref>  the suite here and as it was there, trial by trial in turns. The comparison is printed, not written
  --quick              few samples, to see that everything runs and agrees; only import and peers. Results are printed, not written
  --catalogue <file>   catalogue of models (JSON lines, gzip); also BENCH_CATALOGUE
  --work <folder>      where the databases are written; default: the system's folder for temporary files
  --profile <folder>   every trial process writes a CPU profile there. Results are printed, not written
  --results <folder>   where the results are written, and read by page; default: bench/results
  --help               this text`;

type Options = ReturnType<typeof readArguments>;

await begin().catch((error: unknown) => {
  // Wrong use is told, and has no trace worth reading.
  if (!(error instanceof TypeError)) throw error;
  console.error(`${error.message}\nnpm run bench -- --help shows what there is.`);
  process.exitCode = 2;
});

async function begin(): Promise<void> {
  const options = readArguments();
  if (options.values.help) console.log(usage);
  else await main(options);
}

/** @throws TypeError for an option that is unknown or has no value */
function readArguments() {
  return parseArgs({
    allowPositionals: true,
    options: {
      trials: { type: 'string', default: '5' },
      phase: { type: 'string', multiple: true, default: [] },
      against: { type: 'string' },
      quick: { type: 'boolean', default: false },
      catalogue: { type: 'string' },
      work: { type: 'string' },
      profile: { type: 'string' },
      results: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
}

async function main({ values, positionals }: Options): Promise<void> {
  if (positionals.length > 1) throw new TypeError(`One suite to a run, not ${positionals.join(', ')}`);
  const bench = fileURLToPath(new URL('../', import.meta.url));
  if (positionals[0] === 'page') {
    const written = await writePerformance(join(bench, '..'), values.results ?? join(bench, 'results'));
    console.log(`written: ${written.join(', ')}`);
    return;
  }
  const suite = suiteNamed(positionals[0] ?? 'first');
  const trials = Number(values.trials);
  if (!Number.isInteger(trials) || trials < 1) throw new TypeError('--trials must be a whole number of at least 1');
  if (values.quick && suite.canBeQuick !== true) throw new TypeError(`The suite ${suite.name} has no --quick`);
  const onProgress = (line: string): void => console.error(`${(performance.now() / 1_000).toFixed(1)} s  ${line}`);
  if (values.against !== undefined) {
    const ref = values.against;
    const catalogue = values.catalogue ?? process.env['BENCH_CATALOGUE'] ?? usualCatalogue(join(bench, '..'));
    if (values.profile !== undefined || values.results !== undefined)
      throw new TypeError('--against prints a comparison; it has no --profile and no --results');
    const options = [
      ...values.phase.flatMap((name) => ['--phase', name]),
      ...(values.quick ? ['--quick'] : []),
      // What lies beside this repository does not lie beside the other checkout.
      ...(catalogue === undefined ? [] : ['--catalogue', resolve(catalogue)]),
      ...(values.work === undefined ? [] : ['--work', resolve(values.work)]),
    ];
    const entry = fileURLToPath(import.meta.url);
    const rows = await compareVersions({ suite, ref, trials, options, bench, entry, onProgress });
    console.log(comparisonPage(suite, ref, rows));
    return;
  }
  const measuredAt = new Date().toISOString();
  const before = loadNow();
  // The commit that was built, not the one that may be there when the run ends.
  const machine = machineFacts(bench, values.work);
  const { trials: done, facts: prepared } = await runSuite(suite, {
    trials,
    cataloguePath: values.catalogue ?? process.env['BENCH_CATALOGUE'],
    workDirectory: values.work,
    phases: values.phase,
    isQuick: values.quick,
    profileFolder: values.profile,
    entry: fileURLToPath(new URL('./trial.js', import.meta.url)),
    onProgress,
  });

  const rows = figuresOf(suite, done);
  const load = { before, after: loadNow() };
  const { name, title } = suite;
  const command = ['npm run bench --', name, ...(trials === 5 ? [] : [`--trials ${trials}`])].join(' ');
  const contenders = contendersOf(suite);
  const page = pageOf({ title, command, contenders, rows, trials, measuredAt, machine, load, prepared });
  console.log(page);
  const isPart = values.phase.length > 0 || values.profile !== undefined || values.quick;
  if (isPart && values.results === undefined) return;
  const folder = values.results ?? join(bench, 'results');
  await mkdir(folder, { recursive: true });
  const result = { suite: name, title, command, measuredAt, machine, load, prepared, rows, trials: done };
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(result, null, 1)}\n`);
  await writeFile(join(folder, `${name}.md`), page);
  console.error(`written: ${join(folder, name)}.json and .md`);
}
