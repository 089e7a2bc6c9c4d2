// Opens a library in a folder that this user may not enter, and backs another one up into it; says how each fails.
import { isDatabaseError, openTransactionManager } from '@cc/tx';

const [folder] = process.argv.slice(2);
const failureOf = async (work) => {
  const error = await work().catch((caught) => caught);
  process.stdout.write(`${JSON.stringify([isDatabaseError(error), error.type, error.code, error.message])}\n`);
};

await failureOf(() => openTransactionManager({ url: `file:${folder}/library.db` }));
await failureOf(() => openTransactionManager({ url: `file:${folder}/library.db`, readOnly: true }));
const manager = await openTransactionManager({ url: ':memory:' });
await manager.db.run('create table t (a)');
await failureOf(() => manager.backup(`${folder}/copy.db`));
await manager.close();
