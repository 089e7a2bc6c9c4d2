// The door to the geometry of model files: reads them in a process of its own, which it restarts whenever it had to go.
// The import calls it file by file; `reader-process.ts` is one life of that process, `child.ts` what runs in it.
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { formatOf } from './format.js';
import type { GeometryResult } from './geometry.js';
import { type GeometryReaderOptions, withDefaults } from './options.js';
import { type ReaderProcess, type ReadingEnd, startReaderProcess } from './reader-process.js';

export { formatHeadBytes, formatOf } from './format.js';
export type { GeometryResult } from './geometry.js';
export type { GeometryReaderOptions } from './options.js';

/** Reads the geometry of model files, one after another, safely: no file can hang, crash or bloat the caller. */
export interface GeometryReader extends AsyncDisposable {
  /**
   * Measures a file. Whatever is wrong with the file is an `unparsed` result with its reason: a damaged or missing file,
   * something else than a regular file, a format that is not read, a limit reached. Calls wait for each other, first come,
   * first served.
   * @throws the reason of `signal` when it fires; Error when the reader is closed or its process cannot be started.
   */
  read(path: string, o?: { readonly signal?: AbortSignal }): Promise<GeometryResult>;
  /** Ends the process. A read that is under way, or waiting, fails. */
  close(): Promise<void>;
}

/**
 * Starts the reader process and returns its reader.
 * @throws TypeError on wrong options; Error when the process cannot be started.
 */
export async function openGeometryReader(o: GeometryReaderOptions = {}): Promise<GeometryReader> {
  const limits = withDefaults(o);
  const entry = o.childEntry ?? defaultEntry();
  const start = async () => await startReaderProcess(entry, limits.maxMemoryBytes);
  return new ProcessGeometryReader(await start(), start, limits);
}

interface Limits {
  readonly timeoutMs: number;
  readonly maxMemoryBytes: number;
}

class ProcessGeometryReader implements GeometryReader {
  #process: ReaderProcess | null;
  readonly #start: () => Promise<ReaderProcess>;
  readonly #limits: Limits;
  readonly #closing = new AbortController();
  #lastTurn: Promise<void> = Promise.resolve();

  constructor(first: ReaderProcess, start: () => Promise<ReaderProcess>, limits: Limits) {
    this.#process = first;
    this.#start = start;
    this.#limits = limits;
  }

  async read(path: string, o: { readonly signal?: AbortSignal } = {}): Promise<GeometryResult> {
    const stop = new AbortController();
    const signal = stop.signal;
    const unlink = [this.#closing.signal, ...(o.signal === undefined ? [] : [o.signal])].map((source) =>
      link(source, stop),
    );
    const before = this.#lastTurn;
    let endTurn = () => {};
    const turn = new Promise<void>((resolve) => {
      endTurn = resolve;
    });
    this.#lastTurn = before.then(async () => await turn);
    try {
      await unlessAborted(before, signal);
      return await this.#readNow(path, signal);
    } finally {
      endTurn();
      for (const end of unlink) end();
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('The geometry reader is closed.'));
    await this.#lastTurn;
    await this.#process?.kill();
    this.#process = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #readNow(path: string, signal: AbortSignal): Promise<GeometryResult> {
    for (;;) {
      this.#process ??= await this.#start();
      const { isFresh } = this.#process;
      const end = await this.#process.read(path, { timeoutMs: this.#limits.timeoutMs, signal });
      if (end.type !== 'result') this.#process = null;
      if (end.type === 'aborted') signal.throwIfAborted();
      if (end.type === 'result') return await this.#recycled(end);
      // What earlier files left behind must not decide about this one.
      if (end.type === 'timeout' || isFresh) return this.#unparsed(path, end);
    }
  }

  async #recycled(end: Extract<ReadingEnd, { type: 'result' }>): Promise<GeometryResult> {
    if (end.rssBytes > this.#limits.maxMemoryBytes / 2) {
      await this.#process?.kill();
      this.#process = null;
    }
    return end.result;
  }

  #unparsed(path: string, end: Exclude<ReadingEnd, { type: 'result' }>): GeometryResult {
    const format = end.format ?? formatOf(basename(path), new Uint8Array());
    return { status: 'unparsed', format, reason: this.#reason(end) };
  }

  #reason(end: Exclude<ReadingEnd, { type: 'result' }>): string {
    if (end.type === 'timeout') return `takes longer to read than ${this.#limits.timeoutMs} ms`;
    if (end.type === 'memory') {
      return `takes more memory to read than ${Math.floor(this.#limits.maxMemoryBytes / 1024 / 1024)} MiB`;
    }
    return `ended the process that read it (${end.type === 'exit' ? end.cause : end.type})`;
  }
}

/**
 * Makes `stop` fire with `source`; returns the function that ends this. `AbortSignal.any` would do, but it
 * leaves something in a long-lived source for each call: https://github.com/nodejs/node/issues/54614
 */
function link(source: AbortSignal, stop: AbortController): () => void {
  const onAbort = () => stop.abort(source.reason);
  source.addEventListener('abort', onAbort);
  if (source.aborted) onAbort();
  return () => source.removeEventListener('abort', onAbort);
}

async function unlessAborted(turn: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let onAbort = () => {};
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve;
    signal.addEventListener('abort', onAbort);
  });
  await Promise.race([turn, aborted]);
  signal.removeEventListener('abort', onAbort);
  signal.throwIfAborted();
}

function defaultEntry(): URL {
  // Bundled into dist/main.js or a chunk beside it; on its own in dist/geometry; from sources, the build of the package.
  const places = ['./geometry/child.js', './child.js', '../../dist/geometry/child.js'];
  const [found] = places.map((place) => new URL(place, import.meta.url)).filter((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new Error('The geometry reader finds no build of its process (geometry/child.js). Build the app first.');
}
