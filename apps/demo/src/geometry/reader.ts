// The door to the geometry of model files: reads them in a process of its own, which it restarts whenever it had to go.
// The import calls it file by file; `reader-process.ts` is one life of that process, `child.ts` what runs in it.
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { isPackedInBlock } from '../archives/entry-path.js';
import { formatOf } from './format.js';
import type { FileReading, GeometryResult } from './geometry.js';
import { type GeometryReaderOptions, type Timer, withDefaults } from './options.js';
import type { Wanted } from './protocol.js';
import { type ReaderProcess, type ReadingEnd, startReaderProcess } from './reader-process.js';

export { fileBeside } from './file-beside.js';
export { type FilePrint, type FileReading, type GeometryResult, readerVersion } from './geometry.js';
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
  /**
   * Measures files and takes their prints, in the order of `paths`: many small files at once cost less than one by one.
   * @throws as `read`
   */
  readMany(paths: readonly string[], o?: { readonly signal?: AbortSignal }): Promise<readonly FileReading[]>;
  /** Ends the process. A read that is under way, or waiting, fails. */
  close(): Promise<void>;
}

/** A reader that can give back the memory of its process. */
export interface RestingReader extends GeometryReader {
  /** Ends the process when it has answered, if it has taken more than so much memory by then; the next call starts another. */
  rest(aboveBytes: number): Promise<void>;
}

/**
 * Starts the reader process and returns its reader.
 * @throws TypeError on wrong options; Error when the process cannot be started.
 */
export async function openGeometryReader(o: GeometryReaderOptions = {}): Promise<GeometryReader> {
  const limits = withDefaults(o);
  const entry = o.childEntry ?? defaultEntry();
  const start = async () => await startReaderProcess(entry, limits);
  return new ProcessGeometryReader(await start(), start, limits);
}

/** Returns a reader whose process starts with the first file. @throws TypeError on wrong options; Error when there is no build of it */
export function idleGeometryReader(o: GeometryReaderOptions = {}): RestingReader {
  const limits = withDefaults(o);
  const entry = o.childEntry ?? defaultEntry();
  return new ProcessGeometryReader(null, async () => await startReaderProcess(entry, limits), limits);
}

interface Limits {
  readonly timeoutMs: number;
  readonly silenceMs: number;
  readonly timer: Timer;
  readonly maxMemoryBytes: number;
}

class ProcessGeometryReader implements RestingReader {
  #process: ReaderProcess | null;
  /** What it took when it answered last. */
  #rssBytes = 0;
  readonly #start: () => Promise<ReaderProcess>;
  readonly #limits: Limits;
  readonly #closing = new AbortController();
  #lastTurn: Promise<void> = Promise.resolve();

  constructor(first: ReaderProcess | null, start: () => Promise<ReaderProcess>, limits: Limits) {
    this.#process = first;
    this.#start = start;
    this.#limits = limits;
  }

  async read(path: string, o: { readonly signal?: AbortSignal } = {}): Promise<GeometryResult> {
    const [reading] = await this.#inTurn(o.signal, async (signal) => await this.#readNow([path], 'figures', signal));
    if (reading === undefined) throw new Error('The geometry reader made no answer.');
    return reading.result;
  }

  async readMany(paths: readonly string[], o: { readonly signal?: AbortSignal } = {}): Promise<readonly FileReading[]> {
    return await this.#inTurn(o.signal, async (signal) => await this.#readNow(paths, 'both', signal));
  }

  async #inTurn<T>(given: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const stop = new AbortController();
    const signal = stop.signal;
    const unlink = [this.#closing.signal, ...(given === undefined ? [] : [given])].map((source) => link(source, stop));
    const before = this.#lastTurn;
    let endTurn = () => {};
    const turn = new Promise<void>((resolve) => {
      endTurn = resolve;
    });
    this.#lastTurn = before.then(async () => await turn);
    try {
      await unlessAborted(before, signal);
      return await work(signal);
    } finally {
      endTurn();
      for (const end of unlink) end();
    }
  }

  async rest(aboveBytes: number): Promise<void> {
    await this.#inTurn(undefined, async () => {
      if (this.#rssBytes <= aboveBytes) return;
      await this.#process?.kill();
      this.#process = null;
    });
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

  async #readNow(paths: readonly string[], wants: Wanted, signal: AbortSignal): Promise<readonly FileReading[]> {
    for (;;) {
      this.#process ??= await this.#startUnless(signal);
      const { isFresh } = this.#process;
      // The limit of computing time is watched inside; this is for a process that hangs.
      const silenceMs = this.#limits.silenceMs * paths.length;
      const end = await this.#process.read(paths, wants, { silenceMs, timer: this.#limits.timer, signal });
      if (end.type !== 'readings') this.#process = null;
      if (end.type === 'aborted') signal.throwIfAborted();
      if (end.type === 'readings') return await this.#recycled(end, paths);
      if (paths.length > 1) return await this.#readEach(paths, wants, signal);
      // What earlier files left behind must not decide about this one.
      if (end.type === 'timeout' || end.type === 'silence' || isFresh) {
        const [path = ''] = paths;
        return [await this.#refused(path, wants, end, signal)];
      }
    }
  }

  /** What ends the program (a service manager reaches every process of it) may end the process as well while it starts. */
  async #startUnless(signal: AbortSignal): Promise<ReaderProcess> {
    try {
      return await this.#start();
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }

  /** One of them ended the process: by itself, each shows whether it was it. */
  async #readEach(paths: readonly string[], wants: Wanted, signal: AbortSignal): Promise<readonly FileReading[]> {
    const readings: FileReading[] = [];
    for (const path of paths) readings.push(...(await this.#readNow([path], wants, signal)));
    return readings;
  }

  async #recycled(
    end: Extract<ReadingEnd, { type: 'readings' }>,
    paths: readonly string[],
  ): Promise<readonly FileReading[]> {
    // A process that unpacks a block keeps it for the files that come next in it: another one would begin at its start.
    this.#rssBytes = end.rssBytes;
    const share = paths.every(isPackedInBlock) ? 0.75 : 0.5;
    if (end.rssBytes > this.#limits.maxMemoryBytes * share) {
      await this.#process?.kill();
      this.#process = null;
    }
    return end.readings;
  }

  /** The file stays in the library with the reason, so its print is taken all the same. */
  async #refused(
    path: string,
    wants: Wanted,
    end: Exclude<ReadingEnd, { type: 'readings' }>,
    signal: AbortSignal,
  ): Promise<FileReading> {
    const format = end.format ?? formatOf(basename(path), new Uint8Array());
    const isPassing = end.type !== 'memory' && end.type !== 'timeout';
    const result = { status: 'unparsed', format, reason: this.#reason(end), ...(isPassing && { isPassing }) } as const;
    if (wants === 'both') {
      const [printed] = await this.#readNow([path], 'prints', signal);
      if (printed !== undefined) return { ...printed, result };
    }
    return { result, print: null, problem: result.reason, beside: [] };
  }

  #reason(end: Exclude<ReadingEnd, { type: 'readings' }>): string {
    if (end.type === 'timeout') return `takes longer to read than ${this.#limits.timeoutMs} ms`;
    if (end.type === 'silence') return `made its reader silent for ${this.#limits.silenceMs} ms`;
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
