// The search of the header: finds while one types, and suggests how the last word may go on.
import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { suggest } from '../data/api.js';
import { Icon } from '../frame/icons.js';
import { address, navigate } from '../frame/router.js';
import * as words from '../frame/words.js';
import { findAddress, withValue } from './query.js';

const afterTypingMs = 120;

/** A text field with a list of suggestions (the combobox pattern): arrows choose, Enter takes, Escape closes. */
export function SearchBox(): VNode {
  const field = useRef<HTMLInputElement>(null);
  const typed = useSignal('');
  const items = useSignal<readonly { readonly text: string; readonly models: number }[]>([]);
  const chosen = useSignal(-1);
  const isOpen = useSignal(false);
  const timer = useRef(0);
  const asked = useRef<AbortController | null>(null);
  const isFind = address.value.path === '/';
  const inAddress = isFind ? (address.value.query.get('q') ?? '') : '';

  // Back, forward and links change what is looked for; typing is ahead of the address.
  useEffect(() => {
    if (timer.current === 0) typed.value = inAddress;
  }, [inAddress]);

  const find = (text: string): void => {
    clearTimeout(timer.current);
    timer.current = 0;
    const query = isFind ? address.value.query : new URLSearchParams();
    // The first letter is a new place in the history, the next ones are the same.
    navigate(findAddress(withValue(query, 'q', text)), {
      replace: isFind && inAddress !== '',
    });
  };
  const ask = (text: string): void => {
    asked.current?.abort();
    if (text.trim() === '') {
      items.value = [];
      return;
    }
    const controller = new AbortController();
    asked.current = controller;
    suggest(text, controller.signal).then(
      (answer) => {
        items.value = answer.items.filter((each) => each.text !== text).slice(0, 8);
        chosen.value = -1;
      },
      () => {
        // Suggestions are a help: the search itself says when the server does not answer.
        items.value = [];
      },
    );
  };
  const close = (): void => {
    isOpen.value = false;
    chosen.value = -1;
  };
  const take = (text: string): void => {
    typed.value = text;
    close();
    find(text);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // Arrows, Enter and Escape choose among the characters that are being composed.
    if (event.isComposing) return;
    const last = items.value.length - 1;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (last < 0) return;
      event.preventDefault();
      isOpen.value = true;
      const step = event.key === 'ArrowDown' ? 1 : -1;
      // -1 is the field itself.
      chosen.value = ((chosen.value + 1 + step + last + 2) % (last + 2)) - 1;
    } else if (event.key === 'Enter') {
      event.preventDefault();
      take(items.value[chosen.value]?.text ?? typed.value);
    } else if (event.key === 'Escape') {
      if (isOpen.value && items.value.length > 0) close();
      else take('');
      event.preventDefault();
    }
  };
  const isShown = isOpen.value && items.value.length > 0;
  return (
    <search class="search">
      <label class="search-field">
        <Icon name="find" />
        <span class="visually-hidden">Search the library</span>
        <input
          ref={field}
          id="search"
          type="text"
          inputMode="search"
          enterkeyhint="search"
          placeholder="Search models"
          // As the server takes it, and short enough for an address.
          maxLength={2_000}
          autocomplete="off"
          spellcheck={false}
          role="combobox"
          aria-expanded={isShown}
          aria-controls="suggestions"
          aria-autocomplete="list"
          aria-activedescendant={isShown && chosen.value >= 0 ? `suggestion-${chosen.value}` : undefined}
          value={typed.value}
          onInput={(event) => {
            const text = event.currentTarget.value;
            typed.value = text;
            isOpen.value = true;
            clearTimeout(timer.current);
            timer.current = window.setTimeout(() => {
              find(text);
              ask(text);
            }, afterTypingMs);
          }}
          onKeyDown={onKeyDown}
          onBlur={close}
        />
      </label>
      <ul id="suggestions" role="listbox" aria-label="Suggestions" hidden={!isShown}>
        {items.value.map(({ text, models }, index) => (
          <li
            key={text}
            id={`suggestion-${index}`}
            role="option"
            aria-selected={index === chosen.value}
            // Before the field loses the focus.
            onMouseDown={(event) => {
              event.preventDefault();
              take(text);
            }}
          >
            <span>{text}</span>
            <span class="quiet-text small">{words.short(models)}</span>
          </li>
        ))}
      </ul>
    </search>
  );
}
