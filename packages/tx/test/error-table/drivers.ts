// Runs one statement through each driver, and through drizzle over it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sqld, startSqld } from '@cc/testkit/sqld';
import { type Client, createClient } from '@libsql/client';
import { type SQL, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/libsql';
import Database from 'libsql';
import type { Driver } from './failure.js';

export type Value = string | number | bigint | null;

/** Opened drivers over databases with the same tables. */
export interface Drivers {
  run(driver: Driver, statement: string, values: readonly Value[]): Promise<unknown>;
  /** Through drizzle over @libsql/client. */
  runInDrizzle(driver: Exclude<Driver, 'libsql'>, statement: string, values: readonly Value[]): Promise<unknown>;
  close(): Promise<void>;
}

/** Opens libsql and @libsql/client on files. */
export async function openFileDrivers(setUp: readonly string[]): Promise<Drivers> {
  const folder = await mkdtemp(join(tmpdir(), 'cc-tx-errors-'));
  const native = new Database(join(folder, 'native.db'));
  const client = createClient({ url: `file:${join(folder, 'client.db')}` });
  for (const statement of setUp) {
    native.exec(statement);
    await client.execute(statement);
  }
  return driversOf({ client }, native, async () => {
    native.close();
    await rm(folder, { recursive: true, force: true });
  });
}

/** Starts a server and opens @libsql/client on it over HTTP and WebSocket and as an embedded replica. */
export async function openServerDrivers(setUp: readonly string[]): Promise<Drivers> {
  const folder = await mkdtemp(join(tmpdir(), 'cc-tx-errors-'));
  const server: Sqld = await startSqld({ args: ['--max-response-size', '1MB'] });
  const http = createClient({ url: server.url.http });
  const ws = createClient({ url: server.url.ws });
  await http.migrate([...setUp]);
  const replica = createClient({ url: `file:${join(folder, 'replica.db')}`, syncUrl: server.url.http });
  await replica.sync();
  return driversOf({ http, ws, replica }, undefined, async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });
}

function driversOf(
  clients: Partial<Record<Driver, Client>>,
  native: Database.Database | undefined,
  end: () => Promise<void>,
): Drivers {
  const clientOf = (driver: Driver): Client => {
    const client = clients[driver];
    if (!client) throw new Error(`${driver} is not open`);
    return client;
  };
  return {
    run: async (driver, statement, values) => {
      if (driver !== 'libsql' || !native) return clientOf(driver).execute({ sql: statement, args: [...values] });
      const prepared = native.prepare(statement);
      return prepared.columns().length > 0 ? prepared.all([...values]) : prepared.run([...values]);
    },
    runInDrizzle: async (driver, statement, values) => drizzle(clientOf(driver)).run(bound(statement, values)),
    close: async () => {
      for (const client of Object.values(clients)) client.close();
      await end();
    },
  };
}

function bound(statement: string, values: readonly Value[]): SQL {
  const [first = '', ...rest] = statement.split('?');
  return sql.join([sql.raw(first), ...rest.flatMap((text, index) => [sql`${values[index]}`, sql.raw(text)])]);
}
