// Keeps what is looked for under a name.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { readSearches, removeSearch, saveSearch } from '../data/api.js';
import { remember, reversible, sayProblem } from '../data/edits.js';
import { Dialog } from '../frame/dialog.js';
import { conditions, withValue } from './query.js';

/** Asks for the name. */
export function SaveDialog(props: { readonly query: URLSearchParams; readonly onClose: () => void }): VNode {
  const { query, onClose } = props;
  const said = [query.get('q') ?? '', ...conditions(query).map(({ label }) => label)].filter((each) => each !== '');
  const [name, setName] = useState(said.join(', ').slice(0, 200));
  const save = async (): Promise<void> => {
    // How it is shown is no part of what is looked for.
    const kept = withValue(query, 'view', null).toString();
    try {
      const before = await readSearches();
      const saved = await saveSearch(name, kept);
      const replaced = before.find((each) => each.name === saved.name);
      onClose();
      remember(
        reversible(
          `Search “${name}” saved`,
          () => (replaced === undefined ? removeSearch(saved.name) : saveSearch(replaced.name, replaced.query)),
          () => saveSearch(name, kept),
        ),
      );
    } catch (error) {
      sayProblem(error);
    }
  };
  return (
    <Dialog title="Save this search" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <label class="field">
          <span>Name. A search that has it is replaced.</span>
          <input required maxLength={200} value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <footer class="row">
          <button type="submit" class="primary">
            Save
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
