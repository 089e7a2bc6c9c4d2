// Loads the native driver, silently: on replicas it logs failed calls to standard error, and packages do not print.
// By require, because it reads the variable once, when it is loaded.
import { createRequire } from 'node:module';
import type Libsql from 'libsql';

/** Opens a native connection; the driver takes an encryption key that its declarations do not know. */
export const Database: new (path: string, options?: Libsql.Options & { encryptionKey?: string }) => Libsql.Database =
  load();

function load(): typeof Libsql {
  const before = process.env['RUST_LOG'];
  process.env['RUST_LOG'] = before ?? 'off';
  try {
    return createRequire(import.meta.url)('libsql') as typeof Libsql;
  } finally {
    if (before === undefined) delete process.env['RUST_LOG'];
  }
}
