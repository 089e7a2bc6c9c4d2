// Find: what the address asks for, as a grid or a list without end, beside the filters with their counts.
import './find.css';
import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { readCollections } from '../data/api.js';
import { areUnheard, changes } from '../data/events.js';
import { Dialog } from '../frame/dialog.js';
import { Icon } from '../frame/icons.js';
import { useResource } from '../frame/resource.js';
import { address, navigate } from '../frame/router.js';
import * as words from '../frame/words.js';
import { Facets } from './facets.js';
import { allListings, type Listing, listingOf } from './listing.js';
import { ManyBar } from './many-bar.js';
import {
  type Condition,
  conditions,
  findAddress,
  onlyWords,
  orders,
  question,
  unfiltered,
  withValue,
} from './query.js';
import { Results } from './results.js';
import { SaveDialog } from './save-dialog.js';

/** The view of Find. */
export function Find(): VNode {
  const { query } = address.value;
  const asked = question(query);
  const listing = useMemo(() => listingOf(asked), [asked]);
  const last = useRef(listing);
  // What was found before stays until the next answer is here: letters that are typed do not make the page flicker.
  if (listing.first.value !== null || listing.problem.value !== null) last.current = listing;
  const shown = last.current;
  const areFiltersOpen = useSignal(false);
  useEffect(() => {
    // What is shown says itself how far.
    if (shown !== listing) listing.show(0, 0);
  }, [listing]);
  useEffect(
    () =>
      changes.listen(() => {
        for (const each of allListings()) each.refresh();
      }),
    [],
  );
  useEffect(() => {
    const words = query.get('q') ?? '';
    document.title = words === '' ? 'Candy' : `${words} · Candy`;
  }, [query]);
  return (
    <div class="view find">
      <h1 class="visually-hidden">Find models</h1>
      <aside class="side" aria-label="Filters">
        <Facets facets={shown.first.value?.facets ?? null} query={query} />
      </aside>
      <div class="found">
        <Toolbar
          listing={shown}
          query={query}
          onFilters={() => {
            areFiltersOpen.value = true;
          }}
        />
        <Notices listing={shown} query={query} />
        <Results listing={shown} isCurrent={shown === listing} asList={query.get('view') === 'list'} />
        <ManyBar />
      </div>
      {areFiltersOpen.value && (
        <Dialog
          title="Filters"
          kind="side"
          onClose={() => {
            areFiltersOpen.value = false;
          }}
        >
          <Facets facets={shown.first.value?.facets ?? null} query={query} />
          <footer>
            <button
              type="button"
              class="primary"
              onClick={() => {
                areFiltersOpen.value = false;
              }}
            >
              Show {totalOf(shown)}
            </button>
          </footer>
        </Dialog>
      )}
    </div>
  );
}

