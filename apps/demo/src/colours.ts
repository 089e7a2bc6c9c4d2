// Colours for people: only where a terminal shows them, and never inside a document. Decided in main.ts, used by output.ts.
import { styleText } from 'node:util';

/** Marks a text for people. Without colours each returns its text as it is. */
export interface Paint {
  /** The head of a table. */
  readonly strong: (text: string) => string;
  /** What went wrong. */
  readonly wrong: (text: string) => string;
}

/** The marks of a stream that shows colours, or of one that does not. */
export function paintOf(hasColours: boolean): Paint {
  if (!hasColours) return { strong: asItIs, wrong: asItIs };
  // The environment was asked already.
  const style = (format: 'bold' | 'red') => (text: string) => styleText(format, text, { validateStream: false });
  return { strong: style('bold'), wrong: style('red') };
}

/**
 * Whether a stream gets colours: those that are terminals, unless `NO_COLOR` says no or `TERM` is `dumb`. `FORCE_COLOR` goes
 * before all: `0` and `false` are no, everything else is yes. An empty variable counts as absent.
 */
export function wantsColours(isTerminal: boolean, env: NodeJS.ProcessEnv): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: none, TERM: terminal } = env;
  if (forced) return forced !== '0' && forced !== 'false';
  return isTerminal && !none && terminal !== 'dumb';
}

function asItIs(text: string): string {
  return text;
}
