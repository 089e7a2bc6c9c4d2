// drizzle with @libsql/client, as their documentation has it: reads prepared, transactions with builders.
import { createClient } from '@libsql/client';
import { eq, inArray } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/libsql';
import { type Peer, partsOf, pragmas, RolledBack, rolledBack } from './contract.js';
import { insertValues, readsOf, setTriangles, setValues, touch } from './drizzle-reads.js';
import { models, schema } from './drizzle-tables.js';

/** Opens the peer. */
export async function openDrizzleLibsql(path: string): Promise<Peer> {
  const client = createClient({ url: `file:${path}` });
  for (const pragma of pragmas) await client.execute(pragma);
  const db = drizzle(client, { schema });
  return {
    ...readsOf(db),
    create: (model) =>
      db.transaction(async (tx) => {
        const same = eq(models.fileHash, model.fileHash);
        const others = await tx.select({ id: models.id }).from(models).where(same).limit(1);
        if (others.length > 0) return 'duplicate';
        await tx.insert(models).values(model);
        return 'created';
      }),
    async setMetadata(id, values) {
      await setValues(db, id, values);
    },
    createMany: (items) =>
      db.transaction(async (tx) => {
        const hashes = items.map(({ model }) => model.fileHash);
        const others = await tx.select({ id: models.id }).from(models).where(inArray(models.fileHash, hashes)).limit(1);
        if (others.length > 0) throw new Error('a model has the same file content');
        for (const part of partsOf(items, 500)) {
          await tx.insert(models).values(part.map(({ model }) => model));
          await insertValues(tx, part);
        }
      }),
    increment: (id, otherId, pause) =>
      db.transaction(async (tx) => {
        const [row] = await tx.select({ triangles: models.triangles }).from(models).where(eq(models.id, id));
        if (pause) await pause();
        await setTriangles(tx, id, (row?.triangles ?? 0) + 1);
        await touch(tx, otherId);
      }),
    holdWrite: (id, triangles, whileOpen) =>
      rolledBack(
        db.transaction(async (tx) => {
          await setTriangles(tx, id, triangles);
          await whileOpen();
          throw new RolledBack();
        }),
      ),
    async pragma(name, where) {
      if (where === 'outside') return valueOf((await client.execute(`PRAGMA ${name}`)).rows[0]?.[0]);
      // What drizzle's transaction() begins.
      const transaction = await client.transaction('write');
      const { rows } = await transaction.execute(`PRAGMA ${name}`);
      await transaction.commit();
      return valueOf(rows[0]?.[0]);
    },
    async settle() {
      await client.execute('PRAGMA wal_checkpoint(TRUNCATE)');
    },
    close() {
      client.close();
    },
  };
}

function valueOf(value: unknown): string | number {
  return typeof value === 'number' ? value : String(value);
}
