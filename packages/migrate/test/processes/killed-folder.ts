// A folder for processes that are killed while they migrate: data statements, a full-text table with triggers, a rebuild
// of a parent under ON DELETE CASCADE, indexes. Its ups and downs can go on for ever; kill-loop.ts knows every state.
import { createHash } from 'node:crypto';
import type { Opened, Written } from '../scratch.js';

const rowCount = 4_000;

const parts = (name: string): string => `CREATE TABLE ${name} (
	id integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	name text NOT NULL,
	n integer DEFAULT 0 NOT NULL
)`;

const triggers = [
  `CREATE TRIGGER parts_fts_insert AFTER INSERT ON parts BEGIN
	INSERT INTO parts_fts(rowid, name) VALUES (new.id, new.name);
END`,
  `CREATE TRIGGER parts_fts_delete AFTER DELETE ON parts BEGIN
	INSERT INTO parts_fts(parts_fts, rowid, name) VALUES ('delete', old.id, old.name);
END`,
  `CREATE TRIGGER parts_fts_update AFTER UPDATE OF name ON parts BEGIN
	INSERT INTO parts_fts(parts_fts, rowid, name) VALUES ('delete', old.id, old.name);
	INSERT INTO parts_fts(rowid, name) VALUES (new.id, new.name);
END`,
];

const rebuild = (n: string): readonly string[] => [
  'DROP TRIGGER parts_fts_insert',
  'DROP TRIGGER parts_fts_delete',
  'DROP TRIGGER parts_fts_update',
  parts('__new_parts'),
  `INSERT INTO __new_parts (id, name, n) SELECT id, name, ${n} FROM parts`,
  // Ids that were given away stay given away.
  `UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'parts') WHERE name = '__new_parts'`,
  'DROP TABLE parts',
  'ALTER TABLE __new_parts RENAME TO parts',
  ...triggers,
];

const migration = (tag: string, up: readonly string[], down: readonly string[]): Written => {
  // Counting and renaming changes what was there: the files say so.
  const text = (statements: readonly string[]): string =>
    ['-- cc:loss parts.n, parts.name, notes.body', statements.join(';\n--> statement-breakpoint\n')].join('\n');
  return { tag, up: text(up), down: text(down) };
};

/** The tables that are never taken back; `fillKilled` puts rows into them. */
const base = migration(
  '0000_base',
  [
    parts('parts'),
    'CREATE TABLE notes (part_id integer NOT NULL REFERENCES parts(id) ON DELETE CASCADE, body text NOT NULL)',
  ],
  ['DROP TABLE notes', 'DROP TABLE parts'],
);

/** All migrations. The first is applied before, and stays. */
export const killedFolder: readonly Written[] = [
  base,
  migration(
    '0001_data',
    ['UPDATE parts SET n = n + 1', `UPDATE notes SET body = body || '.'`],
    ['UPDATE parts SET n = n - 1', 'UPDATE notes SET body = substr(body, 1, length(body) - 1)'],
  ),
  migration(
    '0002_search',
    [
      `CREATE VIRTUAL TABLE parts_fts USING fts5(name, content = 'parts', content_rowid = 'id')`,
      ...triggers,
      `INSERT INTO parts_fts(parts_fts) VALUES ('rebuild')`,
    ],
    [
      'DROP TRIGGER parts_fts_insert',
      'DROP TRIGGER parts_fts_delete',
      'DROP TRIGGER parts_fts_update',
      'DROP TABLE parts_fts',
    ],
  ),
  migration('0003_rebuild', rebuild('n + 100'), rebuild('n - 100')),
  migration(
    '0004_index',
    ['CREATE INDEX idx_notes_body ON notes (body)', 'CREATE UNIQUE INDEX idx_parts_name ON parts (name)'],
    ['DROP INDEX idx_parts_name', 'DROP INDEX idx_notes_body'],
  ),
  migration(
    '0005_names',
    [`UPDATE parts SET name = name || ' made of brass'`],
    [`UPDATE parts SET name = substr(name, 1, length(name) - length(' made of brass'))`],
  ),
];

/** Puts in the rows that must survive, and leaves ids behind that must not be given away again. */
export async function fillKilled({ run }: Opened): Promise<void> {
  await run(
    `INSERT INTO parts (name) WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${rowCount}) SELECT 'part ' || i FROM c`,
    `INSERT INTO notes SELECT id, 'first note of ' || id FROM parts UNION ALL SELECT id, 'second note of ' || id FROM parts`,
    `INSERT INTO parts (id, name) VALUES (50000, 'gone')`,
    'DELETE FROM parts WHERE id = 50000',
  );
}

/** A digest of schema, rows and AUTOINCREMENT marks. */
export async function fingerprint({ rows, schema }: Opened): Promise<string> {
  const all = (columns: string, table: string): string =>
    `SELECT group_concat(line, char(10)) AS lines FROM (SELECT ${columns} AS line FROM ${table} ORDER BY rowid)`;
  const found = [
    // Renames quote names that were not quoted before.
    (await schema()).map(({ sql, ...rest }) => ({
      ...rest,
      sql: sql === null ? null : String(sql).replaceAll('"', ''),
    })),
    await rows(all(`id || '|' || name || '|' || n`, 'parts')),
    await rows(all(`part_id || '|' || body`, 'notes')),
    await rows(`SELECT seq FROM sqlite_sequence WHERE name = 'parts'`),
  ];
  return createHash('sha256').update(JSON.stringify(found)).digest('hex');
}

/**
 * Checks the file, the foreign keys and the full-text index. Wants a newly opened database: on a connection that has read
 * a full-text table before, SQLite 3.45.1 calls the index malformed once another connection has changed it.
 *
 * @throws Error that says what is damaged
 */
export async function checkWhole({ rows, run }: Opened): Promise<void> {
  const [integrity] = await rows('PRAGMA integrity_check');
  if (integrity?.['integrity_check'] !== 'ok') throw new Error(`integrity_check: ${JSON.stringify(integrity)}`);
  const violations = await rows('SELECT * FROM pragma_foreign_key_check');
  if (violations.length > 0) throw new Error(`foreign_key_check: ${JSON.stringify(violations.slice(0, 3))}`);
  const [search] = await rows(`SELECT name FROM sqlite_schema WHERE name = 'parts_fts'`);
  // Rank 1 compares the index with the table that holds its text: https://sqlite.org/fts5.html
  if (search) await run(`INSERT INTO parts_fts(parts_fts, rank) VALUES ('integrity-check', 1)`);
}
