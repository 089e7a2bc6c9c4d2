// Which settings of a database are wrong or dear, each with why and what to write instead. Data in, data out: probes/settings.ts
// reads them.

import type { DatabaseSettings } from '../probes/settings.js';
import { vacuumNote } from '../vector-indexes.js';
import { bytes } from '../words.js';
import type { Advice } from './alert.js';

/** A setting that is wrong or dear. */
export interface SettingFinding extends Advice {
  /** The PRAGMA, or `storage` for the place of the file. */
  readonly setting: string;
  /** As SQLite tells it. */
  readonly value: string;
  /** `WARNING`: data or the process are at risk, and it is an alert. `NOTE`: it costs, and may be meant. */
  readonly severity: 'WARNING' | 'NOTE';
  readonly reason: string;
}

/** Returns what is wrong, the worst first. What SQLite did not tell is not judged. */
export function reviewSettings(settings: DatabaseSettings): readonly SettingFinding[] {
  const found = checks.flatMap((check) => check(settings) ?? []);
  return [...found.filter(isWarning), ...found.filter((finding) => !isWarning(finding))];
}

function isWarning({ severity }: SettingFinding): boolean {
  return severity === 'WARNING';
}

type Check = (settings: DatabaseSettings) => SettingFinding | null;

const warning = (given: Omit<SettingFinding, 'severity'>): SettingFinding => ({ ...given, severity: 'WARNING' });
const note = (given: Omit<SettingFinding, 'severity'>): SettingFinding => ({ ...given, severity: 'NOTE' });

/** How a connection is opened: a PRAGMA that is run holds for the one connection that it meets. */
function opened(pragma: string, value: string | number | boolean): { readonly command: string } {
  const text = typeof value === 'string' ? `'${value}'` : String(value);
  return { command: `openTransactionManager({ url, pragmas: { ${pragma}: ${text} } })` };
}

/** Nothing of the file matters where there is none. */
const ofFiles =
  (check: Check): Check =>
  (settings) =>
    settings.inMemory ? null : check(settings);

const smallCache = 8 * 2 ** 20;

function cacheBytes({ cacheSize, pageSize }: DatabaseSettings): number {
  return cacheSize < 0 ? -cacheSize * 1_024 : cacheSize * pageSize;
}

