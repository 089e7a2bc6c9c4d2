// A query that drizzle could not build, or that asks for what is not supported, where it is executed at once.
import type { Client } from '@libsql/client';
import { LibSQLPreparedQuery } from 'drizzle-orm/libsql/session';
import { NoopLogger } from 'drizzle-orm/logger';
import type { PreparedQueryConfig } from 'drizzle-orm/sqlite-core/session';
import { refuseInTurn } from '../waiting/turns.js';

/** A query that could not be prepared: whatever executes it is refused, after the turn of the event loop that is due. */
export class RefusedQuery<T extends Omit<PreparedQueryConfig, 'run' | 'statement'>> extends LibSQLPreparedQuery<T> {
  private readonly error: unknown;

  constructor(client: Client, error: unknown) {
    const [none, cache] = [undefined, undefined as never];
    super(client, { sql: '', params: [] }, new NoopLogger(), cache, none, none, none, none, 'run', false);
    this.error = error;
  }

  override execute(): Promise<never> {
    return refuseInTurn(this.error);
  }

  override run(): Promise<never> {
    return refuseInTurn(this.error);
  }

  override all(): Promise<never> {
    return refuseInTurn(this.error);
  }

  override get(): Promise<never> {
    return refuseInTurn(this.error);
  }

  override values(): Promise<never> {
    return refuseInTurn(this.error);
  }
}
