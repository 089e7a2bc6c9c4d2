// What open pages hear: each event has a number, the last ones are kept for pages that come back, and commits are noticed
// whoever makes them. Own edits tell which models they changed, in the turn of their COMMIT; for everything else the database
// is asked whether it is still as it was (`transactions.changes`), as the cache asks.
import type { Library } from '../library.js';
import type { EventData, EventName } from './contract-care.js';

/** One event as it is sent. */
export interface FeedEvent {
  readonly id: string;
  readonly name: EventName;
  readonly data: string;
}

/** The events of a server. */
export interface Feed {
  /** Tells every open page. */
  publish<N extends EventName>(name: N, data: EventData<N>): void;
  /**
   * Runs `work`, whose commit changes the models that `ids` names at its end and nothing else: pages hear of these alone.
   * `work` calls `told` inside its transaction when all is written.
   */
  changing<T>(work: (told: (ids: readonly string[]) => void) => Promise<T>): Promise<T>;
  /**
   * Calls `listener` with every event, those first that came after `lastId`, or `resync` when they are not kept any more.
   * Returns the function that ends it. `onEnd` is called when the feed is closed.
   */
  listen(lastId: string | undefined, listener: (event: FeedEvent) => void, onEnd: () => void): () => void;
  readonly listeners: number;
  close(): void;
}

/** Options of `openFeed`. */
export interface FeedOptions {
  /** How often the database is asked, while somebody listens. Default 150. */
  readonly everyMs?: number;
  /** How often a replica fetches what others wrote, while somebody listens. Default 1,000; by itself it does so every minute. */
  readonly fetchEveryMs?: number;
  /** Events kept. Default 500. */
  readonly kept?: number;
}

/** Opens the feed of a library. */
export function openFeed(
  { transactions }: Library,
  { everyMs = 150, fetchEveryMs = 1_000, kept = 500 }: FeedOptions = {},
): Feed {
  const { changes } = transactions;
  const epoch = Math.random().toString(36).slice(2, 10);
  const listeners = new Map<(event: FeedEvent) => void, () => void>();
  let past: FeedEvent[] = [];
  let count = 0;
  // What is declared under this name pages are told by name.
  const self = {};
  let seen = changes.look(self);
  let timer: NodeJS.Timeout | undefined;
  let isAsking = false;
  let isFetching = false;
  let ticks = 0;

  const publish: Feed['publish'] = (name, data) => {
    count += 1;
    const event = { id: `${epoch}-${count}`, name, data: JSON.stringify(data) };
    past.push(event);
    if (past.length >= 2 * kept) past = past.slice(-kept);
    for (const listener of listeners.keys()) listener(event);
  };
  const look = (): void => {
    const now = changes.look(self);
    if (now === undefined || now === seen) return;
    seen = now;
    publish('change', { ids: null });
  };
  /** What a replica fetches is seen by a later look. Its server may be away: then it goes on with what it has. */
  const fetch = async (): Promise<void> => {
    if (isFetching) return;
    isFetching = true;
    await transactions.sync().catch(() => undefined);
    isFetching = false;
  };
  /** Files are looked at; a server has to be asked first. */
  const tick = async (): Promise<void> => {
    ticks += 1;
    if (transactions.capabilities.sync && ticks % Math.ceil(fetchEveryMs / everyMs) === 0) void fetch();
    if (isAsking) return;
    isAsking = true;
    if (changes.asOf !== Number.POSITIVE_INFINITY) await changes.ask();
    isAsking = false;
    if (timer !== undefined) look();
  };
  const watch = (): void => {
    if (timer !== undefined) return;
    look();
    timer = setInterval(() => void tick(), everyMs).unref();
  };
  const rest = (): void => {
    clearInterval(timer);
    timer = undefined;
  };
  /** Null when it is of another run, or too old. */
  const since = (lastId: string): readonly FeedEvent[] | null => {
    const [, itsEpoch, number] = /^(\w+)-(\d{1,12})$/.exec(lastId) ?? [];
    const missed = count - Number(number);
    if (itsEpoch !== epoch || missed < 0 || missed > past.length) return null;
    return missed === 0 ? [] : past.slice(-missed);
  };

  return {
    publish,
    changing: (work) =>
      changes.declared(self, () =>
        work((ids) => transactions.current()?.afterCommit(() => publish('change', { ids: [...new Set(ids)] }))),
      ),
    listen(lastId, listener, onEnd) {
      const missed = lastId === undefined ? null : since(lastId);
      // What was committed while nobody listened is found by the first look, which comes after what is kept.
      for (const event of missed ?? [{ id: `${epoch}-${count}`, name: 'resync' as const, data: '{}' }]) listener(event);
      listeners.set(listener, onEnd);
      watch();
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) rest();
      };
    },
    get listeners() {
      return listeners.size;
    },
    close() {
      rest();
      for (const onEnd of [...listeners.values()]) onEnd();
      listeners.clear();
    },
  };
}
