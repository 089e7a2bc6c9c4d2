// Opens the disk tier. disk-entries.ts is the tier: it writes what waits (disk-waiting.ts) into the file (disk-file.ts, rows in
// disk-row.ts), where disk-room.ts makes room and disk-dropped.ts knows what does not count any more; disk-place.ts looks at the
// file from outside.
import type Libsql from 'libsql';
import { DiskEntries } from './disk-entries.js';
import { messageOf } from './disk-failure.js';
import type { DiskTier, DiskTierOptions } from './disk-options.js';

/**
 * Opens the disk tier. A file that cannot be used is no error: the tier has nothing then, says so, and tries again later.
 *
 * @throws TypeError when `maxBytes` is less than 1 MiB
 */
export async function openDiskTier(options: DiskTierOptions): Promise<DiskTier> {
  const { maxBytes } = options;
  if (!Number.isSafeInteger(maxBytes) || maxBytes < mebibyte) {
    throw new TypeError('disk: maxBytes must be a whole number of at least 1,048,576 (1 MiB)');
  }
  const { onEvent = () => undefined } = options;
  let driver: typeof Libsql | undefined;
  try {
    // Only here: programs without a disk tier need no driver.
    ({ default: driver } = await import('libsql'));
  } catch (error) {
    onEvent(`the driver libsql cannot be loaded: ${messageOf(error)}`);
  }
  return new DiskEntries(driver, options, onEvent);
}

const mebibyte = 2 ** 20;
