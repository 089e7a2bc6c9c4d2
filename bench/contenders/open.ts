// Opens a contender by its name. Each is imported only in the processes that measure it.
import type { Contender } from './contender.js';

/** The contenders of the suites over a library. `raw again` is the null control: the code of `raw` in another process. */
export const contenderNames = ['raw', 'raw again', 'ours', 'ours with cache', 'drizzle + @libsql/client'] as const;

/** Opens the contender. @throws TypeError for an unknown name */
export async function openContender(name: string, path: string): Promise<Contender> {
  switch (name) {
    case 'raw':
    case 'raw again': {
      const { openRaw } = await import('./raw.js');
      return openRaw(path);
    }
    case 'busy_timeout 5000 by hand': {
      const { openRaw } = await import('./raw.js');
      return openRaw(path, { busyTimeoutMs: 5_000 });
    }
    case 'ours':
    case 'ours with cache': {
      const { openOurs } = await import('./ours.js');
      return openOurs(path, name === 'ours with cache');
    }
    case 'drizzle + @libsql/client': {
      const { openDrizzleLibsql } = await import('./drizzle-libsql.js');
      return openDrizzleLibsql(path);
    }
    default:
      throw new TypeError(`No contender '${name}'. There are ${contenderNames.join(', ')}`);
  }
}
