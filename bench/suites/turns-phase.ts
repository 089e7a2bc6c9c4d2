// Loops of nothing but local calls, each as an application would write it, and how long the event loop waits in them.
import { rm } from 'node:fs/promises';
import { createMigrationManager } from '@cc/migrate';
import { createRepositories, type NewModel } from '@cc/repositories';
import { migrationsFolder, schema } from '@cc/schema';
import { openTransactionManager, type TransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';
import { durabilityOf } from '../contenders/ours.js';
import { watchStretches } from '../harness/loop-stretches.js';
import { type Measurement, summarise } from '../harness/measure.js';
import type { Job, Phase, Row, TrialReport } from '../harness/suite.js';

type Manager = TransactionManager<typeof schema>;

const oursAlone = 'ours';
const note = sql`insert into __bench_notes (text) values (hex(randomblob(16)))`;

interface Loop {
  readonly id: string;
  readonly title: string;
  run(manager: Manager): Promise<unknown>;
}

const loops: readonly Loop[] = [
  {
    id: 'turnsReads',
    title: '50,000 lone reads',
    run: (manager) => times(50_000, () => manager.db.get(sql`select 1 as one`)),
  },
  { id: 'turnsWrites', title: '10,000 lone writes', run: (manager) => times(10_000, () => manager.db.run(note)) },
  {
    id: 'turnsTransaction',
    title: 'one transaction of 30,000 writes',
    run: (manager) => manager.transaction(() => times(30_000, () => manager.db.run(note))),
  },
  {
    id: 'turnsSavepoints',
    title: 'one transaction of 10,000 savepoints',
    run: (manager) => manager.transaction((tx) => times(10_000, () => tx.savepoint(async () => manager.db.run(note)))),
  },
  {
    id: 'turnsBatch',
    title: 'a batch of 30,000 statements',
    run: (manager) =>
      manager.db.$client.batch(
        Array.from({ length: 30_000 }, () => 'insert into __bench_notes (text) values (1)'),
        'write',
      ),
  },
  {
    id: 'turnsCreateMany',
    title: 'createMany of 5,000 models',
    run: (manager) => createRepositories(manager).models.createMany(someModels(5_000)),
  },
  {
    id: 'turnsReindex',
    title: 'reindex of 7,000 models',
    run: (manager) => createRepositories(manager).search.reindex(),
  },
  {
    id: 'turnsListAll',
    title: 'listAll of 7,000 models',
    run: async (manager) => {
      for await (const { id } of createRepositories(manager).models.listAll()) if (id === '') throw new Error('no id');
    },
  },
  {
    id: 'turnsMigrations',
    title: 'all migrations on an empty file',
    run: async (manager) => {
      const path = `${manager.url.slice('file:'.length)}.migrated`;
      await using empty = await openTransactionManager({ url: `file:${path}`, schema });
      await createMigrationManager(empty, { folder: migrationsFolder }).applyMigrations();
      await rm(path, { force: true });
    },
  },
];

/** One process that goes through all loops. */
export const turnsPhase: Phase = {
  name: 'turns',
  contenders: [oursAlone],
  run: runTurns,
  inspect: async () => ({ digest: null, facts: {} }),
};

/** The rows of the phase. */
export const turnsRows: readonly Row[] = loops.map(({ id, title }) => ({
  id,
  title,
  unit: 'ms',
  section: 'The longest stretch without a turn of the event loop, beyond the statement under way',
  reference: oursAlone,
  bars: [{ text: 'ours ≤ 25 ms', contender: oursAlone, atMost: 25 }],
}));

async function runTurns({ databasePath }: Job): Promise<TrialReport> {
  await using manager = await openTransactionManager({ url: `file:${databasePath}`, schema });
  await manager.db.run('create table __bench_notes (id integer primary key, text)');
  const rows: Record<string, Measurement> = {};
  for (const loop of loops) {
    const { beyondStatementMs, longestMs, longestStatementMs, turns } = await watchStretches(() => loop.run(manager));
    rows[loop.id] = summarise([beyondStatementMs], 'ms', null, {
      'with the statement ms': rounded(longestMs),
      'longest statement ms': rounded(longestStatementMs),
      turns,
    });
  }
  return { rows, durability: await durabilityOf(manager) };
}

async function times(count: number, call: () => PromiseLike<unknown>): Promise<void> {
  for (let i = 0; i < count; i += 1) await call();
}

function someModels(count: number): NewModel[] {
  return Array.from({ length: count }, (_, i) => ({
    model: {
      name: `Hex bolt M${i % 40} number ${i}`,
      description: `Made of steel, for shelf ${i % 97}`,
      format: 'stl',
      fileName: `bolt_${i}.stl`,
      filePath: `/bench/bolt_${i}.stl`,
      fileHash: `bench-${i}`,
      fileSize: 1_000 + i,
    },
  }));
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
