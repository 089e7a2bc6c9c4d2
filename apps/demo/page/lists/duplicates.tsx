// Files that are there more than once: which of them the library keeps.
import type { VNode } from 'preact';
import type { Duplicates as Groups } from '../../src/serve/contract-care.js';
import { readDuplicates } from '../data/api.js';
import { Failure } from '../frame/failure.js';
import * as words from '../frame/words.js';
import { forgetModels } from './forget.js';
import { loadingOf, usePages } from './pages.js';

/** The groups, each with a button beside each of its models. */
export function Duplicates(): VNode {
  const { pages, problem, reload, more } = usePages<Groups>('duplicates', readDuplicates);
  const groups = pages.flatMap((page) => page.groups);
  return (
    <section class="panel stack" aria-label="Duplicates">
      <p role="status">
        {pages.length === 0
          ? loadingOf(problem)
          : groups.length === 0
            ? 'No file is in the library twice.'
            : 'Each group is one content under several paths. The library forgets the others; no file is deleted.'}
      </p>
      <Failure problem={problem} onRetry={reload} />
      {groups.map(({ fileHash, count, models }) => (
        <article key={fileHash} aria-label={models[0]?.name ?? 'Group'}>
          <h2>
            {words.nameOf(models[0]?.name ?? '', 'Without a name')}{' '}
            <span class="quiet-text small">
              {words.counted(count, 'file')}, {words.bytes(models[0]?.fileSize ?? 0)} each
            </span>
          </h2>
          {count > models.length && (
            <p class="quiet-text small">
              The first {words.count(models.length)} are shown: the next ones come up when the library has forgotten
              others.
            </p>
          )}
          <ul class="plain work">
            {models.map(({ id, name, filePath, tags }) => (
              <li key={id}>
                <div class="work-text">
                  <a href={`/models/${id}`}>{filePath}</a>
                  <p class="quiet-text small">{[name, ...tags.map((tag) => `#${tag}`)].join(' · ')}</p>
                </div>
                <button
                  type="button"
                  onClick={() => {
                    const others = models.filter((each) => each.id !== id).map((each) => each.id);
                    void forgetModels(others, true, reload);
                  }}
                >
                  Keep this one
                  <span class="visually-hidden">
                    , {filePath}, and forget the others{count > models.length && ' that are shown'}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </article>
      ))}
      {more}
    </section>
  );
}
