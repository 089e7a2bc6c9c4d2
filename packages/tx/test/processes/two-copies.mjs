// Two copies of the package in one program, of which each has a driver of its own beside it, write to one file.
import { openTransactionManager } from '@cc/tx';

const [copy, url] = process.argv.slice(2);
const other = await import(copy);
const manager = await openTransactionManager({ url });
const beside = await other.openTransactionManager({ url, acquireTimeoutMs: 1 });
await manager.transaction(async () => {
  await manager.db.run("insert into t values ('one')");
  const written = beside.db.run("insert into t values ('other, meanwhile')");
  await written.then(
    () => process.stdout.write('written\n'),
    (error) => process.stdout.write(`${error.code}\n`),
  );
});
await beside.db.run("insert into t values ('other, after it')");
await beside.close();
await manager.db.run("insert into t values ('one, at last')");
await manager.close();
