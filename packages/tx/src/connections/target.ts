// Reads the URL of a database: which kind of target it names and where it lies.
import { isAbsolute, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isWholeText } from '../call-arguments.js';
import { isError } from '../errors/is-error.js';
import type { ReadOnlyFile } from './local/read-only-file.js';

/** A local database to open: a file's path, or a private database in memory. */
export type LocalTarget =
  | {
      readonly kind: 'local';
      readonly path: string;
      readonly url: string;
      /** Its connections refuse writes. */
      readonly readOnly?: true;
      /** How it is opened when it is only read. */
      readonly file?: ReadOnlyFile;
    }
  | { readonly kind: 'memory'; readonly path: ':memory:'; readonly url: string };

/** A libSQL server. `address` is what @libsql/client is opened with; `url` is the same without credentials. */
export interface RemoteTarget {
  readonly kind: 'remote';
  readonly address: string;
  readonly url: string;
}

/** A local file that follows a server. */
export interface ReplicaTarget {
  readonly kind: 'replica';
  readonly path: string;
  readonly url: string;
  readonly server: RemoteTarget;
}

/** A database to open. */
export type Target = LocalTarget | RemoteTarget | ReplicaTarget;

/** What the file of `target` is opened with. */
export function addressOf(target: Exclude<Target, RemoteTarget>): string {
  return (target.kind === 'local' ? target.file?.address : undefined) ?? target.path;
}

/** Reads `url`, and `syncUrl` of a replica. @throws TypeError that says how to write them */
export function parseTarget(url: string, syncUrl?: string): Target {
  const target = parseUrl(url);
  if (syncUrl === undefined) return target;
  const server = parseUrl(syncUrl);
  if (target.kind !== 'local') throw new TypeError(`a replica is a local file: with syncUrl, url must be 'file:path'`);
  if (server.kind !== 'remote') throw new TypeError(`syncUrl must name a server, such as 'https://host'`);
  return { kind: 'replica', path: target.path, url: target.url, server };
}

function parseUrl(url: string): LocalTarget | RemoteTarget {
  if (typeof url !== 'string' || url === '') throw new TypeError(`url must be a text such as 'file:library.db'`);
  refuseSlip(url);
  if (url === ':memory:' || url === 'file::memory:') return { kind: 'memory', path: ':memory:', url: ':memory:' };
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme !== undefined && serverSchemes.has(scheme)) return remoteTarget(url);
  if (scheme !== 'file') {
    const name = scheme === undefined ? 'no scheme' : `the scheme '${scheme}:'`;
    throw new TypeError(
      `url has ${name}; use 'file:path/to/library.db', ':memory:', or a server's http, ws or libsql URL`,
    );
  }
  if (/[?#]/.test(url)) {
    throw new TypeError(`url has a query or fragment, which local files do not take; write '?' as %3F and '#' as %23`);
  }
  const path = url.slice('file:'.length).startsWith('//') ? pathOfFileUrl(url) : decode(url.slice('file:'.length));
  if (path === '' || !isWholeText(path))
    throw new TypeError(`url names no file; write for example 'file:library.db', without NUL and lone surrogates`);
  return { kind: 'local', path: fromRoot(path), url };
}

/** What a file of variables leaves behind would name another file: an empty one, made without a word. @throws TypeError */
function refuseSlip(url: string): void {
  const path = url.replace(/^file:/i, '');
  if (path.trim() !== path || url.trim() !== url || hasControl.test(url)) {
    throw new TypeError(
      'url has white space at an end, or a line break: take it away (the lines of its file may end with CR LF), or write it as %20, %0A',
    );
  }
  if (path === url || !ofVariable.has(path)) return;
  throw new TypeError(`url is '${url}', as of a variable without a value; a file of that name is 'file:./${path}'`);
}

/** Of NUL another error tells. */
const hasControl = /[^\P{Cc}\0]/u;
const ofVariable: ReadonlySet<string> = new Set(['undefined', 'null', 'NaN', '[object Object]', '[object Promise]']);

/**
 * A relative path would be that of another file once the process has changed its folder, and one such as `:memory:` none at
 * all. Not shortened: behind a link `..` is another folder than it looks.
 */
function fromRoot(path: string): string {
  try {
    return isAbsolute(path) ? path : `${process.cwd()}${sep}${path}`;
  } catch {
    // That folder is gone: SQLite cannot open the file either, and says so.
    return path;
  }
}

const serverSchemes = new Set(['http', 'https', 'ws', 'wss', 'libsql']);

function remoteTarget(address: string): RemoteTarget {
  let shown: URL;
  try {
    shown = new URL(address);
  } catch (cause) {
    throw new TypeError(`url is no valid URL of a server; write for example 'https://host:8080'`, { cause });
  }
  if (shown.username !== '' || shown.password !== '') {
    throw new TypeError('url holds credentials; pass the token as authToken');
  }
  for (const name of shown.searchParams.keys()) {
    if (name === 'authToken')
      throw new TypeError('url holds a token, which would show up in logs; pass it as authToken');
    if (name !== 'tls') throw new TypeError(`url has the unknown parameter '${name}'; servers take 'tls' only`);
  }
  checkTls(shown);
  if (address.includes('#')) throw new TypeError('url has a fragment, which servers do not take');
  return { kind: 'remote', address, url: address };
}

/** As the client checks it, which throws an error of its own. */
function checkTls({ protocol, port, searchParams }: URL): void {
  const values = searchParams.getAll('tls');
  const wrong = values.find((value) => value !== '0' && value !== '1');
  if (wrong !== undefined) throw new TypeError(`url has tls=${wrong}; write tls=0 or tls=1`);
  const [tls] = values.slice(-1);
  if (tls === '1' && (protocol === 'http:' || protocol === 'ws:'))
    throw new TypeError(`url asks for TLS with tls=1; write ${protocol === 'http:' ? 'https' : 'wss'}: instead`);
  if (tls === '0' && (protocol === 'https:' || protocol === 'wss:'))
    throw new TypeError(`url refuses TLS with tls=0; write ${protocol === 'https:' ? 'http' : 'ws'}: instead`);
  if (tls === '0' && protocol === 'libsql:' && port === '')
    throw new TypeError('url refuses TLS with tls=0 and names no port; write for example libsql://host:8080?tls=0');
}

function pathOfFileUrl(url: string): string {
  decode(url);
  try {
    return fileURLToPath(url);
  } catch (cause) {
    const reason = isError(cause) ? cause.message : String(cause);
    throw new TypeError(`url is no valid file URL: ${reason}; write for example 'file:///folder/library.db'`, {
      cause,
    });
  }
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new TypeError(`url has a '%' that is no percent-encoding; write it as %25`, { cause });
  }
}
