// How far long work is: a bar with rate and time left on a terminal, a plain line now and then elsewhere, so that a log
// shows that it lives. Work that cannot say how much is left tells its step and since when.
import type { Output } from './output.js';
import { count, duration } from './terminal.js';

/** Shows how far something is. */
export interface Progress {
  readonly show: (done: number, total: number) => void;
  /** Leaves the terminal as it was. To be called however the work ended; more may be shown after it. */
  readonly end: () => void;
}

/** What is under way. */
export interface ProgressOptions {
  /** For example `Importing`. */
  readonly doing: string;
  /** For example `files`. */
  readonly things: string;
  /** How a number of them is written, for example as bytes, which need no `things`. Default: in digits. */
  readonly amount?: (value: number) => string;
  /** Whether a log is told nothing: work that seldom takes long, and whose answer is for programs as well. Default false. */
  readonly onTerminalOnly?: boolean;
  /** Milliseconds; for tests. Default `performance.now`. */
  readonly now?: () => number;
}

/** Begins to show how far something is, on standard error. */
export function showProgress(
  output: Output,
  { doing, things: named, amount = count, onTerminalOnly = false, now = () => performance.now() }: ProgressOptions,
): Progress {
  if (onTerminalOnly && !isWatched(output)) return { show: () => undefined, end: () => undefined };
  const started = now();
  const things = named === '' ? '' : ` ${named}`;
  const told = (done: number, total: number): { rate: string; left: string; of: string } => {
    const ms = now() - started;
    // The first of many may have waited for what is started with it: nothing is guessed from them.
    const left =
      done < Math.max(1, Math.min(100, total / 100)) ? '' : `, ${timeLeft(((total - done) * ms) / done)} left`;
    const rate = amount(Math.round(done / Math.max(ms / 1000, 0.001)));
    return { rate, left: done >= total ? '' : left, of: `${amount(done)} of ${amount(total)}${things}` };
  };
  if (!output.interactive) {
    let shownAt = started;
    return {
      show: (done, total) => {
        if (now() - shownAt < 2_000) return;
        shownAt = now();
        const { rate, left, of } = told(done, total);
        output.note(`${doing}: ${of}, ${rate}/s${left}`);
      },
      end: () => undefined,
    };
  }
  let at = { done: 0, total: 0 };
  let timer: NodeJS.Timeout | undefined;
  let drawnAt = Number.NEGATIVE_INFINITY;
  const draw = (): void => {
    drawnAt = performance.now();
    output.status.show((columns) => {
      const { rate, left, of } = told(at.done, at.total);
      const figures = `${of}, ${rate}/s${left}`;
      const room = Math.min(40, columns - doing.length - figures.length - 2);
      return `${doing} ${room < 8 ? '' : `${barOf(at.done / at.total, room)} `}${figures}`;
    });
  };
  return {
    show: (done, total) => {
      at = { done, total };
      // Work that lets no timer run is shown as well.
      if (performance.now() - drawnAt >= redrawnEveryMs) draw();
      timer ??= setInterval(draw, redrawnEveryMs).unref();
    },
    end: () => {
      if (timer === undefined) return;
      clearInterval(timer);
      timer = undefined;
      output.status.clear();
    },
  };
}

const redrawnEveryMs = 100;

function barOf(share: number, width: number): string {
  // Of nothing all is done.
  const full = Math.round((Number.isFinite(share) ? Math.min(share, 1) : 1) * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}

/** Tells which step of some work is under way. */
export interface Steps {
  /** Begins a step, and ends the one before it. `name` is for example `reading the copy`. */
  readonly step: (name: string) => void;
  /** Leaves the terminal as it was. To be called however the work ended; a step may begin after it. */
  readonly end: () => void;
}

/** Begins to tell the steps of work that knows no number, with the time that each takes, on a terminal alone. */
export function showSteps(output: Output, doing: string): Steps {
  if (!isWatched(output)) return { step: () => undefined, end: () => undefined };
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    if (timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    output.status.clear();
  };
  return {
    step: (name) => {
      end();
      const started = performance.now();
      const tell = (): void => {
        const seconds = Math.floor((performance.now() - started) / 1000);
        output.status.show(() => `${doing}: ${name}${seconds < 1 ? '' : `, ${wholeSeconds(seconds)}`}`);
      };
      tell();
      timer = setInterval(tell, 1_000);
    },
    end,
  };
}

function isWatched({ interactive, json }: Output): boolean {
  return interactive && !json;
}

/** In whole seconds: a guess is no more exact. */
function timeLeft(ms: number): string {
  return wholeSeconds(Math.max(1, Math.ceil(ms / 1000)));
}

function wholeSeconds(seconds: number): string {
  return duration(seconds * 1000).replace(/\.0 s$/, ' s');
}
