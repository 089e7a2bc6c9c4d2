// A library in a folder of its own, and its file seen from outside: what the tests of the import look at.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { type Library, type LibraryOptions, openLibrary } from '../src/library.js';
import { makeFolder } from './measuring.js';

/** A folder for models, and a library beside it. */
export interface Place {
  /** Empty, for model files. */
  readonly models: string;
  /** The folder around both. */
  readonly folder: string;
  /** The URL of the library, which the command finds by itself when it runs in `folder`. */
  readonly url: string;
}

/** Makes a place that is gone after the test. */
export function makePlace(): Place {
  return placeIn(makeFolder());
}

/** Makes a place for all tests of a file, which is there until it is removed. */
export function makeLastingPlace(): { readonly place: Place; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'library-'));
  return { place: placeIn(folder), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function placeIn(folder: string): Place {
  const models = join(folder, 'models');
  mkdirSync(models);
  return { models, folder, url: pathToFileURL(join(folder, '.candy', 'library.db')).href };
}

/** Opens the library of a place until the test ends. */
export async function open({ url }: Place, options?: LibraryOptions): Promise<Library> {
  const library = await openLibrary(url, options);
  onTestFinished(async () => await library[Symbol.asyncDispose]());
  return library;
}

/** Writes a file below a folder and returns its path. */
export function put(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** The hashes of the database file and of its log. */
export function filesOf({ folder }: Place): readonly string[] {
  return ['library.db', 'library.db-wal'].map((name) => {
    const path = join(folder, '.candy', name);
    return existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : 'absent';
  });
}

/** What SQLite's own check and the check of the search index say about a library: empty when all is well. */
export async function problemsOf({ transactions, repositories }: Library): Promise<readonly string[]> {
  const { rows } = await transactions.db.$client.execute('PRAGMA integrity_check');
  const integrity = rows.map((row) => String(row[0])).filter((line) => line !== 'ok');
  const { problems } = await repositories.search.verifyIndex();
  return [...integrity, ...problems];
}
