// Two have changed the same: both values side by side, and which one stays.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { contest } from '../data/edits.js';
import { placeOf, settle } from '../data/settle.js';
import { Dialog } from '../frame/dialog.js';
import { valueText } from './metadata-value.js';

/** Shown while there is something to choose. */
export function ContestDialog(): VNode | null {
  const [mine, setMine] = useState<ReadonlySet<string>>(new Set());
  const open = contest.value;
  if (open === null) return null;
  const close = (): void => {
    setMine(new Set());
    contest.value = null;
  };
  const choose = (place: string, isMine: boolean): void => {
    const chosen = new Set(mine);
    if (isMine) chosen.add(place);
    else chosen.delete(place);
    setMine(chosen);
  };
  return (
    <Dialog title="Changed by somebody else meanwhile" onClose={close}>
      <p>Nothing has been written yet. Choose what stays:</p>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          setMine(new Set());
          void settle(open, mine);
        }}
      >
        {open.conflict.conflicts.map(({ id, name, fields }) => (
          <section key={id}>
            <h3>{name ?? 'A model that is not in the library any more'}</h3>
            {fields.map(({ field, yours, theirs }) => {
              const place = placeOf(id, field);
              return (
                <fieldset class="contest" key={field}>
                  <legend>{field.replace(/^metadata\./, '')}</legend>
                  {[
                    { isMine: false, label: 'Theirs, as it is now', value: theirs },
                    { isMine: true, label: 'Yours', value: yours },
                  ].map(({ isMine, label, value }) => (
                    <label key={label}>
                      <input
                        type="radio"
                        name={place}
                        checked={mine.has(place) === isMine}
                        onChange={() => choose(place, isMine)}
                      />
                      <span>
                        <span class="quiet-text small">{label}</span>
                        <br />
                        {valueText(value)}
                      </span>
                    </label>
                  ))}
                </fieldset>
              );
            })}
          </section>
        ))}
        <footer class="row">
          <button type="button" onClick={close}>
            Leave all as it is
          </button>
          <button type="submit" class="primary">
            Write what I chose
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
