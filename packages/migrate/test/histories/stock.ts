// SQLite without anything of ours: the stock driver. It reads what is on disk, runs the bare SQL of a migration beside us,
// and says what it makes of a value in a column.
import Database from 'libsql';

/** A value as text that tells every value and type apart: `N`, `I12`, `R0.5`, `T` and `B` with the bytes in hexadecimal. */
export type Cell = string;

/** A table as it is on disk. */
export interface StoredRows {
  readonly columns: readonly string[];
  /** Sorted. */
  readonly rows: readonly (readonly Cell[])[];
}

/** Everything that is in a database but the bookkeeping of migrations. */
export interface Dump {
  /** What `sqlite_schema` says, sorted by type and name. */
  readonly schema: readonly string[];
  readonly tables: ReadonlyMap<string, StoredRows>;
  /** What `sqlite_sequence` says of each AUTOINCREMENT table. */
  readonly marks: readonly string[];
  /** What the pragmas say of columns, keys and indexes, in any order. */
  readonly form: readonly string[];
}

const bookkeeping = `('__drizzle_migrations', '__cc_migrations', 'sqlite_sequence')`;

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The expression that gives the cell of `sql`. quote() would end a text at a NUL character. */
function cellSql(sql: string): string {
  return `CASE typeof(${sql}) WHEN 'null' THEN 'N' WHEN 'integer' THEN 'I' || ${sql} WHEN 'real' THEN 'R' || quote(${sql}) WHEN 'text' THEN 'T' || hex(${sql}) ELSE 'B' || hex(${sql}) END`;
}

/** The SQL literal of a cell. */
function literalOf(cell: Cell): string {
  const rest = cell.slice(1);
  if (cell.startsWith('N')) return 'NULL';
  if (cell.startsWith('T')) return `CAST(x'${rest}' AS TEXT)`;
  // quote() says Inf, which no SQL reads.
  return cell.startsWith('B') ? `x'${rest}'` : rest.replace('Inf', '9e999');
}

/** A database of the stock driver, with foreign keys off as in a migration. */
export class StockDatabase {
  readonly #database: Database.Database;

  /** In memory, or the file at `path`. */
  constructor(path = ':memory:') {
    this.#database = new Database(path);
    // Nothing here has to outlive the machine.
    this.run('PRAGMA foreign_keys = OFF; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  run(sql: string): void {
    this.#database.exec(sql);
  }

  /** Runs `sql`, or takes it back as a whole and returns what SQLite says. */
  attempt(sql: string): string | null {
    this.run('SAVEPOINT attempt');
    try {
      this.run(sql);
      this.run('RELEASE attempt');
      return null;
    } catch (error) {
      this.run('ROLLBACK TO attempt; RELEASE attempt');
      return error instanceof Error ? error.message : String(error);
    }
  }

  read(sql: string): readonly (readonly string[])[] {
    const rows = this.#database.prepare(sql).raw(true).all([]) as unknown[][];
    return rows.map((row) => row.map(String));
  }

  /** The views and triggers that fail when they are used, and what SQLite says. */
  broken(): ReadonlyMap<string, string> {
    const broken = new Map<string, string>();
    const objects = this.read(`SELECT type, name, tbl_name FROM sqlite_schema WHERE type IN ('view', 'trigger')`);
    for (const [type = '', name = '', table = ''] of objects) {
      const own = this.read(`SELECT name FROM pragma_table_xinfo('${table.replaceAll("'", "''")}') WHERE hidden = 0`);
      const columns = own.map(([column = '']) => quoted(column));
      const [into, list] = [quoted(table), columns.join(', ')];
      const writes = [
        // What runs would leave marks in sqlite_sequence, also without rows.
        `EXPLAIN INSERT INTO ${into} (${list}) SELECT ${list} FROM ${into}`,
        `EXPLAIN UPDATE ${into} SET ${columns.map((column) => `${column} = ${column}`).join(', ')}`,
        `EXPLAIN DELETE FROM ${into}`,
      ];
      for (const sql of type === 'view' ? [`SELECT * FROM ${into} LIMIT 0`] : writes) {
        const said = this.attempt(sql);
        if (said !== null) broken.set(`${type} ${name}`, said);
      }
    }
    return broken;
  }

  dump(): Dump {
    const tables = new Map<string, StoredRows>();
    const columns = this.read(
      `SELECT s.name, c.name, lower(c.type), c."notnull", coalesce(c.dflt_value, ''), c.pk, c.hidden FROM sqlite_schema s JOIN pragma_table_xinfo(s.name) c WHERE s.type = 'table' AND s.name NOT IN ${bookkeeping} ORDER BY s.name, c.cid`,
    );
    const names = new Map<string, string[]>();
    for (const [table = '', column = ''] of columns) names.set(table, [...(names.get(table) ?? []), column]);
    for (const [table, own] of names) tables.set(table, this.#rowsOf(table, own));
    const objects = this.read(
      `SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema WHERE tbl_name NOT IN ${bookkeeping} ORDER BY type, name`,
    );
    const hasMarks = this.read(`SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'`).length > 0;
    const marks = hasMarks ? this.read(`SELECT name, seq FROM sqlite_sequence ORDER BY 1, 2`) : [];
    return {
      schema: objects.map((object) => object.join(' | ')),
      tables,
      marks: marks.filter(([name = '']) => tables.has(name)).map((mark) => mark.join(' ')),
      form: this.#formOf(columns),
    };
  }

  #formOf(columns: readonly (readonly string[])[]): readonly string[] {
    const from = `FROM sqlite_schema s`;
    const where = `WHERE s.type = 'table' AND s.name NOT IN ${bookkeeping}`;
    const keys = this.read(
      `SELECT s.name, k."from", k."table", coalesce(k."to", ''), lower(k.on_update), lower(k.on_delete) ${from} JOIN pragma_foreign_key_list(s.name) k ${where}`,
    );
    const indexes = this.read(
      `SELECT s.name, i.name, i."unique", i.partial, (SELECT group_concat(coalesce(x.name, 'expression')) FROM pragma_index_info(i.name) x) ${from} JOIN pragma_index_list(s.name) i ON i.origin = 'c' ${where}`,
    );
    const others = this.read(`SELECT type, name, lower(tbl_name) FROM sqlite_schema WHERE type IN ('view', 'trigger')`);
    return [
      // A default in double quotes is a text, too.
      ...columns.map((column) => `column ${column.join(' ').replaceAll(/"([^"]*)"/g, `'$1'`)}`),
      ...keys.map((key) => `key ${key.join(' ')}`),
      ...indexes.map((index) => `index ${index.join(' ')}`),
      ...others.map((other) => other.join(' ')),
    ].toSorted();
  }

  #rowsOf(table: string, columns: readonly string[]): StoredRows {
    const cells = columns.map((column) => cellSql(quoted(column)));
    const rows = this.read(`SELECT ${cells.join(', ')} FROM ${quoted(table)}`);
    return { columns, rows: rows.toSorted((a, b) => (a.join() < b.join() ? -1 : 1)) };
  }

