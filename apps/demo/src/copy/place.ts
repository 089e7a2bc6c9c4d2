// The two ends of a copy: a path or a URL, with what a server or a replica needs besides. A file is written under another name
// and gets its own when it is whole.
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Library } from '../library.js';
import { visible } from '../terminal.js';

/** One end. */
export interface Place {
  readonly url: string;
  readonly server: { readonly authToken?: string; readonly syncUrl?: string };
  /** How messages call it: never with a token. */
  readonly shown: string;
}

/** What the command line and the environment say about one end. */
export interface PlaceGiven {
  readonly text: string;
  readonly syncUrl: string | undefined;
  readonly authToken: string | undefined;
  readonly workingFolder: string;
}

/** The place that is meant: a URL, or the path of a file. */
export function placeOf({ text, syncUrl, authToken, workingFolder }: PlaceGiven): Place {
  const isUrl = /^[a-z][a-z0-9+.-]+:/i.test(text);
  const url = isUrl ? text : pathToFileURL(resolve(workingFolder, text)).href;
  return {
    url,
    server: { ...(authToken && { authToken }), ...(syncUrl && { syncUrl }) },
    shown: visible(url.replace(/[?#].*$/s, '').replace(/\/\/[^/@]*@/, '//')),
  };
}

/** Where a copy is written first. */
export interface Draft {
  readonly place: Place;
  /** Gives the file its place, in one step and durably. Does nothing for what is no new file. */
  finish(library: Library): Promise<void>;
  /** Takes away what is not needed any more. */
  remove(): Promise<void>;
}

/** A new file is written beside its place; what an earlier run has left there goes. Any other target is written as it is. */
export async function draftOf(target: Place): Promise<Draft> {
  const path = newFile(target);
  if (path === null) return { place: target, finish: () => Promise.resolve(), remove: () => Promise.resolve() };
  const draft = `${path}.copying`;
  const remove = async (): Promise<void> => {
    for (const part of ['', '-wal', '-shm']) await rm(draft + part, { force: true });
  };
  await remove();
  return {
    place: { ...target, url: pathToFileURL(draft).href },
    // What is still in the log comes along, and a file that has come there meanwhile is not replaced.
    finish: async ({ transactions }) => void (await transactions.backup(path)),
    remove,
  };
}

function newFile({ url, server }: Place): string | null {
  if (!url.startsWith('file://') || url.includes('?') || server.syncUrl !== undefined) return null;
  const path = fileURLToPath(url);
  return existsSync(path) ? null : path;
}
