// What drizzle's own driver makes of its options (relations, casing, logger), made once for all databases of a manager.
import type { Casing } from 'drizzle-orm';
import { DefaultLogger, type Logger, NoopLogger } from 'drizzle-orm/logger';
import {
  createTableRelationsHelpers,
  extractTablesRelationalConfig,
  type RelationalSchemaConfig,
  type TablesRelationalConfig,
} from 'drizzle-orm/relations';
import type { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core';
import type { Schema } from '../types.js';
import { LateDialect } from './late-dialect.js';

/** What drizzle is told of a database, made once per manager. */
export interface DrizzleSettings {
  readonly dialect: SQLiteAsyncDialect;
  readonly schema: RelationalSchemaConfig<TablesRelationalConfig> | undefined;
  readonly logger: Logger;
}

/** Reads the relations of `schema` and the other settings of drizzle as its own driver does. */
export function drizzleSettings(options: {
  readonly schema?: Schema | undefined;
  readonly casing?: Casing | undefined;
  readonly logger?: boolean | Logger | undefined;
}): DrizzleSettings {
  const { casing, logger } = options;
  return {
    dialect: new LateDialect(casing ? { casing } : {}),
    schema: options.schema && relationsOf(options.schema),
    logger: logger === true ? new DefaultLogger() : logger ? new SafeLogger(logger) : new NoopLogger(),
  };
}

function relationsOf(schema: Schema): RelationalSchemaConfig<TablesRelationalConfig> {
  const { tables, tableNamesMap } = extractTablesRelationalConfig(schema, createTableRelationsHelpers);
  return { fullSchema: schema, schema: tables, tableNamesMap };
}

/** A broken logger must never break the query that it hears of (promise 10). */
class SafeLogger implements Logger {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  logQuery(query: string, params: unknown[]): void {
    try {
      this.#logger.logQuery(query, params);
    } catch {
      // As with listeners: whoever logs has no say in what is logged.
    }
  }
}
