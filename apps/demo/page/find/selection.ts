// Which models are marked, to be changed together. They stay marked while one looks for more.
import { signal } from '@preact/signals';
import type { ModelCard } from '../../src/serve/contract.js';
import { say } from '../frame/toast.js';
import * as words from '../frame/words.js';
import type { Cards } from './listing.js';

/** The marked models, by their ids. */
export const selection = signal<ReadonlyMap<string, ModelCard>>(new Map());

let anchor: string | null = null;

/** Marks a model or takes its mark away; with `through` all from the one before up to it. */
export function select(card: ModelCard, cards: Cards, through: boolean): void {
  const marked = new Map(selection.value);
  const [start = -1, end = -1] = [anchor, card.id].map((id) => cards.findIndex((each) => each?.id === id));
  if (through && start !== -1 && end !== -1) {
    const between = cards.slice(Math.min(start, end), Math.max(start, end) + 1);
    for (const each of between) if (each !== null) marked.set(each.id, each);
    const unmarked = between.filter((each) => each === null).length;
    if (unmarked > 0)
      say(
        `${words.counted(unmarked, 'model')} in between not marked: scroll over them, so that they are loaded, and mark again.`,
        {
          isError: true,
        },
      );
  } else if (!marked.delete(card.id)) {
    marked.set(card.id, card);
  }
  anchor = card.id;
  selection.value = marked;
}

/** Takes all marks away. */
export function clearSelection(): void {
  anchor = null;
  selection.value = new Map();
}
