// The bars that several suites set, by their words.
import type { Bar } from '../harness/suite.js';

/** Ours against hand-written statements. */
export function atMost(times: number): Bar {
  return { text: `ours ≤ ${times} × raw`, contender: 'ours', against: 'raw', atMost: times };
}

/** Ours against drizzle's own driver. */
export function faster(times: number): Bar {
  const peer = 'drizzle + @libsql/client';
  return { text: `${peer} ≥ ${times} × ours`, contender: peer, against: 'ours', atLeast: times };
}
