// The native connections of one file: opened, replaced when the lock of others has spoilt one, let go of. pool.ts decides who
// may use which of them when.
import { setImmediate as later } from 'node:timers';
import { Counts } from '../../changes/counts.js';
import type { Events } from '../../events.js';
import type { ResolvedOptions } from '../../options.js';
import { type Patience, patiently } from '../../waiting/patience.js';
import type { LocalTarget } from '../target.js';
import { closedFiles } from './closed-files.js';
import { Connection, type ConnectionSettings } from './connection.js';
import { FilePlace } from './file-place.js';
import { sharedFileSystem, storageEvent } from './file-system.js';
import { readInside, usesLog } from './locking.js';
import { type ReadOnlyFile, readingPragmas } from './read-only-file.js';
import { realPath } from './real-path.js';

/** One writer, one shared reader for single reads, and readers for snapshots. */
export class Connections {
  /** Readers and writers do not wait for each other. */
  readonly log: boolean;
  /** One connection serves everything: a second one to :memory: would be a second database. */
  readonly single: boolean;
  readonly counts: Counts;
  readonly #target: LocalTarget;
  readonly #options: ResolvedOptions;
  readonly #events: Events;
  readonly #idleReaders: Connection[] = [];
  /** What SQLite calls the file. */
  readonly #file: string;
  #writer: Connection;
  #sharedReader: Connection;
  /** Of the file that the writer has open. */
  #place: FilePlace;
  #readersOpen = 0;
  #replaced = 0;

