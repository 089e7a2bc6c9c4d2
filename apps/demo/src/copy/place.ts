// The two ends of a copy: a path or a URL, with what a server or a replica needs besides. A file is written under another name
// and gets its own when it is whole.
import { existsSync } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Refused } from '../failure.js';
import type { Library } from '../library.js';
import { makeFolderOf, pathOf } from '../location.js';
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
export interface Draft extends AsyncDisposable {
  readonly place: Place;
  /** Gives the file its place, in one step and durably. Does nothing for what is no new file. */
  finish(library: Library): Promise<void>;
  /** Takes away what is not needed any more. */
  remove(): Promise<void>;
}

/**
 * A new file is written beside its place; what an earlier run has left there goes. Any other target is written as it is. Nobody
 * else may read a new file than may read `source`, from its first byte on.
 *
 * @throws Refused while another program writes there: its file would be taken from under its hands, and ours for its own
 */
export async function draftOf(source: Place, target: Place): Promise<Draft> {
  const path = newFile(target);
  const nothing = (): Promise<void> => Promise.resolve();
  if (path === null) return { place: target, finish: nothing, remove: nothing, [Symbol.asyncDispose]: nothing };
  const draft = `${path}.copying`;
  const remove = async (): Promise<void> => {
    for (const part of ['', '-wal', '-shm']) await rm(draft + part, { force: true });
  };
  const mark = `${draft}-by`;
  await makeFolderOf(target.url);
  await claim(mark, path);
  await remove();
  await writeFile(draft, '', { mode: await modeOf(source), flag: 'wx' });
  return {
    place: { ...target, url: pathToFileURL(draft).href },
    // What is still in the log comes along, and a file that has come there meanwhile is not replaced.
    finish: async ({ transactions }) => void (await transactions.backup(path)),
    remove,
    [Symbol.asyncDispose]: () => rm(mark, { force: true }),
  };
}

/** Of a file its mode, as far as the one who copies lets it be; of a server what any new file has. */
async function modeOf({ url }: Place): Promise<number> {
  const path = pathOf(url);
  return path === undefined ? 0o666 : ((await stat(path)).mode & 0o666) | 0o600;
}

/** Notes which process writes a draft. That of one which is not there any more counts for nothing. */
async function claim(mark: string, path: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await writeFile(mark, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const text = await readFile(mark, 'utf8').catch(() => '');
    // Made and written in two steps: an empty one may be of a program that begins at this moment.
    if (text === '' && tries < 20) {
      await sleep(50);
      continue;
    }
    const pid = Number(text);
    if (isRunning(pid)) {
      throw new Refused(
        `Process ${pid} copies to ${visible(path)} at this moment: wait for it, or end it and run the same command again.`,
      );
    }
    await rm(mark, { force: true });
  }
}

function isRunning(pid: number): boolean {
  if (pid === 0 || Number.isNaN(pid) || pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function newFile({ url, server }: Place): string | null {
  if (!url.startsWith('file://') || url.includes('?') || server.syncUrl !== undefined) return null;
  const path = fileURLToPath(url);
  return existsSync(path) ? null : path;
}
