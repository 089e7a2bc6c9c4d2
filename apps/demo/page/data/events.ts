// What others changed: the server tells it by server-sent events, and every view that shows it reads again. After a break
// the page cannot know what it missed, so that everything on the screen is read again. A page that nobody sees does not
// listen: a browser opens six connections to a server, for all its pages together.
import { signal } from '@preact/signals';
import type { EventData, EventName } from '../../src/serve/contract-care.js';
import { isLoginDue } from './problem.js';

/** Listeners of one kind of news. */
export interface News<T> {
  /** Calls back for each; returns the function that ends it. */
  listen(listener: (value: T) => void): () => void;
  tell(value: T): void;
}

/** Models that changed, by their ids; null: any of them may have. */
export const changes = news<ReadonlySet<string> | null>();
/** How imports go. */
export const importNews = news<EventData<'import'>>();
/** How jobs go. */
export const jobNews = news<EventData<'job'>>();
/** How the library is, when that changes. */
export const healthNews = news<EventData<'health'>>();

/**
 * Whether a change says that news may have been missed, of work and of collections as of models: the server was away, is another
 * one, or something was written that is no edit of models.
 */
export function areUnheard(ids: ReadonlySet<string> | null): boolean {
  return ids === null;
}

/** Whether the server can be heard. */
export const isConnected = signal(true);

const gatheredMs = 100;
const refusedMs = 3_000;
const heardWithinMs = 1_000;

/** The stream of events, while the page is seen. */
let source: EventSource | undefined;
/** Whether something may have changed that no event will tell of. */
let isBehind = false;
/** Lets the first questions go. */
let letAsk = (): void => {};
let mayAsk: Promise<void> = Promise.resolve();

/**
 * Resolves when a question may be asked. The first ones wait until the server is heard, so that what changes after their
 * answers is told; where that takes long, or is not to be, they go on, and are asked again when it is.
 */
export function whenHeard(): Promise<void> {
  return mayAsk;
}

/** Starts to listen whenever the page is seen, and goes on with it whatever happens to the connection. */
export function followServer(): void {
  mayAsk = new Promise((resolve) => {
    letAsk = resolve;
  });
  setTimeout(askUnheard, heardWithinMs);
  follow();
  document.addEventListener('visibilitychange', follow);
  addEventListener('pagehide', rest);
  // Browsers keep a page that was left as it is, for whoever comes back.
  addEventListener('pageshow', follow);
}

function follow(): void {
  if (document.visibilityState === 'hidden') rest();
  else listen();
}

function rest(): void {
  source?.close();
  source = undefined;
  askUnheard();
}

function askUnheard(): void {
  if (source?.readyState === EventSource.OPEN) return;
  isBehind = true;
  letAsk();
}

function listen(): void {
  if (source !== undefined) return;
  const opened = new EventSource('/api/events');
  source = opened;
  const on = <N extends EventName>(name: N, act: (data: EventData<N>) => void): void =>
    opened.addEventListener(name, ({ data }) => act(JSON.parse(String(data)) as EventData<N>));
  on('change', ({ ids }) => gather(ids));
  on('resync', () => {
    if (isBehind) gather(null);
    isBehind = true;
  });
  on('import', (state) => importNews.tell(state));
  on('job', (state) => jobNews.tell(state));
  on('health', (state) => healthNews.tell(state));
  opened.addEventListener('open', () => {
    isConnected.value = true;
    letAsk();
  });
  opened.addEventListener('error', () => {
    const isRefused = opened.readyState === EventSource.CLOSED;
    if (!isRefused) isConnected.value = false;
    askUnheard();
    // The browser connects again by itself, but not where it was refused.
    if (!isRefused) return;
    source = undefined;
    void goOnRefused();
  });
}

/** By a server that was started anew, which asks for its token; by one with too many pages, or a proxy. */
async function goOnRefused(): Promise<void> {
  const asked = fetch('/api/events', { method: 'HEAD', cache: 'no-store' });
  const isForToken = await asked.then(
    ({ status }) => status === 401,
    () => false,
  );
  isConnected.value = isForToken;
  if (isForToken) isLoginDue.value = true;
  else setTimeout(follow, refusedMs);
}

/** Listens again where the server had refused it, and reads everything again. */
export function listenAgain(): void {
  isBehind = true;
  follow();
}

/**
 * Called when a question met no server. The stream of events may live on all the same (a phone between two networks), and
 * then nobody would tell the page when to go on: it asks until there is an answer, and reads everything again.
 */
export function missServer(): void {
  isConnected.value = false;
  if (asking !== undefined) return;
  asking = setInterval(() => {
    fetch('/healthz', { method: 'HEAD', cache: 'no-store' }).then(
      () => {
        clearInterval(asking);
        asking = undefined;
        isConnected.value = true;
        gather(null);
      },
      () => {
        // Still away: the next turn asks again.
      },
    );
  }, askedEveryMs);
}

const askedEveryMs = 1_000;
let asking: ReturnType<typeof setInterval> | undefined;

/** What was told within a tenth of a second becomes one question: an import tells of batch after batch. */
let gathered: Set<string> | null | undefined;
function gather(ids: readonly string[] | null): void {
  if (gathered === undefined)
    setTimeout(() => {
      const all = gathered ?? null;
      gathered = undefined;
      changes.tell(all);
    }, gatheredMs);
  gathered = ids === null || gathered === null ? null : new Set([...(gathered ?? []), ...ids]);
}

function news<T>(): News<T> {
  const listeners = new Set<(value: T) => void>();
  return {
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell(value) {
      for (const listener of listeners) listener(value);
    },
  };
}
