// drizzle builds the SQL of a query where it is executed, and what it throws then would reject at once: loops that go on after
// it would keep the event loop. Here it is thrown by who reads the built query, and so the session gives the turn that is due.
import { SQL } from 'drizzle-orm/sql';
import type { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core';
import { QuickDialect } from './quick-dialect.js';

type Dialect = SQLiteAsyncDialect;

/** A dialect whose queries throw what building them has thrown as soon as their text or values are read. */
export class LateDialect extends QuickDialect {
  override buildSelectQuery(...args: Parameters<Dialect['buildSelectQuery']>): SQL {
    return built(() => super.buildSelectQuery(...args));
  }

  override buildInsertQuery(...args: Parameters<Dialect['buildInsertQuery']>): SQL {
    return built(() => super.buildInsertQuery(...args));
  }

  override buildUpdateQuery(...args: Parameters<Dialect['buildUpdateQuery']>): SQL {
    return built(() => super.buildUpdateQuery(...args));
  }

  override buildDeleteQuery(...args: Parameters<Dialect['buildDeleteQuery']>): SQL {
    return built(() => super.buildDeleteQuery(...args));
  }

  override buildRelationalQuery(
    ...args: Parameters<Dialect['buildRelationalQuery']>
  ): ReturnType<Dialect['buildRelationalQuery']> {
    try {
      return super.buildRelationalQuery(...args);
    } catch (error) {
      return { tableTsKey: args[0].tableConfig.tsName, sql: failing(error), selection: [] };
    }
  }

  override sqlToQuery(...args: Parameters<Dialect['sqlToQuery']>): ReturnType<Dialect['sqlToQuery']> {
    try {
      return super.sqlToQuery(...args);
    } catch (error) {
      const fail = { enumerable: true, get: () => rethrow(error) };
      return Object.defineProperties({}, { sql: fail, params: fail }) as ReturnType<Dialect['sqlToQuery']>;
    }
  }
}

function built(build: () => SQL): SQL {
  try {
    return build();
  } catch (error) {
    return failing(error);
  }
}

function failing(error: unknown): SQL {
  return new SQL([{ getSQL: () => rethrow(error) }]);
}

function rethrow(error: unknown): never {
  throw error;
}
