// Two versions in one run: a suite as it is here and as it was at a git ref, trial by trial in turns, so that what slows the
// machine falls on both. Each version prepares and runs with its own code; contenders that did not change are the control.
import { type ExecFileException, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pairedRatio, type Ratio } from './ratios.js';
import type { RowFigures } from './result.js';
import type { Suite } from './suite.js';

const run = promisify(execFile);

/** What is compared. */
export interface AgainstOptions {
  readonly suite: Suite;
  /** A commit, branch or tag. */
  readonly ref: string;
  readonly trials: number;
  /** Further options of the command, handed to both versions. */
  readonly options: readonly string[];
  /** The folder of @cc/bench. */
  readonly bench: string;
  /** The built command of this version. */
  readonly entry: string;
  /** Called with a line of text before each step. */
  onProgress(line: string): void;
}

/** One row of one contender in both versions. */
export interface Compared {
  readonly row: string;
  readonly unit: string;
  readonly contender: string;
  /** The value here divided by the one there, trial by trial. */
  readonly ratio: Ratio;
}

/**
 * Checks `ref` out beside this version, builds it, and runs both in turns. Returns the rows that both measured.
 * @throws TypeError when there is no such ref @throws Error when a version cannot be built or run
 */
export async function compareVersions(options: AgainstOptions): Promise<readonly Compared[]> {
  const { suite, ref, trials, bench, entry } = options;
  const root = join(bench, '..');
  const commit = await commitOf(root, ref);
  const folder = await mkdtemp(join(tmpdir(), 'cc-bench-against-'));
  const there = join(folder, 'there');
  try {
    options.onProgress(`checking out and building ${ref} (${commit.slice(0, 9)})`);
    await run('git', ['-C', root, 'worktree', 'add', '--detach', there, commit]);
    // Its own command installs what it locked and builds what it runs. Asking for help runs nothing; versions that had no
    // help end with an error when they are built.
    const entryThere = join(there, 'bench', 'dist', 'run.js');
    await called(join(there, 'scripts', 'bootstrap.mjs'), ['bench', '--help'], there).catch((error: unknown) => {
      if (!existsSync(entryThere)) throw error;
    });
    const versions = [
      { name: 'here', entry, results: [] as (readonly RowFigures[])[] },
      { name: ref, entry: entryThere, results: [] as (readonly RowFigures[])[] },
    ];
    for (let trial = 0; trial < trials; trial += 1) {
      for (const version of trial % 2 === 0 ? versions : versions.toReversed()) {
        options.onProgress(`trial ${trial + 1} of ${trials}: ${version.name}`);
        const results = join(folder, `${versions.indexOf(version)}-${trial}`);
        await called(version.entry, [suite.name, '--trials', '1', '--results', results, ...options.options], root);
        version.results.push(await rowsOf(join(results, `${suite.name}.json`)));
      }
    }
    return comparedRows(versions[0]?.results ?? [], versions[1]?.results ?? []);
  } finally {
    await run('git', ['-C', root, 'worktree', 'remove', '--force', there]).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns the rows that both versions measured, trial by trial; a contender that failed some of its operations has none. */
export function comparedRows(
  here: readonly (readonly RowFigures[])[],
  there: readonly (readonly RowFigures[])[],
): readonly Compared[] {
  return (here[0] ?? []).flatMap(({ id, title, unit, section, column, contenders }) =>
    Object.keys(contenders).flatMap((contender) => {
      const series = (trials: readonly (readonly RowFigures[])[]) =>
        trials.map((rows) => {
          const figure = rows.find((row) => row.id === id)?.contenders[contender];
          return figure === undefined || figure.failed > 0 || figure.unfinished ? undefined : figure.value;
        });
      const ratio = pairedRatio(series(here), series(there));
      if (ratio === null) return [];
      return [{ row: [section, title, column].filter(Boolean).join(': '), unit, contender, ratio }];
    }),
  );
}

/** Returns the comparison as a table. */
export function comparisonPage(suite: Suite, ref: string, rows: readonly Compared[]): string {
  const short = (number: number): string => String(Number(number.toPrecision(3)));
  return [
    `# ${suite.title}: here beside ${ref}`,
    '',
    'The value here divided by the one there: median [lowest to highest] of the trials. What did not change is the control.',
    '',
    '| operation | contender | here : there |',
    '| --- | --- | ---: |',
    ...rows.map(({ row, contender, ratio: { median, min, max } }) => {
      return `| ${row} | ${contender} | ${short(median)} [${short(min)} to ${short(max)}] |`;
    }),
    '',
  ].join('\n');
}

async function commitOf(root: string, ref: string): Promise<string> {
  try {
    const { stdout } = await run('git', [
      '-C',
      root,
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `${ref}^{commit}`,
    ]);
    return stdout.trim();
  } catch (error) {
    // What execFile rejects with.
    if ((error as ExecFileException).code === 'ENOENT') throw new TypeError('--against needs git', { cause: error });
    throw new TypeError(`--against: this repository has no commit '${ref}'`, { cause: error });
  }
}

function called(command: string, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(process.execPath, [command, ...args], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      // It has said what is wrong.
      else if (code === 2) reject(new TypeError('--against: a version refuses these arguments'));
      else reject(new Error(`${command} ${args.join(' ')}: ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}

async function rowsOf(path: string): Promise<readonly RowFigures[]> {
  // Written by run.ts of either version; every version has had `rows`.
  return (JSON.parse(await readFile(path, 'utf8')) as { readonly rows: readonly RowFigures[] }).rows;
}
