// Whether a database is a mount of its own, as `docker run -v ./app.db:/data/app.db` makes it. What SQLite keeps beside it would lie
// in the folder of each container instead, so that what one commits is not there for the others, nor in the next container.
import { readFileSync } from 'node:fs';
import { DatabaseError } from '../../errors.js';
import { realPath } from './real-path.js';

/** Refuses a file that is mounted without its folder; only Linux tells. @throws DatabaseError `connection` */
export function refuseMountedAlone(path: string, operation: string): void {
  if (!mounts().includes(realPath(path))) return;
  throw new DatabaseError(
    `${path} is mounted without its folder, so that its log would not lie where others look for it`,
    {
      type: 'connection',
      code: 'SQLITE_CANTOPEN',
      operation,
      hint: 'Mount the folder that the database lies in, such as -v ./data:/data; with readOnly it may be read as it is',
    },
  );
}

/** The places where something is mounted: https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html */
function mounts(): readonly string[] {
  if (process.platform !== 'linux') return [];
  try {
    const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    return lines.map((line) => withoutEscapes(line.split(' ')[4] ?? ''));
  } catch {
    // Without /proc nothing tells.
    return [];
  }
}

/** Spaces and the like are written as octal numbers there. */
function withoutEscapes(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
