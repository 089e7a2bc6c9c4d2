// What went wrong, in the words of the server: its answers are problem documents (RFC 9457) that say what to do next.
import { signal } from '@preact/signals';
import type { Conflict, Problem as Told } from '../../src/serve/contract.js';

/** What a view shows of an error. */
export interface Problem {
  readonly title: string;
  readonly detail: string;
  readonly status: number;
}

/** An answer of the server that is none. */
export class AnswerProblem extends Error {
  readonly told: Told;

  constructor(told: Told) {
    super(told.title);
    this.name = 'AnswerProblem';
    this.told = told;
  }

  /** Both values of what two have changed, or null when that is not what went wrong. */
  get conflict(): Conflict | null {
    return this.told.status === 409 && 'conflicts' in this.told ? (this.told as Conflict) : null;
  }
}

/** Whether the server has asked who this is: then there is a form for the token. */
export const isLoginDue = signal(false);

/** Whether the server has ever told this page something: then there is something on it that must stay. */
export const wasLetIn = signal(false);

/** The error of an answer, whatever its body is. */
export async function problemFrom(response: Response): Promise<AnswerProblem> {
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') ?? false;
  if (response.status === 401) isLoginDue.value = true;
  if (isProblem) return new AnswerProblem((await response.json()) as Told);
  return new AnswerProblem({
    type: 'about:blank',
    title: `The server answered ${response.status}`,
    status: response.status,
    detail: 'Load the page again; if that does not help, look at what “candy serve” prints.',
    code: 'UNKNOWN',
  });
}

/** Any error as a view shows it. */
export function problemOf(error: unknown): Problem {
  if (error instanceof AnswerProblem) return error.told;
  if (error instanceof TypeError)
    return {
      title: 'The server does not answer',
      detail: 'Is “candy serve” still running? The page goes on by itself when it answers again.',
      status: 0,
    };
  return { title: 'The page could not do that', detail: String(error), status: 0 };
}
