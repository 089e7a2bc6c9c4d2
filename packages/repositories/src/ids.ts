// New ids: UUIDv7. Random bytes are fetched for many ids at once, because one fetch costs more than all else about an id.
import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const bytesPerId = 16;
const idsPerFetch = 256;

/** Returns a function that makes a new UUIDv7 in lower case with each call. */
export function createIds(): () => string {
  const pool = new Uint8Array(bytesPerId * idsPerFetch);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += bytesPerId;
    return v7({ random: pool.subarray(used - bytesPerId, used) });
  };
}
