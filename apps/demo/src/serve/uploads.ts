// Keeps uploaded files in one folder of the library: names made safe, written beside and put in place whole, nothing overwritten.
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { constants, copyFile, link, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, extname, join, parse, sep } from 'node:path';
import { Refused } from './problem.js';

const mostUploadBytes = 4 * 1024 ** 3;

const mostDepth = 8;
const mostNames = 1_000;

/** File systems count bytes, and take 255. */
const mostStemBytes = 180;

/**
 * The name of an upload, with `/` between folders: nothing of it leads anywhere else, hides, or means something to a system. A safe
 * name is its own: what was kept is found again by the name that was answered.
 * @throws Refused when nothing is left of it
 */
export function safeName(name: string): string {
  const parts = name
    .normalize('NFC')
    .toWellFormed()
    .split(/[/\\]/)
    .map(safePart)
    .filter((part) => part !== '');
  if (parts.length === 0) throw new Refused(400, 'INVALID', 'query.name: give the file a name, such as gear.stl.');
  return parts.slice(-mostDepth).join('/');
}

function safePart(part: string): string {
  const plain = part
    // Control characters, those that turn the direction of writing, and what file systems do not take.
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd<>:"|?*]/gu, '')
    .replace(/^[. ]+|[. ]+$/g, '');
  const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(plain) ? `_${plain}` : plain;
  const ending = extname(reserved);
  const stem = reserved.slice(0, reserved.length - ending.length);
  // What is left of a long one may end in half a character.
  return shortened(stem, mostStemBytes) + ending.slice(0, 20).replace(/[\p{Cs}. ]+$/u, '');
}

function shortened(stem: string, mostBytes: number): string {
  let left = stem;
  while (Buffer.byteLength(left) > mostBytes) left = Array.from(left).slice(0, -1).join('');
  return left;
}

/** Keeps a file below `folder` and returns the name it has there, which is another one where the name is taken by other content. */
export async function keepUpload(
  folder: string,
  name: string,
  body: ReadableStream<Uint8Array> | null,
  { signal, announced }: { readonly signal: AbortSignal; readonly announced: number },
): Promise<{ readonly upload: string; readonly bytes: number; readonly isRenamed: boolean }> {
  const safe = safeName(name);
  const tooLarge = new Refused(
    413,
    'TOO_LARGE',
    `A file may have ${mostUploadBytes} bytes: import its folder instead.`,
  );
  if (announced > mostUploadBytes) throw tooLarge;
  const wanted = join(folder, ...safe.split('/'));
  await makeFolder(dirname(wanted));
  const part = join(folder, `.${randomUUID()}.part`);
  try {
    const { bytes, hash } = await write(part, body, signal, tooLarge);
    const path = await place(part, wanted, hash);
    return {
      upload: path
        .slice(folder.length + 1)
        .split(sep)
        .join('/'),
      bytes,
      isRenamed: path !== wanted,
    };
  } finally {
    await rm(part, { force: true });
  }
}

/** @throws Refused where the name of one of its folders is that of a file */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    if (!['EEXIST', 'ENOTDIR'].includes(codeOf(error))) throw error;
    throw new Refused(409, 'NAME_TAKEN', 'A file has the name of its folder: give the folder another one.');
  }
}

async function write(
  path: string,
  body: ReadableStream<Uint8Array> | null,
  signal: AbortSignal,
  tooLarge: Refused,
): Promise<{ readonly bytes: number; readonly hash: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await open(path, 'wx');
  try {
    for await (const chunk of body ?? []) {
      signal.throwIfAborted();
      bytes += chunk.length;
      if (bytes > mostUploadBytes) throw tooLarge;
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    // The page is told that it is kept.
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes, hash: hash.digest('hex') };
}

/** Gives the file its name, or finds the same file there; `part` stays for the caller to remove. */
async function place(part: string, wanted: string, hash: string): Promise<string> {
  for (let n = 1; n <= mostNames; n += 1) {
    const path = n === 1 ? wanted : numbered(wanted, n);
    try {
      await putNew(part, path);
      await flushNames(dirname(path));
      return path;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    if ((await stat(path)).isFile() && (await hashOf(path)) === hash) return path;
  }
  throw new Refused(409, 'NAME_TAKEN', 'Too many files have this name: give it another one.');
}

function numbered(path: string, n: number): string {
  const { dir, name, ext } = parse(path);
  const number = ` (${n})`;
  return join(dir, shortened(name, mostStemBytes - number.length) + number + ext);
}

/** A link fails where a rename would overwrite; disks without links (FAT) are given a copy. */
async function putNew(part: string, path: string): Promise<void> {
  try {
    await link(part, path);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'ENOSYS'].includes(codeOf(error))) throw error;
    await copyFile(part, path, constants.COPYFILE_EXCL);
  }
}

/** The name has to survive a loss of power as well as the bytes. Windows has no handles of folders to flush. */
async function flushNames(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}
