// The page itself: the files that the build has made, found by exact name in a list that is read once, so that no request
// reaches the disk; compressed when first asked for.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Context, MiddlewareHandler } from 'hono';

interface PageFile {
  readonly bytes: Buffer;
  readonly type: string;
  readonly etag: string;
  /** Its name holds a hash of its content. */
  readonly isForEver: boolean;
  readonly packed: Map<string, Promise<Buffer>>;
}

/** Returns what answers with the page: its files, and the page for every address that the page itself understands. */
export async function pageFiles(folder: string): Promise<MiddlewareHandler> {
  const files = await readFiles(folder);
  const index = files.get('/index.html') ?? placeholder;
  return async (c, next) => {
    const { method, path } = c.req;
    if (method !== 'GET' && method !== 'HEAD') return await next();
    const file = files.get(path);
    if (file !== undefined) return await answer(c, file);
    // What looks like a file is one that is not there; everything else is an address of the page.
    if (path.startsWith('/api/') || extname(path) !== '') return await next();
    return await answer(c, index);
  };
}

async function readFiles(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  const files = new Map<string, PageFile>();
  let names: readonly string[] = [];
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch {
    // It was not built: the placeholder says so.
  }
  for (const path of names) {
    const name = `/${relative(folder, path).split(sep).join('/')}`;
    files.set(name, pageFile(name, await readFile(path)));
  }
  return files;
}

function pageFile(name: string, bytes: Buffer): PageFile {
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`;
  const type = types[extname(name)] ?? 'application/octet-stream';
  return { bytes, type, etag, isForEver: /-[\w-]{8,}\.\w+$/.test(name), packed: new Map() };
}

async function answer(c: Context, file: PageFile): Promise<Response> {
  const { bytes, type, etag, isForEver } = file;
  const headers = {
    etag,
    'cache-control': isForEver ? 'public, max-age=31536000, immutable' : 'no-cache',
    vary: 'accept-encoding',
  };
  if (c.req.header('if-none-match')?.includes(etag)) return new Response(null, { status: 304, headers });
  const encoding = /^(?:text|application\/(?:json|javascript|manifest)|image\/svg)/.test(type)
    ? encodingFor(c.req.header('accept-encoding') ?? '')
    : null;
  const body = encoding === null ? bytes : await pack(file, encoding);
  return new Response(new Uint8Array(body), {
    headers: { ...headers, 'content-type': type, ...(encoding !== null && { 'content-encoding': encoding }) },
  });
}

type Encoding = 'br' | 'gzip';

function encodingFor(accepted: string): Encoding | null {
  const names = accepted
    .toLowerCase()
    .split(',')
    .filter((one) => !/;\s*q=0(?:\.0*)?\s*$/.test(one))
    .map((one) => one.split(';')[0]?.trim());
  if (names.includes('br')) return 'br';
  return names.includes('gzip') ? 'gzip' : null;
}

function pack({ packed, bytes }: PageFile, encoding: Encoding): Promise<Buffer> {
  const known = packed.get(encoding);
  if (known !== undefined) return known;
  const made =
    encoding === 'br'
      ? promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
      : promisify(gzip)(bytes, { level: 9 });
  packed.set(encoding, made);
  return made;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

const placeholder = pageFile(
  '/index.html',
  Buffer.from(
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Candy</title><h1>Candy</h1><p>The page is not built: run <code>npm run build</code>. The API is at <a href="/api/openapi.json">/api/openapi.json</a>.</p></html>',
  ),
);
