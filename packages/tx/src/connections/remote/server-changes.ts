// Whether the database of a server has changed: its answers over HTTP carry the index of its replication log as of the
// answer (`replication_index` of hrana, which @libsql/client drops), and any other index is another state.
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md
import { performance } from 'node:perf_hooks';
import { clearTimeout, setTimeout } from 'node:timers';
import { CloseHooks } from '../../changes/close-hooks.js';
import { runDeclared } from '../../changes/declared.js';
import { doubtfulReads, loadAround, witness } from '../../changes/loads.js';
import type { SourceChanges } from '../../connection-source.js';
import type { Witnessed } from '../../types.js';
import { answered } from '../../waiting/bounded.js';
import { longestTimerMs } from '../../waiting/fifo-lock.js';

/** A connection over HTTP that only asks whether the server is there. */
export interface AskingConnection {
  readonly ping: () => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** How a server is asked, and for how long what it does not answer is waited for. */
export interface ServerChangesSettings {
  /** What tells it from others. */
  readonly database: unknown;
  readonly connect: () => AskingConnection;
  /** Hears of each statement too. */
  readonly ran: () => void;
  readonly askMs: number;
  /** How long a write may take. */
  readonly writeMs: number;
}

/** What a cache asks about the database of a server. */
export class ServerChanges implements SourceChanges {
  readonly #settings: ServerChangesSettings;
  readonly #hooks = new CloseHooks();
  #statements = 0;
  #number = 0;
  /** undefined: never told, or no more. */
  #index: number | undefined;
  #asOf = Number.NEGATIVE_INFINITY;
  /** Own writes that were sent and not answered. */
  #writing = 0;
  #asking: Promise<boolean> | undefined;
  #connection: AskingConnection | undefined;
  #closed = false;

  constructor(settings: ServerChangesSettings) {
    this.#settings = settings;
  }

  get database(): unknown {
    return this.#settings.database;
  }

  get statements(): number {
    return this.#statements;
  }

  get asOf(): number {
    return this.#asOf;
  }

  look(): number | undefined {
    return this.#closed || this.#writing > 0 ? undefined : this.#number;
  }

  ask(): Promise<boolean> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** Its number moves with every write all the same. */
  declared<T>(by: object, work: () => Promise<T>): Promise<T> {
    return runDeclared(this, by, work);
  }

  apart<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  witness<T>(load: () => Promise<T>, about?: object): Promise<Witnessed<T>> {
    return witness(this.database, load, about);
  }

  loadAround(): unknown {
    return loadAround();
  }

  get doubtfulReads(): number {
    return doubtfulReads();
  }

  proof(): undefined {
    return undefined;
  }

  onClose(hook: (proof: string | undefined) => void): () => void {
    return this.#hooks.add(hook, () => false);
  }

  ran(): void {
    this.#statements += 1;
    this.#settings.ran();
  }

  /** Runs one call of the client. While one that `writes` is under way it may have taken effect, and when it has ended it may have. */
  async watch<T>(writes: boolean, call: () => Promise<T>): Promise<T> {
    const ended = writes ? this.#startWrite() : undefined;
    try {
      return await call();
    } finally {
      this.ran();
      ended?.();
    }
  }

  /** Reads the newest index in an answer to a request that was sent at `sentAt`. */
  heard(answer: Buffer, sentAt: number): void {
    const index = indexIn(answer);
    if (index === undefined) return;
    const known = this.#index;
    // An answer that was overtaken by a newer one tells what is known already.
    const isNews = known === undefined || index > known || (index < known && sentAt >= this.#asOf);
    if (isNews) {
      this.#index = index;
      this.#number += 1;
    }
    this.#asOf = Math.max(this.#asOf, sentAt);
  }

  /** Ends with the connections, of which its own is closed when this resolves. */
  async close(): Promise<void> {
    this.#closed = true;
    // Whoever has looked before looks again.
    this.#statements += 1;
    this.#hooks.call(undefined);
    await this.#connection?.close();
  }

  async #ask(): Promise<boolean> {
    if (this.#closed) return false;
    const { connect, askMs } = this.#settings;
    const started = performance.now();
    try {
      this.#connection ??= connect();
      await answered(askMs, 'ask', this.#connection.ping);
    } catch {
      // It is away, which whoever reads from it is told; here it only means that nothing is known.
      return false;
    }
    if (this.#asOf >= started) return !this.#closed;
    // It has answered without an index. What was confirmed by one is so no more.
    if (this.#index !== undefined) this.#number += 1;
    this.#index = undefined;
    this.#asOf = Number.NEGATIVE_INFINITY;
    return false;
  }

  #startWrite(): () => void {
    this.#writing += 1;
    let underWay = true;
    const end = (): void => {
      if (!underWay) return;
      underWay = false;
      clearTimeout(timer);
      this.#writing -= 1;
      this.#number += 1;
    };
    // Whoever waits for it gives up by then; what takes effect later is seen as the write of another process is.
    const timer = setTimeout(end, Math.min(this.#settings.writeMs, longestTimerMs)).unref();
    return end;
  }
}

const key = Buffer.from('"replication_index":');
const longestIndex = 24;

/** Inside a text of JSON the quotes of the key would be escaped, so the last one is that of the last result. */
function indexIn(answer: Buffer): number | undefined {
  const at = answer.lastIndexOf(key);
  if (at === -1) return undefined;
  const value = answer.toString('latin1', at + key.length, at + key.length + longestIndex);
  const digits = /^\s*"?(\d+)/.exec(value)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
