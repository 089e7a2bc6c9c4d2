// The client of a server, made anew when nothing comes from it any more. A WebSocket may be gone without a word, after the sleep
// of a machine or when a router has forgotten it: it takes every call and answers none, and @libsql/client sends all of them there.
import { performance } from 'node:perf_hooks';
import type { Client, Transaction, TransactionMode } from '@libsql/client';
import { watchSleep } from '../../waiting/sleep-watch.js';

/** When a client counts as silent, and when nobody waits for it any longer. Infinity = never. */
export interface LineSettings {
  readonly quietMs: number;
  readonly givenUpMs: number;
}

/** One client, and what it owes answers to. */
export class Line {
  readonly client: Client;
  /** When each call was sent that was not answered, the oldest first. */
  readonly #sent = new Map<object, number>();
  /** Transactions that were begun on it. */
  #begun: readonly Transaction[] = [];
  #heardAt = Number.NEGATIVE_INFINITY;

  constructor(client: Client) {
    this.client = client;
  }

  /** Runs a call of the client. A failure is an answer, too. */
  async during<T>(call: () => Promise<T>): Promise<T> {
    const sent = {};
    this.#sent.set(sent, performance.now());
    try {
      return await call();
    } finally {
      this.#sent.delete(sent);
      this.#heardAt = performance.now();
    }
  }

  /** Begins a transaction. It needs its client also while it waits for no answer. */
  async begin(mode: TransactionMode): Promise<Transaction> {
    const transaction = await this.during(() => this.client.transaction(mode));
    this.#begun = [...this.#open, transaction];
    return transaction;
  }

  get #open(): readonly Transaction[] {
    return this.#begun.filter(({ closed }) => !closed);
  }

  /** Whether calls wait, and nothing has come for `quietMs`. */
  isSilent(now: number, quietMs: number): boolean {
    const [oldest] = this.#sent.values();
    return oldest !== undefined && now - Math.max(oldest, this.#heardAt) > quietMs;
  }

  /** Whether no transaction is open, and no call waits but such as their callers have given up. */
  isOver(now: number, givenUpMs: number): boolean {
    if (this.#open.length > 0) return false;
    const newest = [...this.#sent.values()].at(-1);
    return newest === undefined || now - newest > givenUpMs;
  }
}

/** The client for the next call, and those before it that still owe answers. */
export class Lines {
  readonly #make: () => Client;
  readonly #settings: LineSettings;
  readonly #hasSlept = watchSleep();
  #line: Line;
  #retired: Line[] = [];

  constructor(make: () => Client, settings: LineSettings) {
    this.#make = make;
    this.#settings = settings;
    this.#line = new Line(make());
  }

  /** The line for a call that is sent now. */
  get current(): Line {
    const now = performance.now();
    const { quietMs, givenUpMs } = this.#settings;
    // Meanwhile the other side has closed it, or forgotten it.
    const isGone = Number.isFinite(quietMs) && this.#hasSlept();
    if (isGone || this.#line.isSilent(now, quietMs)) {
      // A statement may just take its time, and a transaction may have outlived it: what waits there may still be answered.
      this.#retired.push(this.#line);
      this.#line = new Line(this.#make());
    }
    if (this.#retired.length > 0) {
      for (const line of this.#retired) if (line.isOver(now, givenUpMs)) line.client.close();
      this.#retired = this.#retired.filter(({ client }) => !client.closed);
    }
    return this.#line;
  }

  close(): void {
    for (const { client } of [this.#line, ...this.#retired.splice(0)]) client.close();
  }
}
