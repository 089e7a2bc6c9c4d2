// Reading a source that may never answer, until a signal says to stop.
import { onAbort } from '@cc/tx/event-loop';

/** Yields the items of `source`; when `signal` aborts, also while the source is waited for, ends it and throws the reason. */
export async function* untilAborted<T>(
  source: Iterable<T> | AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  if (signal === undefined || !(Symbol.asyncIterator in source)) {
    for await (const item of source) {
      signal?.throwIfAborted();
      yield item;
    }
    return;
  }
  const iterator = source[Symbol.asyncIterator]();
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    // The reason as it is, whatever it is: what throwIfAborted throws.
    abort = () => (reject as (reason: unknown) => void)(signal.reason);
  });
  const forget = onAbort(signal, abort);
  // Nobody may be waiting when it rejects.
  aborted.catch(() => undefined);
  let ended = false;
  try {
    signal.throwIfAborted();
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted]);
      if (next.done === true) {
        ended = true;
        return;
      }
      yield next.value;
    }
  } finally {
    forget();
    // Not awaited: a generator that waits for its own next item would never answer.
    if (!ended) void iterator.return?.().catch(() => undefined);
  }
}
