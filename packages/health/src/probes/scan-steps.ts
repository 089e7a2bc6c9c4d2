// Full-scan steps as SQLite counts them for each statement that a connection keeps prepared. The counts only grow until a
// statement is let go of, so what is told is at least what was done; nothing here is inferred from plans.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDatabaseError } from '@cc/tx/errors';
import { type CountingConnection, countingConnections } from '@cc/tx/own-connection';
import type { HealthSource } from '../source.js';
import { ownStatementMark } from '../statistics/own-statement.js';

/** Takes the steps that are new since the last reading. */
export class ScanSteps {
  /** What each connection had counted at the last reading, by the text of the statement. */
  #before = new WeakMap<object, ReadonlyMap<string, number>>();
  #isFirst = true;

  /** What was counted from here on is new; what connections have counted before is not. */
  begin(): void {
    this.#before = new WeakMap();
    this.#isFirst = true;
  }

  /** Tells each statement's new steps; a turn of the event loop to a connection. False where SQLite cannot be asked. */
  async read(source: HealthSource, tell: (sql: string, steps: number) => void): Promise<boolean> {
    const connections = connectionsOf(source);
    if (connections === null) return false;
    for (const { key, scanCounts } of connections) {
      await nextTurn();
      const counts = countsOf(scanCounts);
      if (!counts) continue;
      const before = this.#before.get(key);
      // One that is seen for the first time later on was opened meanwhile.
      for (const [sql, steps] of counts) {
        const more = steps - (before?.get(sql) ?? (this.#isFirst ? steps : 0));
        if (more > 0 && !sql.endsWith(ownStatementMark)) tell(sql, more);
      }
      this.#before.set(key, counts);
    }
    this.#isFirst = false;
    return true;
  }
}

function connectionsOf(source: HealthSource): readonly CountingConnection[] | null {
  try {
    return countingConnections(source);
  } catch (error) {
    // Of the shape of a manager, and none.
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** Null when the connection cannot be asked now: by the next reading it is another one, or free. */
function countsOf(scanCounts: CountingConnection['scanCounts']): ReadonlyMap<string, number> | null {
  try {
    const counts = scanCounts();
    return counts && new Map(counts.map(({ sql, fullScanSteps }) => [sql, fullScanSteps]));
  } catch (error) {
    if (isDatabaseError(error)) return null;
    throw error;
  }
}
