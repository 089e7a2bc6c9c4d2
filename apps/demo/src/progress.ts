// How far long work is: a bar with rate and time left on a terminal, a plain line now and then elsewhere, so that a log
// shows that it lives.
import cliProgress from 'cli-progress';
import type { Output } from './output.js';
import { count, duration } from './terminal.js';

/** Shows how far something is. */
export interface Progress {
  readonly show: (done: number, total: number) => void;
  /** Leaves the terminal as it was. To be called however the work ended. */
  readonly end: () => void;
}

/** What is under way. */
export interface ProgressOptions {
  /** For example `Importing`. */
  readonly doing: string;
  /** For example `files`. */
  readonly things: string;
  /** Milliseconds; for tests. Default `performance.now`. */
  readonly now?: () => number;
}

/** Begins to show how far something is, on standard error. */
export function showProgress(
  output: Output,
  { doing, things, now = () => performance.now() }: ProgressOptions,
): Progress {
  const started = now();
  const told = (done: number, total: number): { rate: string; left: string } => {
    const ms = now() - started;
    const left = done === 0 ? '' : `, ${timeLeft(((total - done) * ms) / done)} left`;
    return { rate: count(Math.round(done / Math.max(ms / 1000, 0.001))), left: done >= total ? '' : left };
  };
  if (!output.interactive) {
    let shownAt = started;
    return {
      show: (done, total) => {
        if (now() - shownAt < 2_000) return;
        shownAt = now();
        const { rate, left } = told(done, total);
        output.note(`${doing}: ${count(done)} of ${count(total)} ${things}, ${rate}/s${left}`);
      },
      end: () => undefined,
    };
  }
  const bar = new cliProgress.SingleBar(
    {
      format: `${doing} {bar} {value}/{total} ${things}, {rate}/s{left}`,
      hideCursor: true,
      clearOnComplete: true,
      // Shows the cursor again at the first Ctrl-C: the second one ends the process at once.
      gracefulExit: true,
    },
    cliProgress.Presets.shades_classic,
  );
  let isShown = false;
  return {
    show: (done, total) => {
      if (!isShown) bar.start(total, done, told(done, total));
      else bar.update(done, told(done, total));
      isShown = true;
    },
    end: () => bar.stop(),
  };
}

/** In whole seconds: a guess is no more exact. */
function timeLeft(ms: number): string {
  return duration(Math.max(1, Math.ceil(ms / 1000)) * 1000).replace(/\.0 s$/, ' s');
}
