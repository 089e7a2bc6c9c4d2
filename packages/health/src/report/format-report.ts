// The report as text, for terminals and logs.
import { bytes, count, memory, milliseconds, percent } from '../words.js';
import type { DatabaseHealthReport } from './report.js';

/** Returns `report` as lines of text, without a line break at the end. */
export function formatHealthReport(report: DatabaseHealthReport): string {
  const sections = [
    [`Health of ${plain(report.url)} at ${report.generatedAt.toISOString()}: ${report.status}`, ...reasons(report)],
    queries(report),
    slowest(report),
    transactions(report),
    storage(report),
    cache(report),
    operations(report),
    [`Process      ${memory(report.process)}`],
    recommendations(report),
  ];
  return sections.flat().join('\n');
}

function reasons({ reasons }: DatabaseHealthReport): string[] {
  if (reasons.length === 0) return ['  Every figure is inside its limits.'];
  return reasons.map((reason) => `  - ${plain(reason)}`);
}

function queries({ queries }: DatabaseHealthReport): string[] {
  const { calls, errors, p50Ms, p95Ms, p99Ms, maxMs, slowCalls, statements, otherCalls } = queries;
  const lines = [
    `Statements   ${count(calls)} calls, ${count(errors)} failed, ${count(slowCalls)} slow; ${count(statements)} different`,
    `             p50 ${milliseconds(p50Ms)}, p95 ${milliseconds(p95Ms)}, p99 ${milliseconds(p99Ms)}, longest ${milliseconds(maxMs)}`,
  ];
  const failed = Object.entries(queries.errorsByType).map(([type, number]) => `${count(number)} ${type}`);
  if (failed.length > 0) lines.push(`             failures: ${failed.join(', ')}`);
  if (otherCalls > 0) lines.push(`             ${count(otherCalls)} calls are counted together as (others)`);
  return lines;
}

function slowest({ queries }: DatabaseHealthReport): string[] {
  return queries.slowest.map(
    ({ p95Ms, calls, share, statement }) =>
      `  ${milliseconds(p95Ms).padStart(10)} p95 × ${count(calls)} (${percent(share)} of the time)  ${clipped(plain(statement))}`,
  );
}

function transactions({ transactions, pool, waits }: DatabaseHealthReport): string[] {
  const { committed, rolledBack, retries, p95Ms, maxMs } = transactions;
  const lines = [
    `Transactions ${count(committed)} committed, ${count(rolledBack)} rolled back, ${count(retries)} retries`,
    `             p95 ${milliseconds(p95Ms)}, longest ${milliseconds(maxMs)}`,
    ...transactions.open.map(
      ({ label, ageMs }) =>
        `             open for ${milliseconds(ageMs)}: ${label === null ? 'without a label' : clipped(plain(label))}`,
    ),
  ];
  if (pool === null) return [...lines, 'Pool         does not answer'];
  const { writerBusy, writersWaiting, readersOpen, readersBusy, readersWaiting, connectionsReplaced } = pool;
  return [
    ...lines,
    `Pool         writer ${writerBusy ? 'busy' : 'free'}, ${count(writersWaiting)} waiting; ` +
      `readers ${readersBusy} of ${readersOpen} busy, ${count(readersWaiting)} waiting; ` +
      `${count(waits.waits)} waits, p95 ${milliseconds(waits.p95Ms)}; ${count(connectionsReplaced)} connections replaced`,
  ];
}

function storage({ storage }: DatabaseHealthReport): string[] {
  if (!storage.readable) return [`Storage      could not be read: ${plain(storage.message)}`];
  const { pageCount, freePages, journalMode, walBytes } = storage;
  const free = pageCount === 0 ? 0 : freePages / pageCount;
  const log = walBytes === null ? '' : `, log ${bytes(walBytes)}`;
  return [
    `Storage      ${bytes(storage.bytes)} in ${count(pageCount)} pages, ${percent(free)} free, journal ${journalMode}${log}`,
  ];
}

function cache({ cache }: DatabaseHealthReport): string[] {
  if (cache === null) return [];
  const { hits, misses, hitRatio } = cache;
  const ratio = hitRatio === null ? 'not asked yet' : `${percent(hitRatio)} hits`;
  const size = cache.bytes === null ? '' : `, ${bytes(cache.bytes)}`;
  return [`Cache        ${ratio} (application cache): ${count(hits)} hits, ${count(misses)} misses${size}`];
}

function operations({ operations }: DatabaseHealthReport): string[] {
  return operations.map(
    ({ name, calls, errors, p95Ms, maxMs }) =>
      `Operation    ${clipped(plain(name))}: ${count(calls)} calls, ${count(errors)} failed, p95 ${milliseconds(p95Ms)}, longest ${milliseconds(maxMs)}`,
  );
}

function recommendations({ recommendations }: DatabaseHealthReport): string[] {
  if (recommendations.length === 0) return [];
  return [
    'To do',
    ...recommendations.flatMap(({ reason, text, sql, command }) => [
      `  - ${clipped(plain(reason))}`,
      `    ${plain(text)}`,
      // Whole, and with its lines: of several statements a part may do harm.
      ...[sql, command].flatMap((text) => text?.split('\n') ?? []).map((line) => `      ${plain(line)}`),
    ]),
  ];
}

/** A name in a database may hold anything: nothing of it may steer a terminal. What joins the parts of emoji and letters steers none. */
function plain(text: string): string {
  return text.replace(/(?![\u200c\u200d])[\p{Cc}\p{Cf}\u2028\u2029]/gu, '�');
}

function clipped(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 119)}…`;
}
