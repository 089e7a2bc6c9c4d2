// One run of an import: compare → read → follow moves → decide, over the files that a walk or a watch has named.
// The reader process reads the next files while those before them are compared and written. `outcomes.ts` decides for each.
// Long, because the steps of a run share what it knows of each path until it is written.
import { basename, sep } from 'node:path';
import { ArchiveShelf } from '../archives/archive-shelf.js';
import { isArchive } from '../archives/entry-path.js';
import type { FileReading } from '../geometry/reader.js';
import type { Library } from '../library.js';
import { counted } from '../terminal.js';
import { isGone } from './absence.js';
import { Contested } from './contested.js';
import { type FileLook, isAsRead } from './file-stamp.js';
import { followMoves } from './follow-moves.js';
import type { ImportOptions } from './import-options.js';
import type { FileReport, Tally } from './import-report.js';
import { countBelow, type Known, modelsAt, modelsBelow, modelsWith, type Seen, seenAt } from './known-models.js';
import { Outcomes, type Root } from './outcomes.js';
import {
  batchesAhead,
  batchesOf,
  isReadAlone,
  lookAt,
  type Read,
  slices,
  takesLong,
  type Unread,
} from './read-files.js';
import { BatchWriter } from './write-batch.js';

/** What a run looks at. */
export interface Ground {
  readonly roots: readonly Root[];
  /** The files that are there. */
  readonly files: readonly string[];
  /** What the directories of archives tell of the files in them. */
  readonly looks: ReadonlyMap<string, FileLook>;
  /** Folders that were named and hold nothing. */
  readonly emptyRoots: ReadonlySet<string>;
  /** What was there and is not: files, or folders. Null: everything below the roots that is not among the files. */
  readonly vanished: readonly string[] | null;
}

/** One run. */
export class ImportRun {
  readonly #library: Library;
  readonly #ground: Ground;
  readonly #options: ImportOptions;
  readonly #tally: Tally;
  readonly #writer: BatchWriter;
  readonly #outcomes: Outcomes;
  readonly #ageMs: number;
  readonly #fresh: Unread[] = [];
  readonly #suspects: Unread[] = [];
  readonly #absent: Known[] = [];
  /** How many files of each size are to be read: a model whose size none of them has was not moved. */
  readonly #sizes = new Map<number, number>();
  /** The paths of the files that are models already. */
  readonly #knownPaths = new Set<string>();
  readonly #shelf = new ArchiveShelf();
  /** Models of contents that very many have: read once, or each batch of such files would read all of them again. */
  readonly #crowds = new Map<string, readonly Known[]>();
  #done = 0;

