// The `Client` interface of @libsql/client, for drizzle and for anything else written against it, over a route that says
// where statements run: the ambient transaction of a manager, or one held connection.
import type { InArgs, InStatement, ResultSet, Transaction, TransactionMode } from '@libsql/client';
import type { BatchStatement, DetachedClient, OnStatement, StatementResult } from '../connection-source.js';
import { metBy } from '../errors/met-by.js';
import { asOfClient, withStatementIndex } from '../errors/restated.js';
import { DatabaseError } from '../errors.js';
import { type BoundArgs, bindable, keepBytes } from '../statements/binding.js';
import { cutsTransaction } from '../statements/script.js';
import type { LeasedClient } from '../types.js';
import { type Awaitable, isPromise } from '../waiting/awaitable.js';
import { endInTurn, refuseInTurn } from '../waiting/turns.js';
import { toResultSet, toResultSets } from './result-rows.js';
import { ToldTransaction } from './told-transaction.js';

/** Where the statements of a client run. */
export interface ClientRoute {
  /** Whose client it is, as errors/met-by.ts tells managers apart. */
  readonly owner: object;
  execute(sql: string, args: BoundArgs): Awaitable<StatementResult>;
  /** Runs the statements all or none; `executeAll` is there where it saves round trips. */
  atomically(
    mode: TransactionMode,
    run: (execute: ClientRoute['execute'], executeAll?: ExecuteAll) => Promise<ResultSet[]>,
  ): Promise<ResultSet[]>;
  readonly detached: DetachedClient;
  readonly sync?: (() => Promise<void>) | undefined;
  readonly closed: boolean;
  close(): void;
}

/** A statement as @libsql/client takes it. */
export type ClientStatement = InStatement | [sql: string, args?: InArgs];

/** Runs statements in order; the error of the one that fails has its `statementIndex`. */
export type ExecuteAll = (statements: readonly BatchStatement[]) => Promise<StatementResult[]>;

/** A `Client` over `route`. */
export class RoutedClient implements LeasedClient {
  readonly protocol: string;
  readonly #route: ClientRoute;

  constructor(route: ClientRoute, protocol = 'file') {
    this.#route = route;
    this.protocol = protocol;
  }

  get closed(): boolean {
    return this.#route.closed;
  }

  async execute(statement: InStatement | string, args?: InArgs): Promise<ResultSet> {
    try {
      const { sql, bound } = parts(statement, args);
      const running = this.#route.execute(sql, bound);
      if (isPromise(running)) keepBytes(bound);
      const made = toResultSet(await running);
      return isPromise(made) ? await made : made;
    } catch (error) {
      return refuseInTurn(this.#told(error));
    }
  }

  batch(statements: ClientStatement[], mode: TransactionMode = 'deferred'): Promise<ResultSet[]> {
    return this.#end(() => this.#batch(statements, mode));
  }

  async #batch(statements: ClientStatement[], mode: TransactionMode): Promise<ResultSet[]> {
    checkMode(mode);
    for (const statement of listOf(statements, 'batch')) refuseCut(statement, 'batch');
    const kept = statements.map((statement) => keptParts(statement));
    return this.#route.atomically(mode, async (execute, executeAll) => {
      if (executeAll) {
        const each = kept.map((made): BatchStatement => {
          const { sql, bound } = made();
          return { sql, args: bound };
        });
        return toResultSets(await executeAll(each));
      }
      return runEach(kept, async (made) => {
        const { sql, bound } = made();
        return toResultSet(await execute(sql, bound));
      });
    });
  }

  migrate(statements: InStatement[], onStatement?: OnStatement): Promise<ResultSet[]> {
    return this.#end(async () => {
      for (const statement of listOf(statements, 'migrate')) refuseCut(statement, 'migrate');
      if (onStatement !== undefined && typeof onStatement !== 'function')
        throw new TypeError('migrate: the second argument must be a function');
      return this.#route.detached.migrate(statements.map(keptStatement), onStatement);
    });
  }

  executeMultiple(sql: string): Promise<void> {
    return this.#end(async () => {
      checkScript(sql);
      return this.#route.detached.executeMultiple(sql);
    });
  }

  transaction(mode: TransactionMode = 'write'): Promise<Transaction> {
    return this.#end(async () => {
      checkMode(mode);
      return new ToldTransaction(await this.#route.detached.transaction(mode), (error) => this.#told(error));
    });
  }

  /** Answers undefined: how many frames came is not known for every target. */
  sync(): Promise<undefined> {
    return this.#end(async () => {
      if (!this.#route.sync) throw unsupported('sync', 'This database has no server to synchronise with');
      await this.#route.sync();
      return undefined;
    });
  }

  #end<T>(work: () => Promise<T>): Promise<T> {
    return endInTurn(() =>
      work().catch((error: unknown) => {
        throw this.#told(error);
      }),
    );
  }

  /** `error` as those know it who call a `Client`, and as met by its manager. */
  #told(error: unknown): unknown {
    return asOfClient(metBy(this.#route.owner, error));
  }

  reconnect(): void {
    // Broken connections are replaced by themselves.
  }

  close(): void {
    this.#route.close();
  }
}

