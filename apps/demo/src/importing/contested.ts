// Collects, while files are read, the models that lost their place and the files that one of them may have moved to.
import { basename } from 'node:path';
import { parseStamp } from './file-stamp.js';
import type { Arrived, Displaced } from './follow-moves.js';
import type { Known } from './known-models.js';
import type { Read } from './read-files.js';

/** The models that lost their place, and the files that one of them may have moved to. */
export class Contested {
  readonly #absent = new Map<string, Known>();
  readonly #displaced = new Map<string, { readonly file: Read; readonly known: Known }>();
  readonly #arrived: Read[] = [];
  readonly #sought = new Map<string, Known[]>();

  constructor(absent: readonly Known[]) {
    for (const model of absent) {
      this.#absent.set(model.id, model);
      this.#seek(model);
    }
  }

  isSought(hash: string): boolean {
    return (this.#sought.get(hash)?.length ?? 0) > 0;
  }

  /** The one model that had this content, when its file is gone. */
  onlyAbsent(hash: string): Known | null {
    const [model, ...others] = this.#sought.get(hash) ?? [];
    return model !== undefined && others.length === 0 && this.#absent.has(model.id) ? model : null;
  }

  displace(file: Read, known: Known): void {
    this.#displaced.set(known.id, { file, known });
    this.#seek(known);
  }

  arrive(file: Read): void {
    this.#arrived.push(file);
  }

  /** The model has been found. */
  settle(model: Known): void {
    this.#absent.delete(model.id);
    this.#sought.delete(model.fileHash);
  }

  absent(): readonly Known[] {
    return [...this.#absent.values()];
  }

  models(): readonly Known[] {
    return [...this.#absent.values(), ...[...this.#displaced.values()].map(({ known }) => known)];
  }

  files(): readonly Read[] {
    return [...[...this.#displaced.values()].map(({ file }) => file), ...this.#arrived];
  }

  parties(): { readonly displaced: readonly Displaced[]; readonly arrived: readonly Arrived[] } {
    const displaced = this.models().map((model) => ({
      ...model,
      inode: parseStamp(model.fileStamp)?.inode ?? null,
      isAbsent: this.#absent.has(model.id),
    }));
    const arrived = this.files().map(({ path, hash, reading }) => ({
      path,
      fileName: basename(path),
      fileHash: hash,
      inode: reading.print?.inode ?? null,
    }));
    return { displaced, arrived };
  }

  #seek(model: Known): void {
    const others = this.#sought.get(model.fileHash);
    if (others === undefined) this.#sought.set(model.fileHash, [model]);
    else others.push(model);
  }
}
