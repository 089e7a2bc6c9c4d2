// The run only counts when every contender did the same work: the same answers, the same rows on disk, the same durability.
import type { Inspection, Phase, TrialReport } from './suite.js';

/** One process that has ended. */
export interface Trial {
  readonly phase: string;
  readonly contender: string;
  readonly trial: number;
  readonly report: TrialReport;
  readonly inspection: Inspection;
}

/** @throws Error that names every row in which contenders, or the trials of one contender, gave different results */
export function requireEqualResults(phase: Phase, trials: readonly Trial[]): void {
  const compared = trials.filter((trial) => trial.phase === phase.name && !mayDiffer(phase, trial));
  const rows = new Set(compared.flatMap(({ report }) => Object.keys(report.rows)));
  const differences = [...rows].flatMap((row) =>
    differing(`row '${row}'`, compared, (trial) => trial.report.rows[row]?.digest),
  );
  differences.push(...differing('the rows on disk', compared, (trial) => trial.inspection.digest));
  if (differences.length === 0) return;
  throw new Error(`${phase.name}: the contenders did not do the same work.\n${differences.join('\n')}`);
}

/** @throws Error that names every connection that does not commit with WAL and synchronous=NORMAL */
export function requireEqualDurability(phase: Phase, trials: readonly Trial[]): void {
  if (phase.hasDatabase === false) return;
  const compared = trials.filter(
    (trial) =>
      trial.phase === phase.name && !mayDiffer(phase, trial) && !phase.mayBeMoreDurable?.includes(trial.contender),
  );
  const others = compared.flatMap(({ contender, report }) =>
    report.durability
      .filter(({ journalMode, synchronous }) => journalMode !== 'wal' || synchronous !== 1)
      .map((each) => `${contender}, ${each.connection}: ${each.journalMode}, synchronous=${each.synchronous}`),
  );
  const silent = compared
    .filter(({ report }) => report.durability.length === 0 && report.unfinished === undefined)
    .map(({ contender }) => contender);
  const problems = [...new Set([...others, ...silent.map((contender) => `${contender}: reported no connection`)])];
  if (problems.length === 0) return;
  throw new Error(`${phase.name}: not every connection has WAL and synchronous=NORMAL.\n${problems.join('\n')}`);
}

function mayDiffer(phase: Phase, { contender }: Trial): boolean {
  return phase.mayDiffer?.includes(contender) ?? false;
}

function differing(
  what: string,
  trials: readonly Trial[],
  digestOf: (trial: Trial) => string | null | undefined,
): readonly string[] {
  const byDigest = new Map<string, Set<string>>();
  for (const trial of trials) {
    const digest = digestOf(trial);
    if (digest == null) continue;
    byDigest.set(digest, (byDigest.get(digest) ?? new Set()).add(trial.contender));
  }
  if (byDigest.size <= 1) return [];
  const answers = [...byDigest].map(([digest, contenders]) => `${digest} from ${[...contenders].join(', ')}`);
  return [`${what}: ${answers.join('; ')}`];
}
