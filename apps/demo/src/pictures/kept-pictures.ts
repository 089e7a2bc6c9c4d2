// The folder in which pictures are kept, by what they show: `ab/cdef….png`. Whatever happens to it, the pictures can be
// drawn again, so nothing here fails: what cannot be read is not there, and what cannot be written is not kept.
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Picture } from './contract.js';
import { imageIn } from './image-file.js';

/** A folder of pictures within a number of bytes. */
export class KeptPictures {
  readonly #folder: string;
  readonly #maxBytes: number;
  /** Bytes that are kept, as of the last look at all of them; null before the first. */
  #bytes: number | null = null;
  #written = 0;

  constructor(folder: string, maxBytes: number) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /** Returns the picture of `key`, 64 characters of hex, and notes that it was used; null when none is kept whole. */
  async read(key: string): Promise<Picture | null> {
    for (const type of ['image/png', 'image/jpeg'] as const) {
      const path = this.#pathOf(key, type);
      try {
        const bytes = await readFile(path);
        const image = imageIn(bytes);
        if (image?.type !== type) continue;
        const now = new Date();
        await utimes(path, now, now).catch(() => null);
        return { bytes, ...image, path };
      } catch {
        // Not kept, or out of reach at the moment.
      }
    }
    return null;
  }

  /** Keeps a picture; returns it with its path, or without one where it could not be kept. */
  async keep(key: string, picture: Omit<Picture, 'path'>): Promise<Picture> {
    const { length } = picture.bytes;
    if (length > this.#maxBytes) return { ...picture, path: null };
    const path = this.#pathOf(key, picture.type);
    this.#written += 1;
    const draft = `${path}.${process.pid}-${this.#written}`;
    try {
      await this.#makeRoom(length);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(draft, picture.bytes);
      await rename(draft, path);
      return { ...picture, path };
    } catch {
      await rm(draft, { force: true }).catch(() => null);
      return { ...picture, path: null };
    }
  }

  #pathOf(key: string, type: Picture['type']): string {
    return join(this.#folder, key.slice(0, 2), `${key.slice(2)}${type === 'image/png' ? '.png' : '.jpg'}`);
  }

  /** Looks at all only when what was added since the last look may be too much, and then removes a tenth more than needed. */
  async #makeRoom(length: number): Promise<void> {
    if (this.#bytes === null || this.#bytes + length > this.#maxBytes) {
      const kept = await this.#list();
      let bytes = kept.reduce((sum, { size }) => sum + size, 0);
      if (bytes + length > this.#maxBytes) {
        for (const { path, size } of kept.sort((a, b) => a.usedMs - b.usedMs)) {
          if (bytes + length <= this.#maxBytes * 0.9) break;
          await rm(path, { force: true });
          bytes -= size;
        }
      }
      this.#bytes = bytes;
    }
    this.#bytes += length;
  }

  /** What is kept, drafts of ended programs included. Files that others put here are none of it. */
  async #list(): Promise<{ path: string; size: number; usedMs: number }[]> {
    const kept: { path: string; size: number; usedMs: number }[] = [];
    for (const start of await namesIn(this.#folder, /^[0-9a-f]{2}$/)) {
      const folder = join(this.#folder, start);
      for (const name of await namesIn(folder, /^[0-9a-f]{62}\.(?:png|jpg)(?:\.\d+-\d+)?$/)) {
        const path = join(folder, name);
        const stats = await stat(path).catch(() => null);
        if (stats?.isFile()) kept.push({ path, size: stats.size, usedMs: stats.mtimeMs });
      }
    }
    return kept;
  }
}

async function namesIn(folder: string, form: RegExp): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => form.test(name));
}
