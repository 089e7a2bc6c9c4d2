// A program as a process of one test: started as `child.ts` does, and killed after the test.
import { onTestFinished } from 'vitest';
import { type Child, type ChildOptions, startChild } from './child.js';

/** Starts the program at `program`, a `file:` URL, with Node. It is killed after the test. */
export function startProgram(program: URL, args: readonly string[], options: ChildOptions = {}): Child {
  const child = startChild(program, args, options);
  onTestFinished(() => child.kill());
  return child;
}
