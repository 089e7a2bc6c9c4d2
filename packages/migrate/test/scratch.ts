// Temporary databases of every kind and migration folders for the tests of this package.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { patient, placeIn, type TargetName } from '@cc/testkit/targets';
import { openTransactionManager, type TransactionManager, type TransactionManagerOptions } from '@cc/tx';
import { createMigrationManager, type MigrationDatabase, type MigrationManager } from '../src/index.js';

/** A migration to write. `down: null` = no down file. */
export interface Written {
  readonly tag: string;
  readonly up: string;
  readonly down: string | null;
  /** Default: 1,000 apart, in order. */
  readonly when?: number;
}

/** A temporary place with one migration folder and any number of databases. */
export interface Scratch extends AsyncDisposable {
  readonly path: string;
  readonly folder: string;
  /** Of the database; each replica opens a file of its own instead. */
  readonly url: string;
  /** Writes the whole folder anew, as drizzle-kit lays it out. */
  write(migrations: readonly Written[]): Promise<void>;
  /** Opens the database once more. In memory that is another database. */
  open(options?: Partial<TransactionManagerOptions>): Promise<Opened>;
}

/** A database with the manager of its migrations. */
export interface Opened {
  readonly transactions: TransactionManager;
  readonly migrations: MigrationManager;
  /** Rows of a query, read outside any transaction. */
  readonly rows: (sql: string) => Promise<Record<string, unknown>[]>;
  /** Runs statements outside any migration. */
  readonly run: (...statements: string[]) => Promise<void>;
  /** The schema without bookkeeping, ordered by name. */
  readonly schema: () => Promise<Record<string, unknown>[]>;
}

export async function makeScratch(target: TargetName = 'file'): Promise<Scratch> {
  const path = await mkdtemp(join(tmpdir(), 'cc-migrate-'));
  const folder = join(path, 'drizzle');
  const place = await placeIn(path, target);
  const closing: (() => Promise<void>)[] = [];
  let opened = 0;
  return {
    path,
    folder,
    url: place.url,
    write: (migrations) => writeFolder(folder, migrations),
    open: async (options = {}) => {
      const url = place.syncUrl ? pathToFileURL(join(path, `replica-${opened}.db`)).href : place.url;
      // Before anything is awaited: many may be opened at once.
      opened += 1;
      const transactions = await openTransactionManager({ ...patient, ...place, url, ...options });
      closing.push(() => transactions.close());
      return openedOn(transactions, folder);
    },
    async [Symbol.asyncDispose]() {
      for (const close of closing) await close();
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** Writes a folder anew, as drizzle-kit lays it out. */
export async function writeFolder(folder: string, migrations: readonly Written[]): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'meta'), { recursive: true });
  const entries = migrations.map(({ tag, when }, idx) => {
    return { idx, version: '6', when: when ?? 1_700_000_000_000 + idx * 1_000, tag, breakpoints: true };
  });
  const journal = { version: '7', dialect: 'sqlite', entries };
  await writeFile(join(folder, 'meta', '_journal.json'), JSON.stringify(journal, null, 2));
  for (const { tag, up, down } of migrations) {
    await writeFile(join(folder, `${tag}.sql`), up);
    if (down !== null) await writeFile(join(folder, `${tag}.down.sql`), down);
  }
}

/** The manager of `folder` for an open database, and ways to look at it. */
export function openedOn(transactions: TransactionManager, folder: string): Opened {
  const rows = async (sql: string): Promise<Record<string, unknown>[]> => {
    using lease = await transactions.getConnection({ mode: 'read' });
    const result = await lease.client.execute(sql);
    return result.rows.map((row) => ({ ...row }));
  };
  return {
    transactions,
    migrations: createMigrationManager(transactions, { folder }),
    rows,
    run: async (...statements) => {
      using lease = await transactions.getConnection();
      await lease.client.batch(statements, 'write');
    },
    schema: () =>
      rows(`SELECT type, name, tbl_name, sql FROM sqlite_schema
        WHERE tbl_name NOT IN ('__drizzle_migrations', '__cc_migrations', 'sqlite_sequence') ORDER BY type, name`),
  };
}

