// Brings the files of folders into a library: scan → compare → read → follow moves → write, one transaction to a batch.
// The reader process reads the next files while those before them are compared and written.
// Long, because every step of a run adds to what it knows of absent, moved and changed files, and the later ones decide by it.
import { basename, dirname, relative, sep } from 'node:path';
import { ArchiveShelf } from '../archives/archive-shelf.js';
import type { GeometryReader } from '../geometry/reader.js';
import type { Library } from '../library.js';
import { firstGone, isGone } from './absence.js';
import { Contested } from './contested.js';
import { type FileLook, formerStatus, isAsRead, stampOf, withFormerStatus } from './file-stamp.js';
import { followMoves } from './follow-moves.js';
import { type FileReport, type ImportReport, ImportStopped, Tally } from './import-report.js';
import { type Known, modelsAt, modelsBelow, modelsWith } from './known-models.js';
import { figures, modelOf, nameOf, patchOf } from './model-input.js';
import { batchesOf, lookAt, type Read, slices, takesLong, type Unread } from './read-files.js';
import { type Found, rootsOf, scan } from './scan.js';
import { BatchWriter } from './write-batch.js';

export type { FileReport, ImportReport } from './import-report.js';

/** Options of `importFolders`. */
export interface ImportOptions {
  readonly geometry: GeometryReader;
  readonly signal: AbortSignal;
  /** Files to a transaction, at most. Default 500. */
  readonly batchSize?: number;
  /** How long read files wait for others before they are written: what a run that is killed loses. Default 500. */
  readonly batchAgeMs?: number;
  /** Patterns as in a `.candyignore`. Default none. */
  readonly ignore?: readonly string[];
  /** Whether files and folders whose names begin with a dot count. Default false. */
  readonly hidden?: boolean;
  /** Whether files that were refused are read again though nothing has changed. Default false. */
  readonly retry?: boolean;
  /** Whether a named folder that holds nothing has been emptied, rather than lost its disk. Default false. */
  readonly emptied?: boolean;
  /** Whether new models are tagged with the names of the folders between the named one and the file. Default false. */
  readonly tagsFromFolders?: boolean;
  /** Called with the number of files before the first one, then after each file; `report` is null for ignored files. */
  readonly onProgress?: (done: number, total: number, report: FileReport | null) => void;
}

/**
 * Imports every model file below `folders`. A file that is as it was is not read again, so a second run over the same
 * folders writes nothing. Files that cannot be measured are recorded with the reason; models whose files were moved or
 * renamed follow them, and those whose files are gone are marked as missing.
 *
 * @throws FolderNotFound when one of `folders` does not exist; ImportStopped when a batch cannot be written
 */
export async function importFolders(
  library: Library,
  folders: readonly string[],
  options: ImportOptions,
): Promise<ImportReport> {
  const started = performance.now();
  const tally = new Tally();
  const report = (): ImportReport => tally.report(performance.now() - started, options.signal.aborted);
  const roots = await rootsOf(folders);
  const run = new ImportRun(library, roots, tally, options);
  try {
    await run.scan(folders);
    await run.all();
  } catch (error) {
    if (options.signal.aborted && error === options.signal.reason) {
      await run.write();
      return report();
    }
    throw new ImportStopped(report(), error);
  }
  return report();
}

class ImportRun {
  readonly #library: Library;
  readonly #roots: readonly { readonly path: string; readonly isFolder: boolean }[];
  readonly #options: ImportOptions;
  readonly #tally: Tally;
  readonly #writer: BatchWriter;
  readonly #ageMs: number;
  readonly #files: string[] = [];
  /** What the directories of archives tell of the files in them. */
  readonly #looks = new Map<string, FileLook>();
  readonly #shelf = new ArchiveShelf();
  readonly #emptyRoots = new Set<string>();
  readonly #fresh: Unread[] = [];
  readonly #suspects: Unread[] = [];
  readonly #absent: Known[] = [];
  /** How many files of each size are to be read: a model whose size none of them has was not moved. */
  readonly #sizes = new Map<number, number>();
  #done = 0;

  constructor(
    library: Library,
    roots: readonly { readonly path: string; readonly isFolder: boolean }[],
    tally: Tally,
    options: ImportOptions,
  ) {
    this.#library = library;
    this.#roots = roots;
    this.#options = options;
    this.#tally = tally;
    this.#ageMs = options.batchAgeMs ?? 500;
    this.#writer = new BatchWriter(library, tally, { size: options.batchSize ?? 500, ageMs: this.#ageMs });
  }