  private constructor(
    target: LocalTarget,
    options: ResolvedOptions,
    events: Events,
    counts: Counts,
    { writer, reader, log }: { readonly writer: Connection; readonly reader: Connection; readonly log: boolean },
  ) {
    this.counts = counts;
    this.#target = target;
    this.#options = options;
    this.#events = events;
    this.#writer = writer;
    this.#sharedReader = reader;
    this.log = log;
    this.single = target.kind === 'memory';
    this.#place = new FilePlace(target.path);
    this.#file = realPath(target.path);
    if (!this.single) closedFiles.opened(this.#file);
  }

  /** Opens the writer and the shared reader, waiting for other processes that are opening or recovering the file. */
  static async open(target: LocalTarget, options: ResolvedOptions, events: Events): Promise<Connections> {
    const wait = { timeoutMs: options.acquireTimeoutMs, signal: undefined, operation: 'open', events };
    const counts = new Counts();
    await closedFiles.makeRoom();
    const writer = await patiently(() => new Connection(settingsOf(target, options, counts, false)), wait);
    if (target.kind === 'memory')
      return new Connections(target, options, events, counts, { writer, reader: writer, log: true });
    try {
      const reader = await patiently(() => new Connection(settingsOf(target, options, counts, true)), wait);
      // Met by a lock it would have to be replaced, so it is asked inside a transaction.
      const log = await patiently(() => readInside(writer, usesLog), wait);
      const fileSystem = sharedFileSystem(target.path);
      // Whoever opens it can only listen afterwards.
      if (fileSystem !== null) later(() => events.emit(storageEvent(fileSystem, log ? 'wal' : 'rollback')));
      return new Connections(target, options, events, counts, { writer, reader, log });
    } catch (error) {
      writer.close();
      throw error;
    }
  }

  get writer(): Connection {
    return this.#writer;
  }

  /** Sound; it is replaced when it is not. */
  get sharedReader(): Connection {
    if (this.#sharedReader.poisoned) this.#replaceSharedReader();
    return this.#sharedReader;
  }

  get readersOpen(): number {
    return this.#readersOpen + (this.single ? 0 : 1);
  }

  /** Where the file lies, behind links, or ':memory:'. */
  get path(): string {
    return this.#place.real;
  }

  /** The path of the file that the writer has open; undefined when there is none, or it is not there any more. */
  get openPath(): string | undefined {
    return this.single || !this.#place.isUnmoved ? undefined : this.path;
  }

  /** Those that no transaction is open on, and that answer at once. */
  get quiet(): readonly Connection[] {
    const all = this.single ? [this.#writer] : [this.#writer, this.#sharedReader, ...this.#idleReaders];
    return all.filter((each) => each.isOpen && !each.poisoned && !each.inTransaction);
  }

  /** How many were thrown away and opened anew. */
  get replaced(): number {
    return this.#replaced;
  }

  /** The file, when it is only read. */
  get file(): ReadOnlyFile | undefined {
    return this.#target.kind === 'local' ? this.#target.file : undefined;
  }

  /** Whether neither the lock of others has spoilt the writer nor a caller its settings. */
  get writerIsSound(): boolean {
    return !this.#writer.poisoned && !this.#writer.disturbed;
  }

  /** Opens the writer anew when it is not sound. */
  mendWriter(): void {
    if (!this.writerIsSound) this.#replaceWriter();
  }

  /** @throws DatabaseError `readonly` (`SQLITE_READONLY_DBMOVED`) when what would be written is lost with a file that is gone */
  assertPlace(operation: string): void {
    if (this.#mayBeLost) this.#place.assertUnmovedLately(operation);
  }

  /** The same at once, for whoever works beside the pool, and also of a file that is only read. */
  assertPlaceNow(operation: string): void {
    if (this.#target.kind === 'local') this.#place.assertUnmoved(operation);
  }

  /** Takes a reader, open or new. */
  async takeReader(wait: Patience): Promise<Connection> {
    const idle = this.#idleReaders.pop();
    if (idle) return idle;
    await closedFiles.makeRoom();
    this.#assertUnmoved();
    const reader = await patiently(() => this.#connect(true), wait);
    this.#readersOpen += 1;
    return reader;
  }

  /** Takes a reader back; it is not kept when it is spoilt, or the pool is closing. */
  giveBack(reader: Connection, closing: boolean): void {
    reader.rollbackIfOpen();
    if (reader.poisoned || reader.disturbed || closing) {
      this.#readersOpen -= 1;
      reader.close();
      if (!closing) this.#countReplaced('read');
    } else if (!this.#idleReaders.includes(reader)) {
      this.#idleReaders.push(reader);
    }
  }

  /** The schema changed: what the readers prepared may have stale column names. */
  forgetStatements(): void {
    this.#sharedReader.forgetStatements();
    for (const reader of this.#idleReaders) reader.forgetStatements();
  }

  /** A file that is read without locks, because nobody had it open, is opened anew when somebody has written to it. */
  lookAtFile(writerIsFree: boolean): void {
    const { file } = this;
    if (!file?.changed) return;
    file.choose();
    this.#place = new FilePlace(this.#target.path);
    for (const reader of this.#idleReaders.splice(0)) {
      this.#readersOpen -= 1;
      reader.close();
    }
    this.#replaceSharedReader();
    if (writerIsFree) this.#replaceWriter();
  }

  /** Closes every connection, so that the file may be moved. */
  async closeAll(): Promise<void> {
    for (const connection of [this.#writer, this.#sharedReader, ...this.#idleReaders.splice(0)]) {
      connection.rollbackIfOpen();
      connection.close();
    }
    this.#readersOpen = 0;
    await closedFiles.releaseAll();
  }

  /** Opens anew what `closeAll` has closed. */
  async reopen(wait: Patience): Promise<void> {
    this.#writer = await patiently(() => this.#connect(false), wait);
    this.#sharedReader = await patiently(() => this.#connect(true), wait);
    this.#place = new FilePlace(this.#target.path);
    this.#countReplaced('write');
    this.#countReplaced('read');
  }

  /** Folds the write-ahead log into the file, so that a closed library is one file. Failure only leaves the log behind. */
  fold(): void {
    this.#writer.rollbackIfOpen();
    if (this.#mayBeLost) checkpoint(this.#writer);
  }

  /** Closes every connection that is not held. */
  async close(): Promise<void> {
    this.#writer.rollbackIfOpen();
    this.#writer.close();
    this.#sharedReader.close();
    for (const reader of this.#idleReaders.splice(0)) reader.close();
    await closedFiles.releaseYoung();
    await closedFiles.makeRoom();
    if (!this.single) await closedFiles.closed(this.#file, this.log);
    const { file } = this;
    if (!file || file.leaveNothing()) return;
    // What was prepared long ago is not closed yet.
    await closedFiles.releaseAll();
    file.leaveNothing();
  }

  #replaceWriter(): void {
    this.#writer.rollbackIfOpen();
    // A new :memory: connection would be an empty database; its one connection can meet no other process's lock.
    if (this.single) return;
    this.#assertUnmoved();
    this.#writer.close();
    this.#writer = this.#connect(false);
    this.#place = new FilePlace(this.#target.path);
    this.#countReplaced('write');
  }

  #replaceSharedReader(): void {
    this.#assertUnmoved();
    this.#sharedReader.close();
    this.#sharedReader = this.#connect(true);
    this.#countReplaced('read');
  }

  #connect(readOnly: boolean): Connection {
    return new Connection(settingsOf(this.#target, this.#options, this.counts, readOnly));
  }

  /** What is only read is not lost, and a replica's file may be made anew by whoever fetches into it. */
  get #mayBeLost(): boolean {
    return this.#target.kind === 'local' && !this.#target.readOnly;
  }

  /** A new connection would open what has taken the place of the file, or make a new one. */
  #assertUnmoved(): void {
    if (this.#mayBeLost) this.#place.assertUnmoved('open');
  }

  #countReplaced(mode: 'read' | 'write'): void {
    this.#replaced += 1;
    this.#events.emit({ type: 'pool', action: 'replace', mode, durationMs: 0 });
  }
}

function settingsOf(
  target: LocalTarget,
  options: ResolvedOptions,
  counts: Counts,
  readOnly: boolean,
): ConnectionSettings {
  const { encryptionKey, statementCacheSize } = options;
  const file = target.kind === 'local' ? target.file : undefined;
  return {
    path: file?.address ?? target.path,
    pragmas: file ? readingPragmas(options.pragmas) : options.pragmas,
    encryptionKey,
    statementCacheSize,
    counts,
    readOnly: readOnly || (target.kind === 'local' && target.readOnly === true),
  };
}

function checkpoint(connection: Connection): void {
  try {
    connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // Another process may hold the file; the log is complete without this.
  }
}
