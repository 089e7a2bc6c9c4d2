// What the columns of statements are called. To ask the driver takes longer than to read a row, so it is kept. connection.ts
// drops it with its statements when this process changes the schema; of what others change the version of the schema tells.
import type Libsql from 'libsql';

/** The columns of one statement. */
export interface Columns {
  readonly names: readonly string[];
  readonly types: readonly string[];
  /** Of the schema that they belong to; undefined where it is not known. */
  readonly version: number | undefined;
}

/** A statement that has run. */
interface Described {
  readonly native: Libsql.Statement;
  /** Its columns are those that the schema has. */
  readonly everyColumn: boolean;
  columns: Columns | undefined;
}

/** The columns of the statements of one connection. */
export class KnownColumns {
  readonly #version: () => number | undefined;
  #last: number | undefined;

  /** `version` reads that of the schema, and is undefined when it cannot be told. */
  constructor(version: () => number | undefined) {
    this.#version = version;
  }

  /** What was read last may be of a schema that was rolled back. */
  forget(): void {
    this.#last = undefined;
  }

  /** The columns of the run of `statement` that has just ended: only then has SQLite compared it with the schema. */
  of(statement: Described): Columns {
    const { columns: known, everyColumn, native } = statement;
    if (known && !everyColumn) return known;
    const before = this.#last;
    const version = everyColumn ? this.#version() : undefined;
    this.#last = version ?? before;
    if (known && version !== undefined && known.version === version) return known;
    const columns = native.columns();
    return (statement.columns = {
      names: columns.map(({ name }) => name),
      types: columns.map(({ type }) => type ?? ''),
      // One that was read after the run only may be that of a later schema.
      version: version === before ? version : undefined,
    });
  }
}
