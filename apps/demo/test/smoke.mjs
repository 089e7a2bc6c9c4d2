// The whole stack once, in plain JavaScript: run as it is and as a bundle, on Node and on Bun (scripts/test-on-node.mjs).
// Usage: smoke.mjs <folder for databases> [<server that replicas can follow>]
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openCacheManager } from '@cc/cache';
import { createMigrationManager } from '@cc/migrate';
import { createRepositories } from '@cc/repositories';
import { models as modelsTable, schema } from '@cc/schema';
import { migrations } from '@cc/schema/migrations';
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';

const endless = sql`with recursive c(n) as (values (1) union all select n + 1 from c where n < 1e12) select count(*) from c`;

const input = (name) => ({
  name,
  format: 'stl',
  fileName: `${name}.stl`,
  filePath: `/models/${name}.stl`,
  fileHash: name,
  fileSize: 84,
});

async function useFile(url, copy) {
  const transactions = await openTransactionManager({ url, schema });
  const manager = createMigrationManager(transactions, { migrations });
  assert.equal((await manager.applyMigrations()).current, migrations.at(-1)?.version);
  assert.deepEqual(await manager.status().then(({ pending, problems }) => [...pending, ...problems]), []);

  const cache = await openCacheManager();
  const { models, search } = createRepositories(transactions, { cache });
  const id = await transactions.transaction(async () => {
    const made = await models.create(input('Gear'));
    await assert.rejects(
      transactions.transaction(
        async () => {
          await models.create(input('Bolt'));
          throw new Error('not this one');
        },
        { propagation: 'nested' },
      ),
      /not this one/,
    );
    return made;
  });
  assert.equal((await models.read(id))?.name, 'Gear');
  assert.equal((await search.searchModels('gear')).hits.length, 1);

  const count = () => transactions.db.$count(modelsTable);
  assert.equal(await transactions.offload(count, { timeoutMs: 60_000 }), 1);
  await assert.rejects(
    transactions.offload(() => transactions.db.all(endless), { timeoutMs: 300 }),
    {
      code: 'OFFLOAD_TIMEOUT',
    },
  );
  const backup = await transactions.backup(copy);
  assert.equal(backup.verified, true);

  await manager.rollbackMigration({ allowDataLoss: true });
  await cache.close();
  await transactions.close();
}

async function useReplica(server, url) {
  const remote = await openTransactionManager({ url: server });
  await remote.db.run(sql`create table if not exists t (a)`);
  await remote.db.run(sql`insert into t values (1)`);
  await remote.close();
  const replica = await openTransactionManager({ url, syncUrl: server });
  await replica.transaction(() => replica.db.run(sql`insert into t values (2)`));
  assert.deepEqual(await replica.db.all(sql`select count(*) as n from t`), [{ n: 2 }]);
  await replica.close();
}

async function main([folder = '.', server]) {
  const urlOf = (name) => pathToFileURL(join(folder, name)).href;
  await useFile(urlOf('library.db'), join(folder, 'copy.db'));
  if (server !== undefined) await useReplica(server, urlOf('replica.db'));
  process.stdout.write('all well\n');
}

// A bundle in CommonJS cannot await here.
main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error?.stack ?? error}\n`);
  process.exitCode = 1;
});
