// Opens a peer by its name. Each is imported only in the processes that measure it.
import type { Peer } from './contract.js';

/** Opens the peer. @throws TypeError for an unknown name */
export async function openPeer(name: string, path: string): Promise<Peer> {
  switch (name) {
    case 'libsql by hand':
    case 'libsql by hand again': {
      const [{ openByHand }, { default: Database }] = await Promise.all([import('./by-hand.js'), import('libsql')]);
      return openByHand(() => new Database(path));
    }
    case 'better-sqlite3 by hand': {
      const [{ openByHand }, { default: Database }] = await Promise.all([
        import('./by-hand.js'),
        import('better-sqlite3'),
      ]);
      return openByHand(() => new Database(path));
    }
    case 'drizzle + @libsql/client':
      return (await import('./drizzle-libsql.js')).openDrizzleLibsql(path);
    case 'drizzle + better-sqlite3':
      return (await import('./drizzle-better-sqlite3.js')).openDrizzleBetterSqlite3(path);
    case 'Kysely + better-sqlite3':
      return (await import('./kysely.js')).openKysely(path);
    case 'TypeORM + better-sqlite3':
      return (await import('./typeorm.js')).openTypeorm(path);
    case 'MikroORM + libsql':
      return (await import('./mikro-orm.js')).openMikroOrm(path);
    case 'Sequelize + sqlite3':
      return (await import('./sequelize.js')).openSequelize(path);
    case 'Prisma + better-sqlite3':
      return (await import('./prisma.js')).openPrisma(path, 'better-sqlite3');
    case 'Prisma + libsql':
      return (await import('./prisma.js')).openPrisma(path, 'libsql');
    case 'before':
      return (await import('./before.js')).openBefore(path);
    default:
      throw new TypeError(`There is no peer '${name}'`);
  }
}