  /** Names all files, and tells of places that cannot be looked into. */
  async scan(folders: readonly string[]): Promise<void> {
    const { ignore, hidden, signal } = this.#options;
    const onIgnored = () => void (this.#tally.ignored += 1);
    const onEmptyRoot = (path: string) => void this.#emptyRoots.add(path);
    const problems: Extract<Found, { problem: string }>[] = [];
    for await (const found of scan(folders, { ignore, hidden, onIgnored, onEmptyRoot })) {
      signal.throwIfAborted();
      if (found.problem === null) this.#files.push(found.path);
      else problems.push(found);
      if ('look' in found) this.#looks.set(found.path, found.look);
    }
    this.#options.onProgress?.(0, this.#files.length, null);
    for (const { path, problem } of problems) this.#tally.add({ path, outcome: 'unreadable', reason: problem });
  }

  async all(): Promise<void> {
    await this.#compare();
    await this.#findAbsent();
    const contested = await this.#readSuspects();
    await this.#readFresh(contested);
    await this.#settle(contested);
    await this.write();
  }

  async write(): Promise<void> {
    await this.#writer.write();
  }

  /** Tells files that are as they were, without reading them, from those that have to be read. */
  async #compare(): Promise<void> {
    for (const paths of slices(this.#files, 500)) {
      this.#options.signal.throwIfAborted();
      const known = new Map((await modelsAt(this.#library, paths)).map((model) => [model.filePath, model]));
      for (const path of paths) {
        const look = this.#looks.get(path) ?? lookAt(path);
        if ('reason' in look) {
          this.#tell({ path, outcome: 'unreadable', reason: look.reason });
          continue;
        }
        const model = known.get(path) ?? null;
        if (model !== null && isAsRead(look, model, { retry: this.#options.retry ?? false })) {
          await this.#leave(model);
          continue;
        }
        (model === null ? this.#fresh : this.#suspects).push({ path, size: look.size, known: model });
        this.#sizes.set(look.size, (this.#sizes.get(look.size) ?? 0) + 1);
      }
    }
  }

  /** The file is as it was. A model that was missing is there again. */
  async #leave(model: Known): Promise<void> {
    const { filePath: path, parseStatus, parseError, status } = model;
    const report: FileReport =
      parseStatus === 'unparsed'
        ? { path, outcome: 'unparsed', reason: parseError }
        : { path, outcome: 'unchanged', reason: null };
    if (status !== 'missing') return this.#tell(report);
    this.#step(report);
    await this.#writer.put({ report, id: model.id, change: { status: formerStatus(model.fileStamp) } });
  }

  /** The models below the named folders whose files are not there any more. */
  async #findAbsent(): Promise<void> {
    const seen = new Set(this.#files);
    for (const { path: root, isFolder } of this.#roots) {
      if (!isFolder) continue;
      const absent: Known[] = [];
      for await (const model of modelsBelow(this.#library, root)) {
        this.#options.signal.throwIfAborted();
        if (!seen.has(model.filePath) && (await isGone(model.filePath, this.#shelf))) absent.push(model);
        // Roots may lie in one another.
        seen.add(model.filePath);
      }
      if (absent.length > 0 && this.#emptyRoots.has(root) && this.#options.emptied !== true) {
        const reason = `it is empty, but ${absent.length} models were read from it: is its disk there? They stay as they are; if it was emptied, say so with --emptied`;
        this.#tally.add({ path: root, outcome: 'unreadable', reason });
      } else for (const model of absent) this.#absent.push(model);
    }
  }

  /** Reads the files of known paths that look different. Returns what moved, changed or is gone, and needs to be settled. */
  async #readSuspects(): Promise<Contested> {
    const contested = new Contested(this.#absent);
    for await (const files of this.#read(this.#suspects)) {
      for (const file of files) {
        const { known, hash } = file;
        if (known === null) continue;
        const others = (this.#sizes.get(known.fileSize) ?? 0) - (file.size === known.fileSize ? 1 : 0);
        if (hash === known.fileHash || (others === 0 && !contested.isSought(hash))) await this.#change(file, known);
        else contested.displace(file, known);
      }
    }
    return contested;
  }

  async #readFresh(contested: Contested): Promise<void> {
    for await (const files of this.#read(this.#fresh)) {
      const twins = await this.#twinsOf(files.map(({ hash }) => hash));
      for (const file of files) {
        this.#options.signal.throwIfAborted();
        const alone = contested.onlyAbsent(file.hash);
        if (alone !== null && (alone.fileName === basename(file.path) || this.#sizes.get(file.size) === 1)) {
          contested.settle(alone);
          await this.#move(file, alone);
        } else if (contested.isSought(file.hash)) contested.arrive(file);
        else await this.#add(file, twins.get(file.hash) ?? []);
      }
    }
  }

  /** Now all content is known: what moved moves, the rest is changed, new or missing. */
  async #settle(contested: Contested): Promise<void> {
    const { displaced, arrived } = contested.parties();
    const moves = followMoves(displaced, arrived);
    const moverTo = new Map([...moves].map(([id, { path }]) => [path, id]));
    const knownById = new Map(contested.models().map((model) => [String(model.id), model]));
    await this.write();
    const rest: Read[] = [];
    for (const file of contested.files()) {
      const mover = knownById.get(moverTo.get(file.path) ?? '');
      if (mover === undefined) rest.push(file);
      else await this.#move(file, mover, { isHeld: true });
    }
    // All at once: moves may need one another's paths.
    await this.write();
    const fresh = rest.filter(({ known }) => known === null || moves.has(known.id));
    for (const file of rest) if (file.known !== null && !moves.has(file.known.id)) await this.#change(file, file.known);
    await this.write();
    for (const file of fresh) await this.#add(file, (await this.#twinsOf([file.hash])).get(file.hash) ?? []);
    await this.write();
    const gone = contested.absent().filter(({ id }) => !moves.has(id));
    await this.#markMissing(gone);
  }

  async #markMissing(gone: readonly Known[]): Promise<void> {
    const fresh = new Map<string, string | null>();
    for (const { path } of this.#fresh) {
      const name = basename(path);
      fresh.set(name, fresh.has(name) ? null : path);
    }
    for (const model of gone) {
      const like = fresh.get(model.fileName);
      const perhaps = like ? `; if it was moved and edited: candy moved ${model.id} ${like}` : '';
      const report: FileReport = { path: model.filePath, outcome: 'missing', reason: `its file is gone${perhaps}` };
      if (model.status === 'missing') this.#tally.add(report);
      else {
        const change = { status: 'missing', fileStamp: withFormerStatus(model.fileStamp, model.status) } as const;
        await this.#writer.put({ report, id: model.id, change });
      }
    }
  }

  async *#read(files: readonly Unread[]): AsyncGenerator<readonly Read[]> {
    const { geometry, signal } = this.#options;
    const batches = batchesOf(files);
    const begin = (at: number) => {
      const paths = batches[at]?.map(({ path }) => path);
      if (paths === undefined) return null;
      const reading = geometry.readMany(paths, { signal });
      // Whoever awaits it hears of it; until then it is nobody's failure.
      reading.catch(() => {});
      return reading;
    };
    let next = begin(0);
    for (const [at, batch] of batches.entries()) {
      // What was read before does not wait for a file that takes minutes.
      if (next !== null && (await takesLong(next, this.#ageMs))) await this.write();
      const readings = (await next) ?? [];
      next = begin(at + 1);
      const read: Read[] = [];
      for (const [index, file] of batch.entries()) {
        const reading = readings[index];
        if (reading === undefined) continue;
        const { print, problem, result } = reading;
        if (problem !== null) {
          this.#tell({ path: file.path, outcome: 'unreadable', reason: problem.replace(/^(?!it )/, 'it ') });
        } else if (print === null || (result.format === null && file.known === null)) {
          this.#tally.ignored += 1;
          this.#step(null);
        } else read.push({ ...file, reading, hash: print.fileHash });
      }
      yield read;
    }
  }

  /** Models with the same content, files that are not there left out; a model whose file is gone for certain comes first. */
  async #twinsOf(hashes: readonly string[]): Promise<Map<string, Known[]>> {
    const twins = new Map<string, Known[]>();
    for (const twin of await modelsWith(this.#library, [...new Set(hashes)])) {
      const others = twins.get(twin.fileHash);
      if (others === undefined) twins.set(twin.fileHash, [twin]);
      else others.push(twin);
    }
    return twins;
  }

  async #add(file: Read, twins: readonly Known[]): Promise<void> {
    const { path, reading, hash } = file;
    // Moved here from a folder that was not named.
    const mover = await firstGone(
      twins.filter(({ filePath }) => !this.#isBelowRoot(filePath)),
      this.#shelf,
    );
    if (mover !== undefined && this.#writer.pathOfRecent(hash) === null && !this.#moved.has(mover.id)) {
      return this.#move(file, mover);
    }
    const input = inputOf(file);
    if (input === null) return;
    const twin = this.#writer.pathOfRecent(hash) ?? twins[0]?.filePath ?? null;
    const report: FileReport =
      reading.result.status === 'unparsed'
        ? { path, outcome: 'unparsed', reason: input.parseError ?? null }
        : { path, outcome: twin === null ? 'new' : 'duplicate', reason: twin };
    this.#step(report);
    await this.#writer.put({ report, add: input, tags: this.#tagsOf(path) });
  }

  readonly #moved = new Set<string>();

  /** `isHeld`: it is written with the others that wait, whatever their number. */
  async #move(file: Read, model: Known, { isHeld = false } = {}): Promise<void> {
    const input = inputOf(file);
    if (input === null) return;
    this.#moved.add(model.id);
    const status = model.status === 'missing' ? formerStatus(model.fileStamp) : model.status;
    // A name that is the file's own goes with the file; one that its owner gave stays.
    const name = model.name === nameOf(model.fileName) ? input.name : model.name;
    const move = { ...patchOf(input), name, status, filePath: input.filePath };
    const report: FileReport = { path: file.path, outcome: 'moved', reason: model.filePath };
    this.#step(report);
    const pending = { report, id: model.id, move, from: model.filePath };
    if (isHeld) this.#writer.hold(pending);
    else await this.#writer.put(pending);
  }

  /** A file that is other than it was, or only its time is. */
  async #change(file: Read, model: Known): Promise<void> {
    const { path, reading, hash } = file;
    const input = inputOf({ ...file, known: model });
    if (input === null || reading.print === null) return;
    const isChanged = hash !== model.fileHash || figures.some((field) => (input[field] ?? null) !== model[field]);
    const report: FileReport =
      reading.result.status === 'unparsed'
        ? { path, outcome: 'unparsed', reason: input.parseError ?? null }
        : { path, outcome: isChanged ? 'changed' : 'unchanged', reason: null };
    this.#step(report);
    const note = { fileModifiedAt: new Date(reading.print.modifiedMs), fileStamp: stampOf(reading) };
    const back = model.status === 'missing' ? { status: formerStatus(model.fileStamp) } : {};
    const isNoted =
      !isChanged &&
      model.status !== 'missing' &&
      note.fileStamp === model.fileStamp &&
      note.fileModifiedAt.getTime() === model.fileModifiedAt?.getTime();
    if (isNoted) this.#tally.add(report);
    else await this.#writer.put({ report, id: model.id, change: { ...(isChanged ? patchOf(input) : note), ...back } });
  }

  #tagsOf(path: string): readonly string[] {
    if (this.#options.tagsFromFolders !== true) return [];
    const root = this.#roots.find(({ path: root, isFolder }) => isFolder && isBelow(root, path));
    if (root === undefined) return [];
    const names = relative(root.path, dirname(path))
      .replace(/\.zip!(?=[\\/]|$)/gi, '')
      .split(sep);
    return [...new Set(names.map((name) => name.trim().slice(0, 200)).filter((name) => /[\p{L}\p{N}]/u.test(name)))];
  }

  #isBelowRoot(path: string): boolean {
    return this.#roots.some((root) => root.isFolder && isBelow(root.path, path));
  }

  /** Tells of a file that needs no write. */
  #tell(report: FileReport): void {
    this.#tally.add(report);
    this.#step(report);
  }

  #step(report: FileReport | null): void {
    this.#done += 1;
    this.#options.onProgress?.(this.#done, this.#files.length, report);
  }
}

function inputOf({ path, reading, known }: Read): ReturnType<typeof modelOf> | null {
  const format = reading.result.format ?? known?.format ?? null;
  return reading.print === null || format === null ? null : modelOf(path, reading.print, format, reading);
}

function isBelow(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
