// One call of a program, and where it runs: on a database, or in an open transaction of it.
import type { Client, ResultSet } from '@libsql/client';
import type { ExtractTablesWithRelations } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core';
import { type Outcome, settle } from './picture.js';
import type { schema } from './tables.js';

/** What a database and a transaction of drizzle have in common. */
export type Queries = BaseSQLiteDatabase<'async', ResultSet, typeof schema, ExtractTablesWithRelations<typeof schema>>;

/** drizzle on one of the two clients. */
export interface Root extends Queries {
  readonly $client: Client;
  batch(queries: readonly [BatchItem<'sqlite'>, ...BatchItem<'sqlite'>[]]): Promise<unknown[]>;
}

/** What decides whether a listed difference may show: set when the call is drawn, not by what came of it. */
export type Trait = string;

/** A statement without side effects that a third judge can run too. */
export interface PlainRead {
  readonly sql: string;
  readonly args: readonly unknown[];
}

/** One call, drawn once and run on both sides. */
export interface Call {
  readonly label: string;
  readonly traits?: readonly Trait[];
  readonly plain?: PlainRead;
  run(scope: Scope): unknown;
}

/** A call and what it came to. */
export interface Played {
  readonly call: Call;
  readonly outcome: Outcome;
}

/** Where the calls of one side run. */
export interface Scope {
  readonly root: Root;
  /** The database, or the transaction around. */
  readonly db: Queries;
  /** Prepared queries by their names, made when they are first used. */
  readonly prepared: Map<string, unknown>;
  readonly played: Played[];
}

/** Runs `call` and notes what it came to. */
export async function play(call: Call, scope: Scope): Promise<Outcome> {
  const outcome = await settle(() => call.run(scope));
  scope.played.push({ call, outcome });
  return outcome;
}
