// The fields that people edit. Each is written when it is left, and the message that says so has the way back.
import type { VNode } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { ModelDetail } from '../../src/serve/contract.js';
import { dayOf, momentOf } from '../frame/days.js';
import { Icon } from '../frame/icons.js';
import * as words from '../frame/words.js';
import type { Write } from './model.js';

interface Props {
  readonly model: ModelDetail;
  readonly write: Write;
}

/** The name, which is the heading and a field. */
export function NameField({ model, write }: Props): VNode {
  return (
    <div>
      <h1 class="visually-hidden">{words.nameOf(model.name, model.fileName)}</h1>
      <Text
        version={model.version}
        label="Name"
        maxLength={500}
        class="name-field"
        value={model.name}
        isRequired
        onWrite={(name, ifVersion) => void write({ set: { name } }, 'Name changed', ifVersion)}
      />
    </div>
  );
}

/** Everything else but tags, collections and metadata. */
export function Fields({ model, write }: Props): VNode {
  const [isMore, setMore] = useState(false);
  return (
    <>
      <div class="row">
        <Rating model={model} write={write} />
        <button
          type="button"
          aria-pressed={model.favorite}
          onClick={() =>
            void write({ set: { favorite: !model.favorite } }, model.favorite ? 'No favorite any more' : 'Favorite')
          }
        >
          <Icon name="heart" /> Favorite
        </button>
        <button
          type="button"
          aria-pressed={model.status === 'archived'}
          disabled={model.status === 'missing'}
          onClick={() => {
            const isArchived = model.status === 'archived';
            void write(
              { set: { status: isArchived ? 'active' : 'archived' } },
              isArchived ? 'Brought back' : 'Archived',
            );
          }}
        >
          {model.status === 'missing' ? 'Missing' : 'Archived'}
        </button>
      </div>
      <Printed model={model} write={write} />
      <Text
        version={model.version}
        label="Description"
        value={model.description ?? ''}
        isLong
        onWrite={(text, ifVersion) =>
          void write({ set: { description: text === '' ? null : text } }, 'Description changed', ifVersion)
        }
      />
      {isMore ? (
        <>
          <Text
            version={model.version}
            label="Author"
            maxLength={1_000}
            value={model.author ?? ''}
            onWrite={(text, ifVersion) =>
              void write({ set: { author: text === '' ? null : text } }, 'Author changed', ifVersion)
            }
          />
          <Text
            version={model.version}
            label="License"
            maxLength={1_000}
            value={model.license ?? ''}
            onWrite={(text, ifVersion) =>
              void write({ set: { license: text === '' ? null : text } }, 'License changed', ifVersion)
            }
          />
          <Text
            version={model.version}
            label="Source (address)"
            maxLength={4_096}
            value={model.sourceUrl ?? ''}
            onWrite={(text, ifVersion) =>
              void write({ set: { sourceUrl: text === '' ? null : text } }, 'Source changed', ifVersion)
            }
          />
        </>
      ) : (
        <p class="small row spread">
          <Origin author={model.author} license={model.license} />
          <button type="button" class="quiet small" onClick={() => setMore(true)}>
            Edit author, license, source
          </button>
        </p>
      )}
    </>
  );
}

/** Who made it and what may be done with it, each in a direction of its own: others have written both. */
function Origin({ author, license }: Pick<ModelDetail, 'author' | 'license'>): VNode {
  return (
    <span class="quiet-text">
      {author && (
        <>
          by <bdi>{author}</bdi>
        </>
      )}
      {author && license && ' · '}
      {license && <bdi>{license}</bdi>}
      {!author && !license && 'No author or license'}
    </span>
  );
}

/** A text that is written when the field is left; Escape gives back what was there. */
function Text(props: {
  readonly label: string;
  readonly value: string;
  readonly class?: string;
  readonly isLong?: boolean;
  readonly isRequired?: boolean;
  /** As the server takes it: a browser cuts off what is longer, without a word. */
  readonly maxLength?: number;
  readonly version: number;
  /** `ifVersion`: the version that was on the screen when the typing began, where the value has changed since. */
  readonly onWrite: (text: string, ifVersion: number | undefined) => void;
}): VNode {
  const { value, version } = props;
  const id = useId();
  const [text, setText] = useState(value);
  const begun = useRef<{ readonly value: string; readonly version: number } | null>(null);
  useEffect(() => {
    // What somebody else wrote does not take the text from under the hands of who is typing.
    if (begun.current === null) setText(value);
  }, [value]);
  const leave = (): void => {
    const seen = begun.current ?? { value, version };
    begun.current = null;
    const written = text.trim();
    const isUntouched = written === seen.value.trim();
    if (isUntouched || (props.isRequired && written === '')) setText(value);
    else if (written !== value.trim()) props.onWrite(written, seen.value === value ? undefined : seen.version);
  };
  const shared = {
    id,
    dir: 'auto' as const,
    class: props.class,
    value: text,
    onInput: (event: { readonly currentTarget: { readonly value: string } }) => setText(event.currentTarget.value),
    onFocus: () => {
      begun.current = { value, version };
    },
    onBlur: leave,
    onKeyDown: (event: KeyboardEvent) => {
      // Enter and Escape choose among the characters that are being composed.
      if (event.isComposing) return;
      if (event.key === 'Escape') setText(begun.current?.value ?? value);
      if (event.key === 'Enter' && !props.isLong && event.currentTarget instanceof HTMLElement)
        event.currentTarget.blur();
    },
  };
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.isLong ? <textarea rows={3} {...shared} /> : <input type="text" maxLength={props.maxLength} {...shared} />}
    </div>
  );
}

/** Stars as radio buttons: arrows choose, the first one takes the rating away. */
function Rating({ model, write }: Props): VNode {
  const name = useId();
  const set = (rating: number | null): void =>
    void write({ set: { rating } }, rating === null ? 'Rating taken away' : `Rated ${words.counted(rating, 'star')}`);
  return (
    <fieldset class="rating">
      <legend class="visually-hidden">Rating</legend>
      {[1, 2, 3, 4, 5].map((stars) => (
        <label
          key={stars}
          class={stars <= (model.rating ?? 0) ? 'star on' : 'star'}
          title={words.counted(stars, 'star')}
        >
          <input
            type="radio"
            class="visually-hidden"
            name={name}
            checked={model.rating === stars}
            onChange={() => set(stars)}
          />
          <span aria-hidden="true">★</span>
          <span class="visually-hidden">{words.counted(stars, 'star')}</span>
        </label>
      ))}
      {model.rating !== null && (
        <button type="button" class="quiet icon" aria-label="Take the rating away" onClick={() => set(null)}>
          ×
        </button>
      )}
    </fieldset>
  );
}

function Printed({ model, write }: Props): VNode {
  const id = useId();
  const { printedAt } = model;
  const set = (time: string | null): void =>
    void write({ set: { printedAt: time } }, time === null ? 'Not printed' : 'Printed noted');
  return (
    <div class="row">
      <button type="button" onClick={() => set(new Date().toISOString())}>
        <Icon name="printed" /> Printed now
      </button>
      <label for={id} class="quiet-text small">
        Last printed
      </label>
      <input
        id={id}
        type="date"
        value={printedAt === null ? '' : dayOf(printedAt)}
        onChange={(event) => {
          const day = event.currentTarget.value;
          set(day === '' ? null : momentOf(day, '12:00'));
        }}
      />
      {printedAt === null ? (
        <span class="quiet-text small">never</span>
      ) : (
        <button type="button" class="quiet small" onClick={() => set(null)}>
          Never printed
        </button>
      )}
    </div>
  );
}
