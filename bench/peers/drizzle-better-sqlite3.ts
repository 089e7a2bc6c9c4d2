// drizzle with better-sqlite3: reads prepared, transactions with builders. Its transactions are synchronous, so that
// nothing can be awaited inside one.
import Sqlite from 'better-sqlite3';
import { eq, inArray } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { type Peer, partsOf, pragmas } from './contract.js';
import { insertValues, readsOf, setTriangles, setValues, touch } from './drizzle-reads.js';
import { models, schema } from './drizzle-tables.js';

/** Opens the peer. */
export function openDrizzleBetterSqlite3(path: string): Peer {
  const sqlite = new Sqlite(path);
  for (const pragma of pragmas) sqlite.exec(pragma);
  const db = drizzle(sqlite, { schema });
  const immediate = { behavior: 'immediate' } as const;
  const cannotWait = 'its transactions are synchronous';
  return {
    ...readsOf(db),
    cannotWait,
    create: (model) =>
      db.transaction((tx) => {
        const same = eq(models.fileHash, model.fileHash);
        const others = tx.select({ id: models.id }).from(models).where(same).limit(1).all();
        if (others.length > 0) return 'duplicate';
        tx.insert(models).values(model).run();
        return 'created';
      }, immediate),
    setMetadata(id, values) {
      setValues(db, id, values).run();
    },
    createMany: (items) =>
      db.transaction((tx) => {
        const hashes = items.map(({ model }) => model.fileHash);
        const others = tx.select({ id: models.id }).from(models).where(inArray(models.fileHash, hashes)).limit(1).all();
        if (others.length > 0) throw new Error('a model has the same file content');
        for (const part of partsOf(items, 500)) {
          tx.insert(models)
            .values(part.map(({ model }) => model))
            .run();
          insertValues(tx, part).run();
        }
      }, immediate),
    async increment(id, otherId) {
      db.transaction((tx) => {
        const row = tx.select({ triangles: models.triangles }).from(models).where(eq(models.id, id)).get();
        setTriangles(tx, id, (row?.triangles ?? 0) + 1).run();
        touch(tx, otherId).run();
      }, immediate);
    },
    async holdWrite() {
      throw new TypeError(cannotWait);
    },
    pragma: (name) => sqlite.pragma(name, { simple: true }) as string | number,
    settle() {
      sqlite.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    },
    close() {
      sqlite.close();
    },
  };
}
