// The suite of @cc/tx: statements, transactions, many of them at once, several processes, servers and replicas.
import { fileURLToPath } from 'node:url';
import { sqldMissing } from '@cc/testkit/sqld';
import type { Bar, Row, Suite } from '../harness/suite.js';
import { atMost, faster } from './bars.js';
import { concurrencyPhase } from './concurrency-phase.js';
import { byHand, contentionPhase } from './contention-phase.js';
import { insidePhase } from './inside-phase.js';
import { statementsPhase } from './statements-phase.js';
import { oursOnFile, pairsOnServer, targetsPhase } from './targets-phase.js';
import { prepareTransactions } from './transactions-inputs.js';
import { turnsPhase, turnsRows } from './turns-phase.js';

const oursToPeer: readonly Bar[] = pairsOnServer.map(({ target, ours, peer }) => ({
  text: `ours : drizzle + @libsql/client, ${target}`,
  contender: ours,
  against: peer,
}));

/** A batch on a replica is of the stock replica's own kind, which sends one statement at a time. */
const batchBars: readonly Bar[] = pairsOnServer.map(({ target, ours, peer }) => ({
  text: `ours ≤ 1.3 × drizzle + @libsql/client, ${target}`,
  contender: ours,
  against: peer,
  atMost: 1.3,
}));

const contended = { section: 'While two other processes write the same file', reference: byHand } as const;
const onTargets = {
  section: 'A server and a replica beside a local file',
  reference: oursOnFile,
  unit: 'µs',
  bars: oursToPeer,
} as const;

const rows: readonly Row[] = [
  { id: 'readByKey', title: 'drizzle prepared read by key, 10 columns', unit: 'µs', bars: [atMost(2), faster(4)] },
  {
    id: 'collect',
    title: 'write transaction of 1 select + 2 inserts',
    unit: 'µs',
    bars: [atMost(2.5), faster(1.8)],
  },
  { id: 'collectUnprepared', title: 'the same, ours not prepared', unit: 'µs' },
  {
    id: 'increments',
    title: '200 concurrent read-modify-write transactions with an await inside (fs.stat)',
    unit: 'ms',
    bars: [atMost(1.5)],
  },
  { id: 'increments500', title: '500 of them', unit: 'ms', bars: [atMost(1.5)] },
  { id: 'shortIncrements', title: '200, the await only a turn of the event loop', unit: 'ms' },
  { id: 'besideMedian', title: 'median of reads while a write transaction is open 200 ms', unit: 'ms' },
  {
    id: 'beside',
    title: 'p95 of these reads',
    unit: 'ms',
    bars: [{ text: 'ours < 1 ms', contender: 'ours', atMost: 1 }],
  },
  { id: 'besideMax', title: 'the slowest of these reads', unit: 'ms' },
  { id: 'insideRead', title: 'the read by key inside a transaction; ours through the ambient `db`', unit: 'µs' },
  { id: 'insideReadBound', title: 'the same; ours through `tx.db`', unit: 'µs' },
  { id: 'insideTouch', title: 'update inside a transaction', unit: 'µs' },
  { id: 'insideSavepoint', title: 'the same in a savepoint of its own', unit: 'µs' },
  { id: 'insideJoined', title: 'the same, ours in a nested `transaction()` that joins', unit: 'µs' },
  {
    ...contended,
    id: 'longestGap',
    title: 'longest gap between two turns of the event loop',
    unit: 'ms',
    bars: [{ text: 'ours ≤ 20 ms', contender: 'ours', atMost: 20 }],
  },
  { ...contended, id: 'gapP99', title: 'p99 of the gaps', unit: 'ms' },
  { ...contended, id: 'controlLongestGap', title: 'longest gap of a process beside it without a database', unit: 'ms' },
  { ...contended, id: 'controlGapP99', title: 'p99 of the gaps of that process', unit: 'ms' },
  { ...contended, id: 'contended', title: 'read-modify-write transaction with an await inside', unit: 'ms' },
  {
    ...contended,
    id: 'together',
    title: 'time for each of them that any of the three processes has committed',
    unit: 'ms',
    bars: [{ text: 'ours ≤ 1.33 × by hand', contender: 'ours', against: byHand, atMost: 1 / 0.75 }],
  },
  ...turnsRows,
  { ...onTargets, id: 'targetRead', title: 'drizzle prepared read by key, 10 columns' },
  { ...onTargets, id: 'targetCollect', title: 'write transaction of 1 select + 2 inserts' },
  { ...onTargets, id: 'targetWriteAndRead', title: 'update, then read what was written' },
  { ...onTargets, id: 'targetBatch', title: '1,000 inserts in a batch of the client', unit: 'ms', bars: batchBars },
];

/** The suite `transactions`. */
export const transactions: Suite = {
  name: 'transactions',
  title: 'Transactions and statements through @cc/tx',
  reference: 'raw',
  rows,
  phases: [statementsPhase, concurrencyPhase, insidePhase, contentionPhase, turnsPhase, targetsPhase],
  async prepare(options) {
    // Loudly: the page has no figures of servers then.
    if (sqldMissing !== null) process.stderr.write(`SKIPPED: the phase '${targetsPhase.name}': ${sqldMissing}\n`);
    return prepareTransactions({ ...options, repository: fileURLToPath(new URL('../../', import.meta.url)) });
  },
};
