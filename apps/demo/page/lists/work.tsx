// Work lists: files that are there twice, files that could not be measured, files that are gone. Each model has what can be
// done about it beside it.
import './lists.css';
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { address } from '../frame/router.js';
import { Broken } from './broken.js';
import { Duplicates } from './duplicates.js';

const kinds = [
  { path: '/tasks/problems', label: 'Problems' },
  { path: '/tasks/missing', label: 'Missing' },
  { path: '/tasks/duplicates', label: 'Duplicates' },
] as const;

/** The view of the work lists; without a name in the address the problems. */
export function Work(): VNode {
  const open = kinds.find(({ path }) => path === address.value.path) ?? kinds[0];
  useEffect(() => {
    document.title = `${open.label} · Candy`;
  }, [open]);
  return (
    <div class="view narrow stack">
      <h1>Work lists</h1>
      <nav class="row" aria-label="Work lists">
        {kinds.map(({ path, label }) => (
          <a key={path} class="button" href={path} aria-current={path === open.path ? 'page' : undefined}>
            {label}
          </a>
        ))}
      </nav>
      {open.path === '/tasks/duplicates' && <Duplicates />}
      {open.path === '/tasks/problems' && <Broken key="problems" kind="problems" />}
      {open.path === '/tasks/missing' && <Broken key="missing" kind="missing" />}
    </div>
  );
}