function checkMode(mode: TransactionMode): void {
  if (mode === 'read' || mode === 'write' || mode === 'deferred') return;
  const named = typeof mode === 'string' ? `'${String(mode)}'` : nameOf(mode);
  throw new TypeError(`Unknown transaction mode ${named}; use 'write', 'read' or 'deferred'`);
}

/** What something is, without its value. */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  const { constructor: maker } = value;
  return typeof maker === 'function' && maker !== Object ? `a ${maker.name}` : 'an object';
}

/** Checks what `executeMultiple` is given. @throws TypeError for what is no text */
export function checkScript(sql: string): void {
  if (typeof sql !== 'string') throw new TypeError('executeMultiple: the script must be a text');
}

/** Returns `statements`. @throws TypeError before anything runs, when it is no array or holds what is no statement */
export function listOf<T extends ClientStatement>(statements: T[], call: string): T[] {
  if (!Array.isArray(statements)) throw new TypeError(`${call}: the first argument must be an array of statements`);
  for (const statement of statements) textOf(statement);
  return statements;
}

/** @throws TypeError before anything runs: what stands in front of a COMMIT would stay when a later statement fails */
function refuseCut(statement: ClientStatement, call: string): void {
  if (!cutsTransaction(textOf(statement))) return;
  throw new TypeError(
    `${call}() is one transaction, which none of its statements may begin or end; use executeMultiple for a script with its own`,
  );
}

function unsupported(operation: string, reason: string): DatabaseError {
  return new DatabaseError(reason, { type: 'unknown', code: 'UNSUPPORTED', operation });
}

/** Runs `run` for each of `items` in order; the error of one says which it was. */
export async function runEach<T, R>(items: readonly T[], run: (item: T, index: number) => Awaitable<R>): Promise<R[]> {
  const results: R[] = [];
  for (const [index, item] of items.entries()) {
    try {
      results.push(await run(item, index));
    } catch (error) {
      throw withStatementIndex(error, index);
    }
  }
  return results;
}

/** A statement's text and its values, ready to bind. @throws TypeError for a value that cannot be bound, and for no statement */
export function parts(statement: ClientStatement, args?: InArgs): { sql: string; bound: BoundArgs } {
  if (typeof statement === 'string') return { sql: statement, bound: bindable(args ?? [], statement) };
  const sql = textOf(statement);
  return { sql, bound: bindable((Array.isArray(statement) ? statement[1] : statement.args) ?? [], sql) };
}

/**
 * The same as it is now, for a call that waits: its caller may change the list of values, or fill the bytes anew. What refuses
 * the statement is thrown in its place, when its parts are asked for.
 */
export function keptParts(statement: ClientStatement, args?: InArgs): () => ReturnType<typeof parts> {
  try {
    const made = parts(statement, args);
    keepBytes(made.bound);
    return () => made;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** A statement as it is now; one that is refused stays as it was given, to be refused in its place. */
function keptStatement(statement: InStatement): InStatement {
  try {
    const { sql, bound } = parts(statement);
    keepBytes(bound);
    // What is bound is bound alike once more.
    return { sql, args: bound as InArgs };
  } catch {
    return statement;
  }
}

function textOf(statement: ClientStatement): string {
  const sql: unknown =
    typeof statement === 'string' ? statement : Array.isArray(statement) ? statement[0] : statement?.sql;
  if (typeof sql === 'string') return sql;
  throw new TypeError('A statement must be an SQL text, { sql, args } or [sql, args]');
}

/** A statement of a batch, in any of the forms that a `Client` takes. @throws TypeError for a value that cannot be bound */
export function batchStatement(statement: InStatement | [string, InArgs?]): BatchStatement {
  const { sql, bound } = Array.isArray(statement) ? parts(statement[0], statement[1]) : parts(statement);
  return { sql, args: bound };
}
