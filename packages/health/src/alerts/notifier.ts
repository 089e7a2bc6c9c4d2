// Tells listeners and the webhook of alerts, each through a queue of its own, so that one that hangs or throws keeps
// neither the monitor nor the others.
import { clearTimeout, setTimeout } from 'node:timers';
import type { HealthAlert } from './alert.js';

/** Hears of alerts that fire, get worse or milder, or are resolved. */
export type AlertListener = (alert: HealthAlert) => unknown;

/** The signal fires when nobody waits for the listener any more. */
type Tell = (alert: HealthAlert, signal: AbortSignal) => unknown;

/** Where alerts are sent, and how long that is tried. */
export interface WebhookOptions {
  /** `http:` or `https:`. Receives a POST with `{ alerts: [alert] }` as JSON. */
  readonly url: string;
  /** Such as an authorization. Never shown. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** For one attempt. Default 5,000. */
  readonly timeoutMs?: number | undefined;
  /** Attempts in all, the first one included; the pauses between them double from one second. Default 4. */
  readonly attempts?: number | undefined;
}

/** Waiting for one listener; more are dropped and counted. */
const mostWaiting = 100;
/** A listener that takes longer is left alone, and the next alert is told. */
const patienceMs = 30_000;

/** The listeners of one monitor. */
export class Notifier {
  /** Notifications that failed, timed out or were dropped. */
  errors = 0;
  readonly #queues = new Set<Queue>();

  /** Returns the function that ends it. `attemptsMs` is how long one call may take. */
  add(listener: Tell, attemptsMs = patienceMs): () => void {
    const queue = new Queue(listener, attemptsMs, () => {
      this.errors += 1;
    });
    this.#queues.add(queue);
    return () => {
      this.#queues.delete(queue);
      queue.end();
    };
  }

  tell(alerts: readonly HealthAlert[]): void {
    for (const alert of alerts) {
      for (const queue of this.#queues) queue.push(alert);
    }
  }

  /** Resolves when everything was told, or given up because it took longer than `timeoutMs`. */
  async settle(timeoutMs: number): Promise<void> {
    const idle = Promise.all([...this.#queues].map((queue) => queue.idle));
    // A process that has nothing else to do would end here, and what its caller does behind it would never run.
    await within(idle, timeoutMs, { keepsAlive: true });
  }

  /** Ends what is still being told, which counts as failed: nobody waits for it any more. What is told later is told. */
  giveUp(): void {
    for (const queue of this.#queues) queue.giveUp();
  }
}

class Queue {
  /** Resolves when nothing is left to tell. */
  idle: Promise<void> = Promise.resolve();
  readonly #listener: Tell;
  readonly #timeoutMs: number;
  readonly #failed: () => void;
  readonly #waiting: HealthAlert[] = [];
  #telling: AbortController | undefined;
  #running = false;

  constructor(listener: Tell, timeoutMs: number, failed: () => void) {
    this.#listener = listener;
    this.#timeoutMs = timeoutMs;
    this.#failed = failed;
  }

  push(alert: HealthAlert): void {
    if (this.#waiting.length >= mostWaiting) {
      this.#waiting.shift();
      this.#failed();
    }
    this.#waiting.push(alert);
    if (!this.#running) this.idle = this.#run();
  }

  end(): void {
    this.#waiting.length = 0;
    this.#telling?.abort();
  }

  giveUp(): void {
    for (const _ of this.#waiting) this.#failed();
    this.end();
  }

  async #run(): Promise<void> {
    this.#running = true;
    // Not in the turn of the reading: a listener that is slow before its first await would make the reading slow.
    await Promise.resolve();
    for (let alert = this.#waiting.shift(); alert; alert = this.#waiting.shift()) {
      const time = new AbortController();
      this.#telling = time;
      try {
        const telling = Promise.resolve(this.#listener(alert, time.signal));
        if (!(await within(telling, this.#timeoutMs))) this.#failed();
      } catch {
        // What a listener throws is its own affair; that it did is counted.
        this.#failed();
      } finally {
        time.abort();
      }
    }
    this.#running = false;
  }
}

/** Whether `work` ended in time. Rejects as it does; a later rejection is nobody's. */
async function within(work: Promise<unknown>, timeoutMs: number, { keepsAlive = false } = {}): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
    if (!keepsAlive) timer.unref();
  });
  work.catch(() => undefined);
  const inTime = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}