const checks: readonly Check[] = [
  ofFiles(({ sharedFileSystem: place, journalMode }) => {
    if (place === null) return null;
    const about = { setting: 'storage', value: place };
    if (journalMode === 'wal')
      return warning({
        ...about,
        ...opened('journal_mode', 'DELETE'),
        reason: `The database lies on ${place} with a write-ahead log, which two machines cannot share`,
        text: 'Open it with a rollback journal and let one machine write, or use a server.',
      });
    return note({
      ...about,
      reason: `The database lies on ${place}: its locks are as good as those of the network`,
      text: 'Let one machine write and keep verified backups, or use a server.',
      command: "manager.backup('copy.db')",
    });
  }),
  ofFiles(({ journalMode, sharedFileSystem }) => {
    const about = { setting: 'journal_mode', value: journalMode, ...opened('journal_mode', 'WAL') };
    const sql = 'PRAGMA journal_mode = WAL';
    if (journalMode === 'off' || journalMode === 'memory')
      return warning({
        ...{ ...about, sql },
        reason: `The journal is ${journalMode === 'off' ? 'off' : 'in memory'}: a process that is killed while it writes leaves a damaged file`,
        text: 'Use a write-ahead log.',
      });
    if (!['delete', 'truncate', 'persist'].includes(journalMode) || sharedFileSystem !== null) return null;
    return note({
      ...{ ...about, sql },
      reason: `The journal is ${journalMode}: a commit waits for all reads, and reads wait for it`,
      text: 'On a disk of this machine a write-ahead log lets readers go on. Change it while nobody else has the file open.',
    });
  }),
  ofFiles(({ synchronous, journalMode }) => {
    const about = { setting: 'synchronous', value: String(synchronous) };
    if (synchronous === 0)
      return warning({
        ...{ ...about, ...opened('synchronous', 'NORMAL') },
        reason: 'synchronous is OFF: the loss of power can damage the file',
        text: 'NORMAL costs little with a write-ahead log.',
      });
    if (synchronous === 1 && journalMode !== 'wal')
      return note({
        ...{ ...about, ...opened('synchronous', 'FULL') },
        reason: 'synchronous is NORMAL with a rollback journal: the loss of power can, rarely, damage the file',
        text: 'FULL is meant for a rollback journal.',
      });
    if (synchronous < 2 || journalMode !== 'wal' || Number.isNaN(synchronous)) return null;
    return note({
      ...{ ...about, ...opened('synchronous', 'NORMAL') },
      reason: 'synchronous is FULL: every commit waits for the disk, at about three times the cost',
      text: 'Keep it where the last commits must outlive the loss of power; NORMAL outlives the death of the process.',
    });
  }),
  ({ foreignKeys }) =>
    foreignKeys === 0
      ? warning({
          ...{ setting: 'foreign_keys', value: '0', ...opened('foreign_keys', true) },
          reason: 'foreign_keys is off: rows may lose their parents, and nothing says so',
          text: 'Turn it on, then look for what has been lost with runChecks(["foreignKeys"]).',
          sql: 'PRAGMA foreign_key_check',
        })
      : null,
  ({ busyTimeoutMs }) =>
    busyTimeoutMs > 0
      ? warning({
          ...{ setting: 'busy_timeout', value: String(busyTimeoutMs) },
          reason: `busy_timeout is ${busyTimeoutMs} ms: while the driver waits for a lock, the event loop stands still`,
          text: 'Set it to 0: @cc/tx waits by itself, without holding the event loop up, for acquireTimeoutMs.',
          sql: 'PRAGMA busy_timeout = 0',
          command: 'openTransactionManager({ url, acquireTimeoutMs: 10_000 })',
        })
      : null,
  ofFiles(({ walAutocheckpoint, journalMode }) => {
    if (journalMode !== 'wal') return null;
    const about = {
      ...{ setting: 'wal_autocheckpoint', value: String(walAutocheckpoint) },
      ...opened('wal_autocheckpoint', 1_000),
    };
    if (walAutocheckpoint <= 0)
      return warning({
        ...about,
        reason: 'wal_autocheckpoint is off: the log grows until somebody folds it into the file',
        text: 'Leave it at 1,000 pages, or fold the log on a schedule: runMaintenance({ tasks: ["checkpoint"] }).',
        sql: 'PRAGMA wal_checkpoint(TRUNCATE)',
      });
    if (!(walAutocheckpoint > 25_000)) return null;
    return note({
      ...about,
      reason: `wal_autocheckpoint is ${walAutocheckpoint} pages: the log gets long, and reads get slower with it`,
      text: 'Leave it at 1,000 pages.',
    });
  }),
  ofFiles(({ mmapSize, sharedFileSystem }) => {
    if (!(mmapSize > 0)) return null;
    const about = { setting: 'mmap_size', value: String(mmapSize), ...opened('mmap_size', 0) };
    if (sharedFileSystem !== null)
      return warning({
        ...about,
        reason: `mmap_size is ${bytes(mmapSize)} on ${sharedFileSystem}: what another machine changes or cuts off ends the process`,
        text: 'Read a file that other machines may write without mapping it.',
      });
    return note({
      ...about,
      reason: `mmap_size is ${bytes(mmapSize)}: an error of the disk ends the process instead of being an error`,
      text: 'Measure whether it gains anything; the cache of pages of the connections mostly does as well.',
    });
  }),
  ofFiles((settings) => {
    const { cacheSize, pageCount, pageSize, connections, memoryBytes } = settings;
    const [cache, size] = [cacheBytes(settings), pageCount * pageSize];
    const about = { setting: 'cache_size', value: String(cacheSize), ...opened('cache_size', -24_576) };
    if (cache * connections > memoryBytes / 2)
      return warning({
        ...about,
        reason: `cache_size is ${bytes(cache)} to each of ${connections} connections: more than half of the ${bytes(memoryBytes)} that there are`,
        text: 'Lower it, or the option readers: a process that has no memory left is ended.',
      });
    if (!(cache < smallCache && size > 4 * cache)) return null;
    return note({
      ...about,
      reason: `cache_size is ${bytes(cache)} for a database of ${bytes(size)}: pages are read again and again`,
      text: 'Give each connection 8 MiB or more.',
    });
  }),
  ofFiles(({ pageSize, vacuumSql }) =>
    pageSize < 4_096
      ? note({
          ...{ setting: 'page_size', value: String(pageSize) },
          reason: `page_size is ${pageSize}: less than a page of the disk, so that each write costs more`,
          text: `Write the file anew with pages of 4,096 bytes, while nobody else has it open.${vacuumNote(vacuumSql)}`,
          sql: `PRAGMA journal_mode = DELETE; PRAGMA page_size = 4096; ${vacuumSql}; PRAGMA journal_mode = WAL`,
        })
      : null,
  ),
  ofFiles(({ autoVacuum, vacuumSql }) =>
    autoVacuum === 1
      ? note({
          ...{ setting: 'auto_vacuum', value: '1' },
          reason: 'auto_vacuum is FULL: every commit that frees pages moves others, and the file gets less orderly',
          text: `INCREMENTAL gives pages back when you ask for it: runMaintenance({ tasks: ["incrementalVacuum"] }).${vacuumNote(vacuumSql)}`,
          sql: `PRAGMA auto_vacuum = INCREMENTAL; ${vacuumSql}`,
        })
      : null,
  ),
  ofFiles(({ journalSizeLimit, journalMode }) =>
    journalSizeLimit < 0 && journalMode === 'wal'
      ? note({
          ...{
            setting: 'journal_size_limit',
            value: String(journalSizeLimit),
            ...opened('journal_size_limit', 67_108_864),
          },
          reason: 'journal_size_limit is not set: the log keeps the greatest length that it ever had',
          text: 'Limit it to what ordinary days need.',
        })
      : null,
  ),
  ofFiles(({ tempStore }) =>
    tempStore === 0 || tempStore === 1
      ? note({
          ...{ setting: 'temp_store', value: String(tempStore), ...opened('temp_store', 'MEMORY') },
          reason: 'temp_store is a file: sorts and temporary indexes go to the disk',
          text: 'Keep it where memory is short; else let them be in memory.',
        })
      : null,
  ),
];
