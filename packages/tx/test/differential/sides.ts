// The two clients side by side, each on its own copy of the same database, and an eye of its own on the rows of each.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Sqld, startSqld } from '@cc/testkit/sqld';
import { type Client, createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import Libsql from 'libsql';
import { openTransactionManager } from '../../src/index.js';
import type { PlainRead, Root } from './call.js';
import { preparation, schema, tableNames } from './tables.js';

/** Both sides of one program. */
export interface Sides {
  readonly stock: Root;
  readonly ours: Root;
  /** Lets reads see every write: replicas fetch. */
  settle(): Promise<void>;
  /** Every row of every table of both databases, with the exact type of each value. */
  rows(): Promise<readonly [stock: string, ours: string]>;
  /** After how many calls the rows are compared. */
  readonly rowsEvery: number;
  /** The rows of a statement, read from our copy by a connection that prepares anew; null where there is none. */
  third(read: PlainRead): unknown[][] | null;
  close(): Promise<void>;
}

/** Opens both sides of a program on new databases. */
export type OpenSides = (folder: string, count: number) => Promise<Sides>;

const pragmas = { synchronous: 'OFF' };

/** Two files. */
export const onFiles: OpenSides = async (folder, count) => {
  const stockUrl = pathToFileURL(join(folder, `stock${count}.db`)).href;
  const oursUrl = pathToFileURL(join(folder, `ours${count}.db`)).href;
  const stock = await openStock({ url: stockUrl });
  await stock.$client.execute('pragma journal_mode = wal');
  const manager = await openTransactionManager({ url: oursUrl, schema, pragmas });
  await prepare(stock.$client);
  await prepare(manager.db.$client);
  const readerOf = (name: string): Libsql.Database => new Libsql(join(folder, `${name}${count}.db`));
  const [stockReader, oursReader, third] = [readerOf('stock'), readerOf('ours'), readerOf('ours')] as const;
  return {
    stock,
    ours: manager.db as unknown as Root,
    settle: async () => undefined,
    rowsEvery: 3,
    rows: async () => [await dump(rawReader(stockReader)), await dump(rawReader(oursReader))],
    third: ({ sql, args }) => readAnew(third, sql, args),
    close: async () => {
      for (const reader of [stockReader, oursReader, third]) reader.close();
      stock.$client.close();
      await manager.close({ drainMs: 0 });
    },
  };
};

/** Two databases in memory, which nobody else can look into. */
export const inMemory: OpenSides = async () => {
  const manager = await openTransactionManager({ url: ':memory:', schema });
  return memorySides(await openStock({ url: ':memory:' }), manager.db as unknown as Root, () =>
    manager.close({ drainMs: 0 }),
  );
};

/** Two databases that are looked at through their own clients. */
export async function memorySides(
  stock: Root,
  ours: Root,
  close = async (): Promise<void> => ours.$client.close(),
): Promise<Sides> {
  await prepare(stock.$client);
  await prepare(ours.$client);
  return {
    stock,
    ours,
    settle: async () => undefined,
    rowsEvery: 3,
    rows: async () => [await dumpOf(stock.$client), await dumpOf(ours.$client)],
    third: () => null,
    close: async () => {
      stock.$client.close();
      await close();
    },
  };
}

/** A new replica fetches everything that its server ever did: after this many databases it gets another one. */
const databasesToServer = 3;

/** Two servers for the programs of one target, over `http`, `ws` or as replicas of them. Nothing is started before the first. */
export function pairOfServers(): {
  readonly open: (way: 'http' | 'ws' | 'replica') => OpenSides;
  close(): Promise<void>;
} {
  let servers: Promise<readonly [Sqld, Sqld]> | undefined;
  let given = 0;
  const close = async (): Promise<void> => {
    for (const server of (await servers) ?? []) await server.close();
    servers = undefined;
    given = 0;
  };
  return {
    open: (way) => async (folder, count) => {
      if (way === 'replica' && given >= databasesToServer) await close();
      servers ??= Promise.all([startSqld(), startSqld()]);
      given += 1;
      const [stockServer, oursServer] = await servers;
      return await openOnServers(way, stockServer, oursServer, join(folder, `${way}${count}`));
    },
    close,
  };
}

async function openOnServers(
  way: 'http' | 'ws' | 'replica',
  stockServer: Sqld,
  oursServer: Sqld,
  place: string,
): Promise<Sides> {
  const eyes = [createClient({ url: stockServer.url.http }), createClient({ url: oursServer.url.http })] as const;
  for (const eye of eyes) {
    await empty(eye);
    await eye.batch([...preparation], 'write');
  }
  const replica = way === 'replica';
  const stock = await openStock(
    replica
      ? { url: pathToFileURL(`${place}stock.db`).href, syncUrl: stockServer.url.http }
      : { url: stockServer.url[way] },
  );
  const manager = await openTransactionManager({
    ...(replica
      ? // What is compared is answers: a loaded machine may take its time.
        { url: pathToFileURL(`${place}ours.db`).href, syncUrl: oursServer.url.http, acquireTimeoutMs: 300_000 }
      : { url: oursServer.url[way] }),
    schema,
  });
  const settle = async (): Promise<void> => {
    if (!replica) return;
    await stock.$client.sync();
    await manager.sync();
  };
  await settle();
  return {
    stock,
    ours: manager.db as unknown as Root,
    settle,
    rowsEvery: 8,
    rows: () => Promise.all([dumpOf(eyes[0]), dumpOf(eyes[1])]),
    third: () => null,
    close: async () => {
      for (const eye of eyes) eye.close();
      stock.$client.close();
      await manager.close({ drainMs: 0 });
    },
  };
}

/** The stock client. */
export async function openStock(config: { url: string; syncUrl?: string }): Promise<Root> {
  return drizzle(createClient(config), { schema }) as unknown as Root;
}

async function prepare(client: Client): Promise<void> {
  await client.batch([...preparation], 'write');
}

async function empty(admin: Client): Promise<void> {
  const { rows } = await admin.execute(
    `select type, name from sqlite_schema where type in ('table', 'view') and name not like 'sqlite_%'
      order by sql like 'create virtual%' desc`,
  );
  await admin.migrate(
    [
      ...rows.map(({ type, name }) => `drop ${String(type)} if exists "${String(name)}"`),
      // The counters of autoincrement keys.
      'delete from sqlite_sequence',
    ].filter((text) => rows.some(({ name }) => name === 'kinds') || !text.includes('sqlite_sequence')),
  );
}

const schemaQuery = "select type, name, sql from sqlite_schema where name not like 'notes_%' order by type, name";

// Columns come and go, so each table is asked for the ones it has.
const columnsQuery = `select s.name as holder, x.name from sqlite_schema s, pragma_table_xinfo(s.name) x
  where s.name in (${tableNames.map((name) => `'${name}'`).join()}) and x.hidden <> 1 order by s.name, x.cid`;

/** Whatever the rows are read by: it takes many statements at once, for servers. */
type Reader = (sqls: readonly string[]) => unknown[][][] | Promise<unknown[][][]>;

function rowsQuery(table: string, columns: readonly string[]): string {
  const shown = columns.map((name) => `typeof("${name}") || ' ' || quote("${name}")`).join(` || ', ' || `);
  return `select ${shown} as shown from ${table} order by 1`;
}

async function dump(read: Reader): Promise<string> {
  const [schemaRows = [], columns = []] = await read([schemaQuery, columnsQuery]);
  const columnsOf = (table: string): string[] =>
    columns.filter(([holder]) => holder === table).map(([, name]) => String(name));
  const rows = await read(tableNames.map((table) => rowsQuery(table, columnsOf(table))));
  const lines = tableNames.flatMap((table, index) => [
    `${table}:`,
    ...(rows[index] ?? []).map(([shown]) => String(shown)),
  ]);
  // A replica of the stock client prints anew what it parsed.
  const shape = JSON.stringify(schemaRows)
    .toLowerCase()
    .replaceAll(/[\s;]|\\n/g, '');
  return [shape, ...lines].join('\n');
}

function rawReader(native: Libsql.Database): Reader {
  return (sqls) => sqls.map((sql) => readAnew(native, sql, []));
}

function readAnew(native: Libsql.Database, sql: string, args: readonly unknown[]): unknown[][] {
  const bound = args.map((value) => {
    if (typeof value === 'boolean') return Number(value);
    if (value instanceof Date) return value.getTime();
    if (value instanceof ArrayBuffer) return Buffer.from(value);
    return value;
  });
  const statement = native.prepare(sql);
  statement.raw(true).safeIntegers(true);
  return statement.all(bound) as unknown[][];
}

function dumpOf(client: Client): Promise<string> {
  return dump(async (sqls) =>
    (await client.batch([...sqls], 'read')).map(({ rows, columns }) =>
      rows.map((row) => columns.map((_name, index) => row[index])),
    ),
  );
}
