// The disk tier: entries in a libSQL file of their own beside the database, written behind. What it is told waits a moment in
// memory and is written many at a time; a `get` looks there first. Before anything waits that the file does not know, the file is
// marked as proven by nothing, so that after a kill it brings nothing back. Whatever happens to the file, callers see misses.
// Long, because what was told, what waits and what is on disk have to agree after each failure.
import { statSync } from 'node:fs';
import { nextTick } from 'node:process';
import { clearTimeout, setTimeout } from 'node:timers';
import type Libsql from 'libsql';
import type { TierEntry } from '../contract/tier.js';
import { DroppedRows } from './disk-dropped.js';
import { DamagedFileError, isDamage, messageOf, misfitOf, reasonOf } from './disk-failure.js';
import { DiskFile } from './disk-file.js';
import type { DiskTier, DiskTierOptions } from './disk-options.js';
import { DiskPlace } from './disk-place.js';
import { makeRoom } from './disk-room.js';
import { columnText, entryOfRow, rowOfEntry } from './disk-row.js';
import { type Waiting, WaitingEntries } from './disk-waiting.js';

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

/** The disk tier. */
export class DiskEntries implements DiskTier {
  readonly name = 'disk';
  readonly #driver: typeof Libsql | undefined;
  readonly #place: DiskPlace;
  readonly #bounds: { readonly fileBytes: number; readonly logBytes: number; readonly entryBytes: number };
  readonly #askProof: () => string | undefined;
  readonly #now: () => number;
  readonly #onEvent: (reason: string) => void;
  #file: DiskFile | undefined;
  #dropped = new DroppedRows([]);
  readonly #waiting = new WaitingEntries();
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
    return this.#file === undefined ? 0 : this.#fileBytes + this.#place.logBytes + this.#waiting.bytes;
  }

  get entries(): number {
    return this.#rows + this.#waiting.size;
  }

  get(namespace: string, key: string): TierEntry | undefined {
    const [space, name] = [columnText(namespace), columnText(key)];
    const waiting = this.#waiting.find(space, name);
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
    this.#waiting.dropTag(tag);
    this.#dropped.drop('tag', tag, this.#lastRow);
    // One tag too many has dropped everything.
    if (this.#dropped.all === this.#lastRow) this.#rows = 0;
  }

  clear(namespace?: string): void {
    if (this.#isEmpty() || !this.#mark()) return;
    if (namespace === undefined) {
      this.#waiting.forgetAll();
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
    for (const { namespace } of this.#waiting.all()) known.add(namespace);
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
    this.#waiting.forgetNamespace(namespace);
    this.#dropped.drop('namespace', namespace, this.#lastRow);
  }

  #wait(namespace: string, key: string, entry: TierEntry | undefined): void {
    if (!this.#mark()) return;
    this.#waiting.put({ namespace, key, entry });
    if (this.#waiting.size >= entriesPerWrite || this.#waiting.bytes > this.#bounds.logBytes / 4)
      this.#write(undefined);
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
          forBytes: this.#waiting.roomWanted(),
          againBytes: this.#bounds.logBytes / 8,
          dropped: this.#dropped,
          read: this.#read,
          nextRow: () => this.#nextRow(),
        });
        for (const waiting of this.#waiting.all()) this.#writeOne(file, waiting);
        this.#dropped.write(file);
        if (file.proof !== proof) file.prove(proof);
      });
      this.#waiting.forgetAll();
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
    nextTick(() => {
      this.#isLookedAt = false;
    });
    return this.#place.isAsLeft();
  }

  /** Lets go of a file that cannot be used: what it holds is not known any more, so it goes. */
  #fail(error: unknown): void {
    this.#file?.abandon();
    const isOurs = this.#file !== undefined || isDamage(error);
    this.#file = undefined;
    this.#waiting.forgetAll();
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
      if (file.fileBytes() > this.#bounds.fileBytes * 1.1) {
        file.giveUp();
        this.#place.remove();
        this.#onEvent('begins empty: the file was larger than maxBytes allows');
        return this.#openFile(driver, false);
      }
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
      throw misfitOf(error);
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
