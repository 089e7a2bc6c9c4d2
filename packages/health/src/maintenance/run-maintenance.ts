// runMaintenance: one task after the other, safe beside running writers. A file is kept in a process of its own, in steps that
// give the write lock back; a server does what it allows.
/// <reference path="../raw-text.d.ts" />
import { performance } from 'node:perf_hooks';
import { clearTimeout, setTimeout } from 'node:timers';
import { types } from 'node:util';
import { DatabaseError, isDatabaseError, toDatabaseError } from '@cc/tx/errors';
import { databaseFileOf } from '@cc/tx/side-program';
import { runBeside } from '../beside.js';
import { type Ask, askerOf, type DatabaseSource, refuseAborted } from '../questions.js';
import { selectVectorIndexes, vacuumNote, vacuumOf } from '../vector-indexes.js';
import { bytes } from '../words.js';
import { mergeFullText } from './full-text.js';
import program from './maintenance-worker.js?raw';
import { checkSchedule, readTasks } from './tasks.js';
import type {
  Gain,
  MaintenanceOptions,
  MaintenanceResult,
  MaintenanceSchedule,
  MaintenanceScheduleOptions,
  MaintenanceTask,
} from './types.js';

/** What the program is asked. */
export interface UpkeepRequest {
  readonly path: string;
  readonly encryptionKey: string | undefined;
  readonly task: 'analyze' | 'incrementalVacuum' | 'checkpoint';
}

/** What the program answers. */
export type UpkeepAnswer =
  | { readonly tables: number; readonly changed: number }
  | { readonly mode: 'none' | 'full' | 'incremental'; readonly freeBytes: number; readonly freedBytes: number }
  | { readonly journal: string; readonly bytesBefore: number; readonly bytesAfter: number; readonly pagesLeft: number };

/**
 * Carries the tasks out in their order and returns what each has gained. What goes wrong in one is its result.
 *
 * @throws TypeError for an unknown task or option
 * @throws DatabaseError `aborted` (`ABORTED`; `TX_FORBIDDEN` inside a transaction, whose lock it would wait for), `closed`
 */
export async function runMaintenance(
  source: DatabaseSource,
  options: MaintenanceOptions = {},
): Promise<readonly MaintenanceResult[]> {
  const tasks = readTasks('runMaintenance', options);
  // Before the first task: what some have done would not be told.
  if (source.current?.() !== undefined) throw insideTransaction();
  const results: MaintenanceResult[] = [];
  for (const task of tasks) {
    refuseAborted(options.signal, `maintenance ${task}`);
    results.push(await run(task, source, options));
  }
  return results;
}

/**
 * Runs maintenance again and again until it is stopped; runs never overlap, and the timer keeps no process alive.
 *
 * @throws TypeError for an unknown task or option, or a time out of range
 */
export function scheduleMaintenance(source: DatabaseSource, options: MaintenanceScheduleOptions): MaintenanceSchedule {
  checkSchedule('scheduleMaintenance', options);
  const { everyMs, onResult, ...rest } = options;
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const plan = (): void => {
    timer = setTimeout(() => {
      running = once().finally(() => stop.signal.aborted || plan());
    }, everyMs).unref();
  };
  const once = async (): Promise<void> => {
    const result = await runMaintenance(source, { ...rest, signal: stop.signal }).catch((error: unknown) =>
      toDatabaseError(error, 'maintenance'),
    );
    try {
      const told: unknown = stop.signal.aborted ? undefined : onResult?.(result);
      if (types.isPromise(told)) told.catch(() => undefined);
    } catch {
      // A broken listener must not end the maintenance.
    }
  };
  plan();
  return {
    async stop() {
      stop.abort();
      clearTimeout(timer);
      await running;
    },
  };
}

function insideTransaction(): DatabaseError {
  return new DatabaseError('Maintenance would wait for the transaction around it', {
    type: 'aborted',
    code: 'TX_FORBIDDEN',
    operation: 'maintenance',
    hint: "Call it after the transaction, or inside transaction(…, { propagation: 'not_supported' })",
  });
}

async function run(
  task: MaintenanceTask,
  source: DatabaseSource,
  options: MaintenanceOptions,
): Promise<MaintenanceResult> {
  const startedAt = new Date();
  const begin = performance.now();
  const outcome = await outcomeOf(task, source, options);
  return { task, ...outcome, startedAt, durationMs: performance.now() - begin };
}

