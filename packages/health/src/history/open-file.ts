// Opens the file of a history: a new one is made with its tables in one commit, and one that is there is looked at, without
// a write, before it is taken for a history. history-file.ts reads and writes it.
import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { openTransactionManager, type TransactionManager } from '@cc/tx';
import { asBytes, decoded } from '../questions.js';

const tables: Readonly<Record<string, string>> = {
  series: '(id INTEGER PRIMARY KEY, name TEXT NOT NULL, labels TEXT NOT NULL, UNIQUE (name, labels))',
  // In order of time, so that a reading is written to the last pages alone, and what is old is found without the rest.
  samples:
    '(at INTEGER NOT NULL, series INTEGER NOT NULL, value REAL NOT NULL, PRIMARY KEY (at, series)) WITHOUT ROWID',
  alerts: '(id TEXT PRIMARY KEY, rule TEXT NOT NULL, started_at INTEGER NOT NULL, alert TEXT NOT NULL)',
  // When each monitor has written last while an alert fired, and until when it may be silent.
  runs: '(id TEXT PRIMARY KEY, seen_at INTEGER NOT NULL, alive_until INTEGER NOT NULL)',
};

const settings = { readers: 1, acquireTimeoutMs: 1_000 } as const;

/**
 * Opens the history at `path`, and makes it where there is nothing yet.
 *
 * @throws TypeError for a file that is somebody else's, which is left as it is; DatabaseError what it fails with
 */
export async function openHistoryFile(path: string): Promise<TransactionManager> {
  const url = pathToFileURL(path).href;
  const isNew = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0;
  // A log is begun with a page of its own: killed before the tables came, that would be an empty database like any other's.
  if (isNew) await using(openTransactionManager({ ...settings, url, pragmas: { journal_mode: 'DELETE' } }), makeTables);
  else await using(openTransactionManager({ ...settings, url, readOnly: true }), refuseOthers);
  return openTransactionManager({
    ...settings,
    url,
    pragmas: { cache_size: -1_024, journal_size_limit: 4 * 2 ** 20 },
  });
}

async function using(
  opening: Promise<TransactionManager>,
  work: (manager: TransactionManager) => Promise<void>,
): Promise<void> {
  const manager = await opening;
  try {
    await work(manager);
  } finally {
    await manager.close({ drainMs: 0 });
  }
}

/** Another monitor may do it in the same moment. */
async function makeTables(manager: TransactionManager): Promise<void> {
  await manager.transaction(async () => {
    for (const [name, columns] of Object.entries(tables))
      await manager.db.$client.execute(`CREATE TABLE IF NOT EXISTS ${name} ${columns}`);
  });
}

/** Names are not enough: many a database has a table `alerts`. */
async function refuseOthers(manager: TransactionManager): Promise<void> {
  const { rows } = await manager.db.$client.execute(
    `SELECT ${asBytes('type')} type, ${asBytes('name')} name, ${asBytes('sql')} sql FROM sqlite_schema WHERE sqlite_schema.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
  );
  const known = new Map(Object.entries(tables).map(([name, columns]) => [`CREATE TABLE ${name} ${columns}`, name]));
  const foreign = rows.find((row) => known.get(decoded(row['sql'])) !== decoded(row['name']));
  if (foreign !== undefined)
    throw new TypeError(
      `the file holds the ${decoded(foreign['type'])} '${decoded(foreign['name'])}': give the history a file of its own`,
    );
  if (rows.length < known.size)
    throw new TypeError(
      'the file is a database without a history in it: give the history a file of its own, or delete this one',
    );
}
