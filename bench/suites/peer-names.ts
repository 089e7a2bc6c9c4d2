// The contenders of the suite `peers`, in the order of the table; the first is the limit that all ratios refer to.

/** Every contender. */
export const peerNames = [
  'libsql by hand',
  'libsql by hand again',
  'better-sqlite3 by hand',
  'libsql by hand, our schema',
  'ours',
  'ours with cache',
  'drizzle + @libsql/client',
  'MikroORM + libsql',
  'Prisma + libsql',
  'Kysely + better-sqlite3',
  'drizzle + better-sqlite3',
  'TypeORM + better-sqlite3',
  'Prisma + better-sqlite3',
  'Sequelize + sqlite3',
  'before',
] as const;

/** The limit. */
export const limit = peerNames[0];

/** The peers on the engine that ours stands on. */
export const peersOnLibsql: readonly string[] = ['drizzle + @libsql/client', 'MikroORM + libsql', 'Prisma + libsql'];

/** The peers on another build of SQLite, whose driver is faster at the same work: see `better-sqlite3 by hand`. */
export const peersOnOthers: readonly string[] = [
  'Kysely + better-sqlite3',
  'drizzle + better-sqlite3',
  'TypeORM + better-sqlite3',
  'Prisma + better-sqlite3',
  'Sequelize + sqlite3',
];

/** Whose transactions may fail, and whose reads may see or wait for what is not committed: that is their result. */
export const mayLose: readonly string[] = [...peersOnLibsql, ...peersOnOthers, 'before'];

/** Prisma's adapter replaces its connection, and the new one has the default again. */
export const moreDurable: readonly string[] = ['Prisma + libsql'];
