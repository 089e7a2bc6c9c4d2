// Brings the files of folders into a library: scan → compare → hash → measure → one transaction per batch.
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Model, ModelFormat } from '@cc/schema';
import type { ModelInput, ModelPatch } from '@cc/schema/validation';
import { isDatabaseError } from '@cc/tx/errors';
import { formatHeadBytes, formatOf, type GeometryReader } from '../geometry/reader.js';
import type { Library } from '../library.js';
import { type Fingerprint, fingerprint, headOf } from './fingerprint.js';
import { describeFile, figuresOf, figuresOfTwin, patchOf, sharesFigures } from './model-input.js';
import { type Found, reasonOf, scan } from './scan.js';

/** What became of one model file. */
export type FileOutcome = 'new' | 'changed' | 'unchanged' | 'duplicate' | 'unparsed' | 'unreadable';

/** One model file and what became of it. */
export interface FileReport {
  readonly path: string;
  readonly outcome: FileOutcome;
  /** Why a file is unparsed or unreadable, or the path of the model that a duplicate repeats; null for the others. */
  readonly reason: string | null;
}

/** What an import did. */
export interface ImportReport {
  readonly counts: Readonly<Record<FileOutcome, number>>;
  /** Files that are no 3D models. */
  readonly ignored: number;
  /** The duplicate, unparsed and unreadable files. */
  readonly remarks: readonly FileReport[];
  readonly durationMs: number;
  /** The signal ended the import: what was read up to then is in the library. */
  readonly interrupted: boolean;
}

/** Options of `importFolders`. */
export interface ImportOptions {
  readonly geometry: GeometryReader;
  readonly signal: AbortSignal;
  /** Files to a transaction. Default 100. */
  readonly batchSize?: number;
  /** Called with the number of files before the first one, then after each file; `report` is null for ignored files. */
  readonly onProgress?: (done: number, total: number, report: FileReport | null) => void;
}

/**
 * Imports every model file below `folders`. A file whose path, size and time are known is not read again, so a second
 * run over the same folders writes nothing. Files that cannot be measured are recorded with the reason.
 *
 * @throws FolderNotFound when one of `folders` does not exist; DatabaseError when a batch cannot be written
 */
export async function importFolders(
  library: Library,
  folders: readonly string[],
  options: ImportOptions,
): Promise<ImportReport> {
  const started = performance.now();
  const run = new ImportRun(library, options);
  const files: Found[] = [];
  for await (const file of scan(folders)) {
    if (options.signal.aborted) break;
    files.push(file);
  }
  options.onProgress?.(0, files.length, null);
  for (const [index, file] of files.entries()) {
    if (options.signal.aborted) break;
    const report = await run.take(file);
    options.onProgress?.(index + 1, files.length, report);
  }
  await run.write();
  const { counts, ignored, remarks } = run;
  return { counts, ignored, remarks, durationMs: performance.now() - started, interrupted: options.signal.aborted };
}

/** A file that goes into the next batch: a model to add, or a change to the row that its path has. */
type Pending = { readonly report: FileReport } & (
  | { readonly add: ModelInput; readonly existing: null }
  | { readonly change: ModelPatch; readonly existing: Model }
);

class ImportRun {
  readonly counts: Record<FileOutcome, number> = {
    new: 0,
    changed: 0,
    unchanged: 0,
    duplicate: 0,
    unparsed: 0,
    unreadable: 0,
  };
  readonly remarks: FileReport[] = [];
  ignored = 0;
  readonly #library: Library;
  readonly #options: ImportOptions;
  readonly #batchSize: number;
  #batch: Pending[] = [];

  constructor(library: Library, options: ImportOptions) {
    this.#library = library;
    this.#options = options;
    this.#batchSize = options.batchSize ?? 100;
  }

  /** Takes one file in. Null: it is no model file, or the signal fired while it was read. */
  async take(file: Found): Promise<FileReport | null> {
    if (file.problem !== null) return this.#count({ path: file.path, outcome: 'unreadable', reason: file.problem });
    try {
      return await this.#compare(file.path);
    } catch (error) {
      // A batch that could not be written is no part of being interrupted.
      if (isDatabaseError(error)) throw error;
      if (this.#options.signal.aborted) return null;
      if (!(error instanceof UnreadableFile)) throw error;
      return this.#count({ path: file.path, outcome: 'unreadable', reason: reasonOf(error.cause) });
    }
  }

  /** Writes the batch in one transaction. Its files count only when they are committed. */
  async write(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length === 0) return;
    const { transactions, repositories } = this.#library;
    const addedMeanwhile = await transactions.transaction(async () => {
      for (const pending of batch) {
        if ('change' in pending) await repositories.models.update(pending.existing.id, pending.change);
      }
      return this.#add(batch.flatMap((pending) => ('add' in pending ? [pending] : [])));
    });
    for (const { report } of batch) {
      if (addedMeanwhile.has(report)) this.#count({ path: report.path, outcome: 'unchanged', reason: null });
      else this.#count(report);
    }
  }

