// The line at the bottom of a terminal that says how far something is. It is written over and over, and nothing else of the
// terminal is changed: whatever ends the program or puts it to sleep (Ctrl-Z), the cursor is there, and long lines are broken.
import { cut } from './terminal.js';

/** Where such a line is shown, or may be. */
export interface Terminal {
  write(text: string): unknown;
  /** How wide it is now; of a terminal alone. */
  readonly columns?: number | undefined;
}

/** Such a line. */
export interface StatusLine {
  /** Shows a text in the place of the one before, as much of it as fits. `text` is told how many columns there are. */
  show(text: (columns: number) => string): void;
  /** Leaves the terminal as it was. */
  clear(): void;
  /** Writes a line that stays, above this one. */
  above(line: string): void;
}

/** The line of a terminal. */
export function statusLineOf(terminal: Terminal): StatusLine {
  let shown: ((columns: number) => string) | null = null;
  const draw = (): string => {
    if (shown === null) return '';
    // The last column stays free: a line that fills it may be broken.
    const columns = (terminal.columns || 80) - 1;
    return clearLine + cut(shown(columns), columns);
  };
  return {
    show: (text) => {
      shown = text;
      terminal.write(draw());
    },
    clear: () => {
      if (shown !== null) terminal.write(clearLine);
      shown = null;
    },
    above: (line) => void terminal.write(`${shown === null ? '' : clearLine}${line}\n${draw()}`),
  };
}

const clearLine = '\r\u001b[K';
