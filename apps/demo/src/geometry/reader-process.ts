// One life of the reader process: start, one question at a time, and the end by its own hand or ours.
// `reader.ts` decides when a life is over and starts the next one.
import { type ChildProcess, fork } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath, type URL } from 'node:url';
import type { ModelFormat } from './format.js';
import type { FileReading } from './geometry.js';
import type { Timer } from './options.js';
import type { ReaderMessage, ReadRequest, Wanted } from './protocol.js';

/** How reading files ended; `format` is that of the file it ended at, as far as the process got to know it. */
export type ReadingEnd =
  | { readonly type: 'readings'; readonly readings: readonly FileReading[]; readonly rssBytes: number }
  | { readonly type: 'memory' | 'timeout' | 'silence' | 'aborted'; readonly format: ModelFormat | null }
  | { readonly type: 'exit'; readonly format: ModelFormat | null; readonly cause: string };

/** What ends a reading early. */
export interface ReadLimits {
  readonly silenceMs: number;
  readonly timer: Timer;
  readonly signal: AbortSignal | undefined;
}

/** A running process. After any end but `readings` it is gone. */
export interface ReaderProcess {
  /** True until the first file has been read. */
  readonly isFresh: boolean;
  /** Reads files; ends early when there is no answer for `silenceMs`, or when the signal fires, by killing the process. */
  read(paths: readonly string[], wants: Wanted, o: ReadLimits): Promise<ReadingEnd>;
  /** Kills the process and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts a process. @throws Error when the entry cannot be run. */
export async function startReaderProcess(
  entry: URL,
  { maxMemoryBytes, timeoutMs }: { readonly maxMemoryBytes: number; readonly timeoutMs: number },
): Promise<ReaderProcess> {
  const child = fork(entry, [String(maxMemoryBytes), String(timeoutMs)], {
    // Files of strangers are parsed in there: it gets no secrets from the environment and no terminal to write to.
    env: process.env.SystemRoot === undefined ? {} : { SystemRoot: process.env.SystemRoot },
    execArgv: [],
    // In a group of its own: Ctrl-C in a terminal would end it while it starts, before it can take no notice.
    detached: process.platform !== 'win32',
    // The current folder may be deleted, and no thread starts there.
    cwd: dirname(fileURLToPath(entry)),
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const reading = new RunningProcess(child);
  if (await reading.isReady) return reading;
  throw new Error(
    `The geometry reader could not start its process ${entry.pathname}. Build the app, or name another childEntry.`,
  );
}

class RunningProcess implements ReaderProcess {
  isFresh = true;
  readonly isReady: Promise<boolean>;
  readonly #child: ChildProcess;
  readonly #gone: Promise<string>;
  #cause: string | null = null;
  /** Tells the read that is under way. A reaction to `#gone` for each file would stay for the life of the process. */
  #onGone: (cause: string) => void = () => {};
  #id = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#gone = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
      child.once('error', (error) => resolve(error.message));
    });
    void this.#gone.then((cause) => {
      this.#cause = cause;
      this.#onGone(cause);
    });
    const ready = new Promise<boolean>((resolve) => {
      child.once('message', (message: ReaderMessage) => resolve(message.type === 'ready'));
    });
    this.isReady = Promise.race([ready, this.#gone.then(() => false)]);
  }

  async read(paths: readonly string[], wants: Wanted, o: ReadLimits): Promise<ReadingEnd> {
    this.isFresh = false;
    this.#id += 1;
    const end = await this.#firstEnd({ id: this.#id, paths, wants }, o);
    if (end.type !== 'readings') await this.kill();
    return end;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#gone;
  }

  async #firstEnd(request: ReadRequest, { silenceMs, timer, signal }: ReadLimits): Promise<ReadingEnd> {
    const child = this.#child;
    const format = null;
    const settled = new AbortController();
    try {
      return await new Promise<ReadingEnd>((resolve) => {
        const onMessage = (message: ReaderMessage) => {
          if (message.type === 'ready' || message.id !== request.id) return;
          if (message.type !== 'readings') return resolve(message);
          // What `reading.ts` made of them.
          resolve({ ...message, readings: JSON.parse(message.readings) as FileReading[] });
        };
        child.on('message', onMessage);
        settled.signal.addEventListener('abort', () => child.off('message', onMessage));
        if (Number.isFinite(silenceMs)) {
          const stop = timer(() => resolve({ type: 'silence', format }), silenceMs);
          settled.signal.addEventListener('abort', stop);
        }
        const onAbort = () => resolve({ type: 'aborted', format });
        signal?.addEventListener('abort', onAbort, { signal: settled.signal });
        if (signal?.aborted) onAbort();
        this.#onGone = (cause) => resolve({ type: 'exit', format, cause });
        if (this.#cause !== null) this.#onGone(this.#cause);
        child.send(request, () => {
          // A failed send means that the process is gone, which `#gone` reports.
        });
      });
    } finally {
      settled.abort();
      this.#onGone = () => {};
    }
  }
}
