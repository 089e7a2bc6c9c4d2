// The disk tier: entries in a libSQL file of their own beside the database, written behind. What it is told waits a moment in
// memory and is written many at a time; a `get` looks there first. Before anything waits that the file does not know, the file is
// marked as proven by nothing, so that after a kill it brings nothing back. Whatever happens to the file, callers see misses.
import { statSync } from 'node:fs';
import type Libsql from 'libsql';
import { DroppedRows } from './disk-dropped.js';
import { DamagedFileError, DiskFile, ForeignFileError } from './disk-file.js';
import { DiskPlace } from './disk-place.js';
import { makeRoom } from './disk-room.js';
import { columnText, entryOfRow, type Row, rowOfEntry } from './disk-row.js';
import type { CacheTier, TierEntry } from './tier.js';

/** Options of `openDiskTier`. */
export interface DiskTierOptions {
  /** Of the file; its folder exists. Readable by its owner only. Beside it lie its log and at most one damaged file, `<path>.damaged`. */
  readonly path: string;
  /** Most bytes of file and log together, give or take a tenth. At least 1 MiB; an entry takes a 32nd of it at most. */
  readonly maxBytes: number;
  /**
   * Answers with what tells the present state of the database from every other, and only while everything that the tier was told
   * so far is true of it; `undefined` while that is not known. Asked when the file is opened, and in callbacks of its own after
   * writes. What it throws is `undefined`.
   */
  readonly proof: () => string | undefined;
  /** The clock after which a file that could not be used is tried again. Default `Date.now`. */
  readonly now?: () => number;
  /** Hears why the tier began empty, or stands still. Never of keys or values. */
  readonly onEvent?: (reason: string) => void;
}

/** A tier that outlives the process. */
export interface DiskTier extends CacheTier {
  get(namespace: string, key: string): TierEntry | undefined;
  set(namespace: string, key: string, entry: TierEntry): void;
  delete(namespace: string, key: string): void;
  deleteTag(tag: string): void;
  clear(namespace?: string): void;
  clearExcept(namespaces: readonly string[]): void;
  flush(): void;
  close(): void;
  /**
   * Tells the proof of a database that has been closed since, and that nobody has written to since the tier was closed: the next
   * process compares with that. Does nothing when another process had the file since.
   */
  seal(proof: string): void;
}

/**
 * Opens the disk tier. A file that cannot be used is no error: the tier has nothing then, says so, and tries again later.
 *
 * @throws TypeError when `maxBytes` is less than 1 MiB
 */
export async function openDiskTier(options: DiskTierOptions): Promise<DiskTier> {
  const { maxBytes } = options;
  if (!Number.isSafeInteger(maxBytes) || maxBytes < mebibyte) {
    throw new TypeError('disk: maxBytes must be a whole number of at least 1,048,576 (1 MiB)');
  }
  const { onEvent = () => undefined } = options;
  let driver: typeof Libsql | undefined;
  try {
    // Only here: programs without a disk tier need no driver.
    ({ default: driver } = await import('libsql'));
  } catch (error) {
    onEvent(`the driver libsql cannot be loaded: ${messageOf(error)}`);
  }
  return new Disk(driver, options, onEvent);
}

const mebibyte = 2 ** 20;
/** So many entries wait at most, for so long. */
const entriesPerWrite = 64;
const writeAfterMs = 50;
/** After a write, while it is quiet: a database that was written to a moment ago cannot be told from its next state. */
const proofAfterMs = [150, 1_000, 5_000];
/** A file that could not be used is tried again after this, twice as long each time, up to the last. */
const retryMs = { first: 5_000, last: 300_000 };
/** So many rows that were read are known. */
const mostRead = 65_536;

/** What waits to be written for one key; without entry, that there is none. */
interface Waiting {
  readonly namespace: string;
  readonly key: string;
  readonly entry: TierEntry | undefined;
}

