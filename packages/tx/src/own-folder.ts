// Temporary folders for copies, which go with this process. A process that is killed leaves its own, and nobody else would take
// it away: the next one that makes such a folder does.
import { createHash } from 'node:crypto';
import { mkdtempSync, readlinkSync } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Makes a folder for `purpose`, such as `cc-verify`, in one step: a signal cannot come in between. Whoever makes it removes it. */
export function makeOwnFolder(purpose: string): string {
  return mkdtempSync(join(tmpdir(), `${purpose}-${placeOfPids()}-${process.pid}-`));
}

/**
 * Removes the folders for `purpose` that processes of this user have left which are dead. Where that cannot be told, as of another
 * container on the same folder, those that nothing has changed in for a day. What cannot be looked at or removed stays.
 */
export async function removeLeftFolders(purpose: string): Promise<void> {
  const [parent, here] = [tmpdir(), placeOfPids()];
  const user = process.getuid?.();
  const names = await readdir(parent).catch((): string[] => []);
  for (const name of names.filter((each) => each.startsWith(`${purpose}-`))) {
    const [place = '', pid = '', ending, ...more] = name.slice(purpose.length + 1).split('-');
    if (place.length !== here.length || !/^\d+$/.test(pid) || ending === undefined || more.length > 0) continue;
    const path = join(parent, name);
    const found = await lstat(path).catch(() => null);
    if (!found?.isDirectory() || (user !== undefined && found.uid !== user)) continue;
    const isLeft = place === here ? !isAlive(Number(pid)) : Date.now() - found.mtimeMs > dayMs;
    if (isLeft) await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

const dayMs = 24 * 3_600_000;

/** Names what process ids are told apart in: the machine, and on Linux the container. */
function placeOfPids(): string {
  return createHash('sha256').update(`${hostname()} ${namespaceOfPids()}`).digest('hex').slice(0, 12);
}

function namespaceOfPids(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/** Whether there is a process with this id, whoever's it is. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
