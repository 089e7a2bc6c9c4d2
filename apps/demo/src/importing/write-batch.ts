// Writes what an import found, many files to a transaction: models to add, changes to rows, and moves, which may need one
// another's paths.
import type { ModelId } from '@cc/schema';
import type { ModelInput, ModelPatch } from '@cc/schema/validation';
import type { Library } from '../library.js';
import type { FileReport, Tally } from './import-report.js';

/** Something to write and what to tell of it once it is committed. */
export type Pending = { readonly report: FileReport | null } & (
  | { readonly add: ModelInput; readonly tags: readonly string[] }
  | { readonly change: ModelPatch; readonly id: ModelId }
  | { readonly move: ModelPatch & { readonly filePath: string }; readonly id: ModelId; readonly from: string }
);

/** When a batch is written. */
interface BatchLimits {
  readonly size: number;
  readonly ageMs: number;
}

/** Collects and writes. */
export class BatchWriter {
  readonly #library: Library;
  readonly #tally: Tally;
  readonly #limits: BatchLimits;
  #batch: Pending[] = [];
  /** The paths of the models to add, and of those of the batch before, by their content. */
  #paths: [waiting: Map<string, string>, written: Map<string, string>] = [new Map(), new Map()];
  #writtenAt = performance.now();

  constructor(library: Library, tally: Tally, limits: BatchLimits) {
    this.#library = library;
    this.#tally = tally;
    this.#limits = limits;
  }

  /** Takes one in; writes when the batch is full, or old: then there is something to wait for. */
  put(pending: Pending): Promise<void> | undefined {
    this.#batch.push(pending);
    if ('add' in pending) this.#paths[0].set(pending.add.fileHash, pending.add.filePath);
    const isOld = performance.now() - this.#writtenAt > this.#limits.ageMs;
    return this.#batch.length >= this.#limits.size || isOld ? this.write() : undefined;
  }

  /** Takes one in that has to be written together with those that come until the next `write`. */
  hold(pending: Pending): void {
    this.#batch.push(pending);
  }

  /** The path of a model with this content that waits, or that was written so lately that a look before may have missed it. */
  pathOfRecent(fileHash: string): string | null {
    return this.#paths[0].get(fileHash) ?? this.#paths[1].get(fileHash) ?? null;
  }

  /** Writes the batch in one transaction. Its files count only when they are committed. */
  async write(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    this.#paths = [new Map(), this.#paths[0]];
    this.#writtenAt = performance.now();
    if (batch.length === 0) return;
    const others = await this.#library.transactions.transaction(async () => {
      const told = await this.#move(batch);
      for (const pending of batch) {
        if (!('change' in pending)) continue;
        const isThere = await this.#library.repositories.models.update(pending.id, pending.change);
        if (!isThere && pending.report !== null) told.set(pending.report, removed(pending.report));
      }
      for (const report of await this.#add(batch)) told.set(report, unchanged(report));
      return told;
    });
    for (const { report } of batch) {
      const told = report === null ? null : (others.get(report) ?? report);
      // A model that was removed is not missing: there is nothing to tell.
      if (told !== null && !(told !== report && report?.outcome === 'missing')) this.#tally.add(told);
    }
  }

  /** Moves rows by way of paths that no file has, so that rings find each path free. Returns what to tell of those that other programs were faster with. */
  async #move(batch: readonly Pending[]): Promise<Map<FileReport, FileReport>> {
    const { models } = this.#library.repositories;
    const moves: Extract<Pending, { move: unknown }>[] = [];
    const elsewhere = new Map<FileReport, FileReport>();
    const leaving = new Set(batch.flatMap((pending) => ('move' in pending ? [pending.from] : [])));
    for (const pending of batch) {
      if (!('move' in pending)) continue;
      const model = await models.read(pending.id);
      const there = leaving.has(pending.move.filePath) ? null : await models.readByPath(pending.move.filePath);
      if (model?.filePath === pending.from && there === null) moves.push(pending);
      else if (pending.report !== null) {
        elsewhere.set(pending.report, model === null ? removed(pending.report) : unchanged(pending.report));
      }
    }
    if (moves.some(({ move }) => leaving.has(move.filePath))) {
      for (const { id } of moves) await models.update(id, { filePath: `moving/${id}` });
    }
    for (const { id, move } of moves) await models.update(id, move);
    return elsewhere;
  }

  /** Returns the reports of those that were there already: another import of the same folder was faster. */
  async #add(batch: readonly Pending[]): Promise<FileReport[]> {
    const additions = batch.flatMap((pending) => ('add' in pending ? [pending] : []));
    if (additions.length === 0) return [];
    const skipped: FileReport[] = [];
    await this.#library.repositories.models.createMany(
      additions.map(({ add, tags }) => ({ model: add, tags })),
      {
        onDuplicateHash: 'allow',
        onConflict: 'skip',
        batchSize: this.#limits.size,
        onProgress: ({ results }) => {
          // A batch may end before it is full, so there may be several.
          for (const { index, outcome } of results) {
            const report = additions[index]?.report;
            if (outcome === 'skipped' && report) skipped.push(report);
          }
        },
      },
    );
    return skipped;
  }
}

/** Another import was faster. */
function unchanged({ path }: FileReport): FileReport {
  return { path, outcome: 'unchanged', reason: null };
}

/** Another program has removed the model since it was looked up. */
function removed({ path }: FileReport): FileReport {
  const reason = 'its model was removed by another program meanwhile; the next import takes it in as a new one';
  return { path, outcome: 'unreadable', reason };
}
