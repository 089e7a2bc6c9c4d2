// Whether somebody waits for long: an answer that does not come is no error, and without a word the page would only seem dead.
import { signal } from '@preact/signals';

const longMs = 5_000;

/** How many questions have been without an answer for five seconds. */
export const lateAnswers = signal(0);

/** Notes that a question was sent. Returns what is called when its answer begins, or does not come any more. */
export function beginWaiting(): () => void {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    lateAnswers.value += 1;
  }, longMs);
  return () => {
    clearTimeout(timer);
    if (isLate) lateAnswers.value -= 1;
  };
}
