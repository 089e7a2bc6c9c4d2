// Free-form values under keys. Each keeps its type: 1, "1" and yes are three values.
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Edit, ModelDetail } from '../../src/serve/contract.js';
import { fieldText, parseValue, type ValueType, valueText, valueTypes } from './metadata-value.js';
import type { Write } from './model.js';

interface Props {
  readonly model: ModelDetail;
  readonly write: Write;
}

interface Entry {
  readonly key: string;
  readonly type: ValueType;
  readonly value: unknown;
}

/** The values in a table, each with its form. */
export function Metadata({ model, write }: Props): VNode {
  const [editing, setEditing] = useState<string | null>(null);
  const [isAdding, setAdding] = useState(false);
  const set = (key: string, value: unknown, seen: ModelDetail): void =>
    void write(
      { metadata: { set: { [key]: value } as NonNullable<Edit['metadata']>['set'] } },
      `${key} written`,
      // What somebody else has written since the form was opened is not on it.
      textAt(seen, key) === textAt(model, key) ? undefined : seen.version,
    );
  return (
    <section class="panel">
      <div class="row spread">
        <h2>Metadata</h2>
        <button type="button" class="quiet small" aria-expanded={isAdding} onClick={() => setAdding(!isAdding)}>
          Add a value
        </button>
      </div>
      {isAdding && (
        <ValueForm
          model={model}
          entry={null}
          onSave={(key, value, seen) => {
            setAdding(false);
            set(key, value, seen);
          }}
          onCancel={() => setAdding(false)}
        />
      )}
      {model.metadata.length === 0 && !isAdding && <p class="quiet-text">No values yet.</p>}
      <ul class="plain values">
        {model.metadata.map((entry) => (
          <li key={entry.key}>
            {editing === entry.key ? (
              <ValueForm
                model={model}
                entry={entry}
                onSave={(key, value, seen) => {
                  setEditing(null);
                  set(key, value, seen);
                }}
                onCancel={() => setEditing(null)}
              />
            ) : (
              <div class="row spread">
                <span class="value-text">
                  <span class="quiet-text">{entry.key}</span> <span>{valueText(entry.value)}</span>
                </span>
                <span class="row">
                  <button
                    type="button"
                    class="quiet small"
                    aria-label={`Edit ${entry.key}`}
                    onClick={() => setEditing(entry.key)}
                  >
                    Edit
                  </button>
                  <button
                    type="button"
                    class="quiet icon"
                    aria-label={`Remove ${entry.key}`}
                    onClick={() => void write({ metadata: { remove: [entry.key] } }, `${entry.key} removed`)}
                  >
                    ×
                  </button>
                </span>
              </div>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The value under a key as a text; undefined where there is none. */
function textAt({ metadata }: ModelDetail, wanted: string): string | undefined {
  const found = metadata.find(({ key }) => key === wanted);
  return found && JSON.stringify(found.value);
}

function ValueForm(props: {
  readonly model: ModelDetail;
  readonly entry: Entry | null;
  /** `seen`: the model as it was when the form was opened. */
  readonly onSave: (key: string, value: unknown, seen: ModelDetail) => void;
  readonly onCancel: () => void;
}): VNode {
  const { entry } = props;
  const seen = useRef(props.model);
  const [key, setKey] = useState(entry?.key ?? '');
  const [type, setType] = useState<ValueType>(entry?.type ?? 'text');
  const [text, setText] = useState(entry === null ? '' : fieldText(entry.value));
  const [wrong, setWrong] = useState('');
  const form = useRef<HTMLFormElement>(null);
  // A field of one line would take out what parts the others.
  const isOfLines = type === 'text' && entry !== null && fieldText(entry.value).includes('\n');
  const field = {
    'aria-label': 'Value',
    'aria-invalid': wrong !== '',
    placeholder: 'Value',
    value: text,
    onInput: (event: { readonly currentTarget: { readonly value: string } }) => setText(event.currentTarget.value),
  };
  // It was asked for: what is to be typed has the focus.
  useEffect(() => {
    const [first] =
      form.current?.querySelectorAll<HTMLElement>('input:not(:read-only), textarea, select[aria-label="Value"]') ?? [];
    (first ?? form.current?.querySelector('select'))?.focus();
  }, []);
  return (
    <form
      ref={form}
      class="row value-form"
      onSubmit={(event) => {
        event.preventDefault();
        const parsed = parseValue(type, text);
        if ('wrong' in parsed) setWrong(parsed.wrong);
        else props.onSave(key, parsed.value, seen.current);
      }}
    >
      <input
        aria-label="Key"
        placeholder="Key"
        required
        maxLength={200}
        readOnly={entry !== null}
        value={key}
        onInput={(event) => setKey(event.currentTarget.value)}
      />
      <select
        aria-label="Type"
        value={type}
        onChange={(event) => setType(valueTypes.find((each) => each === event.currentTarget.value) ?? 'text')}
      >
        {valueTypes.map((each) => (
          <option key={each} value={each}>
            {each === 'null' ? 'nothing' : each}
          </option>
        ))}
      </select>
      {type === 'boolean' ? (
        <select
          aria-label="Value"
          value={text === 'true' ? 'true' : 'false'}
          onChange={(event) => setText(event.currentTarget.value)}
        >
          <option value="true">yes</option>
          <option value="false">no</option>
        </select>
      ) : (
        type !== 'null' &&
        (isOfLines ? (
          <textarea rows={3} {...field} />
        ) : (
          <input inputMode={type === 'number' ? 'decimal' : undefined} {...field} />
        ))
      )}
      <button type="submit">Save</button>
      <button type="button" class="quiet" onClick={props.onCancel}>
        Cancel
      </button>
      {wrong !== '' && (
        <span class="bad small" role="alert">
          {wrong}
        </span>
      )}
    </form>
  );
}
