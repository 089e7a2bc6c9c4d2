// One life of the reader process: start, one question at a time, and the end by its own hand or ours.
// `reader.ts` decides when a life is over and starts the next one.
import { type ChildProcess, fork } from 'node:child_process';
import type { URL } from 'node:url';
import type { ModelFormat } from './format.js';
import type { GeometryResult } from './geometry.js';
import type { ReaderMessage, ReadRequest } from './protocol.js';

/** How reading a file ended; `format` is as far as the process got to know it. */
export type ReadingEnd =
  | { readonly type: 'result'; readonly result: GeometryResult; readonly rssBytes: number }
  | { readonly type: 'memory' | 'timeout' | 'aborted'; readonly format: ModelFormat | null }
  | { readonly type: 'exit'; readonly format: ModelFormat | null; readonly cause: string };

/** A running process. After any end but `result` it is gone. */
export interface ReaderProcess {
  /** True until the first file has been read. */
  readonly isFresh: boolean;
  /** Reads a file; ends early after `timeoutMs`, or when the signal fires, by killing the process. */
  read(path: string, o: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined }): Promise<ReadingEnd>;
  /** Kills the process and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts a process. @throws Error when the entry cannot be run. */
export async function startReaderProcess(entry: URL, maxMemoryBytes: number): Promise<ReaderProcess> {
  const child = fork(entry, [String(maxMemoryBytes)], {
    // Files of strangers are parsed in there: it gets no secrets from the environment and no terminal to write to.
    env: process.env.SystemRoot === undefined ? {} : { SystemRoot: process.env.SystemRoot },
    execArgv: [],
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

  async read(path: string, o: { timeoutMs: number; signal: AbortSignal | undefined }): Promise<ReadingEnd> {
    this.isFresh = false;
    this.#id += 1;
    const end = await this.#firstEnd({ id: this.#id, path }, o);
    if (end.type !== 'result') await this.kill();
    return end;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#gone;
  }

  async #firstEnd(
    request: ReadRequest,
    { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal | undefined },
  ): Promise<ReadingEnd> {
    const child = this.#child;
    let format: ModelFormat | null = null;
    const settled = new AbortController();
    try {
      return await new Promise<ReadingEnd>((resolve) => {
        const onMessage = (message: ReaderMessage) => {
          if (message.type === 'ready' || message.id !== request.id) return;
          if (message.type === 'format') format = message.format;
          else if (message.type === 'memory') resolve({ type: 'memory', format });
          else resolve(message);
        };
        child.on('message', onMessage);
        settled.signal.addEventListener('abort', () => child.off('message', onMessage));
        if (Number.isFinite(timeoutMs)) {
          const timer = setTimeout(() => resolve({ type: 'timeout', format }), timeoutMs);
          settled.signal.addEventListener('abort', () => clearTimeout(timer));
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
