// The frame: header, ways, the view of the address, messages, and the keys that work everywhere.
import { useSignal } from '@preact/signals';
import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { readSummary } from './data/api.js';
import { redo, undo } from './data/edits.js';
import { healthNews, isConnected } from './data/events.js';
import { lateAnswers } from './data/patience.js';
import { isLoginDue, wasLetIn } from './data/problem.js';
import { Find } from './find/find.js';
import { SearchBox } from './find/search-box.js';
import { Icon, type IconName } from './frame/icons.js';
import { KeysDialog } from './frame/keys.js';
import { Later } from './frame/later.js';
import { Login, LoginAgain } from './frame/login.js';
import { useResource } from './frame/resource.js';
import { address } from './frame/router.js';
import { nextTheme, theme } from './frame/theme.js';
import { Toasts } from './frame/toast.js';
import { ContestDialog } from './model/contest-dialog.js';

interface Way {
  readonly path: string;
  readonly label: string;
  readonly icon: IconName;
  readonly view: () => VNode;
}

const ways: readonly Way[] = [
  { path: '/', label: 'Find', icon: 'find', view: () => <Find /> },
  {
    path: '/saved',
    label: 'Saved',
    icon: 'saved',
    view: () => <Later load={() => import('./lists/saved.js').then(({ Saved }) => Saved)} />,
  },
  {
    path: '/tasks',
    label: 'Work',
    icon: 'work',
    view: () => <Later load={() => import('./lists/work.js').then(({ Work }) => Work)} />,
  },
  {
    path: '/import',
    label: 'Import',
    icon: 'import',
    view: () => <Later load={() => import('./import/import.js').then(({ Import }) => Import)} />,
  },
  {
    path: '/health',
    label: 'Health',
    icon: 'health',
    view: () => <Later load={() => import('./health/health.js').then(({ Health }) => Health)} />,
  },
];

/** The whole page, or the form for the token: before what is on it already, so that nothing that was typed goes. */
export function App(): VNode {
  if (isLoginDue.value && !wasLetIn.value) return <Login />;
  return (
    <>
      <Page />
      {isLoginDue.value && <LoginAgain />}
    </>
  );
}

function Page(): VNode {
  const keysAreShown = useSignal(false);
  const { path } = address.value;
  const main = useRef<HTMLElement>(null);
  useKeys(() => {
    keysAreShown.value = true;
  });
  useFocusOnNavigation(path, main.current);
  return (
    <>
      <a class="button skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href="/" aria-label="Candy">
          <img src="/candy.svg" alt="" />
          <span>Candy</span>
        </a>
        <SearchBox />
        <Ways />
        <button
          type="button"
          class="quiet icon"
          aria-label={`Colours: ${theme.value}. Change`}
          title={`Colours: ${theme.value}`}
          onClick={nextTheme}
        >
          <Icon name="theme" />
        </button>
        <button
          type="button"
          class="quiet icon keys-button"
          aria-label="Keys"
          title="Keys (?)"
          onClick={() => {
            keysAreShown.value = true;
          }}
        >
          <Icon name="keys" />
        </button>
      </header>
      <main id="main" tabindex={-1} ref={main}>
        {!isConnected.value && (
          <p class="notice error" role="status">
            The server does not answer. Is <code>candy serve</code> still running? The page goes on by itself.
          </p>
        )}
        {isConnected.value && lateAnswers.value > 0 && (
          <p class="notice" role="status">
            The server takes long to answer. The page waits for it; nothing that was changed is lost.
          </p>
        )}
        {viewOf(path)}
      </main>
      <Toasts />
      <ContestDialog />
      {keysAreShown.value && (
        <KeysDialog
          onClose={() => {
            keysAreShown.value = false;
          }}
        />
      )}
    </>
  );
}

function Ways(): VNode {
  const { path } = address.value;
  const summary = useResource('summary', readSummary);
  const { value } = summary;
  useEffect(
    () =>
      healthNews.listen(({ status }) => {
        if (value.value) value.value = { ...value.value, status };
      }),
    [],
  );
  const status = value.value?.status ?? 'OK';
  const work = (value.value?.unparsed ?? 0) + (value.value?.missing ?? 0);
  return (
    <nav class="ways" aria-label="Views">
      {ways.map((way) => (
        <a key={way.path} href={way.path} aria-current={isIn(path, way.path) ? 'page' : undefined}>
          <Icon name={way.icon} />
          <span>{way.label}</span>
          {way.path === '/tasks' && work > 0 && <Note text={`${work} to look at`} kind="warn" />}
          {way.path === '/health' && status !== 'OK' && (
            <Note text={status.toLowerCase()} kind={status === 'CRITICAL' ? 'bad' : 'warn'} />
          )}
        </a>
      ))}
    </nav>
  );
}

function Note({ text, kind }: { readonly text: string; readonly kind: 'warn' | 'bad' }): VNode {
  return (
    <span class={`dot ${kind}`} title={text}>
      <span class="visually-hidden">, {text}</span>
    </span>
  );
}

function isIn(path: string, way: string): boolean {
  return way === '/' ? path === '/' || path.startsWith('/models/') : path === way || path.startsWith(`${way}/`);
}

function viewOf(path: string): ComponentChildren {
  const id = /^\/models\/([^/]+)$/.exec(path)?.[1];
  if (id !== undefined) {
    // A model of its own for each id: what was typed for one is not written to another.
    const load = () =>
      import('./model/model.js').then(({ ModelView }) => () => <ModelView key={id} id={id} />);
    return <Later key={id} load={load} />;
  }
  const way = ways.find((each) => (each.path === '/' ? path === '/' : isIn(path, each.path)));
  return way ? (
    <div key={way.path}>{way.view()}</div>
  ) : (
    <div class="view empty">
      <h1 tabindex={-1}>Nothing is here</h1>
      <p>
        The page has no place called <code>{path}</code>. <a href="/">Look through the library</a>
      </p>
    </div>
  );
}

/** A new view is read out from its beginning, as a new page would be; what changes within one leaves the focus alone. */
function useFocusOnNavigation(path: string, main: HTMLElement | null): void {
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    // Typing in the search leads to Find without leaving the field, and a list that was left has its focus already.
    const { activeElement } = document;
    if (activeElement?.id !== 'search' && !main?.contains(activeElement)) main?.focus({ preventScroll: true });
    if (path !== '/') scrollTo(0, address.peek().scrollY);
  }, [path]);
}

/** Where a browser takes back what was typed by itself. */
const fieldsOfText = 'input:not([type=checkbox], [type=radio], [type=range], [type=file]), textarea';

function useKeys(showKeys: () => void): void {
  useEffect(() => {
    const act = (event: KeyboardEvent): void => {
      if (event.target instanceof Element && event.target.closest(`${fieldsOfText}, select, dialog`)) return;
      const isCommand = event.ctrlKey || event.metaKey;
      if (isCommand && event.key.toLowerCase() === 'z') void (event.shiftKey ? redo() : undo());
      else if (isCommand || event.altKey) return;
      else if (event.key === '/') document.getElementById('search')?.focus();
      else if (event.key === '?') showKeys();
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', act);
    return () => removeEventListener('keydown', act);
  }, []);
}
