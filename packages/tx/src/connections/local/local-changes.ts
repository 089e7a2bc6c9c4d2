// Whether a local file, or the file of a replica, has changed: what other connections commit moves the data version of our
// writer (https://sqlite.org/pragma.html#pragma_data_version), and its own commits are counted where they happen.
import type { Counts } from '../../changes/counts.js';
import { runDeclared } from '../../changes/declared.js';
import type { DatabaseChanges } from '../../types.js';
import type { Connection } from './connection.js';
import type { Connections } from './connections.js';
import { readInside } from './locking.js';

/** While others keep their lock, a spoilt writer is not opened anew at each look. */
const mendMs = 20;

/** What a cache asks about the database of a pool. */
export class LocalChanges implements DatabaseChanges {
  readonly asOf = Number.POSITIVE_INFINITY;
  readonly #connections: Connections;
  readonly #counts: Counts;
  readonly #writerIsFree: () => boolean;
  #number = 0;
  #writer: Connection | undefined;
  #version = 0;
  #untold = 0;
  #mendedAt = Number.NEGATIVE_INFINITY;

  constructor(connections: Connections, writerIsFree: () => boolean) {
    this.#connections = connections;
    this.#counts = connections.counts;
    this.#writerIsFree = writerIsFree;
  }

  get statements(): number {
    return this.#counts.statements;
  }

  look(): number | undefined {
    const { statements } = this.#counts;
    try {
      const version = this.#dataVersion();
      if (version === undefined) return undefined;
      const { writer } = this.#connections;
      const { untold } = this.#counts;
      if (writer !== this.#writer || version !== this.#version || untold !== this.#untold) this.#number += 1;
      this.#writer = writer;
      this.#version = version;
      this.#untold = untold;
      return this.#number;
    } catch {
      // Locked by others, moved or damaged: whoever reads the database is told so.
      return undefined;
    } finally {
      // Its own statements have read nothing.
      this.#counts.statements = statements;
    }
  }

  async ask(): Promise<boolean> {
    return this.look() !== undefined;
  }

  declared<T>(work: () => Promise<T>): Promise<T> {
    return runDeclared(this.#counts, work);
  }

  #dataVersion(): number | undefined {
    const connections = this.#connections;
    const isFree = this.#writerIsFree();
    connections.lookAtFile(isFree);
    if (connections.writer.poisoned && isFree) this.#mend();
    const { writer, single, log } = connections;
    // Nobody else has it open.
    if (single) return writer.isOpen ? 0 : undefined;
    // A file that is read without locks and was changed while the writer was held.
    if (!writer.isCurrent || connections.file?.changed) return undefined;
    // Where a commit keeps readers out, a prepared statement that meets it would spoil the connection.
    return log || writer.inTransaction
      ? writer.dataVersion()
      : readInside(writer, (connection) => connection.dataVersion());
  }

  #mend(): void {
    const now = performance.now();
    if (now - this.#mendedAt < mendMs) return;
    this.#mendedAt = now;
    this.#connections.mendWriter();
  }
}
