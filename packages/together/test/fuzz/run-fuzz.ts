// Reads rows through a bound cache while this process writes them in every way there is and other processes write them too,
// until there are enough reads and commits; the judge hears of each commit when this process does.
import { setImmediate as turn } from 'node:timers/promises';
import { type BoundCacheManager, type CacheRegion, openCacheManager } from '@cc/cache';
import type { Child } from '@cc/testkit/child';
import { startProgram } from '@cc/testkit/program';
import { type Random, seededRandom } from '@cc/testkit/random';
import type { TransactionManager } from '@cc/tx';
import { eq, sql } from 'drizzle-orm';
import { integer, sqliteTable } from 'drizzle-orm/sqlite-core';
import { Judge, undone, type Verdict } from './judge.js';

/** Rows, each of which counts its versions. */
export const versions = sqliteTable('versions', { id: integer().primaryKey(), version: integer().notNull() });

/** The schema of the tests. */
export const schema = { versions };
export type Manager = TransactionManager<typeof schema>;

/** What a cache keeps of a row. */
export interface Version {
  readonly version: number;
}

/** What is run. */
export interface Fuzz {
  readonly seed: number;
  readonly transactions: Manager;
  /** Where the other processes write; null = nobody else does. */
  readonly url: string | null;
  readonly reads: number;
  /** At least so many reads that the cache answers, however many reads that takes. Default 0. */
  readonly hits?: number;
  /** At least so many commits of each of the others, however many reads that takes. */
  readonly commitsOfEach?: number;
  readonly maxStaleMs?: number | undefined;
  /** Of a replica: it is synced again and again, and what others commit is to be seen from then on. */
  readonly isReplica?: boolean;
  /** Answers of the server do not tell where it is (ws): what one region has seen another learns within `maxStaleMs`. */
  readonly isQuiet?: boolean;
  /** The others wait that long for locks. Default 5,000. */
  readonly patienceMs?: number;
  /** Kills one of the others after so many of its commits, and starts it anew. Default: never. */
  readonly killAfter?: number;
  /** With a disk tier. */
  readonly disk?: boolean;
}

const leastCommitsHere = 11;
const leastKills = 3;

/** What has happened. */
export interface FuzzResult extends Verdict {
  readonly wrong: readonly string[];
  readonly commitsHere: number;
  readonly commitsOfOthers: number;
  readonly failedOfOthers: number;
  readonly kills: number;
  readonly hits: number;
}

const rows = 8;
const readers = ['Ada', 'Ben', 'Cem', 'Dua'];

/** Makes the table of the tests; `first` is the version that a row begins with. */
export async function makeVersions({ db }: Manager, first: (id: number) => number): Promise<void> {
  await db.run(sql`CREATE TABLE versions (id INTEGER PRIMARY KEY, version INTEGER NOT NULL) STRICT`);
  await db.insert(versions).values(Array.from({ length: rows }, (_, i) => ({ id: i + 1, version: first(i + 1) })));
}

/** Runs it. The caller closes the manager. */
export async function runFuzz(fuzz: Fuzz): Promise<FuzzResult> {
  const { transactions, maxStaleMs, disk = false } = fuzz;
  const cache = await openCacheManager({ transactions, maxStaleMs, disk });
  try {
    return await new Run(fuzz, cache).run();
  } finally {
    await cache.close();
  }
}

class Run {
  readonly #fuzz: Fuzz;
  readonly #cache: BoundCacheManager;
  /** One that is told of declared commits, and one that has to see them itself. */
  readonly #region: CacheRegion<Version>;
  readonly #untold: CacheRegion<Version>;
  readonly #judge: Judge;
  readonly #others: { child: Child; commits: number }[] = [];
  /** What others have committed since the last sync began. */
  #unsynced: (readonly [id: number, version: number])[] = [];
  readonly #hearing: Promise<void>[] = [];
  readonly #counts = { commitsHere: 0, commitsOfOthers: 0, failedOfOthers: 0, kills: 0 };
  #isOver = false;

  constructor(fuzz: Fuzz, cache: BoundCacheManager) {
    this.#fuzz = fuzz;
    this.#cache = cache;
    this.#region = cache.region('versions', { toldBy: cache });
    this.#untold = cache.region('untold');
    this.#judge = new Judge(fuzz.isReplica === true ? 0 : fuzz.maxStaleMs, fuzz.isQuiet);
  }

