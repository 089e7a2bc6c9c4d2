// The hand-written contender's transactions: many at once behind a promise chain as the mutex, and what is done inside one.
import type Database from 'libsql';
import type { ConcurrentOperations, Contender } from './contender.js';
import { keyColumns } from './raw-statements.js';

const readTriangles = 'SELECT triangles FROM models WHERE id = ?';
const touchModel = 'UPDATE models SET vertices = vertices + 1 WHERE id = ?';

/** One connection writes, the other one reads beside it. */
export function concurrentOf(writer: Database.Database, reader: Database.Database): ConcurrentOperations {
  const readInside = writer.prepare(readTriangles);
  const readBeside = reader.prepare(readTriangles);
  const write = writer.prepare('UPDATE models SET triangles = ? WHERE id = ?');
  const touch = writer.prepare(touchModel);
  let last: Promise<void> = Promise.resolve();
  const alone = (work: () => Promise<void>): Promise<void> => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
  return {
    increment: (id, otherId, pause) =>
      alone(async () => {
        writer.exec('BEGIN IMMEDIATE');
        const triangles = trianglesOf(readInside, id);
        if (pause) await pause();
        write.run([triangles + 1, id]);
        touch.run([otherId]);
        writer.exec('COMMIT');
      }),
    readTriangles: (id) => trianglesOf(readBeside, id),
    holdWrite: (id, triangles, whileOpen) =>
      alone(async () => {
        writer.exec('BEGIN IMMEDIATE');
        write.run([triangles, id]);
        await whileOpen();
        writer.exec('ROLLBACK');
      }),
  };
}

/** `inTransaction` on `connection`. */
export function inTransactionOf(connection: Database.Database): Contender['inTransaction'] {
  const byKey = connection.prepare(`SELECT ${keyColumns} FROM models WHERE id = ?`);
  const touch = connection.prepare(touchModel);
  return async (work) => {
    connection.exec('BEGIN IMMEDIATE');
    const bound = connection.prepare(`SELECT ${keyColumns} FROM models WHERE id = ?`);
    await work({
      readByKey: (id) => byKey.get([id]),
      readBound: (id) => bound.get([id]),
      touch: (id) => void touch.run([id]),
      touchInSavepoint(id) {
        connection.exec('SAVEPOINT one');
        touch.run([id]);
        connection.exec('RELEASE one');
      },
      touchInJoined: (id) => void touch.run([id]),
    });
    connection.exec('COMMIT');
  };
}

function trianglesOf(statement: Database.Statement, id: string): number {
  // What the SQL selects.
  return (statement.get([id]) as { triangles: number }).triangles;
}
