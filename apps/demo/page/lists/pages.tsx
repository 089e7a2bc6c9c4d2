// A list that is read page by page: each press of the button brings the next one. As many as were there come again when the library
// changes, and after a model was looked at.
import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { type Problem, problemOf } from '../data/problem.js';
import { type Resource, useResource } from '../frame/resource.js';
import { address, describePlace } from '../frame/router.js';

interface Paged {
  readonly next: string | null;
}

/** The pages that were read, in order. */
export interface Pages<T> {
  readonly pages: readonly T[];
  readonly problem: Problem | null;
  readonly reload: () => void;
  /** The button for the next page, or null on the last. */
  readonly more: VNode | null;
}

/** Reads the first page, or as many as there were, and again from there when the library changes. */
export function usePages<T extends Paged>(
  key: string,
  read: (after: string | null, signal?: AbortSignal) => Promise<T>,
): Pages<T> {
  const left = useRef(pagesIn(address.peek().place));
  const list: Resource<readonly T[]> = useResource(key, async (signal) => {
    const wanted = list.value.peek()?.length ?? left.current;
    const answers = [await read(null, signal)];
    for (let next = answers[0]?.next ?? null; next !== null && answers.length < wanted; ) {
      const answer = await read(next, signal);
      answers.push(answer);
      next = answer.next;
    }
    return answers;
  });
  const failed = useSignal<Problem | null>(null);
  const pages = list.value.value ?? [];
  const next = pages.at(-1)?.next ?? null;
  const bring = async (): Promise<void> => {
    const before = list.value.value;
    try {
      const answer = await read(next);
      // The list was read anew meanwhile, or the button pressed twice: this page does not follow the last one that is shown.
      if (list.value.value !== before) return;
      list.value.value = [...pages, answer];
      failed.value = null;
    } catch (error) {
      failed.value = problemOf(error);
    }
  };
  const isHere = pages.length > 0;
  useLayoutEffect(() => {
    if (isHere) scrollTo(0, address.peek().scrollY);
  }, [isHere]);
  useEffect(() => describePlace(() => list.value.peek()?.length), []);
  return {
    pages,
    problem: list.problem.value ?? failed.value,
    reload: list.reload,
    more:
      next === null ? null : (
        <button type="button" onClick={() => void bring()}>
          Show more
        </button>
      ),
  };
}

/** How many pages were there when the entry of the history was left. */
function pagesIn(place: unknown): number {
  return typeof place === 'number' ? place : 1;
}

/** What is said in the place of a list that is not there: nothing where the problem is. */
export function loadingOf(problem: Problem | null): string {
  return problem === null ? 'Loading…' : '';
}
