// The entry @cc/tx/side-program: programs in processes of their own on the file of a manager, for packages that build on
// this one. Long work of the engine is stopped by killing its process, and a crash of the driver stays in there.
import type { ChildProcess } from 'node:child_process';
import { addressOf } from './connections/target.js';
import { DatabaseError } from './errors.js';
import { internalsOf } from './internals.js';
import { driverAddress, driverPath } from './native-driver.js';
import { startProgram } from './side-process/side-process.js';
import type { TransactionManager } from './types.js';

export { makeOwnFolder, removeLeftFolders } from './own-folder.js';

/** What a program needs to open the file of a manager by itself. */
export interface DatabaseFile {
  /** What the driver opens: a path, or a `file:` address. */
  readonly path: string;
  readonly encryptionKey: string | undefined;
}

/**
 * Returns the file of a manager; null for a server and for a database in memory.
 *
 * @throws DatabaseError `closed`; `readonly` (`SQLITE_READONLY_DBMOVED`) when the file was moved, deleted or replaced
 * @throws TypeError for anything that openTransactionManager did not return
 */
export function databaseFileOf(manager: Pick<TransactionManager, 'url'>): DatabaseFile | null {
  const inside = internalsOf(manager);
  inside.assertOpen();
  inside.assertPlace('open');
  const { target } = inside;
  if (target.kind === 'remote' || target.kind === 'memory') return null;
  const encryptionKey = inside.encryptionKey();
  return { path: driverAddress(addressOf(target), encryptionKey), encryptionKey };
}

/**
 * Starts `text` as a Node program with a channel for messages; it ends with this process. Without imports, because a bundle
 * has no files beside it: the last of `process.argv` is the path of the driver. `name` is for people who look at the processes.
 *
 * @throws DatabaseError `DRIVER_MISSING`; `SIDE_PROCESS_MISSING` where no process may be started
 */
export function startSideProgram(text: string, name: string): ChildProcess {
  const driver = driverPath();
  try {
    return startProgram(text, name, driver);
  } catch (cause) {
    throw new DatabaseError('A process of its own cannot be started', {
      type: 'unknown',
      code: 'SIDE_PROCESS_MISSING',
      operation: name,
      hint: 'It runs process.execPath as Node with the libsql of the program: docs/guides/bundlers.md says what that needs',
      cause,
    });
  }
}
