// One piece of work in a process of its own: started, asked once, heard once, ended. What the driver cannot survive ends
// that process and is an error here; a signal ends it at once.
import { DatabaseError, toDatabaseError } from '@cc/tx/errors';
import { startSideProgram } from '@cc/tx/side-program';
import { abortedError, refuseAborted } from './questions.js';

/** What a program answers with: its result, or why there is none. */
export type SideAnswer<Result> =
  | { readonly result: Result }
  | { readonly error: { readonly message: string; readonly code: string } };

/**
 * Runs the program `text` with `request` and returns what it answers.
 *
 * @throws DatabaseError `aborted` (`ABORTED`; `SIDE_PROCESS_LOST` when it ended without an answer), or what the driver said there
 */
export async function runBeside<Result>(
  text: string,
  request: object,
  { name, signal }: { readonly name: string; readonly signal: AbortSignal | undefined },
): Promise<Result> {
  refuseAborted(signal, name);
  const child = startSideProgram(text, name);
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const ended = new AbortController();
  try {
    const answer = await new Promise<SideAnswer<Result>>((resolve, reject) => {
      const abort = (): void => reject(abortedError(signal, name));
      signal?.addEventListener('abort', abort, { once: true, signal: ended.signal });
      child.once('message', (message) => resolve(message as SideAnswer<Result>));
      child.once('error', (error) => reject(lost(name, error)));
      child.once('exit', (code, killedBy) => reject(lost(name, killedBy ?? code)));
      // What cannot be sent to has ended: its end tells why.
      child.send(request, () => undefined);
    });
    if ('result' in answer) return answer.result;
    throw toDatabaseError(Object.assign(new Error(answer.error.message), answer.error), name);
  } finally {
    ended.abort();
    child.kill('SIGKILL');
    // Its locks go with it.
    await gone;
  }
}

/** The error of a process that ended without an answer; `cause` is its signal or exit code. */
function lost(operation: string, cause: unknown): DatabaseError {
  return new DatabaseError('The process that did the work has ended', {
    type: 'aborted',
    code: 'SIDE_PROCESS_LOST',
    operation,
    hint: 'Run it again; when it ends again, the file has something that the driver cannot read',
    cause,
  });
}
