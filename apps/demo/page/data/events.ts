// What others changed: the server tells it by server-sent events, and every view that shows it reads again. After a break
// the page cannot know what it missed, so that everything on the screen is read again.
import { signal } from '@preact/signals';

/** Listeners of one kind of news. */
export interface News<T> {
  /** Calls back for each; returns the function that ends it. */
  listen(listener: (value: T) => void): () => void;
  tell(value: T): void;
}

/** Models that changed, by their ids; null: any of them may have. */
export const changes = news<ReadonlySet<string> | null>();

/** Whether the server can be heard. */
export const isConnected = signal(true);

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

/** Starts to listen. The browser connects again by itself. */
export function followServer(): void {
  const source = new EventSource('/api/events');
  source.addEventListener('open', () => {
    if (!isConnected.value) changes.tell(null);
    isConnected.value = true;
  });
  source.addEventListener('error', () => {
    isConnected.value = false;
  });
  addEventListener('pagehide', () => source.close());
}
