// The module `migrations.js` of drizzle-kit's drivers for programs without files: it imports journal and SQL, and must name every
// migration of the folder.
import { join } from 'node:path';
import { readJournal } from './read-folder.js';
import { replaceFile } from './write-folder.js';

/** Drivers for which drizzle-kit writes it. */
export const embeddedDrivers = ['expo', 'durable-sqlite'] as const;

/** One of them. */
export type EmbeddedDriver = (typeof embeddedDrivers)[number];

/** Writes it as drizzle-kit does, and returns its path; nothing for other drivers. */
export async function writeEmbedded(folder: string, driver: string | undefined): Promise<readonly string[]> {
  if (!embeddedDrivers.some((each) => each === driver)) return [];
  const names = (await readJournal(folder)).map(({ tag, idx }) => ({ tag, name: `m${String(idx).padStart(4, '0')}` }));
  const path = join(folder, 'migrations.js');
  await replaceFile(
    path,
    `${driver === 'expo' ? '// This file is required for Expo/React Native SQLite migrations - https://orm.drizzle.team/quick-sqlite/expo\n\n' : ''}import journal from './meta/_journal.json';
${names.map(({ tag, name }) => `import ${name} from './${tag}.sql';\n`).join('')}
  export default {
    journal,
    migrations: {
      ${names.map(({ name }) => name).join(',\n')}
    }
  }
  `,
  );
  return [path];
}
