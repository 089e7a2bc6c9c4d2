// What waits for the signals of callers. Each signal has one listener of ours, however many calls wait for it: a program
// that gives its calls one signal to stop them all would hear from Node that it leaks, from the eleventh call on.
import { clearTimeout, setTimeout } from 'node:timers';

// One for the thread, as signals are; it holds nothing beyond the calls that wait.
const waiting = new WeakMap<AbortSignal, Waiting>();

interface Waiting {
  readonly calls: Set<() => void>;
  readonly listener: () => void;
}

/** Calls `hear` once when `signal` aborts, which it has not yet; not any more when the returned function was called. */
export function onAbort(signal: AbortSignal | undefined, hear: () => void): () => void {
  if (signal === undefined) return nothing;
  const found = waiting.get(signal) ?? listenTo(signal);
  // A function of its own, for what is given twice.
  const call = (): void => hear();
  found.calls.add(call);
  return () => {
    if (!found.calls.delete(call) || found.calls.size > 0) return;
    signal.removeEventListener('abort', found.listener);
    if (waiting.get(signal) === found) waiting.delete(signal);
  };
}

/** Waits for `delayMs`, or until `signal` aborts. */
export function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      forget();
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    const forget = onAbort(signal, end);
  });
}

function listenTo(signal: AbortSignal): Waiting {
  const calls = new Set<() => void>();
  const listener = (): void => {
    waiting.delete(signal);
    for (const call of [...calls]) call();
  };
  const made = { calls, listener };
  waiting.set(signal, made);
  signal.addEventListener('abort', listener, { once: true });
  return made;
}

function nothing(): void {}
