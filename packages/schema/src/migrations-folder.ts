// Where the packaged migrations lie: beside `src` in the repository, beside `dist` in the package.
import { fileURLToPath } from 'node:url';

/** The absolute path of the packaged migrations: a drizzle-kit folder with a `.down.sql` beside each `.sql`. */
export const migrationsFolder: string = fileURLToPath(new URL('../migrations', import.meta.url));
