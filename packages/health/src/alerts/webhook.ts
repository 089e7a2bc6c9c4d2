// Sends alerts as JSON by HTTP, and again when that fails. The queue around it is the notifier's.
import { setTimeout as sleep } from 'node:timers/promises';
import { refuseUnknownOptions } from '@cc/tx/known-options';
import type { HealthAlert } from './alert.js';
import type { WebhookOptions } from './notifier.js';

/** Sends one alert to the webhook. */
export interface Webhook {
  readonly send: (alert: HealthAlert, signal: AbortSignal) => Promise<void>;
  /** How long `send` may take, all attempts together. */
  readonly longestMs: number;
}

/** Returns how to send. @throws TypeError for a URL that is none of http or has a password, for headers that are none, for numbers out of range */
export function webhookOf(options: WebhookOptions): Webhook {
  refuseUnknownOptions('webhook', options, ['url', 'headers', 'timeoutMs', 'attempts']);
  const { url, headers = {}, timeoutMs = 5_000, attempts = 4 } = options;
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''))
    throw new TypeError('webhook: url must be an http or https URL');
  // fetch sends nothing to such a URL.
  if (new URL(url).username !== '' || new URL(url).password !== '')
    throw new TypeError('webhook: url must have no user and password; give headers: { authorization } instead');
  if (!areHeaders(headers))
    throw new TypeError('webhook: headers must be an object of texts, with names and values that HTTP takes');
  if (typeof timeoutMs !== 'number' || !(timeoutMs > 0) || !Number.isSafeInteger(attempts) || attempts < 1)
    throw new TypeError('webhook: timeoutMs must be a number above 0, and attempts a whole number of at least 1');
  const longestMs = attempts * timeoutMs + firstPauseMs * 2 ** (attempts - 1);
  if (longestMs > longestTimerMs)
    throw new TypeError('webhook: timeoutMs × attempts is longer than a timer can be set for (24 days): lower them');
  const post = async (alert: HealthAlert, signal: AbortSignal): Promise<void> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ alerts: [alert] }),
      // Alerts go where they were told to go.
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`The webhook answered with ${response.status}`);
  };
  return {
    longestMs,
    async send(alert, signal) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await post(alert, signal);
        } catch (error) {
          if (attempt >= attempts || signal.aborted) throw error;
          await sleep(firstPauseMs * 2 ** (attempt - 1), undefined, { signal, ref: false });
        }
      }
    },
  };
}

const firstPauseMs = 1_000;
const longestTimerMs = 2 ** 31 - 1;

function areHeaders(headers: unknown): headers is Readonly<Record<string, string>> {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return false;
  try {
    new Headers({ ...headers });
    return Object.values(headers).every((value) => typeof value === 'string');
  } catch {
    return false;
  }
}
