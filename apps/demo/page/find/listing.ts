// The models of one question, page by page as far as they have been scrolled to. Kept while other views are open, so that
// going back finds the list where it was. When the library changes, the pages on the screen are read again first.
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { ModelCard, ModelsPage } from '../../src/serve/contract.js';
import { countModels, findModels } from '../data/api.js';
import { type Problem, problemOf } from '../data/problem.js';

const pageSize = 100;
const kept = 6;

interface LoadedPage {
  readonly after: string | null;
  readonly answer: ModelsPage;
  readonly isStale: boolean;
}

/** What Find shows. */
export interface Listing {
  /** Each model once, in the order of the answers. */
  readonly cards: ReadonlySignal<readonly ModelCard[]>;
  /** The first answer: sums, facets, what was corrected. Null before it has come. */
  readonly first: ReadonlySignal<ModelsPage | null>;
  /** How many there are, once they were counted: where the first answer only tells that they are many. */
  readonly counted: ReadonlySignal<number | null>;
  readonly hasMore: ReadonlySignal<boolean>;
  readonly isLoading: Signal<boolean>;
  readonly problem: Signal<Problem | null>;
  /** Says which of the cards are on the screen: more are loaded before the end is reached. */
  show(from: number, to: number): void;
  /** Reads again what is on the screen, the rest when it comes there. */
  refresh(): void;
  /** Changes cards here, before the server has answered. */
  patch(change: (card: ModelCard) => ModelCard): void;
}

const listings = new Map<string, Listing>();

/** The listing of a question: the one that was there before, or a new one. */
export function listingOf(question: string): Listing {
  const listing = listings.get(question) ?? makeListing(question);
  // The one used last is at the end; the oldest go.
  listings.delete(question);
  listings.set(question, listing);
  for (const oldest of [...listings.keys()].slice(0, -kept)) listings.delete(oldest);
  return listing;
}

/** Every listing that is kept: those that are not on the screen are read again when they come there. */
export function allListings(): Iterable<Listing> {
  return listings.values();
}

function makeListing(question: string): Listing {
  const pages = signal<readonly LoadedPage[]>([]);
  const counted = signal<number | null>(null);
  const isLoading = signal(false);
  const problem = signal<Problem | null>(null);
  const cards = computed(() => eachOnce(pages.value.flatMap(({ answer }) => answer.items)));
  const shown = { from: 0, to: pageSize };

  const ahead = (): boolean => {
    const last = pages.value.at(-1);
    if (last === undefined) return true;
    return last.answer.next !== null && shown.to + pageSize > cards.value.length;
  };
  /** The next page to read: one on the screen that is old, the first one for its sums, or one ahead. */
  const due = (): number | null => {
    const old = pages.value.findIndex(({ isStale }, index) => isStale && (index === 0 || isOnScreen(index)));
    if (old !== -1) return old;
    return ahead() ? pages.value.length : null;
  };
  const isOnScreen = (index: number): boolean =>
    index * pageSize < shown.to + pageSize && (index + 1) * pageSize > shown.from - pageSize;
  const load = async (): Promise<void> => {
    if (isLoading.value) return;
    isLoading.value = true;
    try {
      for (let index = due(); index !== null; index = due()) await read(index);
      problem.value = null;
    } catch (error) {
      problem.value = problemOf(error);
    } finally {
      isLoading.value = false;
    }
  };
  const read = async (index: number): Promise<void> => {
    const after = index === 0 ? null : (pages.value[index - 1]?.answer.next ?? null);
    const answer = await findModels(question, { after, limit: pageSize, facets: index === 0 });
    if (index === 0) void count(answer);
    const rest = pages.value.slice(index + 1);
    // Where this page ends differently now, the next one begins elsewhere: it is old, whatever it was.
    const [next, ...others] = rest;
    const moved = next !== undefined && next.after !== answer.next ? [{ ...next, isStale: true }, ...others] : rest;
    const remaining = answer.next === null ? [] : moved;
    pages.value = [...pages.value.slice(0, index), { after, answer, isStale: false }, ...remaining];
  };

  /** Behind the page: counting many may take longer than finding the first ones. */
  const count = async ({ total, corrected, matching }: ModelsPage): Promise<void> => {
    // A total of what is near is one of another question.
    const isCounted = total?.exact === true || corrected !== null || matching === 'some';
    try {
      counted.value = isCounted ? null : await countModels(question);
    } catch {
      // The page itself says when the server does not answer; "more than" stays true.
      counted.value = null;
    }
  };

  return {
    cards,
    counted,
    first: computed(() => pages.value[0]?.answer ?? null),
    hasMore: computed(() => pages.value.length === 0 || pages.value.at(-1)?.answer.next !== null),
    isLoading,
    problem,
    show(from, to) {
      shown.from = from;
      shown.to = to;
      if (problem.value === null && due() !== null) void load();
    },
    refresh() {
      pages.value = pages.value.map((page) => ({ ...page, isStale: true }));
      problem.value = null;
      void load();
    },
    patch(change) {
      pages.value = pages.value.map((page) => ({
        ...page,
        answer: { ...page.answer, items: page.answer.items.map(change) },
      }));
    },
  };
}

/** A model that moved between two pages while they were read would be there twice. */
function eachOnce(cards: readonly ModelCard[]): readonly ModelCard[] {
  const seen = new Set<string>();
  return cards.filter(({ id }) => !seen.has(id) && seen.add(id));
}
