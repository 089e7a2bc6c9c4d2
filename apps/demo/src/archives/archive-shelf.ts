// Looks into archives, and opens files wherever they lie: on the disk, or in an archive. It keeps the directory that it
// read last, for the files of one archive are asked for one after another.
import { statSync } from 'node:fs';
import { UnreadableModel } from '../geometry/geometry.js';
import { type ModelFile, openModelFile } from '../geometry/model-file.js';
import type { ArchiveDirectory, ArchiveEntry } from './archive-directory.js';
import { OpenBlocks, openEntry } from './entry-file.js';
import { type EntryPlace, entryPlace } from './entry-path.js';
import { createUnpacker } from './unpacker.js';

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
  #blocks: OpenBlocks | null = null;
  readonly #reusesContent: boolean;

  /**
   * `reusesContent`: large files out of blocks are unpacked into one and the same memory, so that one has to be read to its end
   * before the next is opened. Default false.
   */
  constructor({ reusesContent = false }: { readonly reusesContent?: boolean } = {}) {
    this.#reusesContent = reusesContent;
  }

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
      this.#blocks ??= new OpenBlocks(createUnpacker(), { reusesContent: this.#reusesContent });
      return await openEntry(archive, entry, this.#blocks);
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
      this.#last = { key, directory: await directoryOf(file, modifiedMs), byName: null };
    }
    return this.#last;
  }
}

/** What an archive is its first bytes tell. The readers are loaded when there is one: most folders have none. */
async function directoryOf(file: ModelFile, modifiedMs: number): Promise<ArchiveDirectory> {
  const head = file.bytes(0, Math.min(file.size, 7)).toString('latin1');
  if (head.startsWith('7z\u00bc\u00af\u0027\u001c')) {
    const { readSevenZipDirectory } = await import('./seven-zip-directory.js');
    return await readSevenZipDirectory(file, modifiedMs, createUnpacker());
  }
  if (head.startsWith('Rar!\u001a\u0007')) {
    const { readRarDirectory } = await import('./rar-directory.js');
    return readRarDirectory(file, modifiedMs);
  }
  const { readZipDirectory } = await import('./zip-directory.js');
  return await readZipDirectory(file, modifiedMs);
}

/** What cannot be looked at counts as there: opening it says what is wrong. */
function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOTDIR');
  }
}
