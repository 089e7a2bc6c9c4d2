// Figures of the database file: through a connection of its own where there is a file, else through a lease of the pool.
// Only PRAGMAs, the schema, a passive checkpoint and stat(): reading the file here would drop the locks of this process.
import { existsSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import { clearTimeout, setTimeout } from 'node:timers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type DatabaseErrorType, isDatabaseError, isError, toDatabaseError } from '@cc/tx/errors';
import { type OwnConnection, openOwnConnection } from '@cc/tx/own-connection';
import { leasedOrInside } from '../questions.js';
import type { HealthSource } from '../source.js';
import { ownStatementMark } from '../statistics/own-statement.js';
import { selectVectorIndexes, vacuumOf } from '../vector-indexes.js';

/** Figures of the database file at one moment, or why they could not be read. */
export type StorageReport =
  | {
      readonly readable: true;
      readonly pageCount: number;
      readonly pageSize: number;
      /** Pages that a VACUUM would give back. */
      readonly freePages: number;
      readonly journalMode: string;
      /** Size of the database: `pageCount * pageSize`. */
      readonly bytes: number;
      /** Size of the write-ahead log beside the file; null where there is no file to look at. */
      readonly walBytes: number | null;
      /** Frames of the log that are not in the database yet, at most; null where that cannot be asked. */
      readonly checkpointLagFrames: number | null;
      /** Of the disk that the file lies on; null where there is no file to look at. */
      readonly disk: { readonly freeBytes: number; readonly bytes: number } | null;
      /** Grows with each change of the schema; null where plans cannot be looked at. */
      readonly schemaVersion: number | null;
      /** Writes the file anew: VACUUM, and around it what vector indexes need. Null where a server keeps the file. */
      readonly vacuumSql: string | null;
    }
  | {
      readonly readable: false;
      /** `integrity`: the file is damaged; `readonly`: it does not lie at its path any more. */
      readonly errorType: DatabaseErrorType;
      readonly message: string;
    };

/** Reads the figures. Never rejects: what fails is part of the report. */
export async function readStorage(source: HealthSource): Promise<StorageReport> {
  try {
    const own = openOwn(source);
    if (own) return await readOwn(source, own);
    return await leasedOrInside(
      source,
      () => readLeased(source),
      async (db) => {
        const ask: Ask = async (sql) => (await db.all(`${sql} ${ownStatementMark}`)) as Row[];
        return { ...(await readFigures(source, ask)), checkpointLagFrames: null, schemaVersion: null };
      },
    );
  } catch (error) {
    const { type, message } = toDatabaseError(error, 'reading the figures of the database file');
    return { readable: false, errorType: type, message };
  }
}

type Readable = Extract<StorageReport, { readonly readable: true }>;

/** Any object of the shape of a manager serves; only a real one has a file that can be opened beside it. */
function openOwn(source: HealthSource): OwnConnection | null {
  try {
    return openOwnConnection(source);
  } catch (error) {
    if (isDatabaseError(error)) throw error;
    return null;
  }
}

/** Opening it, its questions and the checkpoint have a turn of the event loop each. */
async function readOwn(source: HealthSource, own: OwnConnection): Promise<Readable> {
  try {
    await nextTurn();
    const figures = await readFigures(source, async (sql) => own.all(sql));
    const { walBytes, pageSize, journalMode } = figures;
    await nextTurn();
    const frames = Math.floor((walBytes ?? 0) / (pageSize + frameHeaderBytes));
    // A passive checkpoint waits for nobody, and does what the next commit would do. With few frames it is not worth it.
    const lag =
      journalMode !== 'wal' ? 0 : frames < shortLog ? frames : lagOf(own.all('PRAGMA wal_checkpoint(PASSIVE)')[0]);
    await nextTurn();
    const schemaVersion = Number(own.all('PRAGMA schema_version')[0]?.['schema_version']);
    return { ...figures, checkpointLagFrames: lag, schemaVersion };
  } finally {
    own.close();
  }
}

async function readLeased(source: HealthSource): Promise<Readable> {
  const lease = await source.getConnection({ mode: 'read', timeoutMs: longestWaitMs });
  try {
    const reading = readFigures(source, async (sql) => (await lease.client.execute(`${sql} ${ownStatementMark}`)).rows);
    return { ...(await inTime(reading)), checkpointLagFrames: null, schemaVersion: null };
  } finally {
    lease.release();
  }
}

/** A server that does not answer is not waited for. @throws Error then */
function inTime<T>(reading: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`the database has not answered within ${longestWaitMs} ms`));
    const timer = setTimeout(late, longestWaitMs).unref();
    reading.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

type Row = Readonly<Record<string, unknown>> | undefined;
type Ask = (sql: string) => Promise<readonly Row[]>;

async function readFigures(
  { url, capabilities }: HealthSource,
  ask: Ask,
): Promise<Omit<Readable, 'checkpointLagFrames' | 'schemaVersion'>> {
  const pragma = async (name: string): Promise<Row> => (await ask(`PRAGMA ${name}`))[0];
  const pageCount = Number((await pragma('page_count'))?.['page_count']);
  const pageSize = Number((await pragma('page_size'))?.['page_size']);
  const freePages = Number((await pragma('freelist_count'))?.['freelist_count']);
  const journalMode = String((await pragma('journal_mode'))?.['journal_mode']);
  const file = (await pragma('database_list'))?.['file'];
  // A server tells where its file lies, which may be the path of another one here.
  const path = url.startsWith('file:') && typeof file === 'string' && existsSync(file) ? file : null;
  return {
    ...{ readable: true, pageCount, pageSize, freePages, journalMode, bytes: pageCount * pageSize },
    vacuumSql: isKeptByServer(capabilities?.target) ? null : await readVacuum(ask),
    walBytes: path === null ? null : await sizeOf(`${path}-wal`),
    disk: path === null ? null : await diskOf(path),
  };
}

/** What a replica's file holds is what its server has sent. */
function isKeptByServer(target: string | undefined): boolean {
  return target === 'remote' || target === 'replica';
}

async function readVacuum(ask: Ask): Promise<string> {
  const indexes = await ask(selectVectorIndexes);
  return vacuumOf(indexes.map((index) => [index?.['name'], index?.['sql']]));
}

const longestWaitMs = 1_000;
/** https://sqlite.org/fileformat2.html#wal_file_format */
const frameHeaderBytes = 24;
/** After as many frames every commit tries a checkpoint by itself. */
const shortLog = 1_000;

/** Another process may be at it; what it leaves is seen at the next reading. */
function lagOf(checkpoint: Row): number {
  return Math.max(0, Number(checkpoint?.['log']) - Number(checkpoint?.['checkpointed']));
}

async function diskOf(path: string): Promise<Readable['disk']> {
  const { bavail, blocks, bsize } = await statfs(path);
  return { freeBytes: bavail * bsize, bytes: blocks * bsize };
}

/** 0 for a file that is not there: a log that nothing was written to yet. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isError(error) && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
}
