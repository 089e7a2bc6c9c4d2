// The same drizzle queries on every kind of target: a local file, a server over HTTP and WebSocket, and a replica of it.
import { schema } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';
import { type Client, createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import type { ConnectionDurability } from '../harness/suite.js';
import { writtenAt } from './contender.js';
import { durabilityOf as durabilityOfClient } from './drizzle-libsql.js';
import { durabilityOf } from './ours.js';
import { collect, prepareCollect, prepareReadByKey, prepareReadTriangles, setTriangles } from './own-queries.js';

/** Where a database is; `syncUrl` makes the file of `url` a replica. */
export interface Place {
  readonly url: string;
  readonly syncUrl?: string;
}

/** What is done on every target. */
export interface OpenTarget {
  readByKey(id: string): Promise<unknown>;
  /** Reads a model's number, inserts a collection, inserts the model into it: one committed transaction. */
  collect(collectionId: string, modelId: string): Promise<void>;
  /** Sets `triangles` by one statement, then reads it. */
  writeAndRead(id: string, triangles: number): Promise<number>;
  /** Inserts 1,000 collections in one batch of the client. */
  insertBatch(name: string): Promise<void>;
  durability(): Promise<readonly ConnectionDurability[]>;
  close(): Promise<void>;
}

/** Opens @cc/tx. */
export async function openOursOn(place: Place): Promise<OpenTarget> {
  const transactions = await openTransactionManager({ ...place, schema });
  const { db } = transactions;
  const readByKey = prepareReadByKey(db);
  const collectPrepared = prepareCollect(db);
  const readTriangles = prepareReadTriangles(db);
  return {
    readByKey: (id) => readByKey.get({ id }),
    collect: (collectionId, modelId) => transactions.transaction(() => collectPrepared(collectionId, modelId)),
    async writeAndRead(id, triangles) {
      await setTriangles(db, id, triangles);
      return readTriangles(id);
    },
    insertBatch: (name) => insertBatch(db.$client, name),
    durability: () => durabilityOf(transactions),
    close: () => transactions.close(),
  };
}

/** Opens drizzle over @libsql/client. */
export async function openDrizzleOn(place: Place): Promise<OpenTarget> {
  const client = createClient({ ...place });
  // The first fetch, which @cc/tx does when it opens.
  if (place.syncUrl !== undefined) await client.sync();
  const db = drizzle(client, { schema });
  const readByKey = prepareReadByKey(db);
  const readTriangles = prepareReadTriangles(db);
  return {
    readByKey: (id) => readByKey.get({ id }),
    collect: (collectionId, modelId) => db.transaction((tx) => collect(tx, collectionId, modelId)),
    async writeAndRead(id, triangles) {
      await setTriangles(db, id, triangles);
      return readTriangles(id);
    },
    insertBatch: (name) => insertBatch(client, name),
    durability: () => durabilityOfClient(client),
    close: async () => client.close(),
  };
}

async function insertBatch(client: Pick<Client, 'batch'>, name: string): Promise<void> {
  const at = writtenAt.getTime();
  const statements = Array.from({ length: 1_000 }, (_, i) => ({
    sql: 'insert into collections (id, name, created_at, updated_at) values (?, ?, ?, ?)',
    args: [`${name} ${i}`, `${name} ${i}`, at, at],
  }));
  await client.batch(statements, 'write');
}
