// What becomes of one file, or of one model whose file is gone: decides the report and what is written with it.
// `import-run.ts` finds out which of these it is; `write-batch.ts` writes.
import { dirname, relative, sep } from 'node:path';
import type { ArchiveShelf } from '../archives/archive-shelf.js';
import { firstGone } from './absence.js';
import { formerStatus, stampOf, withFormerStatus } from './file-stamp.js';
import type { FileReport, Tally } from './import-report.js';
import type { Known, Seen } from './known-models.js';
import { figures, modelOf, nameOf, patchOf } from './model-input.js';
import type { Read } from './read-files.js';
import type { BatchWriter } from './write-batch.js';

/** A folder, or a file, that was named. */
export interface Root {
  readonly path: string;
  readonly isFolder: boolean;
}

/** What decides with the files. */
export interface OutcomeOptions {
  readonly roots: readonly Root[];
  readonly tagsFromFolders: boolean;
  /** Whether everything below the roots was looked at: a model there whose file is gone has had its chance to be found. */
  readonly isWhole: boolean;
  readonly shelf: ArchiveShelf;
  /** Hears of each file, before it is written. */
  readonly onStep: (report: FileReport) => void;
}

/** Decides for files that were read or looked at. */
export class Outcomes {
  readonly #writer: BatchWriter;
  readonly #tally: Tally;
  readonly #options: OutcomeOptions;
  readonly #moved = new Set<string>();
  /** Lists of twins none of which has lost its file: they may be long, and come again with each file of their content. */
  readonly #settled = new WeakSet<readonly Known[]>();

  constructor(writer: BatchWriter, tally: Tally, options: OutcomeOptions) {
    this.#writer = writer;
    this.#tally = tally;
    this.#options = options;
  }

  /** The file is as it was. A model that was missing is there again, which is written; else there is nothing to wait for. */
  leave(model: Seen): Promise<void> | undefined {
    const { filePath: path, parseStatus, parseError, status } = model;
    const report: FileReport =
      parseStatus === 'unparsed'
        ? { path, outcome: 'unparsed', reason: parseError }
        : { path, outcome: 'unchanged', reason: null };
    this.#options.onStep(report);
    if (status === 'missing') {
      return this.#writer.put({ report, id: model.id, change: { status: formerStatus(model.fileStamp) } });
    }
    this.#tally.add(report);
    return undefined;
  }

  /** The files of these models are gone. `newPathOf` is the only new file of a name. */
  async markMissing(gone: readonly Known[], newPathOf: (fileName: string) => string | null): Promise<void> {
    for (const model of gone) {
      const like = newPathOf(model.fileName);
      const perhaps = like ? `; if it was moved and edited: candy moved ${model.id} ${like}` : '';
      const report: FileReport = { path: model.filePath, outcome: 'missing', reason: `its file is gone${perhaps}` };
      if (model.status === 'missing') this.#tally.add(report);
      else {
        const change = { status: 'missing', fileStamp: withFormerStatus(model.fileStamp, model.status) } as const;
        await this.#writer.put({ report, id: model.id, change });
      }
    }
  }

  /** A file with new content; `twins` are the models that have it too. Mostly there is nothing to wait for. */
  add(file: Read, twins: readonly Known[]): Promise<void> | undefined {
    if (this.#settled.has(twins)) return this.#addNew(file, twins);
    // Moved here from a folder that was not named.
    const elsewhere = twins.filter(
      ({ id, filePath }) => !this.#moved.has(id) && !(this.#options.isWhole && this.#isBelowRoot(filePath)),
    );
    if (elsewhere.length > 0) return this.#addOrMove(file, twins, elsewhere);
    this.#settled.add(twins);
    return this.#addNew(file, twins);
  }

  async #addOrMove(file: Read, twins: readonly Known[], elsewhere: readonly Known[]): Promise<void> {
    const mover = await firstGone(elsewhere, this.#options.shelf);
    if (mover !== undefined && this.#writer.pathOfRecent(file.hash) === null) return await this.move(file, mover);
    if (mover === undefined) this.#settled.add(twins);
    await this.#addNew(file, twins);
  }

  #addNew(file: Read, twins: readonly Known[]): Promise<void> | undefined {
    const { path, reading, hash } = file;
    const input = inputOf(file);
    if (input === null) return undefined;
    const twin = this.#writer.pathOfRecent(hash) ?? twins[0]?.filePath ?? null;
    const report: FileReport =
      reading.result.status === 'unparsed'
        ? { path, outcome: 'unparsed', reason: input.parseError ?? null }
        : { path, outcome: twin === null ? 'new' : 'duplicate', reason: twin };
    this.#options.onStep(report);
    return this.#writer.put({ report, add: input, tags: this.#tagsOf(path) });
  }

  /** `isHeld`: it is written with the others that wait, whatever their number. */
  async move(file: Read, model: Known, { isHeld = false } = {}): Promise<void> {
    const input = inputOf(file);
    if (input === null) return;
    this.#moved.add(model.id);
    const status = model.status === 'missing' ? formerStatus(model.fileStamp) : model.status;
    // A name that is the file's own goes with the file; one that its owner gave stays.
    const name = model.name === nameOf(model.fileName) ? input.name : model.name;
    const move = { ...patchOf(input), name, status, filePath: input.filePath };
    // What cannot be measured is told at every import, also at that which finds it elsewhere.
    const report: FileReport =
      file.reading.result.status === 'unparsed'
        ? {
            path: file.path,
            outcome: 'unparsed',
            reason: `${input.parseError}; it was moved here from ${model.filePath}`,
          }
        : { path: file.path, outcome: 'moved', reason: model.filePath };
    this.#options.onStep(report);
    const pending = { report, id: model.id, move, from: model.filePath };
    if (isHeld) this.#writer.hold(pending);
    else await this.#writer.put(pending);
  }

  /** A file that is other than it was, or only its time is. */
  async change(file: Read, model: Known): Promise<void> {
    const { path, reading, hash } = file;
    const input = inputOf({ ...file, known: model });
    if (input === null || reading.print === null) return;
    const isChanged = hash !== model.fileHash || figures.some((field) => (input[field] ?? null) !== model[field]);
    const report: FileReport =
      reading.result.status === 'unparsed'
        ? { path, outcome: 'unparsed', reason: input.parseError ?? null }
        : { path, outcome: isChanged ? 'changed' : 'unchanged', reason: null };
    this.#options.onStep(report);
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
    if (!this.#options.tagsFromFolders) return [];
    const root = this.#options.roots.find(({ path: root, isFolder }) => isFolder && isBelow(root, path));
    if (root === undefined) return [];
    const names = relative(root.path, dirname(path))
      .replace(/\.(?:zip|7z|rar)!(?=[\\/]|$)/gi, '')
      .split(sep);
    return [...new Set(names.map((name) => name.trim().slice(0, 200)).filter((name) => /[\p{L}\p{N}]/u.test(name)))];
  }

  #isBelowRoot(path: string): boolean {
    return this.#options.roots.some((root) => root.isFolder && isBelow(root.path, path));
  }
}

function inputOf({ path, reading, known }: Read): ReturnType<typeof modelOf> | null {
  const format = reading.result.format ?? known?.format ?? null;
  return reading.print === null || format === null ? null : modelOf(path, reading.print, format, reading);
}

function isBelow(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