class Disk implements DiskTier {
  readonly name = 'disk';
  readonly #driver: typeof Libsql | undefined;
  readonly #place: DiskPlace;
  readonly #bounds: { readonly fileBytes: number; readonly logBytes: number; readonly entryBytes: number };
  readonly #askProof: () => string | undefined;
  readonly #now: () => number;
  readonly #onEvent: (reason: string) => void;
  #file: DiskFile | undefined;
  #dropped = new DroppedRows([]);
  readonly #waiting = new Map<string, Waiting>();
  #waitingBytes = 0;
  readonly #read = new Set<number>();
  #lastRow = 0;
  #fileBytes = 0;
  #rows = 0;
  #timer: NodeJS.Timeout | undefined;
  #proofAsked = 0;
  /** Whether the place was looked at in this turn of the event loop. */
  #isLookedAt = false;
  #isClosed = false;
  /** Of the file as it was closed. */
  #session: string | undefined;
  /** The database was closed: its last proof is told, and there is nobody to ask. */
  #isSealed = false;
  #failures = 0;
  #retryAt = 0;

  constructor(driver: typeof Libsql | undefined, options: DiskTierOptions, onEvent: (reason: string) => void) {
    const { path, maxBytes, proof, now = Date.now } = options;
    this.#driver = driver;
    this.#place = new DiskPlace(path);
    const logBytes = Math.min(4 * mebibyte, Math.floor(maxBytes / 8));
    this.#bounds = { logBytes, fileBytes: maxBytes - logBytes, entryBytes: Math.floor(maxBytes / 32) };
    this.#askProof = proof;
    this.#now = now;
    this.#onEvent = onEvent;
    this.#open(true);
  }

  get bytes(): number {
    return this.#file === undefined ? 0 : this.#fileBytes + this.#place.logBytes + this.#waitingBytes;
  }

  get entries(): number {
    return this.#rows + this.#waiting.size;
  }