  constructor(library: Library, ground: Ground, tally: Tally, options: ImportOptions) {
    this.#library = library;
    this.#ground = ground;
    this.#options = options;
    this.#tally = tally;
    this.#ageMs = options.batchAgeMs ?? 500;
    this.#writer = new BatchWriter(library, tally, { size: options.batchSize ?? 1_000, ageMs: this.#ageMs });
    this.#outcomes = new Outcomes(this.#writer, tally, {
      roots: ground.roots,
      tagsFromFolders: options.tagsFromFolders === true,
      isWhole: ground.vanished === null,
      shelf: this.#shelf,
      onStep: (report) => this.#step(report),
    });
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
    for (const paths of slices(this.#ground.files, 500)) {
      this.#options.signal.throwIfAborted();
      const seen = new Map<string, Seen>();
      for (const model of await seenAt(this.#library, paths)) {
        seen.set(model.filePath, model);
        this.#knownPaths.add(model.filePath);
      }
      const changed = new Map<string, number>();
      for (const path of paths) {
        const look = this.#ground.looks.get(path) ?? lookAt(path);
        if ('reason' in look) {
          this.#tell({ path, outcome: 'unreadable', reason: look.reason });
          continue;
        }
        const model = seen.get(path);
        if (model !== undefined && isAsRead(look, model, { retry: this.#options.retry ?? false })) {
          const isWritten = this.#outcomes.leave(model);
          if (isWritten !== undefined) await isWritten;
          continue;
        }
        if (model === undefined) this.#fresh.push({ path, size: look.size, known: null });
        else changed.set(path, look.size);
        this.#sizes.set(look.size, (this.#sizes.get(look.size) ?? 0) + 1);
      }
      await this.#suspect(changed);
    }
  }

  /** Of models whose files look different, by path and present size, all has to be known. */
  async #suspect(changed: ReadonlyMap<string, number>): Promise<void> {
    if (changed.size === 0) return;
    const known = new Map((await modelsAt(this.#library, [...changed.keys()])).map((model) => [model.filePath, model]));
    for (const [path, size] of changed) {
      const model = known.get(path) ?? null;
      // One that another program has removed meanwhile is new.
      (model === null ? this.#fresh : this.#suspects).push({ path, size, known: model });
    }
  }

  /** The models whose files are not there any more. */
  async #findAbsent(): Promise<void> {
    const { roots, files, emptyRoots, vanished } = this.#ground;
    if (vanished !== null) {
      const seen = new Set(files);
      for (const path of vanished) this.#absent.push(...(await this.#absentBelow(path, seen, { isFile: true })));
      return;
    }
    let seen: Set<string> | null = null;
    for (const { path: root, isFolder } of roots) {
      // A file may be where a folder was.
      if (isFolder && (await this.#allFound(root))) continue;
      seen ??= new Set(files);
      const absent = await this.#absentBelow(root, seen);
      if (absent.length > 0 && emptyRoots.has(root) && this.#options.emptied !== true) {
        const reason = `it is empty, but ${counted(absent.length, 'model was', 'models were')} read from it: is its disk there? They stay as they are; if it was emptied, say so with --emptied`;
        this.#tally.add({ path: root, outcome: 'unreadable', reason });
      } else for (const model of absent) this.#absent.push(model);
    }
  }

  /** Whether the files of all models below a folder were met: then none is absent, and none has to be looked for. */
  async #allFound(root: string): Promise<boolean> {
    const start = root.endsWith(sep) ? root : root + sep;
    let found = 0;
    for (const path of this.#knownPaths) if (path.startsWith(start)) found += 1;
    return found === (await countBelow(this.#library, root));
  }

  /** The absent models below a folder, and at its path itself when it may have been a file. */
  async #absentBelow(path: string, seen: Set<string>, { isFile = false } = {}): Promise<Known[]> {
    const absent: Known[] = [];
    const look = async (model: Known): Promise<void> => {
      if (!seen.has(model.filePath) && (await isGone(model.filePath, this.#shelf))) absent.push(model);
      // Roots may lie in one another.
      seen.add(model.filePath);
    };
    if (isFile) for (const model of await modelsAt(this.#library, [path])) await look(model);
    for (const folder of isArchive(path) ? [path, `${path}!`] : [path]) {
      for await (const model of modelsBelow(this.#library, folder)) {
        this.#options.signal.throwIfAborted();
        await look(model);
      }
    }
    return absent;
  }

  /** Reads the files of known paths that look different. Returns what moved, changed or is gone, and needs to be settled. */
  async #readSuspects(): Promise<Contested> {
    const contested = new Contested(this.#absent);
    for await (const files of this.#read(this.#suspects)) {
      for (const file of files) {
        const { known, hash } = file;
        if (known === null) continue;
        const others = (this.#sizes.get(known.fileSize) ?? 0) - (file.size === known.fileSize ? 1 : 0);
        if (hash === known.fileHash || (others === 0 && !contested.isSought(hash)))
          await this.#outcomes.change(file, known);
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
          await this.#outcomes.move(file, alone);
        } else if (contested.isSought(file.hash)) contested.arrive(file);
        else {
          const isWritten = this.#outcomes.add(file, twins.get(file.hash) ?? []);
          if (isWritten !== undefined) await isWritten;
        }
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
      else await this.#outcomes.move(file, mover, { isHeld: true });
    }
    // All at once: moves may need one another's paths.
    await this.write();
    const fresh = rest.filter(({ known }) => known === null || moves.has(known.id));
    for (const file of rest)
      if (file.known !== null && !moves.has(file.known.id)) await this.#outcomes.change(file, file.known);
    await this.write();
    for (const file of fresh) await this.#outcomes.add(file, (await this.#twinsOf([file.hash])).get(file.hash) ?? []);
    await this.write();
    const gone = contested.absent().filter(({ id }) => !moves.has(id));
    await this.#outcomes.markMissing(gone, this.#newPaths());
  }

  async *#read(files: readonly Unread[]): AsyncGenerator<readonly Read[]> {
    const { geometry, signal } = this.#options;
    const batches = batchesOf(files);
    const begun: Promise<readonly FileReading[]>[] = [];
    const begin = (from: number) => {
      while (begun.length < from + batchesAhead) {
        const batch = batches[begun.length];
        if (batch === undefined) return;
        if (begun.length > from && isReadAlone(batch, batches[begun.length - 1])) return;
        const reading = geometry.readMany(
          batch.map(({ path }) => path),
          { signal },
        );
        // Whoever awaits it hears of it; until then it is nobody's failure.
        reading.catch(() => {});
        begun.push(reading);
      }
    };
    begin(0);
    for (const [at, batch] of batches.entries()) {
      const next = begun[at];
      // What was read before does not wait for a file that takes minutes.
      if (next !== undefined && (await takesLong(next, this.#ageMs))) await this.write();
      const readings = (await next) ?? [];
      // What was read is kept nowhere else.
      begun[at] = Promise.resolve([]);
      begin(at + 1);
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
  async #twinsOf(hashes: readonly string[]): Promise<ReadonlyMap<string, readonly Known[]>> {
    const twins = new Map<string, Known[]>();
    const unknown = [...new Set(hashes)].filter((hash) => !this.#crowds.has(hash));
    for (const twin of await modelsWith(this.#library, unknown)) {
      const others = twins.get(twin.fileHash);
      if (others === undefined) twins.set(twin.fileHash, [twin]);
      else others.push(twin);
    }
    for (const [hash, models] of twins) if (models.length >= crowd) this.#crowds.set(hash, models);
    return new Map([...this.#crowds, ...twins]);
  }

  /** The only new file of a name: where a model that was moved and edited may be. */
  #newPaths(): (fileName: string) => string | null {
    const fresh = new Map<string, string | null>();
    for (const { path } of this.#fresh) {
      const name = basename(path);
      fresh.set(name, fresh.has(name) ? null : path);
    }
    return (fileName) => fresh.get(fileName) ?? null;
  }

  /** Tells of a file that needs no write. */
  #tell(report: FileReport): void {
    this.#tally.add(report);
    this.#step(report);
  }

  #step(report: FileReport | null): void {
    this.#done += 1;
    this.#options.onProgress?.(this.#done, this.#ground.files.length, report);
  }
}

/** So many models of one content are read once: a batch has about as many files. */
const crowd = 250;