  /** Returns the reports of those that were there already: another import of the same folder was faster. */
  async #add(
    additions: readonly { readonly report: FileReport; readonly add: ModelInput }[],
  ): Promise<Set<FileReport>> {
    const skipped = new Set<FileReport>();
    await this.#library.repositories.models.createMany(
      additions.map(({ add }) => ({ model: add })),
      {
        onDuplicateHash: 'allow',
        onConflict: 'skip',
        batchSize: this.#batchSize,
        onProgress: ({ results }) => {
          // A batch may end before it is full, so there may be several.
          for (const { index, outcome } of results) {
            const report = additions[index]?.report;
            if (outcome === 'skipped' && report !== undefined) skipped.add(report);
          }
        },
      },
    );
    return skipped;
  }

  async #compare(path: string): Promise<FileReport | null> {
    const { models } = this.#library.repositories;
    const existing = await models.readByPath(path);
    if (existing && (await readingFile(isUntouched(path, existing)))) {
      return this.#count({ path, outcome: 'unchanged', reason: null });
    }
    if (existing) {
      const print = await readingFile(fingerprint(path, this.#options.signal));
      if (existing.fileHash === print.fileHash) return this.#unchanged(path, print, existing);
      return this.#measure(path, print, { outcome: 'changed', existing });
    }
    const format = await readingFile(formatFromHead(path));
    if (format === null) {
      this.ignored += 1;
      return null;
    }
    const print = await readingFile(fingerprint(path, this.#options.signal));
    const twin = await this.#twinOf(print.fileHash);
    if (!twin) return this.#measure(path, print, { outcome: 'new', existing });
    if (!sharesFigures(twin, format)) return this.#measure(path, print, { outcome: 'duplicate', existing, twin });
    const add = { ...describeFile(path, print, format), ...figuresOfTwin(twin) };
    return this.#queue({ report: duplicateOf(twin, path), add, existing });
  }

  /** The bytes are the same. A new time is noted, so that the next run need not read the file again. */
  async #unchanged(path: string, print: Fingerprint, existing: Model): Promise<FileReport> {
    const report: FileReport = { path, outcome: 'unchanged', reason: null };
    return this.#queue({ report, change: { fileModifiedAt: print.fileModifiedAt }, existing });
  }

  async #measure(path: string, print: Fingerprint, finding: Finding): Promise<FileReport | null> {
    const { existing } = finding;
    const result = await this.#options.geometry.read(path, { signal: this.#options.signal });
    const format = result.format ?? existing?.format ?? null;
    if (format === null) {
      this.ignored += 1;
      return null;
    }
    const input = { ...describeFile(path, print, format), ...figuresOf(result) };
    const report = result.status === 'unparsed' ? unparsedFor(result.reason, path) : reportOf(finding, path);
    return this.#queue(existing ? { report, change: patchOf(input), existing } : { report, add: input, existing });
  }

  /** A model with the same bytes, in this batch or in the library. */
  async #twinOf(fileHash: string): Promise<ModelInput | Model | undefined> {
    for (const pending of this.#batch) {
      if ('add' in pending && pending.add.fileHash === fileHash) return pending.add;
    }
    const [twin] = await this.#library.repositories.models.findByHash(fileHash);
    return twin;
  }

  async #queue(pending: Pending): Promise<FileReport> {
    this.#batch.push(pending);
    if (this.#batch.length >= this.#batchSize) await this.write();
    return pending.report;
  }

  #count(report: FileReport): FileReport {
    this.counts[report.outcome] += 1;
    if (report.reason !== null) this.remarks.push(report);
    return report;
  }
}

/** What comparing a file with the library came to, before it is measured. */
type Finding =
  | { readonly outcome: 'new'; readonly existing: null }
  | { readonly outcome: 'duplicate'; readonly existing: null; readonly twin: Twin }
  | { readonly outcome: 'changed'; readonly existing: Model };

type Twin = Pick<ModelInput, 'filePath'>;

function reportOf(finding: Finding, path: string): FileReport {
  if (finding.outcome === 'duplicate') return duplicateOf(finding.twin, path);
  return { path, outcome: finding.outcome, reason: null };
}

function duplicateOf(twin: Twin, path: string): FileReport {
  return { path, outcome: 'duplicate', reason: twin.filePath };
}

function unparsedFor(reason: string, path: string): FileReport {
  return { path, outcome: 'unparsed', reason };
}

/** The file system refused: the file is at fault, not the library. */
class UnreadableFile extends Error {}

async function readingFile<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    throw new UnreadableFile('unreadable', { cause });
  }
}

async function formatFromHead(path: string): Promise<ModelFormat | null> {
  const { head, fileSize } = await headOf(path, formatHeadBytes);
  return formatOf(basename(path), head, fileSize);
}

async function isUntouched(path: string, model: Model): Promise<boolean> {
  const { size, mtime } = await stat(path);
  return size === model.fileSize && mtime.getTime() === model.fileModifiedAt?.getTime();
}
