// Which models are marked, to be changed together. They stay marked while one looks for more.
import { signal } from '@preact/signals';
import type { ModelCard } from '../../src/serve/contract.js';

/** The marked models, by their ids. */
export const selection = signal<ReadonlyMap<string, ModelCard>>(new Map());

let anchor: string | null = null;

/** Marks a model or takes its mark away; with `through` all from the one before up to it. */
export function select(card: ModelCard, cards: readonly ModelCard[], through: boolean): void {
  const marked = new Map(selection.value);
  const [start, end] = [cards.findIndex(({ id }) => id === anchor), cards.findIndex(({ id }) => id === card.id)];
  if (through && start !== -1 && end !== -1) {
    for (const each of cards.slice(Math.min(start, end), Math.max(start, end) + 1)) marked.set(each.id, each);
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
