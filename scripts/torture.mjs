// `npm run torture -- [--only kills,histories,…] [--minutes N] [--seed S] [--kills 10000] [--from R] [--calls 1000000] [--programs N]
// [--questions 10000] [--migration-kills 500] [--migration-from R] [--histories 20000] [--library-kills 300] [--library-from R]
// [--import-kills 200] [--import-from R] [--cache-reads 10000000] [--serializable-calls 30000]`: kills processes and checks that
// nothing is lost or torn. Before come calls beside the stock client, random programs, contention, races, imports, caches.
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const {
  kills,
  minutes,
  seed,
  from,
  calls,
  programs,
  migrationKills,
  migrationFrom,
  histories,
  libraryKills,
  libraryFrom,
  importKills,
  importFrom,
  questions,
  cacheReads,
  serializableCalls,
} = readArguments();
if (!process.argv.includes('--no-build')) build();
// It needs what the build has made.
const { crashLoop } = await import('../packages/tx/test/processes/crash-loop.mjs');
if (calls > 0) runBesideStock();
if (programs > 0) runPrograms();
if (migrationKills > 0) runMigrations();
if (histories > 0) runHistories();
if (libraryKills > 0) runLibraries();
if (importKills > 0) runImports();
if (questions > 0) runQuestions();
if (cacheReads > 0) runCaches();
if (serializableCalls > 0) runSerializable();

