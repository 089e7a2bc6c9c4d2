// Saved searches and collections: what the person has put under a name.
import './lists.css';
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { SavedSearch } from '../../src/serve/contract.js';
import {
  makeCollection,
  type PlacedCollection,
  readCollections,
  readSearches,
  removeCollection,
  removeSearch,
  renameCollection,
  saveSearch,
} from '../data/api.js';
import { remember, reversible, sayProblem } from '../data/edits.js';
import { Failure } from '../frame/failure.js';
import { useResource } from '../frame/resource.js';
import { say } from '../frame/toast.js';
import * as words from '../frame/words.js';

/** The view of what was saved. */
export function Saved(): VNode {
  const searches = useResource('searches', readSearches);
  const collections = useResource('collections', readCollections);
  useEffect(() => {
    document.title = 'Saved · Candy';
  }, []);
  return (
    <div class="view narrow stack">
      <h1>Saved</h1>
      <section class="panel">
        <h2>Searches</h2>
        <Failure problem={searches.problem.value} onRetry={searches.reload} />
        {searches.value.value?.length === 0 && (
          <p class="quiet-text">None yet. Look for something in Find and save it there.</p>
        )}
        <ul class="plain links">
          {searches.value.value?.map((search) => (
            <Search key={search.name} search={search} reload={searches.reload} />
          ))}
        </ul>
      </section>
      <section class="panel">
        <h2>Collections</h2>
        <Failure problem={collections.problem.value} onRetry={collections.reload} />
        {collections.value.value?.length === 0 && <p class="quiet-text">None yet.</p>}
        <ul class="plain links">
          {collections.value.value?.map((collection) => (
            <Collection key={collection.id} collection={collection} reload={collections.reload} />
          ))}
        </ul>
        <NewCollection reload={collections.reload} />
      </section>
    </div>
  );
}

function Search({ search, reload }: { readonly search: SavedSearch; readonly reload: () => void }): VNode {
  const { name, query } = search;
  const remove = async (): Promise<void> => {
    try {
      await removeSearch(name);
      reload();
      const bring = async (): Promise<void> => {
        await saveSearch(name, query);
        reload();
      };
      const again = async (): Promise<void> => {
        await removeSearch(name);
        reload();
      };
      remember(reversible(`Search “${name}” removed`, bring, again));
    } catch (error) {
      sayProblem(error);
    }
  };
  return (
    <li class="row spread">
      <span>
        <a href={query === '' ? '/' : `/?${query}`}>{name}</a>{' '}
        <span class="quiet-text small">saved {words.ago(search.createdAt)}</span>
      </span>
      <button type="button" class="quiet icon" aria-label={`Remove the search ${name}`} onClick={() => void remove()}>
        ×
      </button>
    </li>
  );
}

function Collection(props: { readonly collection: PlacedCollection; readonly reload: () => void }): VNode {
  const { collection, reload } = props;
  const [isNaming, setNaming] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const [name, setName] = useState(collection.name);
  const rename = async (): Promise<void> => {
    const before = collection.name;
    const give = async (given: string): Promise<void> => {
      await renameCollection(collection.id, given);
      reload();
    };
    try {
      await give(name);
      setNaming(false);
      remember(
        reversible(
          `Collection “${before}” is “${name}” now`,
          () => give(before),
          () => give(name),
        ),
      );
    } catch (error) {
      sayProblem(error);
    }
  };
  const remove = async (): Promise<void> => {
    try {
      await removeCollection(collection.id);
      say(`Collection “${collection.name}” removed.`);
      reload();
    } catch (error) {
      sayProblem(error);
    }
  };
  if (isNaming)
    return (
      <li>
        <form
          class="row"
          onSubmit={(event) => {
            event.preventDefault();
            void rename();
          }}
        >
          <input
            aria-label="Name of the collection"
            required
            maxLength={500}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
          <button type="submit">Rename</button>
          <button type="button" class="quiet" onClick={() => setNaming(false)}>
            Cancel
          </button>
        </form>
      </li>
    );
  return (
    <li class="row spread">
      <span>
        <a href={`/?collectionsAny=${collection.id}`}>{collection.path.join(' / ')}</a>{' '}
        <span class="quiet-text small">{words.counted(collection.models, 'model')}</span>
      </span>
      {isAsking ? (
        <span class="row">
          <span class="small" role="alert">
            Remove it? Its models stay; it cannot be brought back.
          </span>
          <button type="button" onClick={() => void remove()}>
            Remove
          </button>
          <button type="button" class="quiet" ref={focusOn} onClick={() => setAsking(false)}>
            Keep
          </button>
        </span>
      ) : (
        <span class="row">
          <button
            type="button"
            class="quiet small"
            aria-label={`Rename ${collection.name}`}
            onClick={() => setNaming(true)}
          >
            Rename
          </button>
          <button
            type="button"
            class="quiet icon"
            aria-label={`Remove ${collection.name}`}
            onClick={() => setAsking(true)}
          >
            ×
          </button>
        </span>
      )}
    </li>
  );
}

/** What does no harm has the focus first. */
function focusOn(button: HTMLButtonElement | null): void {
  button?.focus();
}

function NewCollection({ reload }: { readonly reload: () => void }): VNode {
  const [name, setName] = useState('');
  const make = async (): Promise<void> => {
    try {
      await makeCollection({ name });
      say(`Collection “${name}” made.`);
      setName('');
      reload();
    } catch (error) {
      sayProblem(error);
    }
  };
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <input
        aria-label="Name of a new collection"
        placeholder="A new collection"
        required
        maxLength={500}
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <button type="submit">Make</button>
    </form>
  );
}
