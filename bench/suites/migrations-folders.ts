// The migrations that the suite of @cc/migrate runs: their SQL by hand, once for every contender, and as drizzle-kit folders.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One migration, statement by statement. */
export interface HandWritten {
  readonly tag: string;
  readonly up: readonly string[];
  readonly down: readonly string[];
}

/** Writes `migrations` as drizzle-kit lays them out; down files only where they are wanted. */
export async function writeFolder(
  folder: string,
  migrations: readonly HandWritten[],
  { withDowns = true }: { readonly withDowns?: boolean } = {},
): Promise<void> {
  await mkdir(join(folder, 'meta'), { recursive: true });
  const entries = migrations.map(({ tag }, idx) => {
    return { idx, version: '6', when: Date.UTC(2020, 0, 1) + idx * 1_000, tag, breakpoints: true };
  });
  const journal = { version: '7', dialect: 'sqlite', entries };
  await writeFile(join(folder, 'meta', '_journal.json'), JSON.stringify(journal, null, 2));
  for (const { tag, up, down } of migrations) {
    await writeFile(join(folder, `${tag}.sql`), textOf(up));
    if (withDowns) await writeFile(join(folder, `${tag}.down.sql`), textOf(down));
  }
}

function textOf(statements: readonly string[]): string {
  return statements.map((statement) => `${statement};`).join('\n--> statement-breakpoint\n');
}

const modelIndexes = [
  'CREATE INDEX `idx_models_name` ON `models` (`name`)',
  'CREATE UNIQUE INDEX `idx_models_file_path` ON `models` (`file_path`)',
];

/** The tables of the big database, before and behind the rebuild. */
export const bigTables: HandWritten = {
  tag: '0000_tables',
  up: [
    createModels('models', ''),
    'CREATE TABLE `model_tags` (`model_id` integer NOT NULL, `tag` text NOT NULL, PRIMARY KEY (`model_id`, `tag`), FOREIGN KEY (`model_id`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE cascade)',
    ...modelIndexes,
  ],
  down: ['DROP TABLE `model_tags`', 'DROP TABLE `models`'],
};

/** A rebuild that adds a column with a CHECK, and back one that takes it away. */
export const bigRebuild: HandWritten = {
  tag: '0001_rating',
  up: rebuildOf(', `rating` integer DEFAULT 0 NOT NULL, CONSTRAINT `rating_range` CHECK (`rating` BETWEEN 0 AND 5)'),
  down: rebuildOf(''),
};

/** An update that leaves every value what it is. */
export const bigUpdate: HandWritten = {
  tag: '0001_trim',
  up: ['UPDATE `models` SET `format` = lower(trim(`format`))'],
  down: ['SELECT 1'],
};

/** A column without values, and how it goes. */
export const emptyColumn: HandWritten = {
  tag: '0001_note',
  up: ['ALTER TABLE `models` ADD `note` text'],
  down: ['ALTER TABLE `models` DROP COLUMN `note`'],
};
export const dropColumn: HandWritten = { tag: '0002_no_note', up: emptyColumn.down, down: emptyColumn.up };

/** Fills the big tables: about 47 MB, pages of indexes included. */
export function bigRows(models: number): readonly string[] {
  const numbers = (count: number): string =>
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`;
  return [
    // The multiplier scatters the names, as those of real models are scattered over their index.
    `INSERT INTO models (id, name, file_path, description, format, size) ${numbers(models)}
SELECT i, printf('Model %08x', i * 2654435761 % 4294967296), printf('/library/%03d/model-%06d.stl', i % 997, i),
  printf('Part %d of assembly %d, printed in %s, layer height %d µm, scaled to %d percent', i % 89, i / 89,
    CASE i % 3 WHEN 0 THEN 'PETG' WHEN 1 THEN 'PLA' ELSE 'resin' END, 50 + i % 7 * 50, 80 + i % 41),
  CASE i % 4 WHEN 0 THEN 'obj' WHEN 1 THEN '3mf' ELSE 'stl' END, i * 7919 % 50000000 FROM n`,
    `INSERT INTO model_tags (model_id, tag) ${numbers(models / 2)} SELECT i * 2, printf('tag-%d', i % 50) FROM n`,
  ];
}

function createModels(name: string, more: string): string {
  return `CREATE TABLE \`${name}\` (\`id\` integer PRIMARY KEY NOT NULL, \`name\` text NOT NULL, \`file_path\` text NOT NULL, \`description\` text, \`format\` text NOT NULL, \`size\` integer NOT NULL${more})`;
}