  async run(): Promise<FuzzResult> {
    if (this.#fuzz.url !== null) await Promise.all([0, 1].map((index) => this.#start(index)));
    const reading = Promise.all(readers.map((name, index) => this.#read(name, seededRandom(this.#fuzz.seed + index))));
    await Promise.all([
      reading.finally(() => {
        this.#isOver = true;
      }),
      this.#write(seededRandom(this.#fuzz.seed + 100)),
      this.#sync(),
    ]);
    // One that is being started anew is killed as well.
    for (const hearing of this.#hearing) await Promise.all([hearing, ...this.#others.map(({ child }) => child.kill())]);
    const { hits } = this.#cache.getCacheStats();
    return { ...this.#judge.verdict, wrong: this.#judge.wrong, ...this.#counts, hits };
  }

  /** However the machine shares its time out: what a run is meant to reach it has reached. */
  get #isEnough(): boolean {
    const { reads, hits = 0, commitsOfEach = 0, killAfter, patienceMs } = this.#fuzz;
    const { commitsHere, kills, failedOfOthers } = this.#counts;
    return (
      this.#judge.verdict.reads >= reads &&
      this.#cache.getCacheStats().hits >= hits &&
      this.#others.every(({ commits }) => commits >= commitsOfEach) &&
      commitsHere >= leastCommitsHere &&
      (killAfter === undefined || kills >= leastKills) &&
      (patienceMs !== 0 || failedOfOthers > 0)
    );
  }

  async #start(index: number): Promise<void> {
    const { url, patienceMs = 5_000 } = this.#fuzz;
    const program = new URL('writer.mjs', import.meta.url);
    const child = startProgram(program, [url ?? '', String(rows), '20', String(patienceMs)]);
    const commits = this.#others[index]?.commits ?? 0;
    this.#others[index] = { child, commits };
    const first = await child.line().catch(() => null);
    if (first === null && !this.#isOver) throw new Error('a writer ended before it began');
    this.#hearing.push(this.#hear(index, child));
  }

  /** Every line is a message: what it says is known from then on. */
  async #hear(index: number, child: Child): Promise<void> {
    const { killAfter = Number.POSITIVE_INFINITY } = this.#fuzz;
    for (let commits = 0; !this.#isOver; ) {
      const line = await child.line().catch(() => null);
      if (line === null) return;
      const [id, version] = line.split(' ').map(Number);
      const other = this.#others[index];
      if (id === undefined || version === undefined || Number.isNaN(id) || other === undefined) {
        this.#counts.failedOfOthers += 1;
        continue;
      }
      if (this.#fuzz.isReplica === true) this.#unsynced.push([id, version]);
      else this.#judge.learn(id, version, 'others');
      this.#counts.commitsOfOthers += 1;
      other.commits += 1;
      commits += 1;
      if (commits < killAfter) continue;
      await child.kill();
      this.#counts.kills += 1;
      if (!this.#isOver) await this.#start(index);
      return;
    }
  }

  async #read(name: string, random: Random): Promise<void> {
    while (!this.#isEnough && this.#judge.wrong.length === 0) {
      const id = 1 + random.below(rows);
      const floor = this.#judge.floor(id);
      const began = performance.now();
      const region = random.chance(0.3) ? this.#untold : this.#region;
      const reader = this.#fuzz.isQuiet === true ? `${name} in ${region.namespace}` : name;
      const way = random.below(8);
      if (way === 0) {
        const found = region.get(String(id));
        if (found) this.#judge.got(reader, id, found.version, floor, began);
      } else if (way === 1) {
        const found = await region.getOrLoadMany(
          [String(id)],
          async () => new Map([[String(id), await this.#load(id)]]),
          taggedAs(id),
        );
        this.#judge.got(reader, id, found.get(String(id))?.version ?? 0, floor, began);
      } else {
        const found = await region.fetch(String(id), () => this.#load(id), taggedAs(id));
        this.#judge.got(reader, id, found.value?.version ?? 0, floor, began);
      }
      if (random.once(6)) await turn();
    }
  }

  /** The row, and sometimes something else after it, as a page has it that needs two queries. */
  async #load(id: number): Promise<Version> {
    const { db } = this.#fuzz.transactions;
    const [row] = await db.select({ version: versions.version }).from(versions).where(eq(versions.id, id));
    if (id % 2 === 0) await turn();
    if (id % 4 === 0) await db.select({ id: versions.id }).from(versions).limit(1);
    return { version: row?.version ?? 0 };
  }

  async #write(random: Random): Promise<void> {
    while (!this.#isOver) {
      const id = 1 + random.below(rows);
      const version = await this.#writeSomehow(id, random);
      if (version !== null) {
        this.#judge.learn(id, version, 'this process');
        this.#counts.commitsHere += 1;
      }
      for (let pause = random.below(12); pause > 0; pause -= 1) await turn();
    }
  }

  /** Returns the version that is committed, or null when there is none. */
  async #writeSomehow(id: number, random: Random): Promise<number | null> {
    const { transactions } = this.#fuzz;
    const { db, changes } = transactions;
    const inTransaction = (): Promise<number | null> =>
      transactions.transaction((tx) => this.#add(id, 1, random, () => tx.savepoint(() => this.#undo(id))));
    switch (random.below(8)) {
      case 0:
        // A write that is a statement alone.
        return (await db.run(increment(id, 1))).rows[0]?.['version'] as number;
      case 1: {
        const [first] = await transactions.batch([
          db.update(versions).set(oneMore).where(eq(versions.id, id)).returning(),
        ]);
        return first[0]?.version ?? null;
      }
      case 2:
      case 3:
        return orUndone(transactions.transaction(() => this.#undo(id)));
      case 4:
      case 5:
        return inTransaction();
      case 6:
        return changes.declared(this.#cache, async () => {
          const { version } = (await db.run(increment(id, 1))).rows[0] as unknown as Version;
          this.#region.invalidate(String(id));
          return version;
        });
      default:
        return changes.declared(this.#cache, () =>
          transactions.transaction(async (tx) => {
            const drop = random.pick([
              () => this.#region.invalidate(String(id)),
              () => this.#cache.invalidateTag(`row-${id}`),
              () => this.#region.clear(),
            ]);
            drop();
            const version = await this.#add(id, 1, random, () => tx.savepoint(() => this.#undo(id)));
            if (random.chance(0.3)) this.#region.set(String(id), { version }, taggedAs(id));
            return version;
          }),
        );
    }
  }

  /** Adds to the row inside a transaction, where it is read as it was written, whatever is kept. */
  async #add(id: number, by: number, random: Random, savepoint: () => Promise<number>): Promise<number> {
    const { db } = this.#fuzz.transactions;
    if (random.chance(0.3)) await orUndone(savepoint());
    const [row] = await db.update(versions).set(oneMore).where(eq(versions.id, id)).returning();
    if (random.chance(0.5)) await turn();
    const inside = await this.#region.getOrLoad(String(id), () => this.#load(id), taggedAs(id));
    const version = row?.version ?? 0;
    if (inside?.version !== version)
      this.#judge.got('the transaction itself', id, inside?.version ?? 0, version, performance.now());
    return version + by - 1;
  }

  /** Writes what is rolled back, reads it through the cache and fails. */
  async #undo(id: number): Promise<never> {
    const { db } = this.#fuzz.transactions;
    await db.run(increment(id, undone));
    await this.#region.getOrLoad(String(id), () => this.#load(id), taggedAs(id));
    this.#region.set(String(id), { version: undone });
    await turn();
    throw new Undone();
  }

  async #sync(): Promise<void> {
    while (this.#fuzz.isReplica === true && !this.#isOver) {
      const arriving = this.#unsynced;
      this.#unsynced = [];
      await this.#fuzz.transactions.sync();
      for (const [id, version] of arriving) this.#judge.learn(id, version, 'others');
      for (let pause = 20; pause > 0; pause -= 1) await turn();
    }
  }
}

/** Every value of a row has its tag, however it was kept. */
function taggedAs(id: number): { readonly tags: readonly string[] } {
  return { tags: [`row-${id}`] };
}

const oneMore = { version: sql`${versions.version} + 1` };

function increment(id: number, by: number) {
  return sql`UPDATE versions SET version = version + ${by} WHERE id = ${id} RETURNING version`;
}

class Undone extends Error {}

async function orUndone<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Undone) return null;
    throw error;
  }
}