  get(namespace: string, key: string): TierEntry | undefined {
    const [space, name] = [columnText(namespace), columnText(key)];
    const waiting = this.#waiting.get(`${space}\0${name}`);
    if (waiting) return waiting.entry;
    const row = this.#try((file) => file.find(space, name));
    if (!row) return undefined;
    const entry = entryOfRow(row, space, name);
    if (entry === undefined) {
      this.#onEvent('an entry was damaged and is dropped');
      this.delete(namespace, key);
      return undefined;
    }
    if (!this.#dropped.isAlive(row)) return undefined;
    if (this.#read.size < mostRead) this.#read.add(row.id);
    return entry;
  }

  set(namespace: string, key: string, entry: TierEntry): void {
    if (!this.#file) this.#openAgain();
    this.#wait(
      columnText(namespace),
      columnText(key),
      entry.data.byteLength > this.#bounds.entryBytes ? undefined : entry,
    );
  }

  delete(namespace: string, key: string): void {
    if (!this.#isEmpty()) this.#wait(columnText(namespace), columnText(key), undefined);
  }

  deleteTag(tag: string): void {
    if (this.#isEmpty() || !this.#mark()) return;
    for (const [at, waiting] of this.#waiting) {
      if (waiting.entry?.tags.includes(tag)) this.#waiting.set(at, { ...waiting, entry: undefined });
    }
    this.#dropped.drop('tag', tag, this.#lastRow);
  }

  clear(namespace?: string): void {
    if (this.#isEmpty() || !this.#mark()) return;
    if (namespace === undefined) {
      this.#forgetWaiting();
      this.#rows = 0;
      this.#dropped.drop('all', '', this.#lastRow);
    } else {
      this.#clearNamespace(columnText(namespace));
    }
  }

  clearExcept(namespaces: readonly string[]): void {
    if (this.#isEmpty()) return;
    const kept = new Set(namespaces.map(columnText));
    const known = new Set(this.#try((file) => file.namespaces()) ?? []);
    for (const { namespace } of this.#waiting.values()) known.add(namespace);
    const gone = [...known].filter((namespace) => !kept.has(namespace));
    if (gone.length === 0 || !this.#mark()) return;
    for (const namespace of gone) this.#clearNamespace(namespace);
  }

  flush(): void {
    this.#settle();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#settle();
    clearTimeout(this.#timer);
    this.#try((file) => {
      file.close();
      this.#session = file.session;
    });
    this.#file = undefined;
    this.#isClosed = true;
  }

  seal(proof: string): void {
    this.#isSealed = true;
    if (!this.#isClosed) {
      this.#write(proof);
      return;
    }
    const session = this.#session;
    if (session === undefined || !this.#driver || !statSync(this.#place.path, { throwIfNoEntry: false })) return;
    try {
      const file = new DiskFile(this.#driver, this.#place.path, this.#bounds);
      try {
        if (file.wasOf(session)) file.prove(proof);
      } finally {
        file.close();
      }
    } catch (error) {
      this.#onEvent(`the file could not be sealed, so the next process begins empty: ${messageOf(error)}`);
    }
  }

  #isEmpty(): boolean {
    return this.#rows === 0 && this.#waiting.size === 0;
  }

  #clearNamespace(namespace: string): void {
    for (const [at, waiting] of this.#waiting) if (waiting.namespace === namespace) this.#forget(at, waiting);
    this.#dropped.drop('namespace', namespace, this.#lastRow);
  }

  #wait(namespace: string, key: string, entry: TierEntry | undefined): void {
    if (!this.#mark()) return;
    const at = `${namespace}\0${key}`;
    const before = this.#waiting.get(at);
    if (before) this.#forget(at, before);
    this.#waiting.set(at, { namespace, key, entry });
    this.#waitingBytes += sizeOf(entry);
    if (this.#waiting.size >= entriesPerWrite || this.#waitingBytes > this.#bounds.logBytes / 4) this.#write(undefined);
  }

  #forget(at: string, { entry }: Waiting): void {
    this.#waiting.delete(at);
    this.#waitingBytes -= sizeOf(entry);
  }

  #forgetWaiting(): void {
    this.#waiting.clear();
    this.#waitingBytes = 0;
  }

  /** Before the tier knows what the file does not: the file is proven by nothing. Answers whether there is a file. */
  #mark(): boolean {
    if (this.#file?.proof !== undefined) {
      this.#try((file) => {
        file.prove(undefined);
        this.#place.remember();
      });
    }
    if (!this.#file) return false;
    this.#proofAsked = 0;
    this.#schedule(writeAfterMs);
    return true;
  }

  #schedule(afterMs: number): void {
    if (this.#isClosed || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#settle();
    }, afterMs);
    this.#timer.unref();
  }

  /** Writes what waits, with the proof of it where there is one, and else asks for that once more a while later. */
  #settle(): void {
    // It may have something dropped: the answer is about what is left.
    const proof = this.#isSealed ? undefined : this.#proof();
    const isWritten = this.#waiting.size === 0 && this.#dropped.isWritten;
    if (this.#isSealed ? !isWritten : !(isWritten && this.#file?.proof === proof)) this.#write(proof);
    if (this.#file?.proof !== undefined || this.#isSealed) return;
    const next = proofAfterMs[this.#proofAsked];
    this.#proofAsked += 1;
    if (next !== undefined && this.#file) this.#schedule(next);
  }

  #proof(): string | undefined {
    try {
      return this.#askProof();
    } catch {
      // Who cannot tell has no proof.
      return undefined;
    }
  }

  #write(proof: string | undefined): void {
    this.#try((file) => {
      file.inTransaction(() => {
        this.#rows -= makeRoom(file, {
          fileBytes: this.#bounds.fileBytes,
          forBytes: roomOf(this.#waiting.values()),
          againBytes: this.#bounds.logBytes / 8,
          dropped: this.#dropped,
          read: this.#read,
          nextRow: () => this.#nextRow(),
        });
        for (const waiting of this.#waiting.values()) this.#writeOne(file, waiting);
        this.#dropped.write(file);
        if (file.proof !== proof) file.prove(proof);
      });
      this.#forgetWaiting();
      this.#fileBytes = file.fileBytes();
      this.#place.remember();
      this.#failures = 0;
    });
  }

  #writeOne(file: DiskFile, { namespace, key, entry }: Waiting): void {
    const before = file.rowNumber(namespace, key);
    if (before !== undefined) {
      file.deleteRow(before);
      if (before > this.#dropped.all) this.#rows -= 1;
    }
    if (!entry) return;
    file.insert(rowOfEntry(this.#nextRow(), namespace, key, entry));
    this.#rows += 1;
  }

  #nextRow(): number {
    this.#lastRow += 1;
    return this.#lastRow;
  }

  /** Does something with the file while nobody else has touched it. A failure ends the use of the file. */
  #try<T>(work: (file: DiskFile) => T): T | undefined {
    const file = this.#file;
    if (!file || this.#isClosed) return undefined;
    try {
      if (!this.#isAsLeft()) throw new DamagedFileError('somebody else has changed, replaced or removed it');
      return work(file);
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  /** Looks at the place once in each callback of the event loop. */
  #isAsLeft(): boolean {
    if (this.#isLookedAt) return true;
    this.#isLookedAt = true;
    process.nextTick(() => {
      this.#isLookedAt = false;
    });
    return this.#place.isAsLeft();
  }

  /** Lets go of a file that cannot be used: what it holds is not known any more, so it goes. */
  #fail(error: unknown): void {
    this.#file?.abandon();
    const isOurs = this.#file !== undefined || isDamage(error);
    this.#file = undefined;
    this.#forgetWaiting();
    this.#read.clear();
    this.#rows = 0;
    this.#retryAt = this.#now() + (isDamage(error) && this.#failures === 0 ? 0 : this.#pauseMs());
    this.#failures += 1;
    this.#onEvent(`${this.#place.path}: ${reasonOf(error)}`);
    if (!isOurs) return;
    try {
      if (isDamage(error)) this.#place.putAside();
      else this.#place.remove();
    } catch (cause) {
      this.#onEvent(`${this.#place.path} could not be removed: ${messageOf(cause)}`);
    }
  }

  #pauseMs(): number {
    return Math.min(retryMs.last, retryMs.first * 2 ** this.#failures);
  }

  #openAgain(): void {
    if (!this.#isClosed && this.#now() >= this.#retryAt) this.#open(false);
  }

  /** Only at first it may go on with what is there: later on there is what it has missed. */
  #open(isFirst: boolean): void {
    if (!this.#driver) return;
    try {
      this.#file = this.#openFile(this.#driver, isFirst);
    } catch (error) {
      this.#fail(error);
      if (isDamage(error) && this.#failures === 1) this.#open(false);
    }
  }

  #openFile(driver: typeof Libsql, isFirst: boolean): DiskFile {
    const file = new DiskFile(driver, this.#place.path, this.#bounds);
    try {
      if (file.fileBytes() > this.#bounds.fileBytes * 1.1)
        throw new DamagedFileError('it is larger than maxBytes allows');
      this.#dropped = new DroppedRows(file.dropped());
      this.#lastRow = file.lastRow();
      const isProven = isFirst && file.proof !== undefined && file.proof === this.#proof();
      if (!isProven) this.#beginEmpty(file);
      this.#rows = isProven ? file.countAfter(this.#dropped.all) : 0;
      this.#fileBytes = file.fileBytes();
      this.#place.remember();
      return file;
    } catch (error) {
      file.giveUp();
      throw error;
    }
  }

  #beginEmpty(file: DiskFile): void {
    this.#dropped.drop('all', '', this.#lastRow);
    file.inTransaction(() => {
      this.#dropped.write(file);
      file.prove(undefined);
    });
    if (this.#lastRow > 0) this.#onEvent('begins empty: the database may have changed since its entries were kept');
  }
}

/** What the waiting entries take in the file. Large ones begin a page of their own. */
function roomOf(waiting: Iterable<Waiting>): number {
  let bytes = 0;
  for (const { entry } of waiting)
    if (entry) bytes += entry.data.byteLength + (entry.data.byteLength > 1_000 ? 4_096 : 400);
  return bytes;
}

function sizeOf(entry: TierEntry | undefined): number {
  return 200 + (entry?.data.byteLength ?? 0);
}

function isDamage(error: unknown): boolean {
  return (
    error instanceof DamagedFileError ||
    ['SQLITE_NOTADB', 'SQLITE_CORRUPT'].some((code) => codeOf(error).startsWith(code))
  );
}

function reasonOf(error: unknown): string {
  if (error instanceof ForeignFileError) return `${error.message}; give disk another path`;
  if (isDamage(error)) return `it is damaged and was put aside: ${messageOf(error)}`;
  if (/^SQLITE_(BUSY|LOCKED)/.test(codeOf(error))) return 'another process has it open, so this one works without it';
  return `it cannot be used now: ${messageOf(error)}`;
}

function codeOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
