import { writeFile } from 'node:fs/promises';
import { createHealthMonitor, formatHealthReport, healthReportPage } from '@cc/health';
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';

const page = process.argv[2];
await using transactions = await openTransactionManager({ url: ':memory:' });
const { db } = transactions;
await db.run(sql`create table models (id integer primary key, name text, size integer)`);

let sold = 0;
await using health = createHealthMonitor(transactions, {
  slowQueryMs: 5,
  limits: { openTransactionMs: { warning: 20 } },
  rules: [{ id: 'empty', check: () => (sold === 0 ? { severity: 'WARNING', reason: 'Nothing was sold yet' } : null) }],
});
health.onAlert(({ severity, state, reason }) => console.log(`${severity} ${state}: ${reason}`));
await health.startMonitoring(); // WARNING firing: Nothing was sold yet

await transactions.transaction(
  async () => {
    for (let n = 0; n < 500; n += 1) await db.run(sql`insert into models (name, size) values (${`part ${n}`}, ${n})`);
    await db.all(sql`select * from models where name like ${'%9'} order by size desc`);
  },
  { label: 'import' },
);
sold = 1;

for (const { statement, calls, labels } of health.getSlowQueries({ by: 'total', limit: 2 }))
  console.log(statement, calls, labels[0]?.label);
const checks = await health.runChecks(['integrity', 'foreignKeys']);
for (const { kind, status } of checks) console.log(`${kind}: ${status}`);
const report = await health.generateHealthReport();
console.log(formatHealthReport(report));
if (page !== undefined) await writeFile(page, healthReportPage(report));
