// Writes the migrations of a folder as a module, for programs without files beside them. origin.ts takes what it exports.
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { readFolder } from './read-folder.js';
import { replaceFile } from './write-folder.js';

/** What a bundle was made of. */
export interface Bundle {
  /** Path of the module. */
  readonly path: string;
  readonly versions: readonly string[];
  /** It was what the folder says already. */
  readonly isCurrent: boolean;
}

/**
 * Writes the migrations of `folder` to the module `path`: TypeScript for `.ts` and `.mts`, JavaScript for `.js` and `.mjs`.
 * With `check` it writes nothing.
 *
 * @throws DatabaseError `MIGRATION_FOLDER`
 * @throws TypeError for another kind of file
 */
export async function writeBundle(
  folder: string,
  path: string,
  { check }: { readonly check: boolean },
): Promise<Bundle> {
  const type = typesByEnding[extname(path)];
  if (type === undefined) throw new TypeError(`${path}: the module must end in .ts, .mts, .js or .mjs`);
  const migrations = await readFolder(folder);
  const text = `${opening}export const migrations${type} = [\n${migrations.map(entryOf).join('')}];\n`;
  const isCurrent = (await readFile(path, 'utf8').catch(() => null)) === text;
  if (!isCurrent && !check) await replaceFile(path, text);
  return { path, versions: migrations.map(({ version }) => version), isCurrent };
}

// Written out, so that the module imports nothing.
const type = `: readonly {
  readonly version: string;
  readonly createdAt: number;
  readonly hash: string;
  readonly upSql: string;
  readonly downSql: string | null;
  readonly baseSql?: string;
}[]`;

const typesByEnding: Readonly<Record<string, string>> = { '.ts': type, '.mts': type, '.js': '', '.mjs': '' };

const opening = `// Written by cc-migrate bundle, which is run again after each new migration; changes made here are lost.
/** The migrations as data, for programs that have no folder beside them: \`createMigrationManager(transactions, { migrations })\`. */
`;

function entryOf(migration: Awaited<ReturnType<typeof readFolder>>[number]): string {
  const { version, createdAt, hash, upSql, downSql, baseSql } = migration;
  const base = typeof baseSql === 'string' ? { baseSql } : {};
  const fields = Object.entries({ version, createdAt, hash, upSql, downSql, ...base });
  return `  {\n${fields.map(([name, value]) => `    ${name}: ${JSON.stringify(value)},\n`).join('')}  },\n`;
}
