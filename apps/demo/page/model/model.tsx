// A model: the view of its file, what people say about it (each field writes itself when it is left), and what is known.
import './model.css';
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Edit, ModelDetail } from '../../src/serve/contract.js';
import { readModel } from '../data/api.js';
import { allWritten, edit } from '../data/edits.js';
import { Failure } from '../frame/failure.js';
import { useResource } from '../frame/resource.js';
import { address } from '../frame/router.js';
import { nameOf } from '../frame/words.js';
import { Collections } from './collections.js';
import { Facts } from './facts.js';
import { Fields, NameField } from './fields.js';
import { Metadata } from './metadata.js';
import { optimistic } from './optimistic.js';
import { TagInput } from './tag-input.js';
import { Viewer } from './viewer.js';

/** Writes a change of this model; `what` says it in the past tense. `ifVersion` is by default the one that is shown. */
export type Write = (change: Omit<Edit, 'id' | 'ifVersion'>, what: string, ifVersion?: number) => Promise<boolean>;

/** What an address of a model ends with; anything else was typed by somebody. */
const isId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The view of one model. */
export function ModelView({ id }: { readonly id: string }): VNode {
  const resource = useResource(
    id,
    async (signal) => {
      // An answer from between two changes would show the second one undone, until it is written.
      await allWritten();
      return readModel(id, signal);
    },
    (ids) => ids === null || ids.has(id),
  );
  const model = resource.value.value;
  const problem = resource.problem.value;
  useEffect(() => {
    document.title = `${model === null ? 'Model' : nameOf(model.name, model.fileName)} · Candy`;
  }, [model?.name, model?.fileName]);
  if (model === null)
    return problem === null ? (
      <p class="view quiet-text" aria-busy="true">
        Loading…
      </p>
    ) : (
      <div class="view empty" role="alert">
        <h1>{isId.test(id) ? problem.title : 'No such model'}</h1>
        <p>{isId.test(id) ? problem.detail : 'The address names no model of this library.'}</p>
        {problem.status >= 500 && (
          <button type="button" onClick={resource.reload}>
            Try again
          </button>
        )}
        <a href="/">Look through the library</a>
      </div>
    );
  const write: Write = async (change, what, ifVersion = model.version) => {
    // Shown before the server answers; what it answers, or a conflict, is read after it.
    resource.value.value = optimistic(model, change);
    // Tags and collections of several people add up: they ask for no version.
    const written = edit([{ id, ...((change.set ?? change.metadata) && { ifVersion }), ...change }], what);
    // In place of an answer that is under way, which does not know of it.
    resource.reload();
    return written;
  };
  return (
    <div class="view model">
      <p class="small">
        <a href="/" onClick={goBack}>
          ← Back to the list
        </a>
      </p>
      <Failure problem={problem} onRetry={resource.reload} />
      <div class="model-columns">
        <div class="stack">
          <Viewer model={model} />
          <Facts model={model} />
        </div>
        <div class="stack">
          <section class="panel stack" aria-label="What people say about it">
            <NameField model={model} write={write} />
            <Fields model={model} write={write} />
            <Tags model={model} write={write} />
            <Collections model={model} write={write} />
          </section>
          <Metadata model={model} write={write} />
        </div>
      </div>
    </div>
  );
}

function Tags({ model, write }: { readonly model: ModelDetail; readonly write: Write }): VNode {
  return (
    <TagInput
      label="Tags"
      tags={model.tags}
      onChange={(tags) => {
        const add = tags.filter((tag) => !model.tags.includes(tag));
        const remove = model.tags.filter((tag) => !tags.includes(tag));
        void write(
          { tags: { add, remove } },
          add.length > 0 ? `Tagged ${add.join(', ')}` : `Tag ${remove[0]} taken off`,
        );
      }}
    />
  );
}

/** Back to where this page was reached from, as it was; a link that was sent leads to the list. */
function goBack(event: MouseEvent): void {
  if (address.peek().depth === 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.back();
}
