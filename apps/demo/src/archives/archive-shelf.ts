// Looks into archives, and opens files wherever they lie: on the disk, or in an archive. It keeps the directory that it
// read last, for the files of one archive are asked for one after another.
import { statSync } from 'node:fs';
import { UnreadableModel } from '../geometry/geometry.js';
import { type ModelFile, openModelFile } from '../geometry/model-file.js';
import { openEntry } from './entry-file.js';
import { type EntryPlace, entryPlace } from './entry-path.js';
import type { ArchiveDirectory, ArchiveEntry } from './zip-directory.js';

/** What the disk shows of an archive. Times are epoch milliseconds. */
export interface ListedArchive extends ArchiveDirectory {
  readonly changedMs: number;
}

/** A directory that was read. */
interface Opened {
  /** Which archive it is of, as it was then. */
  readonly key: string;
  readonly directory: ArchiveDirectory;
  byName: Map<string, ArchiveEntry> | null;
}

/** Opens archives. */
export class ArchiveShelf {
  #last: Opened | null = null;

  /** Lists the files in an archive. @throws UnreadableModel when it cannot be read or is none */
  async list(path: string): Promise<ListedArchive> {
    using file = openModelFile(path);
    const { directory } = await this.#directoryOf(path, file);
    return { ...directory, changedMs: file.times.changedMs };
  }

  /**
   * Opens a file, or one in an archive when nothing lies at the path itself.
   * @throws UnreadableModel when there is none, or it is refused or damaged
   */
  async open(path: string): Promise<ModelFile> {
    const place = entryPlace(path);
    if (place === null || exists(path)) return openModelFile(path);
    const archive = openModelFile(place.archive);
    try {
      const entry = await this.#find(place, archive);
      if (entry === undefined) throw new UnreadableModel('does not exist in its archive');
      return openEntry(archive, entry);
    } catch (error) {
      archive[Symbol.dispose]();
      throw error;
    }
  }

  /** Whether there is a file in an archive, refused or not. @throws UnreadableModel when its directory cannot be read whole */
  async holds(place: EntryPlace): Promise<boolean> {
    using archive = openModelFile(place.archive);
    const { problem } = (await this.#directoryOf(place.archive, archive)).directory;
    if (problem !== null) throw new UnreadableModel(problem);
    return (await this.#find(place, archive)) !== undefined;
  }

  async #find({ archive, name }: EntryPlace, file: ModelFile): Promise<ArchiveEntry | undefined> {
    const opened = await this.#directoryOf(archive, file);
    opened.byName ??= new Map(opened.directory.entries.map((entry) => [entry.name, entry]));
    return opened.byName.get(name);
  }

  async #directoryOf(path: string, file: ModelFile): Promise<Opened> {
    const { modifiedMs, changedMs, inode } = file.times;
    const key = JSON.stringify([path, file.size, modifiedMs, changedMs, inode]);
    if (this.#last?.key !== key) {
      // Loaded when there is an archive: most folders have none, and every process that reads files would wait for it.
      const { readZipDirectory } = await import('./zip-directory.js');
      this.#last = { key, directory: await readZipDirectory(file, modifiedMs), byName: null };
    }
    return this.#last;
  }
}

/** What cannot be looked at counts as there: opening it says what is wrong. */
function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOTDIR');
  }
}
