import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createMigrationManager } from '@cc/migrate';
import { migrationsFolder } from '@cc/schema';
import { migrations } from '@cc/schema/migrations';
import { openTransactionManager } from '@cc/tx';
import { describe, expect, it } from 'vitest';
import { LibraryNotReady, openLibrary } from '../src/library.js';
import { libraryUrl, makeFolderOf } from '../src/location.js';
import { start } from './candy.js';
import { makePlace, open } from './temporary-library.js';

const newest = migrations.at(-1)?.version ?? '';

describe('opening a library', () => {
  it('makes the folder, the file and the tables of a new one, and finds them the next time', async () => {
    const place = makePlace();
    const library = await open(place);
    expect(existsSync(join(place.folder, '.candy', 'library.db'))).toBe(true);
    const { pending, problems } = await library.migrations.status();
    expect({ pending, problems }).toEqual({ pending: [], problems: [] });
    expect(await library.repositories.models.count()).toBe(0);
    expect(await (await open(place)).repositories.models.count()).toBe(0);
  });

  it('is made once when six programs open a new one at the same time', async () => {
    const place = makePlace();
    const ends = Array.from({ length: 6 }, () => start(['import', place.models, '--json'], place).ended);
    const told = (await Promise.all(ends)).map(({ exitCode, stderr }) => ({ exitCode, stderr }));
    expect(told).toEqual(told.map(() => ({ exitCode: 0, stderr: '' })));
    await using library = await openLibrary(place.url);
    const runs = await library.migrations.history();
    expect(runs.map(({ version }) => version)).toEqual([...new Set(runs.map(({ version }) => version))]);
  });

  it('goes on with one that another program is making, and refuses it once it is used', async () => {
    const place = makePlace();
    await makeFolderOf(place.url);
    await using transactions = await openTransactionManager({ url: place.url });
    const half = createMigrationManager(transactions, { folder: migrationsFolder });
    await half.applyMigrations({ steps: 2 });
    expect(await (await open(place)).repositories.models.count()).toBe(0);

    const other = makePlace();
    await makeFolderOf(other.url);
    await using used = await openTransactionManager({ url: other.url });
    await createMigrationManager(used, { folder: migrationsFolder }).applyMigrations({ steps: 2 });
    await used.db.$client.execute(`INSERT INTO tags (key, name) VALUES ('red', 'red')`);
    await expect(openLibrary(other.url)).rejects.toThrow('The library is behind this program');
  });

  it('works in memory', async () => {
    await using library = await openLibrary(':memory:');
    expect(await library.repositories.models.count()).toBe(0);
  });

  it('stays right when plain SQL replaces a model', async () => {
    await using library = await openLibrary(':memory:');
    const { repositories, transactions } = library;
    const gear = {
      name: 'gear',
      format: 'stl',
      fileName: 'gear.stl',
      filePath: '/gear.stl',
      fileHash: 'h',
      fileSize: 1,
    } as const;
    const id = await repositories.models.create(gear);
    await transactions.db.$client.execute({
      sql: `insert or replace into models (id, name, format, file_name, file_path, file_hash, file_size, created_at, updated_at)
        select id, 'pinion', format, file_name, file_path, file_hash, file_size, created_at, updated_at from models where id = ?`,
      args: [id],
    });
    expect(await repositories.search.verifyIndex()).toEqual({ ok: true, problems: [] });
    expect((await repositories.search.searchModels('pinion')).total).toBe(1);
  });

  it('refuses one that is behind, with the command to run', async () => {
    const place = makePlace();
    {
      await using library = await openLibrary(place.url);
      await library.migrations.rollbackMigration();
    }
    const opening = openLibrary(place.url, { upCommand: 'npm run demo -- migrate up' });
    await expect(opening).rejects.toThrow(`run \`npm run demo -- migrate up\` to apply ${newest}`);
    await expect(openLibrary(place.url)).rejects.toThrow(LibraryNotReady);
  });

  it('names the commands of this program where its migrations were changed since', async () => {
    const place = makePlace();
    {
      await using library = await openLibrary(place.url);
      await library.transactions.db.run(`update __drizzle_migrations set hash = 'changed' where rowid = 2`);
    }
    const opening = openLibrary(place.url, { upCommand: 'npm run demo -- migrate up' });
    await expect(opening).rejects.toThrow('npm run demo -- migrate repair');
    await expect(openLibrary(place.url)).rejects.toThrow(/^(?!.*cc-migrate).*candy migrate repair/);
  });

  it('makes the tables again when every migration was taken back', async () => {
    const place = makePlace();
    {
      await using library = await openLibrary(place.url);
      await library.migrations.rollbackMigration({ targetVersion: null, allowDataLoss: true });
    }
    expect(await (await open(place)).repositories.models.count()).toBe(0);
  });

  it('refuses a database that holds something else, and leaves it as it is', async () => {
    const { folder } = makePlace();
    const url = pathToFileURL(join(folder, 'other.db')).href;
    await using other = await openTransactionManager({ url });
    await other.db.$client.execute('CREATE TABLE invoices (id INTEGER PRIMARY KEY)');
    await expect(openLibrary(url)).rejects.toThrow(/holds other tables .* `candy migrate up`/);
    const { rows } = await other.db.$client.execute(`SELECT name FROM sqlite_schema WHERE type = 'table'`);
    expect(rows.map((row) => row[0])).toEqual(['invoices']);
  });

  it('refuses the database of another program, and does not advise to take its migrations back', async () => {
    const { url } = makePlace();
    const upSql = 'CREATE TABLE theirs (id)';
    const hash = createHash('sha256').update(upSql).digest('hex');
    await makeFolderOf(url);
    await using theirs = await openTransactionManager({ url });
    await createMigrationManager(theirs, {
      migrations: [{ version: '0000_theirs', createdAt: 1, hash, upSql, downSql: '-- cc:down irreversible' }],
    }).applyMigrations();
    await expect(openLibrary(url)).rejects.toThrow(
      'The database is that of another program, whose migrations it has (0000_theirs): choose another with --url or CANDY_URL.',
    );
  });

  it('refuses a library that a newer program has made', async () => {
    const { url } = makePlace();
    await (await openLibrary(url))[Symbol.asyncDispose]();
    await using newer = await openTransactionManager({ url });
    await newer.db.$client.execute(
      `INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('newer', 9000000000000)`,
    );
    await expect(openLibrary(url)).rejects.toThrow(
      /^The library is newer than this program, which does not have .+: use the newer program\.$/,
    );
  });

  it('leaves it to the transaction manager to say what is wrong with a URL', async () => {
    await expect(openLibrary('library.db')).rejects.toThrow('file:');
    await expect(openLibrary('file:%zz.db')).rejects.toThrow('percent-encoding');
    await expect(openLibrary('file://host/library.db')).rejects.toThrow(TypeError);
  });
});

describe('the place of a library', () => {
  it('is the flag, else the variable, else a file in the folder .candy', () => {
    expect(libraryUrl('file:a.db', { CANDY_URL: 'file:b.db' }, '/somewhere')).toBe('file:a.db');
    expect(libraryUrl(undefined, { CANDY_URL: 'file:b.db' }, '/somewhere')).toBe('file:b.db');
    for (const env of [{}, { CANDY_URL: '' }]) {
      expect(libraryUrl(undefined, env, '/some where')).toBe(
        pathToFileURL(join('/some where', '.candy', 'library.db')).href,
      );
    }
  });
});
