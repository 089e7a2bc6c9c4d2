// Whether a local file, or the file of a replica, has changed: what other connections commit moves the data version of our
// writer (https://sqlite.org/pragma.html#pragma_data_version), and its own commits are counted where they happen.
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloseHooks } from '../../changes/close-hooks.js';
import type { Counts } from '../../changes/counts.js';
import { runDeclared, tellCommitted } from '../../changes/declared.js';
import { doubtfulReads, loadAround, witness } from '../../changes/loads.js';
import type { SourceChanges } from '../../connection-source.js';
import type { Witnessed } from '../../types.js';
import type { Connection } from './connection.js';
import type { Connections } from './connections.js';
import { type FileLook, lookAtFiles, youngMs } from './file-proof.js';
import { sharedFileSystem } from './file-system.js';
import { readInside } from './locking.js';

/** While others keep their lock, a spoilt writer is not opened anew at each look. */
const mendMs = 20;

/** What a cache asks about the database of a pool. */
export class LocalChanges implements SourceChanges {
  readonly asOf = Number.POSITIVE_INFINITY;
  readonly database: unknown;
  readonly #connections: Connections;
  readonly #counts: Counts;
  readonly #writerIsFree: () => boolean;
  readonly #hooks = new CloseHooks();
  #isShared: boolean | undefined;
  #number = 0;
  #writer: Connection | undefined;
  #version = 0;
  #closed = false;
  #mendedAt = Number.NEGATIVE_INFINITY;

  constructor(connections: Connections, writerIsFree: () => boolean) {
    this.#connections = connections;
    // Two databases in memory are two.
    this.database = connections.single ? this : `file ${connections.path}`;
    this.#counts = connections.counts;
    this.#writerIsFree = writerIsFree;
  }

  get statements(): number {
    return this.#counts.statements;
  }

  look(by?: object): number | undefined {
    if (this.#closed) return undefined;
    const { statements } = this.#counts;
    try {
      const version = this.#dataVersion();
      if (version === undefined) return undefined;
      const { writer } = this.#connections;
      if (writer !== this.#writer || version !== this.#version) this.#number += 1;
      this.#writer = writer;
      this.#version = version;
      const { commits, told } = this.#counts;
      return this.#number + commits - (by === undefined ? 0 : (told.get(by) ?? 0));
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

  declared<T>(by: object, work: () => Promise<T>, committed?: (rowsAffected: number) => void): Promise<T> {
    return runDeclared(this.#counts, by, work, committed);
  }

  /** A statement has run and was committed by itself. Returns what those have thrown who were told. */
  committed(rowsAffected: number): readonly unknown[] {
    return tellCommitted(this.#counts, rowsAffected);
  }

  apart<T>(work: () => Promise<T>): Promise<T> {
    return runDeclared(this.#counts, this.#counts, work);
  }

  witness<T>(load: () => Promise<T>, about?: object): Promise<Witnessed<T>> {
    return witness(this.database, load, about);
  }

  loadAround(): unknown {
    return loadAround();
  }

  get doubtfulReads(): number {
    return doubtfulReads();
  }

  proof(): string | undefined {
    const files = this.#lookAtFiles();
    return files?.waitMs === 0 ? files.text : undefined;
  }

  onClose(hook: (proof: string | undefined) => void): () => void {
    const number = this.look();
    const holds = (): boolean => number !== undefined && this.look() === number;
    return this.#hooks.add(hook, holds);
  }

  ran(): void {
    this.#counts.statements += 1;
  }

  /** Waits until a look at the files is a proof, when somebody is to have it. */
  async settle(): Promise<void> {
    for (let tries = 0; tries < 3 && this.#hooks.unchanged().size > 0; tries += 1) {
      const { waitMs = 0 } = this.#lookAtFiles() ?? {};
      // Longer than that only where the file system, or its clock, is not good for it.
      if (waitMs === 0 || waitMs > youngMs) return;
      await sleep(waitMs);
    }
  }

  /** Takes the proof while the connections are open. Returns what tells it, for when they are closed. */
  seal(): () => void {
    const entitled = this.#hooks.unchanged();
    const proof = entitled.size > 0 ? this.proof() : undefined;
    this.#closed = true;
    // Whoever has looked before looks again.
    this.#counts.statements += 1;
    return () => this.#hooks.call(proof, entitled);
  }

  /** Between two looks that are equal: what is seen of the files is of the state that these are about. */
  #lookAtFiles(): FileLook | undefined {
    try {
      const number = this.look();
      const path = number === undefined ? undefined : this.#connections.openPath;
      if (path === undefined) return undefined;
      // Other machines have other clocks, and their files are seen late.
      this.#isShared ??= sharedFileSystem(path) !== null;
      const files = this.#isShared ? undefined : lookAtFiles(path);
      return this.look() === number ? files : undefined;
    } catch {
      // A folder that may not be read any more proves nothing.
      return undefined;
    }
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
    // A prepared statement that meets a lock spoils its connection: with a log that is rare, and one that is free is opened anew.
    return writer.inTransaction || (log && isFree)
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
