// Finds and loads the native driver: from here, and where a bundler has moved this code away from its packages, from the
// program or the current folder. At the first use, so that programs that only ask servers need no driver.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type Libsql from 'libsql';
import { currentFolder } from './current-folder.js';
import { isError } from './errors/is-error.js';
import { DatabaseError } from './errors.js';

/** Opens a native connection; the driver takes an encryption key that its declarations do not know. */
export function openNative(
  path: string,
  options: Libsql.Options & { readonly encryptionKey?: string },
): Libsql.Database {
  driver ??= load();
  return new driver(path, options);
}

// Looking for it takes longer than opening a connection.
let driver: typeof Libsql | undefined;

/** Where the driver is, for the threads and processes that load it by themselves. @throws DatabaseError `DRIVER_MISSING` */
export function driverPath(): string {
  // Empty in a CommonJS bundle, and in some bundles the path of a source on the machine that built it.
  const here: string | undefined = import.meta.url;
  const bundle = typeof __filename === 'string' ? __filename : undefined;
  const folder = currentFolder();
  for (const from of [here, bundle, process.argv[1], folder && join(folder, 'package.json')]) {
    try {
      if (from !== undefined) return createRequire(from).resolve('libsql');
    } catch {
      // The next place may have it.
    }
  }
  throw missing('it was not found from the program, its bundle or the current folder');
}

function load(): typeof Libsql {
  const path = driverPath();
  const before = process.env['RUST_LOG'];
  // On replicas it logs failed calls to standard error, and packages do not print. It reads this when it is loaded.
  process.env['RUST_LOG'] = before ?? 'off';
  try {
    return createRequire(path)(path) as typeof Libsql;
  } catch (error) {
    throw missing(isError(error) ? error.message : String(error), error);
  } finally {
    if (before === undefined) delete process.env['RUST_LOG'];
  }
}

function missing(reason: string, cause?: unknown): DatabaseError {
  return new DatabaseError(`The native driver libsql cannot be loaded: ${reason}`, {
    type: 'connection',
    code: 'DRIVER_MISSING',
    operation: 'load libsql',
    hint: 'Install libsql where the program runs and keep it external when you bundle: docs/guides/bundlers.md',
    cause,
  });
}
