// One run: a real cache over the database of one row, the steps that can happen to both, and the judge of every value that a
// reader gets. A value is wrong when it was never committed, is older than what was known when the read began, or goes back.
import { type CacheLease, type CacheRegion, type DatabaseCacheManager, openCacheManager } from '../../src/index.js';
import { deferred } from '../deferred.js';
import {
  type Answer,
  clock,
  Database,
  declarer,
  type Faults,
  type OpenTransaction,
  type Row,
  type Target,
} from './database.js';
import { LateTier } from './late-tier.js';

/** What is run. */
export interface Ground {
  readonly target: Target;
  readonly tier?: boolean;
  /** Nobody has read before. */
  readonly isEmpty?: boolean;
  /** How a declared write tells what it replaces. Default: by its key. `nothing`: the region does not count on being told. */
  readonly drop?: 'key' | 'tag' | 'region' | 'nothing';
  /** Values get old within one tick of the clock, and may then be answered for longer while they are loaded anew. */
  readonly ages?: boolean;
  readonly faults?: Faults;
}

/** Through which method the readers read. */
export type Way = 'getOrLoad' | 'getOrLoadMany' | 'fetch' | 'wrap';

interface Load {
  /** Whose transaction it reads in, from outside. */
  readonly through: OpenTransaction | undefined;
  answer: Answer | undefined;
  readonly landed: ReturnType<typeof deferred<Row>>;
}

class LoadFailed extends Error {}

const key = 'row';
const tag = 'tagged';
const about = { tags: [tag] };
/** How far a server may be behind. */
const maxStaleMs = 1_000;

export class Scene {
  readonly database: Database;
  readonly loads: Load[] = [];
  readonly tier: LateTier | undefined;
  /** What was wrong. */
  readonly faults: string[] = [];
  snapshot: OpenTransaction | undefined;
  /** What was read under a lease and is not kept yet. */
  leased: { readonly lease: CacheLease; readonly answer: Answer } | undefined;
  readonly #cache: DatabaseCacheManager;
  readonly #region: CacheRegion<Row>;
  readonly #ground: Ground;
  readonly #reading = new Map<string, Promise<void>>();
  readonly #last = new Map<string, number>();
  /** The newest version that somebody was told of. */
  #known = 1;

