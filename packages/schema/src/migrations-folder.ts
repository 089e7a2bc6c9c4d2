// Where the packaged migrations lie: beside `src` in the repository, beside `dist` in the package. Bundles have no such
// folder: they take the migrations of migrations.ts.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The absolute path of the packaged migrations: a drizzle-kit folder with a `.down.sql` beside each `.sql`. A bundle does
 * not hold it: `migrations` of @cc/schema/migrations are the same as data.
 */
export const migrationsFolder: string = join(dirname(ownPath()), '..', 'migrations');

/** The path of this code. `import.meta` is empty in CommonJS bundles. */
function ownPath(): string {
  const url: string | undefined = import.meta.url;
  return url === undefined ? __filename : fileURLToPath(url);
}
