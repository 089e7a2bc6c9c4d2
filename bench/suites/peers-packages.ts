// What the user of each contender of the suite `peers` installs.
import { installedSize } from '../harness/installed-size.js';
import type { peerNames } from './peer-names.js';

/** The packages that each contender's user installs, and from where they are resolved. */
const packages: Readonly<Record<(typeof peerNames)[number], readonly string[]>> = {
  'libsql by hand': ['libsql'],
  'libsql by hand again': ['libsql'],
  'better-sqlite3 by hand': ['better-sqlite3'],
  'libsql by hand, our schema': ['libsql'],
  ours: ['@cc/repositories'],
  'ours with cache': ['@cc/repositories', '@cc/cache'],
  'drizzle + @libsql/client': ['drizzle-orm', '@libsql/client'],
  'MikroORM + libsql': ['@mikro-orm/core', '@mikro-orm/libsql'],
  'Prisma + libsql': ['@prisma/client', '@prisma/adapter-libsql', 'prisma'],
  'Kysely + better-sqlite3': ['kysely', 'better-sqlite3'],
  'drizzle + better-sqlite3': ['drizzle-orm', 'better-sqlite3'],
  'TypeORM + better-sqlite3': ['typeorm', 'better-sqlite3'],
  'Prisma + better-sqlite3': ['@prisma/client', '@prisma/adapter-better-sqlite3', 'prisma'],
  'Sequelize + sqlite3': ['sequelize', 'sqlite3'],
  before: ['libsql'],
};

/** Returns what each contender installs, in packages and megabytes; Prisma with the command that generates its client. */
export function installedSizes(
  bench: string,
  peers: string,
): Readonly<Record<string, { readonly packages: number; readonly megabytes: number }>> {
  return Object.fromEntries(
    Object.entries(packages).map(([name, names]) => {
      const isOurs = names[0]?.startsWith('@cc/') === true;
      const { packages: count, bytes } = installedSize(isOurs ? bench : peers, names);
      return [name, { packages: count, megabytes: Number((bytes / 1e6).toFixed(1)) }];
    }),
  );
}
