// Finds and loads the native driver: from here, and where a bundler has moved this code away from its packages, from the
// program or the current folder. At the first use, so that programs that only ask servers need no driver.
import { isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type Libsql from 'libsql';
import { currentFolder } from './current-folder.js';
import { isError } from './errors/is-error.js';
import { DatabaseError } from './errors.js';

// Not imported: webpack follows the createRequire that is, and puts numbers of its own into the place of what it resolves.
const { createRequire } = process.getBuiltinModule('node:module');

/** Opens a native connection; the driver takes an encryption key that its declarations do not know. */
export function openNative(
  path: string,
  options: Libsql.Options & { readonly encryptionKey?: string },
): Libsql.Database {
  const driver = loaded();
  return new driver(driverAddress(path, options.encryptionKey), options);
}

/**
 * How the driver is to open `path`, a path or a `file:` address: without a key past the layer that decrypts. That layer takes
 * a read that has failed for one that has read zeros or what was in memory before, so that an unreadable sector gave wrong
 * rows, ended the log too early, and was written into the database by a checkpoint.
 */
export function driverAddress(path: string, encryptionKey: string | undefined): string {
  if (encryptionKey !== undefined || path === ':memory:' || !hasPlainFiles()) return path;
  const isAddress = path.startsWith('file:');
  // Below a folder that is gone there is nothing: the driver says so.
  if (!isAddress && !isAbsolute(path) && currentFolder() === undefined) return path;
  const address = isAddress ? path : pathToFileURL(path).href;
  return `${address}${address.includes('?') ? '&' : '?'}vfs=unix`;
}

/** Whether the engine has a layer of files below the one that decrypts, under the name that it has everywhere but on Windows. */
function hasPlainFiles(): boolean {
  plainFiles ??= process.platform !== 'win32' && opens(loaded(), 'file::memory:?vfs=unix');
  return plainFiles;
}

function opens(from: typeof Libsql, address: string): boolean {
  try {
    new from(address).close();
    return true;
  } catch {
    return false;
  }
}

let plainFiles: boolean | undefined;

const slot = Symbol.for('@cc/tx/driver/1');
const shared = globalThis as typeof globalThis & { [slot]?: typeof Libsql };

/**
 * The driver, looked for once, because that takes longer than opening a connection, and the same for every copy of this package: two
 * in one process take each other's locks for none, and write over what the other has committed
 * (https://sqlite.org/howtocorrupt.html, 2.2.1).
 */
function loaded(): typeof Libsql {
  shared[slot] ??= load();
  return shared[slot];
}

/** Where a driver is, for the processes that load it by themselves. @throws DatabaseError `DRIVER_MISSING` */
export function driverPath(): string {
  // Empty in a CommonJS bundle, and in some bundles the path of a source on the machine that built it.
  const here: string | undefined = import.meta.url;
  const folder = currentFolder();
  for (const from of [here, bundleFile(), process.argv[1], folder && join(folder, 'package.json')]) {
    try {
      if (from !== undefined) return createRequire(from).resolve('libsql');
    } catch {
      // The next place may have it.
    }
  }
  throw missing('it was not found from the program, its bundle or the current folder');
}

/** The file of a CommonJS bundle. Not asked for by `typeof`: webpack answers that itself, and 'string' in a module too, which has none. */
function bundleFile(): string | undefined {
  try {
    return __filename;
  } catch {
    return undefined;
  }
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
    hint:
      isError(cause) && 'code' in cause && cause.code === 'ERR_DLOPEN_DISABLED'
        ? 'Start Node without --no-addons, and under its permission model with --allow-addons, where it knows that'
        : 'Install libsql where the program runs and keep it external when you bundle: docs/guides/bundlers.md',
    cause,
  });
}
