// Tags as chips, with a field for the next one that suggests those of the library.
import type { VNode } from 'preact';
import { useId, useState } from 'preact/hooks';
import { readSummary } from '../data/api.js';
import { useResource } from '../frame/resource.js';
import { say } from '../frame/toast.js';

/** As the server takes them. */
const longest = 200;
const mostAtOnce = 100;

/** The tags, each with a button that takes it off, and the field. */
export function TagInput(props: {
  readonly label: string;
  readonly tags: readonly string[];
  readonly onChange: (tags: readonly string[]) => void;
}): VNode {
  const { label, tags, onChange } = props;
  const id = useId();
  const [text, setText] = useState('');
  const known = useResource('tags', readSummary).value.value?.tags ?? [];
  const isThere = (name: string): boolean => tags.some((tag) => tag.toLowerCase() === name.toLowerCase());
  const take = (): void => {
    const names = text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && !isThere(name));
    if (names.length > mostAtOnce || names.some((name) => name.length > longest)) {
      // What was typed stays, to be made shorter.
      say(`A tag may have ${longest} characters, and ${mostAtOnce} can be put on at once.`, { isError: true });
      return;
    }
    setText('');
    if (names.length > 0) onChange([...tags, ...new Set(names)]);
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="row">
        <ul class="plain row" aria-label="Tags">
          {tags.map((tag) => (
            <li class="chip" key={tag}>
              {tag}
              <button
                type="button"
                class="quiet icon"
                aria-label={`Take tag ${tag} off`}
                onClick={() => onChange(tags.filter((each) => each !== tag))}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
        <input
          id={id}
          class="tag-field"
          list={`${id}-known`}
          placeholder="Add a tag"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            // Enter chooses among the characters that are being composed.
            if (event.isComposing || (event.key !== 'Enter' && event.key !== ',')) return;
            event.preventDefault();
            take();
          }}
          onChange={take}
        />
        <datalist id={`${id}-known`}>
          {known
            .filter(({ name }) => !isThere(name))
            .map(({ name }) => (
              <option key={name} value={name} />
            ))}
        </datalist>
      </div>
    </div>
  );
}
