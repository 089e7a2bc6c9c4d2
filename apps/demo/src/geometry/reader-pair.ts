// Two readers side by side, which start when there is something to read: a large file is read while the one before it still is.
// The import and the watch read by these; `reader.ts` is one of them.
import { isPackedInBlock } from '../archives/entry-path.js';
import type { FileReading, GeometryResult } from './geometry.js';
import type { GeometryReaderOptions } from './options.js';
import { type GeometryReader, idleGeometryReader, type RestingReader } from './reader.js';

/**
 * Returns the two as one reader. Small files, many to a call, all go to the first, so that a second process takes no memory where
 * it would save no time. What is packed many as one takes much memory to unpack: the first does it, alone, and neither process
 * keeps what it has taken when the other kind of file comes.
 * @throws TypeError on wrong options; Error when there is no build of the process
 */
export function pairOfGeometryReaders(o: GeometryReaderOptions = {}): GeometryReader {
  return new ReaderPair(idleGeometryReader(o), idleGeometryReader(o));
}

class ReaderPair implements GeometryReader {
  readonly #first: RestingReader;
  readonly #second: RestingReader;
  /** How many calls each has not answered. */
  readonly #open = { first: 0, second: 0 };
  /** Whether the calls under way are about what is packed many as one. */
  #isInBlock = false;
  /** Who came last may begin. */
  #admitted: Promise<unknown> = Promise.resolve();
  #onAllAnswered: () => void = () => {};

  constructor(first: RestingReader, second: RestingReader) {
    this.#first = first;
    this.#second = second;
  }

  async read(path: string, o: { readonly signal?: AbortSignal } = {}): Promise<GeometryResult> {
    return await this.#with([path], async (reader) => await reader.read(path, o));
  }

  async readMany(paths: readonly string[], o: { readonly signal?: AbortSignal } = {}): Promise<readonly FileReading[]> {
    return await this.#with(paths, async (reader) => await reader.readMany(paths, o));
  }

  async close(): Promise<void> {
    await Promise.all([this.#first.close(), this.#second.close()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #with<T>(paths: readonly string[], read: (reader: GeometryReader) => Promise<T>): Promise<T> {
    const which = await this.#admission(paths);
    const open = this.#open;
    try {
      return await read(which === 'first' ? this.#first : this.#second);
    } finally {
      open[which] -= 1;
      if (open.first + open.second === 0) this.#onAllAnswered();
    }
  }

  /** Lets calls in as they came, and counts them; one of the other kind waits until those before it are answered. */
  async #admission(paths: readonly string[]): Promise<'first' | 'second'> {
    const before = this.#admitted;
    const isInBlock = paths.some(isPackedInBlock);
    const open = this.#open;
    const admit = async (): Promise<'first' | 'second'> => {
      await before;
      if (isInBlock !== this.#isInBlock) await this.#change(isInBlock);
      const which = paths.length === 1 && !isInBlock && open.second < open.first ? 'second' : 'first';
      open[which] += 1;
      return which;
    };
    const admitted = admit();
    this.#admitted = admitted;
    return await admitted;
  }

  async #change(isInBlock: boolean): Promise<void> {
    if (this.#open.first + this.#open.second > 0) {
      await new Promise<void>((resolve) => {
        this.#onAllAnswered = resolve;
      });
    }
    this.#isInBlock = isInBlock;
    await Promise.all([this.#first.rest(muchBytes), this.#second.rest(0)]);
  }
}

/** A process that has read small files takes less. */
const muchBytes = 128 * 1024 * 1024;
