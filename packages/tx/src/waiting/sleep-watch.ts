// Whether the machine has slept, or its process was frozen as serverless platforms do between two calls. Timers and
// performance.now() stand meanwhile (https://github.com/nodejs/node/issues/47724), the wall's clock does not.
import { performance } from 'node:perf_hooks';

/** Less than others keep a connection, and more than a clock is corrected by at once. A false alarm costs a connection. */
const sleepMs = 1_000;

/** Begins to watch; what it returns tells whether there was a sleep since the last call. */
export function watchSleep(): () => boolean {
  const aheadNow = (): number => Date.now() - performance.now();
  let ahead = aheadNow();
  return () => {
    const before = ahead;
    ahead = aheadNow();
    return ahead - before > sleepMs;
  };
}
