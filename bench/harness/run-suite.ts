// Runs a suite: prepares its database once, then every phase in every trial with every contender, and checks the equality.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireEqualDurability, requireEqualResults, type Trial } from './equality.js';
import type { Json } from './json.js';
import { rotation } from './rotation.js';
import type { Suite } from './suite.js';
import { runTrial } from './trial-process.js';

/** What the runner is told. */
export interface RunOptions {
  readonly trials: number;
  readonly cataloguePath: string | undefined;
  /** The databases are written in a new folder below this one. Default: the system's folder for temporary files. */
  readonly workDirectory?: string | undefined;
  /** Only these phases; all of them when empty. */
  readonly phases: readonly string[];
  /** Few samples, to see that everything runs and agrees. */
  readonly isQuick: boolean;
  /** The built entry of the trial process. */
  readonly entry: string;
  /** Where every process writes a CPU profile, the later trials over the earlier ones. */
  readonly profileFolder?: string | undefined;
  /** Called with a line of text before each step. */
  onProgress(line: string): void;
}

/** Everything that was measured. */
export interface SuiteRun {
  readonly trials: readonly Trial[];
  readonly facts: Readonly<Record<string, Json>>;
}

/** Runs `suite`. @throws Error when contenders did not do the same work, or not with the same durability */
export async function runSuite(suite: Suite, options: RunOptions): Promise<SuiteRun> {
  const workDirectory = await mkdtemp(join(options.workDirectory ?? tmpdir(), 'cc-bench-'));
  try {
    const phases = suite.phases.filter(({ name }) => options.phases.length === 0 || options.phases.includes(name));
    if (phases.length === 0) throw new TypeError(`Phases are ${suite.phases.map(({ name }) => name).join(', ')}`);
    options.onProgress('preparing the database');
    const prepared = await suite.prepare({
      workDirectory,
      cataloguePath: options.cataloguePath,
      phases: phases.map(({ name }) => name),
      isQuick: options.isQuick,
    });
    const inputs = new Map<string, string>();
    for (const { name } of phases) {
      inputs.set(name, join(workDirectory, `${name}.json`));
      await writeFile(inputs.get(name) ?? '', JSON.stringify(prepared.inputs[name] ?? null));
    }

    const trials: Trial[] = [];
    for (let trial = 0; trial < options.trials; trial += 1) {
      for (const phase of phases) {
        for (const contender of rotation(phase.contenders, trial)) {
          options.onProgress(`trial ${trial + 1} of ${options.trials}: ${phase.name}, ${contender}`);
          const { entry, profileFolder } = options;
          const place = {
            preparedPath: prepared.databasePaths?.[contender] ?? prepared.databasePath,
            inputsPath: inputs.get(phase.name) ?? '',
            workDirectory,
          };
          trials.push(await runTrial({ suite: suite.name, phase, contender, trial, entry, profileFolder, ...place }));
        }
        requireEqualResults(phase, trials);
        requireEqualDurability(phase, trials);
      }
    }
    return { trials, facts: prepared.facts };
  } finally {
    await rm(workDirectory, { recursive: true, force: true });
  }
}
