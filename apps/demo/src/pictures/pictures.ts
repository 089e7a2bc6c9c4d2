// The door to the pictures of models: one that is kept, or the one that a process makes of the file, each once however
// many ask. `kept-pictures.ts` is the folder, `drawing-queue.ts` the order, `painter.ts` the process, `paint-file.ts` what happens in it.
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { refuseUnknownOptions } from '@cc/tx/known-options';
import type { FileBeside } from '../geometry/geometry.js';
import { systemTimer } from '../geometry/options.js';
import { parseStamp } from '../importing/file-stamp.js';
import type { Picture, PicturedModel, Pictures, PicturesOptions } from './contract.js';
import { DrawingQueue } from './drawing-queue.js';
import { KeptPictures } from './kept-pictures.js';
import { Painter, painterEntry } from './painter.js';

export { picturesFolder } from '../beside-library.js';
export type { Picture, PicturedModel, Pictures, PicturesOptions } from './contract.js';

const defaults = Object.freeze({ maxBytes: 256 * 1024 * 1024, timeoutMs: 60_000 });

/** Opens the pictures; nothing is made or started before the first is asked for. @throws TypeError on wrong options */
export function openPictures(o: PicturesOptions): Pictures {
  refuseUnknownOptions('openPictures', o, ['folder', 'maxBytes', 'timeoutMs', 'timer', 'childEntry']);
  const { maxBytes = defaults.maxBytes, timeoutMs = defaults.timeoutMs, timer = systemTimer } = o;
  if (typeof o.folder !== 'string' || o.folder === '') throw new TypeError('folder must name a folder');
  if (!(maxBytes >= 0)) throw new TypeError('maxBytes must be 0 or more');
  if (!(timeoutMs > 0)) throw new TypeError('timeoutMs must be more than 0');
  const painter = new Painter(o.childEntry ?? painterEntry(), { timeoutMs, timer });
  return new PaintedPictures(new KeptPictures(o.folder, maxBytes), painter);
}

/** A picture that is being made. */
interface Flight {
  readonly picture: Promise<Picture | null>;
  /** Who waits for it. When nobody does any more before its turn, it is not made. */
  waiting: number;
}

class PaintedPictures implements Pictures {
  readonly #kept: KeptPictures;
  readonly #painter: Painter;
  readonly #closing = new AbortController();
  readonly #flights = new Map<string, Flight>();
  /** Contents that have no picture, so that a page does not have them tried each time. */
  readonly #without = new Set<string>();
  readonly #queue = new DrawingQueue();

  constructor(kept: KeptPictures, painter: Painter) {
    this.#kept = kept;
    this.#painter = painter;
  }

  async picture(model: PicturedModel, o: { readonly signal?: AbortSignal | undefined } = {}): Promise<Picture | null> {
    const { signal } = o;
    for (const stop of [this.#closing.signal, signal]) stop?.throwIfAborted();
    if (!/^[0-9a-f]{64}$/.test(model.fileHash)) return null;
    const beside = parseStamp(model.fileStamp)?.beside;
    const key = keyOf(model, beside ?? []);
    // Of two files with one content, one may be gone: each is asked for by itself, and the second finds what the first left.
    const name = `${key} ${model.parseStatus} ${model.filePath}`;
    let flight = this.#flights.get(name);
    if (flight === undefined) {
      const isWanted = (): boolean => this.#flights.get(name)?.waiting !== 0;
      const picture = this.#make(model, { key, beside, isWanted }).finally(() => this.#flights.delete(name));
      // Whoever waits hears of it; when nobody does, nobody needs to.
      picture.catch(() => {});
      flight = { picture, waiting: 0 };
      this.#flights.set(name, flight);
    }
    flight.waiting += 1;
    try {
      return await unlessAborted(flight.picture, signal);
    } finally {
      flight.waiting -= 1;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('The pictures are closed.'));
    this.#painter.close();
    await this.#queue.ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #make(
    model: PicturedModel,
    { key, beside, isWanted }: { key: string; beside: Beside | null | undefined; isWanted: () => boolean },
  ): Promise<Picture | null> {
    const { filePath: path, fileHash, parseStatus } = model;
    const draws = parseStatus === 'parsed';
    const whyNot = `${key} ${draws}`;
    const kept = await this.#kept.read(key);
    if (kept !== null) return kept;
    if (this.#without.has(whyNot)) return null;
    return await this.#queue.inTurn(path, async () => {
      this.#closing.signal.throwIfAborted();
      if (!isWanted()) return null;
      const keptMeanwhile = await this.#kept.read(key);
      if (keptMeanwhile !== null) return keptMeanwhile;
      const painted = await this.#painter.paint({ path, fileHash, draws });
      if (painted.outcome === 'other') return null;
      if (painted.outcome === 'none') {
        if (this.#without.size < mostWithout) this.#without.add(whyNot);
        return null;
      }
      const { bytes, type, width, height } = painted;
      const picture = { bytes, type, width, height };
      const isAsNoted = JSON.stringify(painted.beside.map(rowOf)) === JSON.stringify(beside ?? []);
      if (isAsNoted) return await this.#kept.keep(key, picture);
      // What it is drawn from beside its file is other than the import saw it, or was not noted: the key says nothing of it.
      return beside === null || beside === undefined ? { ...picture, path: null } : null;
    });
  }
}

const mostWithout = 100_000;

type Beside = readonly (readonly [
  name: string,
  size: number | null,
  modifiedMs: number | null,
  changedMs: number | null,
])[];

function rowOf({ name, size, modifiedMs, changedMs }: FileBeside): Beside[number] {
  return [name, size, modifiedMs, changedMs];
}

/** What the picture depends on: the bytes of the file, and for a glTF the other files that it is read from. */
function keyOf({ fileHash, filePath }: PicturedModel, beside: Beside): string {
  if (beside.length === 0) return fileHash;
  return createHash('sha256')
    .update(JSON.stringify([fileHash, dirname(filePath), beside]))
    .digest('hex');
}

async function unlessAborted<T>(result: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await result;
  let onAbort = (): void => {};
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve;
    signal.addEventListener('abort', onAbort);
  });
  try {
    await Promise.race([result, aborted]);
    signal.throwIfAborted();
    return await result;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
