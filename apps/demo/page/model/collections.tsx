// The collections that a model lies in, and putting it into another one.
import type { VNode } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { ModelDetail } from '../../src/serve/contract.js';
import { makeCollection, readCollections } from '../data/api.js';
import { sayProblem } from '../data/edits.js';
import { areUnheard } from '../data/events.js';
import { useResource } from '../frame/resource.js';
import type { Write } from './model.js';

const aNewOne = 'new';

/** The collections as chips, and the choice of another one. */
export function Collections({ model, write }: { readonly model: ModelDetail; readonly write: Write }): VNode {
  const id = useId();
  const [isNaming, setNaming] = useState(false);
  const [name, setName] = useState('');
  const all = useResource('collections', readCollections, areUnheard);
  const others = (all.value.value ?? []).filter((each) => !model.collections.some((mine) => mine.id === each.id));
  const add = (collection: string, called: string): void =>
    void write({ collections: { add: [{ id: collection }] } }, `Added to ${called}`);
  const make = async (): Promise<void> => {
    try {
      const made = await makeCollection({ name });
      setNaming(false);
      setName('');
      all.reload();
      add(made.id, name);
    } catch (error) {
      sayProblem(error);
    }
  };
  return (
    <div class="field">
      <label for={id}>Collections</label>
      <div class="row">
        <ul class="plain row" aria-label="Collections">
          {model.collections.map((each) => (
            <li class="chip" key={each.id}>
              <a href={`/?collectionsAny=${each.id}`}>{each.path.join(' / ')}</a>
              <button
                type="button"
                class="quiet icon"
                aria-label={`Take out of ${each.name}`}
                onClick={() => void write({ collections: { remove: [each.id] } }, `Taken out of ${each.name}`)}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
        {isNaming ? (
          <form
            class="row"
            onSubmit={(event) => {
              event.preventDefault();
              void make();
            }}
          >
            <input
              id={id}
              required
              maxLength={500}
              placeholder="Name of the collection"
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
            <button type="submit">Make</button>
          </form>
        ) : (
          <select
            id={id}
            value=""
            onChange={(event) => {
              const chosen = event.currentTarget.value;
              event.currentTarget.value = '';
              const found = others.find((each) => each.id === chosen);
              if (chosen === aNewOne) setNaming(true);
              else if (found) add(found.id, found.name);
            }}
          >
            <option value="">Add to…</option>
            {others.map((each) => (
              <option key={each.id} value={each.id}>
                {each.path.join(' / ')}
              </option>
            ))}
            <option value={aNewOne}>A new collection…</option>
          </select>
        )}
      </div>
    </div>
  );
}
