// Takes a database down to its first migration and up again for ever, and tells when each migration begins, how many of
// its statements have run, and when it has ended, until it or its server is killed. Started by kill-loop.ts.
// Arguments: url, folder, and `each` to hear of every statement, which has a server run them in groups.
import { writeSync } from 'node:fs';
import { openTransactionManager } from '@cc/tx';
import { createMigrationManager } from '../../dist/index.js';

const [url, folder, telling] = process.argv.slice(2);
// Straight to the pipe: what waits in a buffer dies with the process.
const say = (line) => void writeSync(1, `${line}\n`);

const transactions = await openTransactionManager({ url });
try {
  const migrations = createMigrationManager(watched(transactions), { folder });
  say('ready');
  for (;;) {
    await migrations.rollbackMigration({ targetVersion: '0000_base' });
    await migrations.applyMigrations();
  }
} catch (error) {
  say(`failed ${error.type} ${error.code} ${error.outcome}`);
} finally {
  await transactions.close({ drainMs: 0 });
}

function watched(transactions) {
  return {
    current: () => undefined,
    capabilities: transactions.capabilities,
    url: transactions.url,
    sync: () => transactions.sync(),
    backup: (path) => transactions.backup(path),
    getConnection: async (options) => {
      const lease = await transactions.getConnection(options);
      const migrate = lease.client.migrate.bind(lease.client);
      lease.client.migrate = async (statements, onStatement) => {
        say(`begin ${statements.length}`);
        const tell = (count) => {
          say(count);
          onStatement?.(count);
        };
        const started = performance.now();
        const results = await migrate(statements, telling === 'each' ? tell : onStatement);
        say(`end ${performance.now() - started}`);
        return results;
      };
      return lease;
    },
  };
}
