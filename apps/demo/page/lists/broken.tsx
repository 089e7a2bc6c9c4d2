// Models that could not be measured, with the reason, and models whose files are gone.
import type { VNode } from 'preact';
import type { WorkList } from '../../src/serve/contract-care.js';
import { readWork, retry } from '../data/api.js';
import { sayProblem } from '../data/edits.js';
import { Failure } from '../frame/failure.js';
import { say } from '../frame/toast.js';
import * as words from '../frame/words.js';
import { forgetModels } from './forget.js';
import { loadingOf, usePages } from './pages.js';

/** As the server takes them. */
const mostAtOnce = 1_000;

/** The list of one kind. */
export function Broken({ kind }: { readonly kind: 'problems' | 'missing' }): VNode {
  const { pages, problem, reload, more } = usePages<WorkList>(kind, (after, signal) => readWork(kind, after, signal));
  const items = pages.flatMap((page) => page.items);
  const ids = items.slice(0, mostAtOnce).map(({ id }) => id);
  const these = items.length > mostAtOnce ? `the first ${words.count(mostAtOnce)}` : `all ${items.length}`;
  const total = pages[0]?.total ?? 0;
  const again = async (which: readonly string[]): Promise<void> => {
    try {
      await retry(which);
      say(`${words.counted(which.length, 'file')} will be read again.`);
    } catch (error) {
      sayProblem(error);
    }
  };
  return (
    <section class="panel stack" aria-label={kind === 'problems' ? 'Problems' : 'Missing'}>
      <div class="row spread">
        <p role="status">
          {pages.length === 0 ? loadingOf(problem) : kind === 'problems' ? problemsOf(total) : missingOf(total)}
        </p>
        {items.length > 1 && kind === 'problems' && (
          <button type="button" onClick={() => void again(ids)}>
            Try {these} again
          </button>
        )}
        {items.length > 1 && kind === 'missing' && (
          <button type="button" onClick={() => void forgetModels(ids, false, reload)}>
            Forget {these}
          </button>
        )}
      </div>
      <Failure problem={problem} onRetry={reload} />
      <ul class="plain work">
        {items.map(({ id, name, filePath, reason }) => (
          <li key={id}>
            <div class="work-text">
              <a href={`/models/${id}`}>{words.nameOf(name, filePath)}</a>
              <p class="small">{reason}</p>
              <p class="quiet-text small">{filePath}</p>
            </div>
            {kind === 'problems' ? (
              <button type="button" onClick={() => void again([id])}>
                Try again<span class="visually-hidden">: {name}</span>
              </button>
            ) : (
              <button type="button" onClick={() => void forgetModels([id], false, reload)}>
                Forget<span class="visually-hidden"> {name}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      {more}
    </section>
  );
}

function problemsOf(total: number): string {
  if (total === 0) return 'Every file could be measured.';
  const where = total === 1 ? 'It is' : 'They are';
  return `${words.counted(total, 'file')} could not be measured. ${where} in the library all the same.`;
}

function missingOf(total: number): string {
  if (total === 0) return 'Every file was at its place when it was looked for last.';
  const place = total === 1 ? 'was not at its place when it was' : 'were not at their place when they were';
  return `${words.counted(total, 'file')} ${place} looked for last.`;
}