const started = Date.now();
const until = minutes === undefined ? Number.POSITIVE_INFINITY : started + minutes * 60_000;
let told = started;
process.stderr.write(`> seed ${seed}, from round ${from}\n`);
try {
  const summary = await crashLoop({ kills, until, seed, from, onRound: report });
  const seconds = Math.round((Date.now() - started) / 1_000);
  const { next, ...counts } = summary;
  process.stdout.write(`${JSON.stringify({ ...counts, seconds, resume: `--seed ${seed} --from ${next}` })}\n`);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function report({ kills: done, acknowledged, next }) {
  if (Date.now() - told < 10_000) return;
  told = Date.now();
  process.stderr.write(`> ${done} kills, ${acknowledged} acknowledged writes, all there; next round ${next}\n`);
}

function readArguments() {
  const options = {
    only: { type: 'string' },
    kills: { type: 'string', default: '10000' },
    minutes: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    from: { type: 'string', default: '0' },
    calls: { type: 'string', default: '1000000' },
    programs: { type: 'string', default: '1000' },
    'migration-kills': { type: 'string', default: '500' },
    'migration-from': { type: 'string', default: '0' },
    histories: { type: 'string', default: '20000' },
    'library-kills': { type: 'string', default: '300' },
    'library-from': { type: 'string', default: '0' },
    'import-kills': { type: 'string', default: '200' },
    'import-from': { type: 'string', default: '0' },
    questions: { type: 'string', default: '10000' },
    'cache-reads': { type: 'string', default: '10000000' },
    'serializable-calls': { type: 'string', default: '30000' },
    'no-build': { type: 'boolean', default: false },
  };
  let values;
  try {
    ({ values } = parseArgs({ options }));
  } catch (error) {
    stop(error.message);
  }
  const parts = Object.keys(options).filter((name) => options[name].default > 0 && name !== 'seed');
  const only = values.only?.split(',') ?? parts;
  const stranger = only.find((name) => !parts.includes(name));
  if (stranger !== undefined) stop(`--only takes ${parts.join(', ')}, and not '${stranger}'`);
  const number = (name) => {
    if (parts.includes(name) && !only.includes(name)) return 0;
    const value = Number(values[name]);
    if (!Number.isFinite(value) || value < 0) stop(`--${name} must be a number of at least 0`);
    return value;
  };
  return {
    kills: number('kills'),
    minutes: values.minutes === undefined ? undefined : number('minutes'),
    seed: number('seed'),
    from: number('from'),
    calls: number('calls'),
    programs: number('programs'),
    migrationKills: number('migration-kills'),
    migrationFrom: number('migration-from'),
    histories: number('histories'),
    libraryKills: number('library-kills'),
    libraryFrom: number('library-from'),
    importKills: number('import-kills'),
    importFrom: number('import-from'),
    questions: number('questions'),
    cacheReads: number('cache-reads'),
    serializableCalls: number('serializable-calls'),
  };
}

// The processes run the built package, and are started with the built test kit.
function build() {
  run('turbo/bin/turbo', ['run', 'build', '--filter=@cc/tx...', '--output-logs=errors-only'], {});
}

// Our client beside that of @libsql/client, call by call.
function runBesideStock() {
  const tests = 'packages/tx/test/differential';
  runTests('units', [`${tests}/local.test.ts`, `${tests}/servers.test.ts`], { CC_CALLS: String(calls) });
}

function runPrograms() {
  const vitest = (project, files, more) => runTests(project, files, { CC_RUNS: String(programs), ...more });
  const tests = 'packages/tx/test';
  vitest('units', [`${tests}/model.test.ts`, `${tests}/queue.test.ts`], {});
  // The waits of a server that take seconds: a stolen lock, an idle stream.
  vitest('units', [`${tests}/error-table.test.ts`], { CC_LONG: '1' });
  vitest('programs', [`${tests}/processes/contention.test.ts`, `${tests}/processes/fuzz.test.ts`], {
    CC_INCREMENTS: '1000',
    CC_RUNS: String(10 * programs),
  });
  vitest('programs', [`${tests}/processes/handles.test.ts`], { CC_HANDLES: String(10 * programs) });
}

// A file is killed that often, the clients of a server and the server a fifth of it each.
function runMigrations() {
  const tests = 'packages/migrate/test';
  runTests('programs', [`${tests}/cli-race.test.ts`], { CC_ROUNDS: '20' });
  runTests('programs', [`${tests}/processes/kills.test.ts`], {
    CC_MIGRATION_KILLS: String(migrationKills),
    CC_FROM: String(migrationFrom),
  });
}

// Random histories of migrations, judged by a model and by bare SQL on a stock database; and everything that takes turns
// with the servers on each of them.
function runHistories() {
  const tests = 'packages/migrate/test';
  runTests('sharing', [tests, 'packages/repositories/test/contract.test.ts'], { CC_EVERY_TARGET: '1' });
  runTests('units', [`${tests}/histories/histories.test.ts`], { CC_RUNS: String(histories) });
}

// Random writes of the repositories in one process, then in processes that are killed.
function runLibraries() {
  const tests = 'packages/repositories/test';
  runTests('units', [`${tests}/upkeep/upkeep.test.ts`], { CC_RANDOM_OPERATIONS: '10000' });
  // After each of them everything is asked twice.
  runTests('units', [`${tests}/cached/beside-plain.test.ts`], { CC_RANDOM_OPERATIONS: '3000' });
  runTests('programs', ['apps/demo/test/cached-library.test.ts'], { CC_RANDOM_OPERATIONS: '3000' });
  runTests('programs', [`${tests}/processes/crash.test.ts`], {
    CC_LIBRARY_KILLS: String(libraryKills),
    CC_FROM: String(libraryFrom),
  });
}

// Imports over moved, added and removed files that are killed, and a watch over random changes. They run the built command.
function runImports() {
  run('turbo/bin/turbo', ['run', 'build', '--filter=@cc/demo...', '--output-logs=errors-only'], {});
  const tests = 'apps/demo/test';
  runTests('programs', [`${tests}/watch.test.ts`], { CC_WATCH_STEPS: '1000' });
  runTests('programs', [`${tests}/import-kills.test.ts`], {
    CC_IMPORT_KILLS: String(importKills),
    CC_FROM: String(importFrom),
  });
}

// Random questions to the repositories, judged by plain JavaScript over the rows.
function runQuestions() {
  runTests('units', ['packages/repositories/test/oracle/oracle.test.ts'], { CC_RUNS: String(questions) });
}

// Every order of eight steps around a cached row, reads beside processes that write, and kills of a process with a disk tier.
function runCaches() {
  runTests('units', ['packages/cache/test/races/races.test.ts'], { CC_RACES: '8' });
  runTests('units', ['packages/together/test/fuzz/fuzz.test.ts'], { CC_READS: String(cacheReads) });
  runTests('programs', ['packages/together/test/processes/kills.test.ts'], { CC_KILLS: '200' });
}

// What processes did and saw, while they and their server are killed and cut off, could have been done one after another.
function runSerializable() {
  run('turbo/bin/turbo', ['run', 'build', '--filter=@cc/together^...', '--output-logs=errors-only'], {});
  runTests('programs', ['packages/together/test/processes/serializable'], {
    CC_SERIALIZABLE_CALLS: String(serializableCalls),
  });
}

function runTests(project, files, environment) {
  run('vitest/vitest.mjs', ['run', '--reporter=verbose', '--project', project, ...files], {
    CC_SEED: String(seed),
    ...environment,
  });
}

function run(program, args, environment) {
  const env = { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}` };
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules', program), ...args], {
    cwd: root,
    env: { ...env, ...environment },
    stdio: ['ignore', 2, 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
}

function stop(line) {
  process.stderr.write(`${line}\n`);
  process.exit(2);
}
