// The file of the disk tier: its layout, its statements, and how much of it is in use. Everything is synchronous and throws what
// the driver throws; after that the file is not used any more, since the driver does not reset a statement that has failed.
// One connection has the file to itself, so that a second process cannot change what this one believes of it.
import { randomUUID } from 'node:crypto';
import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs';
import { types } from 'node:util';
import type Libsql from 'libsql';
import { DamagedFileError, ForeignFileError, misfitOf } from './disk-failure.js';
import { checkOf, type Row } from './disk-row.js';

/** How large a file may become. */
export interface DiskBounds {
  /** Of the file without its log. */
  readonly fileBytes: number;
  /** Of the log, after which it is folded into the file. */
  readonly logBytes: number;
}

/** Up to which row something was dropped. Rows are numbered in the order in which they are written. */
export interface Dropped {
  readonly kind: 'all' | 'namespace' | 'tag';
  readonly name: string;
  readonly upTo: number;
}

/** 'ccch': what SQLite's `application_id` says of our files. */
const applicationId = 0x63_63_63_68;
const layout = 1;
const pageBytes = 4096;

const schema = `
  CREATE TABLE cc_cache_entries (
    id INTEGER PRIMARY KEY, namespace TEXT NOT NULL, k TEXT NOT NULL, loaded_at REAL NOT NULL, expires_at REAL NOT NULL,
    tags TEXT NOT NULL, crc INTEGER NOT NULL, data BLOB, UNIQUE (namespace, k)
  );
  CREATE TABLE cc_cache_dropped (
    kind TEXT NOT NULL, name TEXT NOT NULL, up_to INTEGER NOT NULL, crc INTEGER NOT NULL, PRIMARY KEY (kind, name)
  ) WITHOUT ROWID;
  CREATE TABLE cc_cache_state (id INTEGER PRIMARY KEY, session TEXT NOT NULL, proof TEXT, crc INTEGER NOT NULL);
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${layout};`;

const columns = 'id, namespace, k, loaded_at, expires_at, tags, crc, data';

/**
 * The same to read. The driver ends the process when a text is no UTF-8, and a flipped bit makes a text of any cell: so each is
 * cast to what it was, and texts come as bytes.
 */
const cells = `id, CAST(namespace AS BLOB), CAST(k AS BLOB), CAST(loaded_at AS REAL), CAST(expires_at AS REAL),
  CAST(tags AS BLOB), CAST(crc AS INTEGER), CAST(data AS BLOB)`;

/** An open file. */
export class DiskFile {
  /** Tells this opening from all others. */
  readonly session: string = randomUUID();
  readonly #bounds: DiskBounds;
  readonly #native: Libsql.Database;
  readonly #statements = new Map<string, Libsql.Statement>();
  #proof: string | undefined;
  /** The opening that had the file before. */
  #before: string | undefined;

  /**
   * Opens the file, or makes a new one that its owner alone may read.
   *
   * @throws ForeignFileError for a database that is none of ours, DamagedFileError for one of ours in another layout
   */
  constructor(driver: typeof Libsql, path: string, bounds: DiskBounds) {
    this.#bounds = bounds;
    // Only when it is not there: to open and close the file of a connection takes the locks of this process away.
    if (!existsSync(path)) closeSync(openSync(path, 'wx', 0o600));
    this.#native = new driver(path);
    try {
      this.#prepareFile();
      if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
    } catch (error) {
      this.giveUp();
      throw error;
    }
  }

  /** What the entries were last compared with; undefined when they cannot be compared with anything. */
  get proof(): string | undefined {
    return this.#proof;
  }

