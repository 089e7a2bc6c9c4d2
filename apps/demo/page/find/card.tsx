// One model among others: in the grid a picture with its name, in the list a line.
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ModelCard } from '../../src/serve/contract.js';
import { isConnected } from '../data/events.js';
import { Icon } from '../frame/icons.js';
import * as words from '../frame/words.js';
import { Marked } from './marked.js';

/** What both kinds of card take. */
export interface CardProps {
  readonly card: ModelCard;
  readonly isSelected: boolean;
  readonly onSelect: (through: boolean) => void;
}

/** A card of the grid. */
export function GridCard({ card, isSelected, onSelect }: CardProps): VNode {
  return (
    <article class={isSelected ? 'card selected' : 'card'}>
      <Picture card={card} />
      <Mark card={card} isSelected={isSelected} onSelect={onSelect} />
      <div class="card-text">
        <Name card={card} />
        <p class="quiet-text small">{figuresOf(card)}</p>
        <Where card={card} />
      </div>
    </article>
  );
}

/** A line of the list. */
export function ListCard({ card, isSelected, onSelect }: CardProps): VNode {
  return (
    <article class={isSelected ? 'line selected' : 'line'}>
      <Mark card={card} isSelected={isSelected} onSelect={onSelect} />
      <Picture card={card} />
      <div class="line-name">
        <Name card={card} />
        <Where card={card} />
      </div>
      <p class="line-tags small">
        {card.tags.slice(0, 4).map((tag) => (
          <span class="chip" key={tag}>
            {tag}
          </span>
        ))}
      </p>
      <p class="line-figures quiet-text small">{figuresOf(card)}</p>
    </article>
  );
}

function Name({ card }: { readonly card: ModelCard }): VNode {
  const name = words.nameOf(card.name, card.fileName);
  return (
    <h2>
      <a href={`/models/${card.id}`} data-card={card.id} dir="auto">
        <Marked parts={name === card.name ? card.highlight?.name : undefined} text={name} />
      </a>
    </h2>
  );
}

function Mark(props: CardProps): VNode {
  return (
    <input
      type="checkbox"
      class="mark"
      aria-label={`Select ${words.nameOf(props.card.name, props.card.fileName)}`}
      checked={props.isSelected}
      onClick={(event) => props.onSelect(event.shiftKey)}
    />
  );
}

/** The picture; the format in letters until it is there, and where there is none. */
function Picture({ card }: { readonly card: ModelCard }): VNode {
  const [shown, setShown] = useState<string | null>(null);
  const [missing, setMissing] = useState<string | null>(null);
  const connected = isConnected.value;
  // What was not there while the server was away may be there again.
  useEffect(() => setMissing(null), [connected]);
  // What could not be measured has no picture: asking for it would be in vain.
  const url = card.parseStatus === 'unparsed' ? null : card.pictureUrl;
  return (
    <div class="picture" aria-hidden="true">
      {(url === null || shown !== url) && <span class="format">{card.format}</span>}
      {url !== null && missing !== url && (
        <img
          src={url}
          alt=""
          loading="lazy"
          decoding="async"
          onLoad={() => setShown(url)}
          onError={() => setMissing(url)}
        />
      )}
      <span class="badges">
        {card.favorite && <Icon name="heart" />}
        {card.printedAt !== null && <Icon name="printed" />}
      </span>
    </div>
  );
}

/** Where the words were found when it was not in the name. */
function Where({ card }: { readonly card: ModelCard }): VNode | null {
  const { highlight } = card;
  const found =
    highlight &&
    !highlight.name.some(({ match }) => match) &&
    [highlight.tags, highlight.fileName, highlight.description].find((parts) => parts.some(({ match }) => match));
  return found ? (
    <p class="where small quiet-text">
      <Marked parts={found} text="" />
    </p>
  ) : null;
}

function figuresOf(card: ModelCard): string {
  return [
    card.format.toUpperCase(),
    words.bytes(card.fileSize),
    card.rating === null ? '' : `${card.rating} ★`,
    card.status === 'active' ? '' : card.status,
  ]
    .filter((each) => each !== '')
    .join(' · ');
}
