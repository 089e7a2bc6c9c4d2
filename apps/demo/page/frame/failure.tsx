// Why something could not be loaded, and what to do.
import type { VNode } from 'preact';
import type { Problem } from '../data/problem.js';

/** Nothing without a problem. */
export function Failure({ problem }: { readonly problem: Problem | null }): VNode | null {
  return problem === null ? null : (
    <p class="notice error" role="alert">
      <strong>{problem.title}.</strong> {problem.detail}
    </p>
  );
}
