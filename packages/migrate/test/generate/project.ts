// A project with schema code, a drizzle.config.ts and the real drizzle-kit, in a temporary folder.
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const modules = join(import.meta.dirname, '..', '..', 'node_modules');

/** A temporary project. */
export interface Project extends AsyncDisposable {
  readonly cwd: string;
  readonly folder: string;
  readonly url: string;
  /** Replaces the schema code: the body behind the imports. */
  readonly code: (body: string) => Promise<void>;
  /** Text of a file of the migrations folder. */
  readonly read: (file: string) => Promise<string>;
  readonly files: () => Promise<readonly string[]>;
}

/** Makes a project. `config` is what defineConfig gets besides dialect and schema, as source text. */
export async function makeProject(config = ''): Promise<Project> {
  const cwd = await mkdtemp(join(tmpdir(), 'cc-project-'));
  const folder = join(cwd, 'drizzle');
  await mkdir(join(cwd, 'node_modules', '@libsql'), { recursive: true });
  for (const name of ['drizzle-kit', 'drizzle-orm', '@libsql/client'])
    await symlink(join(modules, name), join(cwd, 'node_modules', name), 'junction');
  await writeFile(join(cwd, 'package.json'), '{ "name": "project", "private": true, "type": "module" }');
  await writeFile(
    join(cwd, 'drizzle.config.ts'),
    `import { defineConfig } from 'drizzle-kit';
export default defineConfig({ dialect: 'sqlite', schema: './schema.ts', out: './drizzle', ${config} });\n`,
  );
  return {
    cwd,
    folder,
    url: pathToFileURL(join(cwd, 'app.db')).href,
    code: (body) =>
      writeFile(
        join(cwd, 'schema.ts'),
        `import { sql } from 'drizzle-orm';
import { check, index, integer, real, sqliteTable, sqliteView, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
${body}\n`,
      ),
    read: (file) => readFile(join(folder, file), 'utf8'),
    files: async () => (await readdir(folder, { recursive: true })).sort(),
    [Symbol.asyncDispose]: () => rm(cwd, { recursive: true, force: true }),
  };
}
