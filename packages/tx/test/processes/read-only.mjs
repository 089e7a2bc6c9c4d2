// Opens a database that may only be read, tells what it can do and what it was refused, and then what it reads each time it
// is asked, until the input ends.
import { createInterface } from 'node:readline';
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';

const [url, backup, key] = process.argv.slice(2);
const manager = await openTransactionManager({ url, retry: false, ...(key && { encryptionKey: key }) }).catch(
  (error) => {
    process.stdout.write(`${JSON.stringify({ refused: error.code, hint: error.hint })}\n`);
    process.exit();
  },
);
const { db } = manager;
const codeOf = (call) =>
  call().then(
    () => 'none',
    ({ type, code }) => `${type} ${code}`,
  );
const rows = () => db.values(sql`select a from t order by a`);
const told = {
  readOnly: manager.capabilities.readOnly,
  rows: await rows(),
  inside: await manager.transaction((tx) => tx.db.values(sql`select a from t order by a`)),
  snapshot: await manager.read((tx) => tx.db.values(sql`select a from t order by a`)),
  offloaded: await manager.offload(db.all(sql`select a from t order by a`), { timeoutMs: 60_000 }),
  refusals: [
    await codeOf(() => db.run(sql`insert into t values (9)`)),
    await codeOf(() => manager.transaction((tx) => tx.db.run(sql`insert into t values (9)`))),
    await codeOf(() => manager.transaction(async () => undefined, { mode: 'write' })),
    await codeOf(() => db.$client.migrate(['create table u (a)'])),
    await codeOf(() => db.$client.executeMultiple('create table u (a)')),
    await codeOf(() => db.$client.batch(['insert into t values (9)'])),
  ],
  verified: (await manager.backup(backup)).verified,
};
process.stdout.write(`${JSON.stringify(told)}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'end') break;
  process.stdout.write(`${JSON.stringify([await rows(), await manager.read(rows)])}\n`);
}
await manager.close();
process.stdin.destroy();
