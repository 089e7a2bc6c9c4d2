// The address of the page is its state: what is looked for, how it is sorted and which model is open. Links are links;
// a click on one, back and forward change `address`. Where in it somebody was belongs to the entry of the history: it is
// there after back, forward and loading again, and a link that is sent begins at the top.
import { signal } from '@preact/signals';

/** Where the page is. */
export interface Address {
  readonly path: string;
  readonly query: URLSearchParams;
  /** The place in the history: what a view keeps under it is found again by going back. */
  readonly entry: string;
  /** How far this entry was scrolled when it was left; 0 for a new one. */
  readonly scrollY: number;
  /** What the view has said of its place when it was left, as `describePlace` has it; null for a new one. */
  readonly place: unknown;
  /** How many places of this page lie before it in the history. */
  readonly depth: number;
}

interface Entry {
  readonly entry: string;
  readonly scrollY: number;
  readonly place: unknown;
  readonly depth: number;
}

/** Where the page is now. */
export const address = signal<Address>(read());

/** Starts to follow links and the browser's buttons. */
export function followAddress(): void {
  history.scrollRestoration = 'manual';
  history.replaceState(state(), '');
  address.value = read();
  addEventListener('popstate', () => {
    address.value = read();
  });
  // Noted while scrolling, because a popstate comes after the entry has been left.
  let noted = 0;
  addEventListener(
    'scroll',
    () => {
      clearTimeout(noted);
      noted = window.setTimeout(noteScroll, 100);
    },
    { passive: true },
  );
  addEventListener('pagehide', noteScroll);
  document.addEventListener('click', (event) => {
    const link = linkOf(event);
    if (link === null) return;
    event.preventDefault();
    navigate(link.pathname + link.search);
  });
}

/** Goes to an address; `replace` takes the place of the present entry, as for each letter that is typed. */
export function navigate(to: string, options: { readonly replace?: boolean } = {}): void {
  if (options.replace) {
    history.replaceState(state(), '', to);
  } else {
    noteScroll();
    const next: Entry = { entry: crypto.randomUUID(), scrollY: 0, place: null, depth: state().depth + 1 };
    history.pushState(next, '', to);
  }
  address.value = read();
}

/**
 * While a view is there it says more of its place than how far it is scrolled: `place`, which is noted with it.
 * Undefined: it has not found the noted one yet, which stays. Returns what ends it.
 */
export function describePlace(place: () => unknown): () => void {
  described = place;
  return () => {
    if (described === place) described = noPlace;
  };
}

const noPlace = (): unknown => null;
let described = noPlace;

function noteScroll(): void {
  const place = described();
  if (place === undefined) return;
  history.replaceState({ ...state(), scrollY: Math.round(scrollY), place } satisfies Entry, '');
}

function state(): Entry {
  const kept = history.state as Partial<Entry> | null;
  const { entry = crypto.randomUUID(), scrollY = 0, place = null, depth = 0 } = kept ?? {};
  return { entry, scrollY, place, depth };
}

function read(): Address {
  return { path: location.pathname, query: new URLSearchParams(location.search), ...state() };
}

/** The link of ours that a plain click is on, or null: other clicks are the browser's. */
function linkOf(event: MouseEvent): HTMLAnchorElement | null {
  if (event.defaultPrevented || event.button !== 0) return null;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const isOurs = link !== null && link.origin === location.origin && !link.hasAttribute('download');
  return isOurs && link.target === '' && !link.pathname.startsWith('/api/') && link.hash === '' ? link : null;
}