function Toolbar(props: {
  readonly listing: Listing;
  readonly query: URLSearchParams;
  readonly onFilters: () => void;
}): VNode {
  const { listing, query } = props;
  const isSaving = useSignal(false);
  const asList = query.get('view') === 'list';
  const active = useConditions(query);
  const order = orders.findIndex(
    ({ sort, direction }) => sort === (query.get('sort') ?? '') && direction === (query.get('direction') ?? ''),
  );
  return (
    <div class="toolbar">
      <p class="total" role="status">
        {totalOf(listing)}
      </p>
      <ul class="plain row conditions" aria-label="Active filters">
        {active.map(({ label, without }) => (
          <li class="chip" key={label}>
            {label}
            <button
              type="button"
              class="quiet icon"
              aria-label={`Without ${label}`}
              onClick={() => navigate(findAddress(without))}
            >
              ×
            </button>
          </li>
        ))}
        {active.length > 1 && (
          <li>
            <a href={findAddress(unfiltered(query))}>Clear all</a>
          </li>
        )}
      </ul>
      <div class="row tools">
        <button type="button" class="filters-button" onClick={props.onFilters}>
          <Icon name="filter" /> Filters{active.length > 0 ? ` (${active.length})` : ''}
        </button>
        <label>
          <span class="visually-hidden">Order</span>
          <select
            value={order === -1 ? '' : order}
            onChange={(event) => {
              const chosen = orders[Number(event.currentTarget.value)] ?? orders[0];
              const sorted = withValue(query, 'sort', chosen.sort);
              navigate(findAddress(withValue(sorted, 'direction', chosen.direction)));
            }}
          >
            {order === -1 && <option value="">Another order</option>}
            {orders.map(({ label }, index) => (
              <option key={label} value={index}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          class="icon"
          aria-label="Save this search"
          title="Save this search"
          onClick={() => {
            isSaving.value = true;
          }}
        >
          <Icon name="saved" />
        </button>
        <button
          type="button"
          class="icon"
          aria-label={asList ? 'Show as a grid' : 'Show as a list'}
          title={asList ? 'Show as a grid' : 'Show as a list'}
          onClick={() => navigate(findAddress(withValue(query, 'view', asList ? null : 'list')), { replace: true })}
        >
          <Icon name={asList ? 'grid' : 'list'} />
        </button>
      </div>
      {isSaving.value && (
        <SaveDialog
          query={query}
          onClose={() => {
            isSaving.value = false;
          }}
        />
      )}
    </div>
  );
}

/** What the answer is when it is not simply what was asked for. */
function Notices({ listing, query }: { readonly listing: Listing; readonly query: URLSearchParams }): VNode | null {
  const first = listing.first.value;
  const problem = listing.problem.value;
  // Asking again for what the server does not understand would not help.
  if (problem?.status === 400 || problem?.status === 431) {
    const without = onlyWords(query);
    return (
      <div class="notice error" role="alert">
        <p>
          <strong>This address asks for something that Candy does not know.</strong> {problem.detail}
        </p>
        {question(without) === question(query) ? (
          <a href="/">Look through the library</a>
        ) : (
          <a href={findAddress(without)}>Look without its filters and order</a>
        )}
      </div>
    );
  }
  if (problem !== null)
    return (
      <div class="notice error" role="alert">
        <p>
          <strong>{problem.title}.</strong> {problem.detail}
        </p>
        <button type="button" onClick={() => listing.refresh()}>
          Try again
        </button>
      </div>
    );
  if (first === null) return null;
  if (first.items.length === 0) return <Nothing query={query} />;
  if (first.corrected !== null)
    return (
      <p class="notice" role="status">
        Nothing matches “{query.get('q')}”. Did you mean{' '}
        <a href={findAddress(withValue(query, 'q', first.corrected))}>{first.corrected}</a>? These are its models.
      </p>
    );
  return first.matching === 'some' ? (
    <p class="notice" role="status">
      No model has all of these words. These have some of them.
    </p>
  ) : null;
}

function Nothing({ query }: { readonly query: URLSearchParams }): VNode {
  const isFiltered = conditions(query).length > 0;
  const isAsked = isFiltered || query.has('q');
  return (
    <div class="empty" role="status">
      <h2>{isAsked ? 'No model matches' : 'The library is empty'}</h2>
      <p>
        {isFiltered ? (
          <a href={findAddress(unfiltered(query))}>Look without the filters</a>
        ) : isAsked ? (
          'Try fewer or shorter words: the beginning of a word is enough.'
        ) : (
          <a href="/import">Import a folder, or drop files there</a>
        )}
      </p>
    </div>
  );
}

/** The conditions, with collections by their names. */
function useConditions(query: URLSearchParams): readonly Condition[] {
  const collections = useResource('collections', readCollections, areUnheard).value.value;
  return conditions(query, (wanted) => collections?.find(({ id }) => id === wanted)?.path.join(' / '));
}

/** More than 500 are counted behind the page; until then, that they are more. */
function totalOf(listing: Listing): string {
  if (listing.counted.value !== null) return words.counted(listing.counted.value, 'model');
  const total = listing.first.value?.total;
  if (total === undefined) return listing.problem.value === null ? 'Loading…' : '';
  if (total === null) return 'Counting…';
  return total.exact ? words.counted(total.models, 'model') : `More than ${words.counted(total.models, 'model')}`;
}
