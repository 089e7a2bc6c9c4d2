// Hears of what changes below folders, by the events of the file system. `watch-folders.ts` waits until it is at rest and
// imports it; a walk now and then finds what no event told of.
import { type FSWatcher, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What hears. */
export interface FolderListener {
  /** Something at a path was made, written, moved or removed. May name a path too often. */
  readonly onChange: (path: string) => void;
  /** Changes below a folder are found by walks alone, because the system says that it cannot be watched. */
  readonly onUnwatched: (folder: string, reason: string) => void;
}

/** Watches folders until it is closed. */
export class FolderWatch implements Disposable {
  readonly #listener: FolderListener;
  readonly #watchers = new Map<string, FSWatcher>();
  #isClosed = false;

  constructor(listener: FolderListener) {
    this.#listener = listener;
  }

  /** Watches a folder and those in it; one that is watched already is left as it is. Links are not followed. */
  async add(folder: string): Promise<void> {
    if (this.#isClosed) return;
    const isNew = !this.#watchers.has(folder);
    if (isNew && !this.#watch(folder)) return;
    // These systems tell of all folders below.
    if (watchesBelow) return;
    try {
      for (const entry of await readdir(folder, { withFileTypes: true })) {
        if (entry.isDirectory()) await this.add(join(folder, entry.name));
      }
    } catch {
      // It is gone, or may not be read: the walk says so where it matters.
    }
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watch(folder: string): boolean {
    try {
      const watcher = watch(folder, { recursive: watchesBelow }, (_event, name) =>
        this.#listener.onChange(name === null ? folder : join(folder, name)),
      );
      const end = (): void => {
        watcher.close();
        this.#watchers.delete(folder);
      };
      // It is gone: its own folder tells of that.
      watcher.on('error', end);
      this.#watchers.set(folder, watcher);
      return true;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : null;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') this.#listener.onUnwatched(folder, String(code));
      return false;
    }
  }

  /** Forgets folders that are gone, so that others at their paths are watched anew. */
  forget(folder: string): void {
    for (const [path, watcher] of this.#watchers) {
      if (path !== folder && !path.startsWith(join(folder, '/'))) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
  }
}

/** Where the system itself watches a whole tree; elsewhere node would watch each file of it. */
const watchesBelow = process.platform === 'darwin' || process.platform === 'win32';
