// The models of one question, page by page as far as they have been scrolled to. Kept while other views are open, and where
// its pages begin also when the page is loaded again, so that the list is found where it was. Of a page that is not loaded
// only its place is there. When the library changes, the pages on the screen are read again first.
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { ModelCard, ModelsPage } from '../../src/serve/contract.js';
import { countModels, findModels } from '../data/api.js';
import { type Problem, problemOf } from '../data/problem.js';
import { keepPages, knownPages } from './known-pages.js';

const pageSize = 100;
const kept = 6;

interface Page {
  readonly after: string | null;
  /** Null when nothing but its place is known, from before the page was loaded again. */
  readonly answer: ModelsPage | null;
  /** How many models it has, or had. */
  readonly size: number;
  readonly isStale: boolean;
}

/** A model in its place, or null where it is not loaded. */
export type Cards = readonly (ModelCard | null)[];

/** What Find shows. */
export interface Listing {
  readonly question: string;
  /** Each model once, in the order of the answers. */
  readonly cards: ReadonlySignal<Cards>;
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
  /** Keeps its place for when the page is loaded again. */
  keep(): void;
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
  const pages = signal<readonly Page[]>(unloadedPages(question));
  const counted = signal<number | null>(null);
  const isLoading = signal(false);
  const problem = signal<Problem | null>(null);
  const cards = computed(() => eachOnce(pages.value));
  const shown = { from: 0, to: pageSize };
  let keptLength = pages.value.length;
  /** How often the library has changed: an answer that was asked for before a change may be from before it. */
  let told = 0;
  let counts = 0;

  const ahead = (): boolean => {
    const last = pages.value.at(-1);
    if (last === undefined) return true;
    return last.answer?.next != null && shown.to + pageSize > cards.value.length;
  };
  /** The next page to read: the first one for its sums, one on the screen that is old, one near it, or one ahead. */
  const due = (): number | null => {
    if (pages.value[0]?.isStale) return 0;
    for (const around of [0, pageSize]) {
      const old = pages.value.findIndex(({ isStale }, index) => isStale && isShown(index, around));
      if (old !== -1) return old;
    }
    return ahead() ? pages.value.length : null;
  };
  const isShown = (index: number, around: number): boolean =>
    index * pageSize < shown.to + around && (index + 1) * pageSize > shown.from - around;
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
    const before = pages.value[index - 1];
    const after = (before?.answer ? before.answer.next : pages.value[index]?.after) ?? null;
    const toldBefore = told;
    let answer: ModelsPage;
    try {
      answer = await findModels(question, { after, limit: pageSize, facets: index === 0 });
    } catch (error) {
      if (index === 0 || problemOf(error).status !== 400) throw error;
      // A server of another version has other cursors: the list goes on where its loaded beginning ends.
      const unloaded = pages.value.findIndex((page) => page.answer === null);
      if (unloaded === -1) throw error;
      pages.value = pages.value.slice(0, unloaded);
      return;
    }
    if (index === 0) void count(answer);
    const rest = pages.value.slice(index + 1);
    // Where this page ends differently now, the next one begins elsewhere: it is old, whatever it was.
    const [next, ...others] = rest;
    const moved = next !== undefined && next.after !== answer.next ? [{ ...next, isStale: true }, ...others] : rest;
    const remaining = answer.next === null ? [] : moved;
    const page = { after, answer, size: answer.items.length, isStale: told !== toldBefore };
    pages.value = [...pages.value.slice(0, index), page, ...remaining];
  };

  /** Behind the page: counting many may take longer than finding the first ones. */
  const count = async ({ total, corrected, matching }: ModelsPage): Promise<void> => {
    // A total of what is near is one of another question.
    const isCounted = total?.exact === true || corrected !== null || matching === 'some';
    counts += 1;
    const count = counts;
    // The page itself says when the server does not answer; "more than" stays true.
    const found = isCounted ? null : await countModels(question).catch(() => null);
    // One that was begun later knows more.
    if (count === counts) counted.value = found;
  };

  return {
    question,
    cards,
    counted,
    first: computed(() => pages.value[0]?.answer ?? null),
    hasMore: computed(() => pages.value.length === 0 || pages.value.at(-1)?.answer?.next !== null),
    isLoading,
    problem,
    show(from, to) {
      shown.from = from;
      shown.to = to;
      if (problem.value === null && due() !== null) void load();
    },
    refresh() {
      told += 1;
      pages.value = pages.value.map((page) => ({ ...page, isStale: true }));
      // What is wrong stays until the answer is there: what somebody is about to press must not go.
      void load();
    },
    keep() {
      const { length } = pages.value;
      if (length < 2 || length === keptLength) return;
      keptLength = length;
      const cursors = pages.value.slice(1).map(({ after }) => after ?? '');
      keepPages(question, { cursors, last: pages.value.at(-1)?.size ?? pageSize });
    },
  };
}

function unloadedPages(question: string): readonly Page[] {
  const known = knownPages(question);
  if (known === null) return [];
  const cursors = [null, ...known.cursors];
  return cursors.map((after, index) => ({
    ...{ after, answer: null, isStale: true },
    size: index === cursors.length - 1 ? known.last : pageSize,
  }));
}

/** A model that moved between two pages while they were read would be there twice. */
function eachOnce(pages: readonly Page[]): Cards {
  const seen = new Set<string>();
  return pages.flatMap(
    ({ answer, size }): Cards =>
      answer === null ? Array(size).fill(null) : answer.items.filter(({ id }) => !seen.has(id) && seen.add(id)),
  );
}
