// A list that is read page by page: each press of the button brings the next one.
import type { Signal } from '@preact/signals';
import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { type Problem, problemOf } from '../data/problem.js';
import { type Resource, useResource } from '../frame/resource.js';

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

/** Reads the first page, and again from there when the library changes. */
export function usePages<T extends Paged>(
  key: string,
  read: (after: string | null, signal?: AbortSignal) => Promise<T>,
): Pages<T> {
  const first: Resource<T> = useResource(key, async (signal) => {
    const answer = await read(null, signal);
    later.value = [];
    return answer;
  });
  const later: Signal<readonly T[]> = useSignal<readonly T[]>([]);
  const failed = useSignal<Problem | null>(null);
  const pages = first.value.value === null ? [] : [first.value.value, ...later.value];
  const next = pages.at(-1)?.next ?? null;
  const bring = async (): Promise<void> => {
    const before = later.value;
    try {
      const answer = await read(next);
      // The list was read anew meanwhile, or the button pressed twice: this page does not follow the last one that is shown.
      if (later.value !== before) return;
      later.value = [...before, answer];
      failed.value = null;
    } catch (error) {
      failed.value = problemOf(error);
    }
  };
  return {
    pages,
    problem: first.problem.value ?? failed.value,
    reload: first.reload,
    more:
      next === null ? null : (
        <button type="button" onClick={() => void bring()}>
          Show more
        </button>
      ),
  };
}

/** What is said in the place of a list that is not there: nothing where the problem is. */
export function loadingOf(problem: Problem | null): string {
  return problem === null ? 'Loading…' : '';
}
