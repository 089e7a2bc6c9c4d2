// Checks the options of the geometry reader when it is opened.
import { refuseUnknownOptions } from '@cc/tx/known-options';

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
 * @throws TypeError on an unknown option and on a limit out of its range.
 */
export function withDefaults(o: GeometryReaderOptions): { timeoutMs: number; maxMemoryBytes: number } {
  refuseUnknownOptions('openGeometryReader', o, keys);
  const { timeoutMs = geometryReaderDefaults.timeoutMs, maxMemoryBytes = geometryReaderDefaults.maxMemoryBytes } = o;
  if (!(timeoutMs > 0)) throw new TypeError('timeoutMs must be more than 0');
  if (!(maxMemoryBytes >= leastMemoryBytes)) throw new TypeError(`maxMemoryBytes must be at least ${leastMemoryBytes}`);
  return { timeoutMs, maxMemoryBytes };
}