type Outcome = Pick<MaintenanceResult, 'status' | 'message' | 'bytesFreed'>;

async function outcomeOf(task: MaintenanceTask, source: DatabaseSource, options: MaintenanceOptions): Promise<Outcome> {
  try {
    const gain = await gainOf(task, source, options);
    if ('unsupported' in gain) return { status: 'unsupported', message: gain.unsupported, bytesFreed: 0 };
    return { status: 'done', message: gain.message, bytesFreed: gain.bytesFreed ?? 0 };
  } catch (error) {
    refuseAborted(options.signal, `maintenance ${task}`);
    if (isDatabaseError(error) && (error.type === 'closed' || error.code === 'TX_FORBIDDEN')) throw error;
    const { reason, type } = toDatabaseError(error, `maintenance ${task}`);
    const advice = type === 'lock' ? '; a writer held the lock all the time: it is tried again at the next run' : '';
    return { status: 'failed', message: `${reason}${advice}`, bytesFreed: 0 };
  }
}

async function gainOf(
  task: MaintenanceTask,
  source: DatabaseSource,
  { history, signal }: MaintenanceOptions,
): Promise<Gain> {
  if (task === 'history') return { message: (await history?.()) ?? 'There is no history' };
  const { target, readOnly } = source.capabilities;
  if (readOnly) return { unsupported: 'The database is only read' };
  if (task === 'fullText') return mergeFullText(source, signal);
  // What a replica's file holds is what its server has sent; to others it is not to be written.
  if (target === 'remote' || target === 'replica') return { unsupported: 'The server keeps its files itself' };
  if (target === 'memory') return inMemory(task, source, signal);
  const file = databaseFileOf(source);
  if (!file) return { unsupported: 'There is no file' };
  const request: UpkeepRequest = { ...file, task };
  const answer = await runBeside<UpkeepAnswer>(program, request, { name: '@cc/health/maintenance', signal });
  if ('mode' in answer && answer.mode === 'none' && answer.freeBytes > 0)
    return { message: await howToGiveBack(answer.freeBytes, askerOf(source, signal)) };
  return described(answer);
}

async function howToGiveBack(freeBytes: number, ask: Ask): Promise<string> {
  const sql = vacuumOf((await ask(selectVectorIndexes)).map(([name, text]) => [name, text]));
  const how = `PRAGMA auto_vacuum = INCREMENTAL; ${sql}, while nobody writes, makes it possible to give them back`;
  return `${bytes(freeBytes)} are free and stay in the file for new rows; ${how}.${vacuumNote(sql)}`;
}

/** A database in memory has one connection and no log. */
async function inMemory(
  task: UpkeepRequest['task'],
  source: DatabaseSource,
  signal: AbortSignal | undefined,
): Promise<Gain> {
  if (task !== 'analyze') return { unsupported: 'A database in memory has no file' };
  using lease = await source.getConnection({ mode: 'write', ...(signal && { signal }) });
  await lease.client.execute('ANALYZE');
  return { message: 'The planner has new statistics of all tables.' };
}

function described(answer: UpkeepAnswer): Gain {
  if ('tables' in answer) {
    const { tables, changed } = answer;
    const gained = changed === 0 ? 'none has changed' : `${changed} of them are new`;
    return { message: `Statistics of ${tables} tables and indexes: ${gained}.` };
  }
  if ('journal' in answer) {
    const { journal, bytesBefore, bytesAfter, pagesLeft } = answer;
    if (journal !== 'wal') return { message: `There is no write-ahead log: the journal is ${journal}.` };
    const freed = Math.max(0, bytesBefore - bytesAfter);
    const left = pagesLeft === 0 ? '' : ` ${pagesLeft} pages wait for a reader to end.`;
    return { message: `The log went from ${bytes(bytesBefore)} to ${bytes(bytesAfter)}.${left}`, bytesFreed: freed };
  }
  const { mode, freedBytes } = answer;
  if (mode === 'incremental') return { message: `${bytes(freedBytes)} were given back.`, bytesFreed: freedBytes };
  if (mode === 'full') return { message: 'Free pages are given back by every commit (auto_vacuum = FULL).' };
  return { message: 'No page is free.' };
}
