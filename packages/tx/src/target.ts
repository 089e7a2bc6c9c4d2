// Reads the URL of a database: which kind of target it names and where it lies.
import { fileURLToPath } from 'node:url';

/** A database to open: a file's path, or a private database in memory. */
export type Target =
  | { readonly kind: 'local'; readonly path: string; readonly url: string }
  | { readonly kind: 'memory'; readonly path: ':memory:'; readonly url: string };

/** Reads `url`. @throws TypeError that says how to write it */
export function parseTarget(url: string): Target {
  if (typeof url !== 'string' || url === '') throw new TypeError(`url must be a text such as 'file:library.db'`);
  if (url === ':memory:' || url === 'file::memory:') return { kind: 'memory', path: ':memory:', url: ':memory:' };
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme !== 'file') {
    const name = scheme === undefined ? 'no scheme' : `the scheme '${scheme}:'`;
    throw new TypeError(`url has ${name}; use 'file:path/to/library.db' or ':memory:'`);
  }
  if (/[?#]/.test(url)) {
    throw new TypeError(`url has a query or fragment, which local files do not take; write '?' as %3F and '#' as %23`);
  }
  const path = url.startsWith('file://') ? fileURLToPath(url) : decode(url.slice('file:'.length));
  if (path === '' || path.includes('\0')) throw new TypeError(`url names no file; write for example 'file:library.db'`);
  return { kind: 'local', path, url };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new TypeError(`url has a '%' that is no percent-encoding; write it as %25`, { cause });
  }
}