function rebuildOf(more: string): readonly string[] {
  const columns = '`id`, `name`, `file_path`, `description`, `format`, `size`';
  return [
    createModels('__new_models', more),
    `INSERT INTO \`__new_models\` (${columns}) SELECT ${columns} FROM \`models\``,
    'DROP TABLE `models`',
    'ALTER TABLE `__new_models` RENAME TO `models`',
    ...modelIndexes,
  ];
}

/** Small migrations as a project collects them: tables, columns, indexes, foreign keys, renames, a rebuild now and then. */
export function smallMigrations(count: number): readonly HandWritten[] {
  return Array.from({ length: count }, (_, i) => {
    const kind = kinds[i % kinds.length] ?? table;
    const { name, up, down } = kind(Math.floor(i / kinds.length));
    return { tag: `${String(i).padStart(4, '0')}_${name}`, up, down };
  });
}

type Kind = (set: number) => Pick<HandWritten, 'up' | 'down'> & { readonly name: string };

const table: Kind = (set) => ({
  name: 'parts',
  up: [
    `CREATE TABLE \`parts_${set}\` (\`id\` integer PRIMARY KEY NOT NULL, \`name\` text NOT NULL, \`size\` integer)`,
    `CREATE UNIQUE INDEX \`idx_parts_${set}_name\` ON \`parts_${set}\` (\`name\`)`,
  ],
  down: [`DROP TABLE \`parts_${set}\``],
});

const column: Kind = (set) => ({
  name: 'rating',
  up: [`ALTER TABLE \`parts_${set}\` ADD \`rating\` integer DEFAULT 0 NOT NULL`],
  down: [`ALTER TABLE \`parts_${set}\` DROP COLUMN \`rating\``],
});

const index: Kind = (set) => ({
  name: 'rating_index',
  up: [`CREATE INDEX \`idx_parts_${set}_rating\` ON \`parts_${set}\` (\`rating\`)`],
  down: [`DROP INDEX \`idx_parts_${set}_rating\``],
});

const child: Kind = (set) => ({
  name: 'notes',
  up: [
    `CREATE TABLE \`notes_${set}\` (\`id\` integer PRIMARY KEY NOT NULL, \`part_id\` integer NOT NULL, \`body\` text NOT NULL, FOREIGN KEY (\`part_id\`) REFERENCES \`parts_${set}\`(\`id\`) ON UPDATE no action ON DELETE cascade)`,
  ],
  down: [`DROP TABLE \`notes_${set}\``],
});

const rename: Kind = (set) => ({
  name: 'rename',
  up: [`ALTER TABLE \`notes_${set}\` RENAME COLUMN \`body\` TO \`text\``],
  down: [`ALTER TABLE \`notes_${set}\` RENAME COLUMN \`text\` TO \`body\``],
});

const rebuild: Kind = (set) => {
  const anew = (more: string): readonly string[] => [
    `CREATE TABLE \`__new_notes_${set}\` (\`id\` integer PRIMARY KEY NOT NULL, \`part_id\` integer NOT NULL, \`text\` text NOT NULL, FOREIGN KEY (\`part_id\`) REFERENCES \`parts_${set}\`(\`id\`) ON UPDATE no action ON DELETE cascade${more})`,
    `INSERT INTO \`__new_notes_${set}\` (\`id\`, \`part_id\`, \`text\`) SELECT \`id\`, \`part_id\`, \`text\` FROM \`notes_${set}\``,
    `DROP TABLE \`notes_${set}\``,
    `ALTER TABLE \`__new_notes_${set}\` RENAME TO \`notes_${set}\``,
  ];
  return {
    name: 'check',
    up: anew(`, CONSTRAINT \`text_length_${set}\` CHECK (length(\`text\`) < 10000)`),
    down: anew(''),
  };
};

// A whole set is ten migrations.
const kinds: readonly Kind[] = [table, column, index, child, rename, rebuild, ...fourMore()];

function fourMore(): readonly Kind[] {
  const columns: readonly Kind[] = ['author', 'license'].map((name) => (set) => ({
    name,
    up: [`ALTER TABLE \`parts_${set}\` ADD \`${name}\` text`],
    down: [`ALTER TABLE \`parts_${set}\` DROP COLUMN \`${name}\``],
  }));
  const indexes: readonly Kind[] = ['author', 'license'].map((name) => (set) => ({
    name: `${name}_index`,
    up: [`CREATE INDEX \`idx_parts_${set}_${name}\` ON \`parts_${set}\` (\`${name}\`)`],
    down: [`DROP INDEX \`idx_parts_${set}_${name}\``],
  }));
  return [...columns, ...indexes];
}
