// Why something could not be loaded, and what to do.
import type { VNode } from 'preact';
import type { Problem } from '../data/problem.js';

/** Nothing without a problem. `onRetry` asks again; where no server answers the page does so by itself. */
export function Failure(props: { readonly problem: Problem | null; readonly onRetry: () => void }): VNode | null {
  const { problem } = props;
  return problem === null ? null : (
    <div class="notice error" role="alert">
      <p>
        <strong>{problem.title}.</strong> {problem.detail}
      </p>
      {problem.status !== 0 && (
        <button type="button" onClick={props.onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
