// Where in a list somebody is: by the models on the screen, not by pixels. So the place stays when the grid has other columns,
// when models come or go before it, when the list is left for a model, and when the page is loaded again.
import type { Ref } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { address, describePlace } from '../frame/router.js';
import type { Cards, Listing } from './listing.js';

/** The list as it is laid out. */
export interface Layout {
  readonly listing: Listing;
  readonly cards: Cards;
  readonly columns: number;
  readonly rowHeight: number;
  /** Whether the rows of what the address asks for are there. */
  readonly isReady: boolean;
}

/** What is noted in the entry of the history. */
interface Place {
  /** The first model of the topmost row that is seen. */
  readonly index: number;
  /** How many pixels of that row lie above the screen. */
  readonly above: number;
  /** The models on the screen. */
  readonly seen: readonly Seen[];
  /** The model that has the focus. */
  readonly focused: string | null;
}

interface Seen {
  readonly id: string;
  readonly index: number;
}

type Box = { readonly current: HTMLElement | null };

/** Finds the place of the entry when the list comes, keeps it while the list changes, and notes it when it is left. */
export function useListPlace(box: Box & Ref<HTMLElement>, layout: Layout): void {
  const { listing, cards, columns, rowHeight, isReady } = layout;
  const now = useRef(layout);
  const at = useRef({ entry: '', question: '', cards, columns, rowHeight, scrollY: -1 });
  const place = useRef<Place | null>(null);
  const waiting = useRef<string | null>(null);
  useLayoutEffect(() => {
    now.current = layout;
    focusAgain(waiting);
    const { entry, scrollY: left, place: noted } = address.peek();
    const before = at.current;
    if (!isReady || box.current === null) return;
    const isOther = before.entry !== entry;
    const isLaidOut = before.columns !== columns || before.rowHeight !== rowHeight;
    if (!isOther && before.question === listing.question && !isLaidOut && before.cards === cards) return;
    at.current = { ...before, entry, question: listing.question, cards, columns, rowHeight };
    if (isOther) {
      place.current = isPlace(noted) ? noted : null;
      if (place.current === null) scrollTo(0, left);
    } else if (before.question !== listing.question) {
      place.current = null;
      scrollTo(0, 0);
    }
    if (place.current === null) return;
    const { index } = place.current;
    place.current = { ...place.current, ...moved(place.current, cards) };
    const to = offsetOf(place.current, box.current, layout);
    if (isOther || isLaidOut) scrollTo(0, to);
    // By as much as the rows have moved: somebody may be scrolling.
    else if (place.current.index !== index)
      scrollBy(0, to - offsetOf({ ...place.current, index }, box.current, layout));
    else return;
    // A place that was found is not taken for one that somebody has scrolled to: rows of other lengths would let it drift.
    at.current.scrollY = scrollY;
    if (isOther) waiting.current = place.current.focused;
    focusAgain(waiting);
  });
  useEffect(() => {
    const note = (): void => {
      const isFound = scrollY === at.current.scrollY;
      at.current.scrollY = -1;
      if (box.current !== null && now.current.isReady && !isFound) place.current = placeOf(box.current, now.current);
    };
    addEventListener('scroll', note, { passive: true });
    const end = describePlace(() => {
      // Not found yet: what is noted stays.
      if (!now.current.isReady || at.current.entry !== address.peek().entry) return undefined;
      now.current.listing.keep();
      return place.current && { ...place.current, focused: focusedCard() };
    });
    return () => {
      removeEventListener('scroll', note);
      end();
    };
  }, []);
}

/** Null at the beginning of the list: there new models are to be seen. */
function placeOf(box: HTMLElement, { cards, columns, rowHeight }: Layout): Place | null {
  const top = scrollY - box.offsetTop;
  if (top <= 0) return null;
  const row = Math.floor(top / rowHeight);
  const index = row * columns;
  const end = index + Math.ceil(innerHeight / rowHeight) * columns;
  const seen = cards
    .slice(index, end)
    .flatMap((card, offset) => (card === null ? [] : [{ id: card.id, index: index + offset }]));
  return { index, above: top - row * rowHeight, seen, focused: null };
}

function offsetOf({ index, above }: Place, box: HTMLElement, { columns, rowHeight }: Layout): number {
  return box.offsetTop + Math.floor(index / columns) * rowHeight + Math.min(above, rowHeight);
}

/** Most of what was seen has moved by so many places: a model that was changed may have gone elsewhere alone. */
function moved({ index, seen }: Place, cards: Cards): Pick<Place, 'index' | 'seen'> {
  if (seen.every((each) => cards[each.index]?.id === each.id)) return { index, seen };
  const wanted = new Set(seen.map(({ id }) => id));
  const found = new Map<string, number>();
  for (const [at, card] of cards.entries()) if (card !== null && wanted.has(card.id)) found.set(card.id, at);
  const shifts = seen.flatMap((each) => {
    const at = found.get(each.id);
    return at === undefined ? [] : [at - each.index];
  });
  const shift = shifts.sort((a, b) => a - b)[Math.floor(shifts.length / 2)];
  // Nothing of it is loaded: it is where it was.
  if (shift === undefined) return { index, seen };
  return {
    index: Math.max(0, index + shift),
    seen: seen.flatMap(({ id }) => {
      const at = found.get(id);
      return at === undefined ? [] : [{ id, index: at }];
    }),
  };
}

function focusedCard(): string | null {
  const { activeElement } = document;
  return activeElement instanceof HTMLElement ? (activeElement.dataset['card'] ?? null) : null;
}

/** The model that was opened has the focus again as soon as it is there, unless something else has it by then. */
function focusAgain(waiting: { current: string | null }): void {
  if (waiting.current === null) return;
  requestAnimationFrame(() => {
    const link = document.querySelector<HTMLElement>(`[data-card="${waiting.current}"]`);
    const { activeElement } = document;
    const isFree = activeElement === null || activeElement === document.body || activeElement.id === 'main';
    if (isFree && link === null) return;
    waiting.current = null;
    if (isFree) link?.focus({ preventScroll: true });
  });
}

function isPlace(noted: unknown): noted is Place {
  return typeof noted === 'object' && noted !== null && 'seen' in noted && Array.isArray(noted.seen);
}