/** Three migrations: tables, a full-text index with triggers, and a rebuild as drizzle-kit writes it. */
export const library: readonly Written[] = [
  {
    tag: '0000_tables',
    up: `CREATE TABLE \`parts\` (
	\`id\` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	\`name\` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE \`notes\` (
	\`part_id\` integer NOT NULL,
	\`body\` text NOT NULL,
	FOREIGN KEY (\`part_id\`) REFERENCES \`parts\`(\`id\`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX \`idx_parts_name\` ON \`parts\` (\`name\`);`,
    down: 'DROP TABLE `notes`;\n--> statement-breakpoint\nDROP TABLE `parts`;\n',
  },
  {
    tag: '0001_search',
    up: `-- The text lives in parts; the triggers keep the index.
CREATE VIRTUAL TABLE \`parts_fts\` USING fts5(name, content = 'parts', content_rowid = 'id');
--> statement-breakpoint
CREATE TRIGGER \`parts_fts_insert\` AFTER INSERT ON \`parts\` BEGIN
	INSERT INTO parts_fts(rowid, name) VALUES (new.id, CASE WHEN new.name = ';' THEN 'END' ELSE new.name END);
END;
--> statement-breakpoint
CREATE TRIGGER \`parts_fts_delete\` AFTER DELETE ON \`parts\` BEGIN
	INSERT INTO parts_fts(parts_fts, rowid, name) VALUES ('delete', old.id, old.name);
END;
--> statement-breakpoint
INSERT INTO parts_fts(parts_fts) VALUES ('rebuild');
`,
    down: `DROP TRIGGER parts_fts_delete;
DROP TRIGGER parts_fts_insert;
DROP TABLE parts_fts;`,
  },
  {
    tag: '0002_weight',
    up: 'ALTER TABLE `notes` ADD `stars` integer DEFAULT 0 NOT NULL;',
    down: 'ALTER TABLE `notes` DROP COLUMN `stars`;',
  },
];

/** The first `count` entries of `library`. */
export function firstOf(count: number): readonly Written[] {
  return library.slice(0, count);
}

/**
 * A manager over `transactions` for which `rival` runs once: right before the first migration is sent, or right after
 * the first query that looks like `query`.
 */
export function overtaken(
  transactions: TransactionManager,
  folder: string,
  rival: () => Promise<unknown>,
  query: RegExp | null = null,
): MigrationManager {
  let waiting: (() => Promise<unknown>) | null = rival;
  const overtake = async (): Promise<void> => {
    const once = waiting;
    waiting = null;
    await once?.();
  };
  return createMigrationManager(
    sendingBy(
      transactions,
      async (send) => {
        if (query === null) await overtake();
        return await send();
      },
      async (sql) => {
        if (query?.test(sql)) await overtake();
      },
    ),
    { folder },
  );
}

/** A source over `transactions` whose `migrate()` calls go through `around`, and which calls `after` for each query. */
export function sendingBy(
  transactions: TransactionManager,
  around: <T>(send: () => Promise<T>) => Promise<T>,
  after: (sql: string) => Promise<void> = async () => undefined,
): MigrationDatabase {
  return {
    current: () => undefined,
    capabilities: transactions.capabilities,
    url: transactions.url,
    sync: () => transactions.sync(),
    backup: (path) => transactions.backup(path),
    getConnection: async (options) => {
      const lease = await transactions.getConnection(options);
      const { client } = lease;
      const [migrate, execute] = [client.migrate.bind(client), client.execute.bind(client)];
      client.migrate = (...call) => around(() => migrate(...call));
      client.execute = async (...call: Parameters<typeof execute>) => {
        const result = await execute(...call);
        await after(String(call[0]));
        return result;
      };
      return lease;
    },
  };
}

/** The code of the error that `work` throws; fails when it throws none or one without a code. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code);
    throw error;
  }
  throw new Error('Nothing was thrown');
}
