import { captureParameters, compareDigests, createHealthMonitor, digestContent, loadTest } from '@cc/health';
import { openTransactionManager } from '@cc/tx';

const parameterCapture = captureParameters(); // keeps the last values of each statement, in memory
const transactions = await openTransactionManager({ url: ':memory:', logger: parameterCapture });
const health = createHealthMonitor(transactions, { parameterCapture });

await transactions.db.run('create table models (id integer primary key, name text)');
await transactions.db.run("insert into models (name) select 'Gear ' || value from generate_series(1, 5000)");

// Damage, undecodable texts, broken foreign keys, stale full-text indexes: what each is, and how it is mended.
export const checks = await health.runChecks(['integrity', 'foreignKeys', 'fts'], {
  signal: AbortSignal.timeout(60_000),
});

// An index only when a copy of the database has proved that it halves the work.
const sql = 'select id from models where name = ?';
const parameterSets = [['Gear 1'], ['Gear 77'], ['Gear 4999']];
export const { fullScans, advice } = await health.analyzeQuery({ sql, parameterSets });
export const needless = await health.reviewIndexes();

// Which tables differ between two moments, or between a database and its backup.
const before = await digestContent(transactions);
await transactions.db.run("update models set name = 'Cog' where id = 7");
export const changes = compareDigests(before, await digestContent(transactions));

// Statistics, full-text indexes, old history, free pages, the log; each says what it has gained.
export const maintenance = await health.runMaintenance();

// 200 calls a second as they come, however long each takes.
export const { calls, latency } = await loadTest((call) => transactions.db.run(`select ${call}`), {
  ratePerSecond: 200,
  durationMs: 100,
});

await transactions.close();