  /** Rows without a parent by child table; null where the keys do not fit the parent and nobody can tell. */
  orphans(): ReadonlyMap<string, number | null> {
    const found = new Map<string, number | null>();
    for (const [name = ''] of this.read(`SELECT name FROM sqlite_schema WHERE type = 'table'`)) {
      try {
        const [[count = '0'] = []] = this.read(`SELECT count(*) FROM pragma_foreign_key_check('${name}')`);
        found.set(name, Number(count));
      } catch (error) {
        if (!(error instanceof Error && error.message.includes('foreign key mismatch'))) throw error;
        found.set(name, null);
      }
    }
    return found;
  }

  /** Builds a table, fills it, returns its rows in any order, and takes it away again. A null cell is the default of its column. */
  tryTable(
    create: string,
    name: string,
    filled: readonly string[],
    rows: readonly (readonly (Cell | null)[])[],
  ): readonly (readonly Cell[])[] {
    this.run('BEGIN');
    try {
      this.run(create);
      for (const row of rows) {
        const given = filled.filter((_, index) => row[index] !== null).map(quoted);
        const values = row.filter((cell) => cell !== null).map(literalOf);
        const what = given.length === 0 ? 'DEFAULT VALUES' : `(${given.join(', ')}) VALUES (${values.join(', ')})`;
        this.run(`INSERT INTO ${quoted(name)} ${what}`);
      }
      const columns = this.read(`SELECT name FROM pragma_table_xinfo('${name}') ORDER BY cid`);
      const cells = columns.map(([column = '']) => cellSql(quoted(column)));
      return this.read(`SELECT ${cells.join(', ')} FROM ${quoted(name)}`);
    } finally {
      this.run('ROLLBACK');
    }
  }
}

/** What SQLite makes of a value in a column of a type. Each question is asked once. */
export class Affinity {
  readonly #database: StockDatabase;
  readonly #known = new Map<string, Cell>();

  /** Asks `scratch`, an empty database. */
  constructor(scratch: StockDatabase) {
    this.#database = scratch;
  }

  /** The value of an SQL expression as a column of `type` stores it. */
  evaluated(type: string, sql: string): Cell {
    const create = `CREATE TABLE one (x ${type} DEFAULT ${sql}, y)`;
    const [[stored = 'N'] = []] = this.#database.tryTable(create, 'one', ['y'], [['N']]);
    return stored;
  }

  /** The cell as a column of `type` stores it. */
  stored(type: string, cell: Cell): Cell {
    const key = `${type} ${cell}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const [[stored = 'N'] = []] = this.#database.tryTable(`CREATE TABLE one (x ${type})`, 'one', ['x'], [[cell]]);
    this.#known.set(key, stored);
    return stored;
  }
}
