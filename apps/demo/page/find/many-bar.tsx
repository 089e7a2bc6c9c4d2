// What can be done with the marked models: one edit for all of them, all or none.
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Edit, ModelCard } from '../../src/serve/contract.js';
import { readCollections } from '../data/api.js';
import { edit } from '../data/edits.js';
import { areUnheard } from '../data/events.js';
import { Dialog } from '../frame/dialog.js';
import { useResource } from '../frame/resource.js';
import * as words from '../frame/words.js';
import { TagInput } from '../model/tag-input.js';
import { clearSelection, selection } from './selection.js';

/** As the server takes them: all of them are one transaction. */
const mostAtOnce = 1_000;

/** A bar at the bottom while models are marked. */
export function ManyBar(): VNode | null {
  const [isEditing, setEditing] = useState(false);
  const marked = [...selection.value.values()];
  if (marked.length === 0) return null;
  const each = (change: Omit<Edit, 'id' | 'ifVersion'>): readonly Edit[] =>
    marked.map(({ id, version }) => ({ id, ...(change.set && { ifVersion: version }), ...change }));
  const write = async (change: Omit<Edit, 'id' | 'ifVersion'>, what: string): Promise<void> => {
    if (await edit(each(change), `${what}: ${words.counted(marked.length, 'model')}`)) clearSelection();
  };
  const areTooMany = marked.length > mostAtOnce;
  const areFavorites = marked.every(({ favorite }) => favorite);
  const areArchived = marked.every(({ status }) => status === 'archived');
  return (
    <div class="many" role="region" aria-label="Selected models">
      <strong aria-live="polite">
        {words.count(marked.length)} selected
        {areTooMany && `, and ${words.count(mostAtOnce)} can be changed at once`}
      </strong>
      <button type="button" class="primary" disabled={areTooMany} onClick={() => setEditing(true)}>
        Edit…
      </button>
      <button
        type="button"
        disabled={areTooMany}
        onClick={() =>
          void write(
            { set: { favorite: !areFavorites } },
            areFavorites ? 'No favorites any more' : 'Marked as favorites',
          )
        }
      >
        {areFavorites ? 'No favorites' : 'Favorites'}
      </button>
      <button
        type="button"
        disabled={areTooMany}
        onClick={() =>
          void write(
            { set: { status: areArchived ? 'active' : 'archived' } },
            areArchived ? 'Brought back' : 'Archived',
          )
        }
      >
        {areArchived ? 'Bring back' : 'Archive'}
      </button>
      <button type="button" class="quiet" onClick={clearSelection}>
        Clear
      </button>
      {isEditing && <ManyDialog marked={marked} write={write} onClose={() => setEditing(false)} />}
    </div>
  );
}

function ManyDialog(props: {
  readonly marked: readonly ModelCard[];
  readonly write: (change: Omit<Edit, 'id' | 'ifVersion'>, what: string) => Promise<void>;
  readonly onClose: () => void;
}): VNode {
  const { marked, write, onClose } = props;
  const [add, setAdd] = useState<readonly string[]>([]);
  const [remove, setRemove] = useState<readonly string[]>([]);
  const [rating, setRating] = useState('');
  const [printed, setPrinted] = useState('');
  const [collection, setCollection] = useState('');
  const collections = useResource('collections', readCollections, areUnheard).value.value ?? [];
  const there = [...new Set(marked.flatMap(({ tags }) => tags))].sort((a, b) => a.localeCompare(b));
  const set = {
    ...(rating !== '' && { rating: rating === 'none' ? null : Number(rating) }),
    ...(printed !== '' && { printedAt: printed === 'never' ? null : new Date().toISOString() }),
  };
  const change: Omit<Edit, 'id' | 'ifVersion'> = {
    ...(Object.keys(set).length > 0 && { set }),
    ...((add.length > 0 || remove.length > 0) && { tags: { add: [...add], remove: [...remove] } }),
    ...(collection !== '' && { collections: { add: [{ id: collection }] } }),
  };
  return (
    <Dialog title={`Edit ${words.counted(marked.length, 'model')}`} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          onClose();
          if (Object.keys(change).length > 0) void write(change, 'Changed');
        }}
      >
        <TagInput label="Add tags" tags={add} onChange={setAdd} />
        {there.length > 0 && (
          <fieldset>
            <legend>Take tags away</legend>
            <div class="row">
              {there.slice(0, 40).map((tag) => (
                <button
                  key={tag}
                  type="button"
                  aria-pressed={remove.includes(tag)}
                  onClick={() =>
                    setRemove(remove.includes(tag) ? remove.filter((each) => each !== tag) : [...remove, tag])
                  }
                >
                  {tag}
                </button>
              ))}
            </div>
          </fieldset>
        )}
        <label class="field">
          <span>Rating</span>
          <select value={rating} onChange={(event) => setRating(event.currentTarget.value)}>
            <option value="">As it is</option>
            <option value="none">None</option>
            {[0, 1, 2, 3, 4, 5].map((stars) => (
              <option key={stars} value={stars}>
                {words.counted(stars, 'star')}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>Printed</span>
          <select value={printed} onChange={(event) => setPrinted(event.currentTarget.value)}>
            <option value="">As it is</option>
            <option value="now">Now</option>
            <option value="never">Never</option>
          </select>
        </label>
        <label class="field">
          <span>Add to collection</span>
          <select value={collection} onChange={(event) => setCollection(event.currentTarget.value)}>
            <option value="">None</option>
            {collections.map(({ id, path }) => (
              <option key={id} value={id}>
                {path.join(' / ')}
              </option>
            ))}
          </select>
        </label>
        <footer class="row">
          <button type="submit" class="primary">
            Write
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
