// The contenders of the suite `peers`, in the order of the table; the first is the limit that all ratios refer to.

/** The peers on the engine that ours stands on. */
export const peersOnLibsql = ['drizzle + @libsql/client', 'MikroORM + libsql', 'Prisma + libsql'] as const;

/** The peers on another build of SQLite, whose driver is faster at the same work: see `better-sqlite3 by hand`. */
export const peersOnOthers = [
  'Kysely + better-sqlite3',
  'drizzle + better-sqlite3',
  'TypeORM + better-sqlite3',
  'Prisma + better-sqlite3',
  'Sequelize + sqlite3',
] as const;

/** Every contender. */
export const peerNames = [
  'libsql by hand',
  'libsql by hand again',
  'better-sqlite3 by hand',
  'libsql by hand, our schema',
  'ours',
  'ours with cache',
  ...peersOnLibsql,
  ...peersOnOthers,
  'before',
] as const;

/** The limit. */
export const limit = peerNames[0];

/** Whose transactions may fail, and whose reads may see or wait for what is not committed: that is their result. */
export const mayLose: readonly string[] = [...peersOnLibsql, ...peersOnOthers, 'before'];

/** Prisma's adapter replaces its connection, and the new one has the default again. */
export const moreDurable: readonly string[] = ['Prisma + libsql'];