  /** Writes what the entries are to be compared with. */
  prove(proof: string | undefined): void {
    const told = proof ?? null;
    this.#statement('REPLACE INTO cc_cache_state VALUES (1, ?, ?, ?)').run([
      this.session,
      told,
      checkOf(this.session, told),
    ]);
    this.#proof = proof;
  }

  /** Whether the file was last closed by this session. */
  wasOf(session: string): boolean {
    return this.#before === session;
  }

  /** The number of the last row that was ever written or dropped. */
  lastRow(): number {
    const [ofEntries, ofDropped] = this.#values(
      'SELECT (SELECT max(id) FROM cc_cache_entries), (SELECT CAST(max(up_to) AS INTEGER) FROM cc_cache_dropped)',
    );
    return Math.max(Number(ofEntries ?? 0), Number(ofDropped ?? 0));
  }

  /** The number of the oldest row; Infinity without any. */
  firstRow(): number {
    const [first] = this.#values('SELECT min(id) FROM cc_cache_entries');
    return first == null ? Number.POSITIVE_INFINITY : Number(first);
  }

  countAfter(row: number): number {
    // Not by the key (`+`): the rows are the whole file, the index of their names has them all in a fraction of it.
    return Number(this.#values('SELECT count(*) FROM cc_cache_entries WHERE +id > ?', [row])[0]);
  }

  namespaces(): string[] {
    // One step in the index to each, however many entries there are.
    const sql = `WITH RECURSIVE one (name) AS (
        SELECT min(namespace) FROM cc_cache_entries
        UNION ALL SELECT (SELECT min(namespace) FROM cc_cache_entries WHERE namespace > name) FROM one WHERE name IS NOT NULL
      ) SELECT CAST(name AS BLOB) FROM one WHERE name IS NOT NULL`;
    return this.#statement(sql)
      .all([])
      .map((row) => textOf((row as unknown[])[0]));
  }

  /** @throws DamagedFileError */
  dropped(): Dropped[] {
    const sql =
      'SELECT CAST(kind AS BLOB), CAST(name AS BLOB), CAST(up_to AS INTEGER), CAST(crc AS INTEGER) FROM cc_cache_dropped';
    const rows = this.#statement(sql).all([]) as unknown[][];
    return rows.map(([kindBytes, nameBytes, upTo, crc]) => {
      const [kind, name] = [textOf(kindBytes), textOf(nameBytes)];
      if (checkOf(kind, name, upTo) !== crc) throw new DamagedFileError('a line of what was dropped is damaged');
      return { kind: kind as Dropped['kind'], name, upTo: Number(upTo) };
    });
  }

  noteDropped({ kind, name, upTo }: Dropped): void {
    const check = checkOf(kind, name, upTo);
    this.#statement('REPLACE INTO cc_cache_dropped VALUES (?, ?, ?, ?)').run([kind, name, upTo, check]);
  }

  /** Forgets what was dropped up to a row before which there is none. */
  forgetDropped(row: number): void {
    this.#statement('DELETE FROM cc_cache_dropped WHERE up_to < ?').run([row]);
  }

  find(namespace: string, key: string): Row | undefined {
    const sql = `SELECT ${cells} FROM cc_cache_entries WHERE namespace = ? AND k = ?`;
    return rowOf(this.#statement(sql).get([namespace, key]));
  }

  /** The oldest row. */
  oldest(): Row | undefined {
    return rowOf(this.#statement(`SELECT ${cells} FROM cc_cache_entries ORDER BY id LIMIT 1`).get([]));
  }

  insert(row: Row): void {
    const { id, namespace, key, loadedAt, expiresAt, tags, crc, data } = row;
    const sql = `INSERT INTO cc_cache_entries (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
    this.#statement(sql).run([id, namespace, key, loadedAt, expiresAt, tags, crc, data]);
  }

  /** The number of a row; undefined without one. */
  rowNumber(namespace: string, key: string): number | undefined {
    const [id] = this.#values('SELECT id FROM cc_cache_entries WHERE namespace = ? AND k = ?', [namespace, key]);
    return id === undefined ? undefined : Number(id);
  }

  deleteRow(id: number): void {
    this.#statement('DELETE FROM cc_cache_entries WHERE id = ?').run([id]);
  }

  /** Runs `work` as one transaction. What it throws ends the use of the file. */
  inTransaction(work: () => void): void {
    this.#native.exec('BEGIN IMMEDIATE');
    work();
    this.#native.exec('COMMIT');
  }

  /** Bytes of the file that hold something, free pages aside. */
  usedBytes(): number {
    const [pages, free] = this.#values(
      'SELECT page_count, freelist_count FROM pragma_page_count, pragma_freelist_count',
    );
    return (Number(pages) - Number(free)) * pageBytes;
  }

  fileBytes(): number {
    return Number(this.#values('SELECT page_count FROM pragma_page_count')[0]) * pageBytes;
  }

  /** Folds the log into the file, gives up the lock, and closes. The driver lets go of the file itself when it likes. */
  close(): void {
    try {
      this.#native.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL; SELECT 1 FROM sqlite_schema');
    } finally {
      this.abandon();
    }
  }

  /** Closes a file that stays where it is, without lock if that goes. */
  giveUp(): void {
    try {
      this.close();
    } catch {
      // Why it is given up is told already.
    }
  }

  /** Closes it as it is: what is at its place may be another file by now. */
  abandon(): void {
    this.#statements.clear();
    this.#native.close();
  }

  #prepareFile(): void {
    const [id, version, objects, ours] = this.#values(
      `SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema),
        (SELECT count(*) FROM sqlite_schema WHERE name LIKE 'cc\\_cache\\_%' ESCAPE '\\') FROM pragma_application_id, pragma_user_version`,
    );
    this.#statements.clear();
    if (Number(objects) > 0 && id !== applicationId && Number(ours) === 0) {
      throw new ForeignFileError('there is another database in its place');
    }
    if (Number(objects) > 0 && (id !== applicationId || version !== layout)) {
      throw new DamagedFileError(`it has layout ${String(version)}, and this version of @cc/cache writes ${layout}`);
    }
    try {
      this.#takeOver(Number(objects) === 0);
    } catch (error) {
      throw misfitOf(error);
    }
  }

  #takeOver(isNew: boolean): void {
    this.#native.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -2048; PRAGMA temp_store = MEMORY;
      PRAGMA cell_size_check = ON; PRAGMA wal_autocheckpoint = ${Math.floor(this.#bounds.logBytes / 2 / pageBytes)};
      PRAGMA journal_size_limit = ${this.#bounds.logBytes}`);
    if (isNew) this.#native.exec(`BEGIN IMMEDIATE; ${schema} COMMIT`);
    this.#readState();
  }

  /** Reads what was proven, and takes the file over, which tells at once whether it can be written. */
  #readState(): void {
    const [sessionBytes, proofBytes, crc] = this.#values(
      'SELECT CAST(session AS BLOB), CAST(proof AS BLOB), CAST(crc AS INTEGER) FROM cc_cache_state WHERE id = 1',
    );
    const session = textOf(sessionBytes);
    const proof = proofBytes == null ? null : textOf(proofBytes);
    const isTrue = sessionBytes !== undefined && checkOf(session, proof) === crc;
    this.#before = isTrue ? session : undefined;
    this.prove(isTrue && proof !== null ? proof : undefined);
  }

  #values(sql: string, args: readonly unknown[] = []): readonly unknown[] {
    return (this.#statement(sql).get([...args]) as unknown[] | undefined) ?? [];
  }

  #statement(sql: string): Libsql.Statement {
    const known = this.#statements.get(sql);
    if (known) return known;
    const made = this.#native.prepare(sql);
    if (made.reader) made.raw();
    this.#statements.set(sql, made);
    return made;
  }
}

function rowOf(cells: unknown): Row | undefined {
  if (cells === undefined) return undefined;
  const [id, namespace, key, loadedAt, expiresAt, tags, crc, data] = cells as unknown[];
  return {
    id: Number(id),
    namespace: textOf(namespace),
    key: textOf(key),
    loadedAt: Number(loadedAt),
    expiresAt: Number(expiresAt),
    tags: textOf(tags),
    crc: Number(crc),
    data: types.isUint8Array(data) ? data : new Uint8Array(0),
  };
}

/** The text of a cell that was read as bytes; what is none of ours is found by the sum that goes with it. */
function textOf(cell: unknown): string {
  if (types.isUint8Array(cell)) return Buffer.from(cell.buffer, cell.byteOffset, cell.byteLength).toString();
  return types.isArrayBuffer(cell) ? Buffer.from(cell).toString() : '';
}