  private constructor(ground: Ground, database: Database, cache: DatabaseCacheManager, tier: LateTier | undefined) {
    this.database = database;
    this.tier = tier;
    this.#ground = ground;
    this.#cache = cache;
    const ageing = { ttlMs: 0.5 * maxStaleMs, staleWhileRevalidateMs: 10 * maxStaleMs };
    this.#region = cache.region<Row>('rows', {
      ...(ground.drop !== 'nothing' && { toldBy: declarer }),
      ...(ground.ages === true && ageing),
    });
  }

  static async open(ground: Ground): Promise<Scene> {
    const transactions = new Database(ground.target, ground.faults ?? {});
    const tier = ground.tier === true ? new LateTier() : undefined;
    const cache = await openCacheManager({
      transactions,
      maxStaleMs,
      now: () => clock.now,
      ...(tier && { tiers: [tier] }),
    });
    return new Scene(ground, transactions, cache, tier);
  }

  close(): Promise<void> {
    return this.#cache.close();
  }

  isReading(reader: string): boolean {
    return this.#reading.has(reader);
  }

  /** A reader that waits for its answer before it reads again. */
  read(reader: string, way: Way): void {
    const floor = this.#floor();
    const reading = this.#ask(way).then(
      (row) => this.#deliver(reader, row, floor),
      (error: unknown) => {
        if (!(error instanceof LoadFailed)) this.faults.push(`${reader} failed with ${String(error)}`);
      },
    );
    this.#reading.set(
      reader,
      reading.finally(() => this.#reading.delete(reader)),
    );
  }

  /** A reader whose load reads in the open transaction, though he is not in its context: what he gets is his own affair. */
  readThrough(way: Way): void {
    const { open } = this.database;
    if (open === undefined) return;
    const reading = this.#ask(way, () => this.#start(open)).then(
      () => undefined,
      () => undefined,
    );
    this.#reading.set(
      'through',
      reading.finally(() => this.#reading.delete('through')),
    );
  }

  /** What is in memory is answered at once. */
  get(): void {
    const row = this.#region.get(key);
    if (row !== undefined) this.#deliver('get', row, this.#floor());
  }

  /** The oldest statement that is under way reads the row, or the newest. */
  loadReads(which: 'oldest' | 'newest' = 'oldest'): void {
    const underWay = this.loads.filter(({ answer }) => answer === undefined);
    const load = which === 'oldest' ? underWay[0] : underWay.at(-1);
    if (load === undefined) return;
    const { through } = load;
    if (through?.ended === true) {
      this.loads.splice(this.loads.indexOf(load), 1);
      load.landed.reject(new LoadFailed());
    } else {
      load.answer = through ? this.database.readThrough(through) : this.database.read();
    }
  }

  loadLands(which: 'oldest' | 'newest'): void {
    const ready = this.loads.filter(({ answer }) => answer !== undefined);
    const load = which === 'oldest' ? ready[0] : ready.at(-1);
    if (load?.answer === undefined) return;
    this.loads.splice(this.loads.indexOf(load), 1);
    this.database.hear(load.answer);
    const row = { version: load.answer.version };
    load.landed.resolve(load.through ? this.database.own(row) : row);
  }

  loadFails(): void {
    this.loads.shift()?.landed.reject(new LoadFailed());
  }

  begin(declared: boolean): void {
    this.database.begin(declared);
  }

  /** A declared write tells the cache itself what it replaces, inside the transaction. */
  write(): void {
    this.database.write();
    if (this.database.open?.declared === true) this.invalidateInside();
  }

  /** Drops the row: inside the open transaction, so it counts from its COMMIT. */
  invalidateInside(): void {
    const { open } = this.database;
    if (open) this.database.inside(open, () => this.#drop());
  }

  /** Keeps what the transaction has written: to be seen from its COMMIT. */
  setInside(): void {
    const { open } = this.database;
    if (open?.written === undefined) return;
    const row = { version: open.written };
    open.isSet = true;
    this.database.inside(open, () => this.#region.set(key, row));
  }

  /** What a transaction has left running keeps what it wrote, after it was rolled back. */
  setLate(): void {
    const { undone } = this.database;
    if (undone?.written === undefined) return;
    const row = { version: undone.written };
    this.database.inside(undone, () => this.#region.set(key, row));
  }

  /** Reads the row beside the cache, to keep it later. */
  takeLease(): void {
    const lease = this.#cache.lease();
    this.leased = { lease, answer: this.database.read() };
  }

  setLeased(): void {
    if (this.leased === undefined) return;
    const { lease, answer } = this.leased;
    this.leased = undefined;
    this.database.hear(answer);
    this.#region.set(key, { version: answer.version }, { ...about, lease });
  }

  /** A read inside the open transaction, or the snapshot: it sees that one's row, whatever is cached. */
  readInside(transaction: OpenTransaction | undefined): void {
    if (transaction === undefined) return;
    const version = transaction.written ?? transaction.snapshot ?? this.database.committed;
    this.database.inside(transaction, () => {
      if (this.#region.get(key) !== undefined) this.faults.push('get answered inside a transaction');
      const load = async (): Promise<Row> => ({ version });
      const name = `inside ${this.#reading.size}`;
      const reading = this.#region.getOrLoad(key, load).then((row) => {
        if (row?.version !== version) this.faults.push(`inside it read ${row?.version} instead of ${version}`);
      });
      this.#reading.set(
        name,
        reading.finally(() => this.#reading.delete(name)),
      );
    });
  }

  beginSnapshot(): void {
    this.snapshot = this.database.snapshot();
  }

  endSnapshot(): void {
    this.snapshot = undefined;
  }

  commit(): void {
    const version = this.database.open?.written ?? this.database.committed;
    this.database.commit();
    this.#learn(version);
  }

  settle(how: 'committed' | 'unknown'): void {
    const version = this.database.settle(how);
    if (how === 'committed') this.#learn(version);
  }

  /** A write of this process that is a statement alone, of which the cache is told nothing. */
  writeAlone(): void {
    this.begin(false);
    this.write();
    this.commit();
  }

  /** Others take the room of the row in memory. */
  evict(): void {
    this.#cache.shrink(0);
  }

  /** The next callback of the event loop: what others have committed before it could have been learned. */
  async turn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#ground.target === 'local') this.#learn(this.database.committed);
  }

  /** Time passes: two of these are more than a server may be behind. */
  async tick(): Promise<void> {
    await this.turn();
    clock.now += 0.6 * maxStaleMs;
  }

  /** Ends what is under way, and reads once more: at once, and after a while. */
  async end(way: Way): Promise<void> {
    if (this.database.sent) this.settle('committed');
    if (this.database.open) this.database.rollBack();
    await this.settled();
    this.read('last', way);
    await this.settled();
    await this.tick();
    await this.tick();
    this.read('last', way);
    await this.settled();
  }

  /** Lets everything end that is under way. */
  async settled(): Promise<void> {
    for (let round = 0; round < 100; round += 1) {
      await callbacksDone();
      if (this.#reading.size === 0) return;
      this.loadReads();
      this.loadLands('oldest');
      this.database.answerAsk(true);
      this.tier?.answer();
      if (round % 10 === 9) await new Promise((resolve) => setImmediate(resolve));
    }
    this.faults.push(`${[...this.#reading.keys()].join(', ')} got no answer`);
  }

  #drop(): void {
    const { drop = 'key' } = this.#ground;
    if (drop === 'key') this.#region.invalidate(key);
    else if (drop === 'tag') this.#cache.invalidateTag(tag);
    else if (drop === 'region') this.#region.clear();
  }

  /** No read that begins now may get an older version. */
  #floor(): number {
    return Math.max(this.#known, this.database.versionAt(clock.now - maxStaleMs));
  }

  #learn(version: number): void {
    this.#known = Math.max(this.#known, version);
  }

  #deliver(reader: string, row: Row | null, floor: number): void {
    const version = row?.version ?? 0;
    const last = this.#last.get(reader) ?? 1;
    if (!this.database.had(version)) this.faults.push(`${reader} got ${version}, never committed`);
    else if (version < floor) this.faults.push(`${reader} got ${version}; ${floor} was known when it began to read`);
    else if (version < last) this.faults.push(`${reader} got ${version} after ${last}`);
    this.#last.set(reader, Math.max(version, last));
    this.#learn(version);
  }

  #start(through?: OpenTransaction): Promise<Row> {
    const load: Load = { through, answer: undefined, landed: deferred<Row>() };
    this.loads.push(load);
    return load.landed.promise;
  }

  async #ask(way: Way, load: () => Promise<Row> = () => this.#start()): Promise<Row | null> {
    switch (way) {
      case 'getOrLoad':
        return this.#region.getOrLoad(key, load, about);
      case 'getOrLoadMany': {
        const found = await this.#region.getOrLoadMany([key], async () => new Map([[key, await load()]]), about);
        return found.get(key) ?? null;
      }
      case 'fetch':
        return (await this.#region.fetch(key, load, about)).value;
      case 'wrap':
        return this.#region.wrap(load, { ...about, key: () => key })();
    }
  }
}

/** Lets every promise go on that can, in this callback of the event loop. */
export async function callbacksDone(): Promise<void> {
  for (let step = 0; step < 24; step += 1) await Promise.resolve();
}
