// What callers have set on the one connection of a database in memory, and how it is taken back; others are opened anew.
import type { StatementResult } from '../../connection-source.js';
import { settingIn } from '../../statements/statement-kind.js';

/** What is needed of the connection. */
interface Settable {
  run(sql: string, args: readonly []): StatementResult;
  exec(sql: string): void;
}

/** The settings of one connection. */
export class CallersSettings {
  readonly #connection: Settable;
  /** The values of pragmas before a caller has set them. */
  readonly #before = new Map<string, unknown>();

  constructor(connection: Settable) {
    this.#connection = connection;
  }

  /** Notes what `sql` is about to set, where it can be asked. */
  note(sql: string): void {
    const name = settingIn(sql);
    if (name === undefined || this.#before.has(name)) return;
    const [row] = this.#connection.run(`PRAGMA ${name}`, []).rows;
    // The one that cannot be asked is off until somebody sets it.
    const value = row?.[0] ?? (name === 'case_sensitive_like' ? 0 : undefined);
    if (value !== undefined) this.#before.set(name, value);
  }

  /** Drops TEMP objects, lets go of attached files, and sets pragmas as they were. */
  takeBack(): void {
    const connection = this.#connection;
    // What is set must not keep what is to go: tables may refer to each other.
    const [[keys] = []] = connection.run('PRAGMA foreign_keys', []).rows;
    connection.exec('PRAGMA query_only = 0');
    connection.exec('PRAGMA foreign_keys = 0');
    for (const [type, name] of connection.run(temporary, []).rows)
      connection.exec(`DROP ${String(type)} IF EXISTS temp.${quoted(name)}`);
    for (const [, name] of connection.run('PRAGMA database_list', []).rows)
      if (name !== 'main' && name !== 'temp') connection.exec(`DETACH ${quoted(name)}`);
    connection.exec(`PRAGMA foreign_keys = ${Number(keys)}`);
    for (const [name, value] of this.#before) connection.exec(`PRAGMA ${name} = ${quoted(value)}`);
    this.#before.clear();
  }
}

/** The table of counters stays, empty: it cannot be dropped. */
const temporary = `SELECT type, name FROM sqlite_temp_schema
  WHERE type <> 'index' AND name <> 'sqlite_sequence' ORDER BY type DESC`;

function quoted(name: unknown): string {
  return `"${String(name).replaceAll('"', '""')}"`;
}
