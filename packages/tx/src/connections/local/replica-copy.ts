// Whether a file is the copy that a replica of a server keeps. A program without `syncUrl`, such as one whose environment variable is
// missing, could write into it: acknowledged, never sent to the server, and taken away by the next fetch.
import { existsSync } from 'node:fs';
import { DatabaseError } from '../../errors.js';
import { realPath } from './real-path.js';

/** What libSQL keeps beside such a copy: how far it has fetched, and, where writes are collected offline, what was sent. */
const marks = ['-client_wal_index', '-info'];

/** Refuses the copy of a replica. @throws DatabaseError `readonly` (`REPLICA_COPY`) */
export function refuseReplicaCopy(path: string, operation: string): void {
  const paths = [path, realPath(path)].flatMap((place) => marks.map((mark) => place + mark));
  const mark = paths.find((beside) => existsSync(beside));
  if (mark === undefined) return;
  throw new DatabaseError(`${path} is the copy that a replica keeps of its server: a write into it would be lost`, {
    type: 'readonly',
    code: 'REPLICA_COPY',
    operation,
    hint: `Write to the server itself, open the copy with syncUrl, or only read it (readOnly). If it shall be a database of its own from now on, delete ${mark}`,
  });
}
