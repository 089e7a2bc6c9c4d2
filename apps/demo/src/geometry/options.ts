// Checks the options of the geometry reader when it is opened.

/** Options of `openGeometryReader`. */
export interface GeometryReaderOptions {
  /** How long one file may take once its reading starts. Infinity sets no limit. */
  readonly timeoutMs?: number;
  /** How much memory the reader process may take as the system counts it (RSS). At least 96 MiB; idle it takes about 70. */
  readonly maxMemoryBytes?: number;
  /** The built entry of the reader process, `child.js`. Default: the one of this build, or of `dist` when run from sources. */
  readonly childEntry?: URL;
}

/** The defaults of {@link GeometryReaderOptions}; together with the import's own memory they stay below 600 MB. */
const geometryReaderDefaults = Object.freeze({
  timeoutMs: 30_000,
  maxMemoryBytes: 320 * 1024 * 1024,
});

const keys = ['timeoutMs', 'maxMemoryBytes', 'childEntry'] as const;
const leastMemoryBytes = 96 * 1024 * 1024;

/**
 * Returns the limits with the defaults filled in.
 * @throws TypeError on an unknown option, naming the nearest one, and on a limit out of its range.
 */
export function withDefaults(o: GeometryReaderOptions): { timeoutMs: number; maxMemoryBytes: number } {
  for (const key of Object.keys(o)) {
    if (keys.some((known) => known === key)) continue;
    throw new TypeError(`openGeometryReader has no option '${key}'. Did you mean '${nearest(key)}'?`);
  }
  const { timeoutMs = geometryReaderDefaults.timeoutMs, maxMemoryBytes = geometryReaderDefaults.maxMemoryBytes } = o;
  if (!(timeoutMs > 0)) throw new TypeError('timeoutMs must be more than 0');
  if (!(maxMemoryBytes >= leastMemoryBytes)) throw new TypeError(`maxMemoryBytes must be at least ${leastMemoryBytes}`);
  return { timeoutMs, maxMemoryBytes };
}

function nearest(key: string): string {
  const [best = keys[0]] = keys.toSorted((a, b) => distance(key, a) - distance(key, b));
  return best;
}

/** Levenshtein distance, letter case aside. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [line, letter] of from.toLowerCase().split('').entries()) {
    const next = [line + 1];
    for (const [column, other] of to.toLowerCase().split('').entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
