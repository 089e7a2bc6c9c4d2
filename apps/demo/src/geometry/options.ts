// Checks the options of the geometry reader when it is opened.
import { refuseUnknownOptions } from '@cc/tx/known-options';

/** A clock that rings once. */
export type Timer = (ring: () => void, ms: number) => () => void;

/** Options of `openGeometryReader`. */
export interface GeometryReaderOptions {
  /** How much computing time one file may take, so that a busy machine refuses none. Infinity sets no limit. Default 30,000. */
  readonly timeoutMs?: number;
  /** How long the process may make no answer, for each file it was asked for, before it counts as hanging. Default 600,000. */
  readonly silenceMs?: number;
  /** How much memory the reader process may take as the system counts it (RSS). At least 96 MiB; idle it takes about 70. */
  readonly maxMemoryBytes?: number;
  /** Calls `ring` after `ms` unless the function that it returns was called before. Default: `setTimeout`. */
  readonly timer?: Timer;
  /** The built entry of the reader process, `child.js`. Default: the one of this build, or of `dist` when run from sources. */
  readonly childEntry?: URL;
}

/** The defaults of {@link GeometryReaderOptions}; together with the import's own memory they stay below 600 MB. */
const geometryReaderDefaults = Object.freeze({
  timeoutMs: 30_000,
  silenceMs: 600_000,
  maxMemoryBytes: 320 * 1024 * 1024,
});

const keys = ['timeoutMs', 'silenceMs', 'timer', 'maxMemoryBytes', 'childEntry'] as const;
const leastMemoryBytes = 96 * 1024 * 1024;

/**
 * Returns the limits with the defaults filled in.
 * @throws TypeError on an unknown option and on a limit out of its range.
 */
export function withDefaults(o: GeometryReaderOptions): {
  timeoutMs: number;
  silenceMs: number;
  maxMemoryBytes: number;
  timer: Timer;
} {
  refuseUnknownOptions('openGeometryReader', o, keys);
  const { timeoutMs, silenceMs, maxMemoryBytes } = { ...geometryReaderDefaults, ...given(o) };
  if (!(timeoutMs > 0)) throw new TypeError('timeoutMs must be more than 0');
  if (!(silenceMs > 0)) throw new TypeError('silenceMs must be more than 0');
  if (!(maxMemoryBytes >= leastMemoryBytes)) throw new TypeError(`maxMemoryBytes must be at least ${leastMemoryBytes}`);
  return { timeoutMs, silenceMs, maxMemoryBytes, timer: o.timer ?? systemTimer };
}

/** The clock of the system. */
export const systemTimer: Timer = (ring, ms) => {
  const timer = setTimeout(ring, ms);
  return () => clearTimeout(timer);
};

/** The limits that are given: an undefined one is as good as none. */
function given({
  timeoutMs,
  silenceMs,
  maxMemoryBytes,
}: GeometryReaderOptions): Omit<GeometryReaderOptions, 'childEntry' | 'timer'> {
  return {
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(silenceMs !== undefined && { silenceMs }),
    ...(maxMemoryBytes !== undefined && { maxMemoryBytes }),
  };
}
