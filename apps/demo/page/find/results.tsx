// The found models. Only the rows on the screen and a few around them are in the document, however many were found; the
// document scrolls as a whole, so that phones and keyboards do what they always do.
import { observeWindowOffset, observeWindowRect, Virtualizer, windowScroll } from '@tanstack/virtual-core';
import type { VNode } from 'preact';
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';
import { GridCard, ListCard } from './card.js';
import { useListPlace } from './list-place.js';
import type { Cards, Listing } from './listing.js';
import { select, selection } from './selection.js';

const gap = 12;
const narrowest = { phone: 140, desk: 190 };
/** With the line that tells where the words were found. On a phone a name has two lines. */
const textHeight = { plain: 62, found: 84 };
const secondLine = 13;
const lineHeight = 68;

/** The grid or the list. */
export function Results(props: {
  readonly listing: Listing;
  /** False while the answer to the question before is still shown. */
  readonly isCurrent: boolean;
  readonly asList: boolean;
}): VNode {
  const { listing, asList } = props;
  const cards = listing.cards.value;
  const place = useRef<HTMLDivElement>(null);
  const isFound = listing.first.value?.items[0]?.highlight != null;
  const width = useWidth(place);
  const columns = asList ? 1 : Math.max(2, Math.floor((width + gap) / (narrowestFor(width) + gap)));
  const cardWidth = (width - gap * (columns - 1)) / columns;
  const rowHeight = asList
    ? lineHeight
    : Math.round(cardWidth * 0.75) +
      (isFound ? textHeight.found : textHeight.plain) +
      (isPhone() ? secondLine : 0) +
      gap;
  const rowCount = width === 0 ? 0 : Math.ceil(cards.length / columns);
  const rows = useRows(place, rowCount, rowHeight);
  const items = rows.getVirtualItems();
  const [first, last] = [(items[0]?.index ?? 0) * columns, ((items.at(-1)?.index ?? 0) + 1) * columns];
  useEffect(() => listing.show(first, last), [listing, first, last, cards.length]);
  useListPlace(place, { listing, cards, columns, rowHeight, isReady: props.isCurrent && rowCount > 0 });
  const total = listing.first.value?.total;
  const size = listing.counted.value ?? (total?.exact ? total.models : -1);
  const Card = asList ? ListCard : GridCard;
  return (
    <div
      ref={place}
      class="results"
      aria-busy={listing.isLoading.value}
      onKeyDown={(event) => moveFocus(event, columns, cards, rows, first)}
    >
      <ul class={asList ? 'plain lines' : 'plain grid'} style={{ height: `${rowCount * rowHeight}px` }}>
        {items.flatMap(({ index: row, start }) =>
          cards.slice(row * columns, (row + 1) * columns).map((card, column) => (
            <li
              key={card?.id ?? `place ${row * columns + column}`}
              aria-setsize={size}
              aria-posinset={row * columns + column + 1}
              style={{
                width: `${cardWidth}px`,
                height: `${rowHeight - (asList ? 0 : gap)}px`,
                transform: `translate(${column * (cardWidth + gap)}px, ${start - rows.options.scrollMargin}px)`,
              }}
            >
              {card === null ? (
                <div class={asList ? 'line' : 'card'} />
              ) : (
                <Card
                  card={card}
                  isSelected={selection.value.has(card.id)}
                  onSelect={(through) => select(card, cards, through)}
                />
              )}
            </li>
          )),
        )}
      </ul>
      {listing.hasMore.value && cards.length > 0 && <p class="quiet-text small more">Loading more…</p>}
    </div>
  );
}

/** As find.css has it. */
function isPhone(): boolean {
  return matchMedia('(max-width: 50rem)').matches;
}

function narrowestFor(width: number): number {
  return width < 500 ? narrowest.phone : narrowest.desk;
}

function useWidth(place: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, []);
  return width;
}

function useRows(
  place: { readonly current: HTMLElement | null },
  count: number,
  rowHeight: number,
): Virtualizer<Window, Element> {
  const [, rerender] = useReducer((turn: number) => turn + 1, 0);
  const options = {
    count,
    estimateSize: () => rowHeight,
    overscan: 4,
    scrollMargin: place.current?.offsetTop ?? 0,
    initialOffset: () => scrollY,
    getScrollElement: () => window,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
    onChange: () => rerender(0),
  };
  const [rows] = useState(() => new Virtualizer<Window, Element>(options));
  rows.setOptions(options);
  useLayoutEffect(() => rows._didMount(), []);
  useLayoutEffect(() => rows._willUpdate());
  useLayoutEffect(() => rows.measure(), [rowHeight]);
  return rows;
}

/** Arrows go from model to model, x marks. Tab goes through the cards as through any page. */
function moveFocus(
  event: KeyboardEvent,
  columns: number,
  cards: Cards,
  rows: Virtualizer<Window, Element>,
  first: number,
): void {
  const focused = event.target instanceof HTMLElement ? event.target.closest('li')?.querySelector('[data-card]') : null;
  if (!(focused instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.altKey) return;
  const index = cards.findIndex((each, at) => at >= first && each?.id === focused.dataset.card);
  const card = cards[index];
  if (card == null) return;
  if (event.key === 'x') return select(card, cards, false);
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
  };
  const next = cards[index + (steps[event.key] ?? 0)];
  if (steps[event.key] === undefined || next == null) return;
  event.preventDefault();
  const link = document.querySelector<HTMLElement>(`[data-card="${next.id}"]`);
  if (link) return focusCard(link);
  // It is not in the document yet: scrolled there, it comes with the next frame.
  rows.scrollToIndex(Math.floor((index + (steps[event.key] ?? 0)) / columns));
  requestAnimationFrame(() => {
    const late = document.querySelector<HTMLElement>(`[data-card="${next.id}"]`);
    if (late) focusCard(late);
  });
}

function focusCard(link: HTMLElement): void {
  link.focus({ preventScroll: true });
  link.closest('li')?.scrollIntoView({ block: 'nearest' });
}
