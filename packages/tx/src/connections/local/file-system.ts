// What kind of file system a database lies on. SQLite's write-ahead log needs memory that all who have the file open share,
// which no two machines do, and network file systems keep locks as well as they can: https://sqlite.org/useovernet.html
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { StorageEvent } from '../../events.js';
import { realPath } from './real-path.js';

/** Names of the file systems that other machines may write too, by their number in statfs(2). */
const shared: ReadonlyMap<number, string> = new Map([
  [0x6969, 'nfs'],
  [0x517b, 'smb'],
  [0xff534d42, 'cifs'],
  [0xfe534d42, 'smb2'],
  [0x01021997, '9p'],
  [0x65735546, 'fuse'],
  [0x5346414f, 'afs'],
  [0x6b414653, 'afs'],
  [0x00c36400, 'ceph'],
  [0x0bd00bd0, 'lustre'],
  [0x786f4256, 'vboxsf'],
]);

/** The name of the file system that `path` lies on when other machines may write to it too; null for a disk, or where nothing tells. */
export function sharedFileSystem(path: string): string | null {
  // \\server\share
  if (process.platform === 'win32') return path.startsWith('\\\\') ? 'smb' : null;
  // The numbers are those of Linux.
  if (process.platform !== 'linux') return null;
  try {
    return shared.get(statfsSync(dirname(realPath(path))).type >>> 0) ?? null;
  } catch {
    return null;
  }
}

/** What to say about a database on such a file system. */
export function storageEvent(fileSystem: string, journal: 'wal' | 'rollback'): StorageEvent {
  const hint =
    journal === 'wal'
      ? `A write-ahead log cannot be shared between machines: set pragmas.journal_mode to 'DELETE', or use a server`
      : 'Its locks are those of the network: let one machine write, keep verified backups, or use a server';
  return { type: 'storage', fileSystem, journal, hint };
}
