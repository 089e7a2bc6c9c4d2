// A library behind a real server on a port of this machine, and a client that asks it as a page does.
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { join } from 'node:path';
import type { ModelId } from '@cc/schema';
import { afterAll, beforeAll } from 'vitest';
import { openGeometryReader } from '../src/geometry/reader.js';
import { importFolders } from '../src/importing/import-folders.js';
import { type Library, openLibrary } from '../src/library.js';
import { type LibraryServer, type ServeOptions, serveLibrary } from '../src/serve/server.js';
import { makeLastingPlace, type Place, put } from './temporary-library.js';

/** A cube as ASCII STL, of a size of its own so that no two have the same content. */
export function cubeStl(size: number): string {
  const corner = (x: number, y: number, z: number): string => `vertex ${x * size} ${y * size} ${z * size}`;
  const facet = (a: string, b: string, c: string): string =>
    `facet normal 0 0 0\nouter loop\n${a}\n${b}\n${c}\nendloop\nendfacet\n`;
  const [o, x, y, z] = [corner(0, 0, 0), corner(1, 0, 0), corner(0, 1, 0), corner(0, 0, 1)];
  return `solid s\n${facet(o, y, x)}${facet(o, x, z)}${facet(o, z, y)}${facet(x, y, z)}endsolid s\n`;
}

/** What the tests of a file share. */
export interface Served {
  readonly library: Library;
  readonly server: LibraryServer;
  readonly place: Place;
  /** The ids of the imported models by their file names. */
  readonly ids: ReadonlyMap<string, ModelId>;
  /** Asks for an address of the server, with JSON as body. */
  readonly ask: (path: string, o?: Asking) => Promise<Answer>;
}

/** How something is asked. */
export interface Asking {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What was answered, with the body as JSON where it is. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Tests say what they expect of it. */
  readonly json: ReturnType<typeof JSON.parse>;
}

/** Opens a library with five models and serves it around the tests of the calling file. */
export function serving(options: Partial<ServeOptions> = {}): () => Served {
  let served: Served | undefined;
  let remove = (): void => {};
  beforeAll(async () => {
    const made = makeLastingPlace();
    remove = made.remove;
    const { place } = made;
    for (const [at, name] of ['bolt.stl', 'parts/gear.stl', 'parts/hex nut.stl', 'washer.stl'].entries())
      put(place.models, name, cubeStl(at + 1));
    put(place.models, 'damaged.stl', 'solid\nfacet normal 0 0\n');
    const library = await openLibrary(place.url, { advice: true });
    {
      await using geometry = await openGeometryReader();
      await importFolders(library, [place.models], { geometry, signal: new AbortController().signal });
    }
    const ids = new Map<string, ModelId>();
    for await (const { id, fileName } of library.repositories.models.listAll()) ids.set(fileName, id);
    const server = await serveLibrary(library, { folder: join(place.folder, '.candy'), port: 0, ...options });
    served = { library, server, place, ids, ask: asking(server.url) };
  });
  afterAll(async () => {
    await served?.server.close();
    await served?.library[Symbol.asyncDispose]();
    remove();
  });
  return () => {
    if (served === undefined) throw new Error('the server is there during tests only');
    return served;
  };
}

/** Asks a server as a page does. */
export function asking(url: string, always: Readonly<Record<string, string>> = {}): Served['ask'] {
  return async (path, { method, body, headers = {} } = {}) => {
    const given = {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        'x-candy': '1',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...always,
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    };
    const response = await fetch(new URL(path, url), given);
    const text = await response.text();
    const isJson = /^application.(?:problem.)?json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : null };
  };
}

/** Sends a request line as it is: `fetch` would tidy the path and would not name another host. */
export function askRaw(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<{ readonly status: number; readonly body: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request(
      { hostname, port, path, method, headers, setHost: headers['host'] === undefined },
      (response) => {
        let body = '';
        response.setEncoding('latin1').on('data', (text: string) => {
          body += text;
        });
        response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
      },
    );
    asked.once('error', reject);
    asked.end();
  });
}

/** One event as it came. */
export interface Heard {
  readonly id: string;
  readonly name: string;
  /** Tests say what they expect of it. */
  readonly data: ReturnType<typeof JSON.parse>;
}

/** Listens to the events of a server: `next` waits for one that fits, and forgets those before it. */
export async function hear(url: string, headers: Readonly<Record<string, string>> = {}) {
  const end = new AbortController();
  const response = await fetch(new URL('/api/events', url), { headers, signal: end.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  const waiting: Heard[] = [];
  const next = async (fits: (event: Heard) => boolean): Promise<Heard> => {
    for (;;) {
      for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) if (fits(event)) return event;
      const { value, done } = (await reader?.read()) ?? { done: true };
      if (done) throw new Error('the events have ended');
      rest += value;
      const blocks = rest.split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
        if (field('event') !== '')
          waiting.push({ id: field('id'), name: field('event'), data: JSON.parse(field('data')) });
      }
    }
  };
  const ended = async (): Promise<void> => {
    for (;;) if ((await reader?.read())?.done !== false) return;
  };
  return { response, next, ended, close: () => end.abort() };
}

/** SHA-256 of a text, in hexadecimal. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
