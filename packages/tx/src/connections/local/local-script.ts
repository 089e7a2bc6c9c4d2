// A script on a held connection: its statements one after another, each as if it were run alone, so that it waits for the
// locks of others, lets the event loop have its turns, and what fails leaves nothing of itself. What is committed stays.
import { inPart } from '../../errors/restated.js';
import { ScriptProgress } from '../../statements/script.js';
import { statementKind } from '../../statements/statement-kind.js';
import { statementsOf } from '../../statements/statement-text.js';
import { giveTurn } from '../../waiting/turns.js';
import type { LocalHold } from './local-hold.js';

/** What a script needs of the connection that is held for it. */
export type ScriptHold = Pick<LocalHold, 'connection' | 'begin' | 'commit' | 'patient' | 'lost'>;

/** Runs the statements of `script`. @throws DatabaseError `outcome: 'unknown'` when some are committed and a later one fails */
export async function runScript(script: string, held: ScriptHold): Promise<void> {
  const progress = new ScriptProgress(held.connection.inTransaction);
  for (const sql of statementsOf(script)) {
    try {
      await giveTurn();
      await runOne(sql, held);
      progress.ran(sql, held.connection.inTransaction);
    } catch (error) {
      throw progress.committed ? inPart(error) : error;
    }
  }
}

async function runOne(sql: string, held: ScriptHold): Promise<void> {
  if (statementKind(sql) !== 'write' || held.connection.inTransaction) {
    return held.patient((connection) => connection.execForeign(sql));
  }
  await held.begin('write');
  try {
    held.connection.execForeign(sql);
    await held.commit();
  } finally {
    // A lost connection is somebody else's.
    if (!held.lost) held.connection.rollbackIfOpen();
  }
}
