// What a view shows of the server: loaded when the view comes, again when its address or the library changes, and kept
// on the screen meanwhile.
import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { changes } from '../data/events.js';
import { type Problem, problemOf } from '../data/problem.js';

/** What has been loaded, what went wrong the last time, and whether the next answer is under way. */
export interface Resource<T> {
  readonly value: Signal<T | null>;
  readonly problem: Signal<Problem | null>;
  readonly isLoading: Signal<boolean>;
  /** Loads again. */
  readonly reload: () => void;
}

/**
 * Loads by `key` and again when it, or what `isTouched` says of a change, asks for it. An answer that comes after a newer
 * question is not shown.
 */
export function useResource<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  isTouched: (ids: ReadonlySet<string> | null) => boolean = () => true,
): Resource<T> {
  const value = useSignal<T | null>(null);
  const problem = useSignal<Problem | null>(null);
  const isLoading = useSignal(true);
  const last = useRef<AbortController | null>(null);
  const current = useRef({ load, isTouched });
  current.current = { load, isTouched };
  const reload = useRef(() => {
    last.current?.abort();
    const controller = new AbortController();
    last.current = controller;
    isLoading.value = true;
    current.current.load(controller.signal).then(
      (answer) => {
        if (controller.signal.aborted) return;
        value.value = answer;
        problem.value = null;
        isLoading.value = false;
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        problem.value = problemOf(error);
        isLoading.value = false;
      },
    );
  });
  useEffect(() => {
    value.value = null;
    reload.current();
    return () => last.current?.abort();
  }, [key]);
  useEffect(
    () =>
      changes.listen((ids) => {
        if (current.current.isTouched(ids)) reload.current();
      }),
    [],
  );
  return { value, problem, isLoading, reload: reload.current };
}
