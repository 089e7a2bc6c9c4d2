// Two readers side by side, which start when there is something to read: a large file is read while the one before it still is.
// The import and the watch read by these; `reader.ts` is one of them.
import type { FileReading, GeometryResult } from './geometry.js';
import type { GeometryReaderOptions } from './options.js';
import { type GeometryReader, idleGeometryReader } from './reader.js';

/**
 * Returns the two as one reader. Small files, many to a call, all go to the first, so that a second process takes no memory where
 * it would save no time.
 * @throws TypeError on wrong options; Error when there is no build of the process
 */
export function pairOfGeometryReaders(o: GeometryReaderOptions = {}): GeometryReader {
  return new ReaderPair(idleGeometryReader(o), idleGeometryReader(o));
}

class ReaderPair implements GeometryReader {
  readonly #first: GeometryReader;
  readonly #second: GeometryReader;
  /** How many calls each has not answered. */
  readonly #open = { first: 0, second: 0 };

  constructor(first: GeometryReader, second: GeometryReader) {
    this.#first = first;
    this.#second = second;
  }

  async read(path: string, o: { readonly signal?: AbortSignal } = {}): Promise<GeometryResult> {
    return await this.#with(true, async (reader) => await reader.read(path, o));
  }

  async readMany(paths: readonly string[], o: { readonly signal?: AbortSignal } = {}): Promise<readonly FileReading[]> {
    return await this.#with(paths.length === 1, async (reader) => await reader.readMany(paths, o));
  }

  async close(): Promise<void> {
    await Promise.all([this.#first.close(), this.#second.close()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #with<T>(isLone: boolean, read: (reader: GeometryReader) => Promise<T>): Promise<T> {
    const open = this.#open;
    const which = isLone && open.second < open.first ? 'second' : 'first';
    open[which] += 1;
    try {
      return await read(which === 'first' ? this.#first : this.#second);
    } finally {
      open[which] -= 1;
    }
  }
}
