// Import: drop files or name a folder of the server's machine. The server does it, one import after the other, whether
// this page is open or not; what became of each file is told with its reason.
import './import.css';
import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import type { ImportResult, ImportState } from '../../src/serve/contract-care.js';
import { beginImport, readImport, readImports, readSummary, stopImport } from '../data/api.js';
import { sayProblem } from '../data/edits.js';
import { areUnheard, importNews } from '../data/events.js';
import { sending } from '../data/sending.js';
import { Failure } from '../frame/failure.js';
import { Icon } from '../frame/icons.js';
import { useResource } from '../frame/resource.js';
import * as words from '../frame/words.js';
import { droppedFiles, sendFiles, stopSending } from './send-files.js';

/** The view of imports. */
export function Import(): VNode {
  const imports = useResource('imports', readImports, areUnheard);
  const list = imports.value;
  useEffect(() => {
    document.title = 'Import · Candy';
    return importNews.listen((news) => {
      const before = list.value ?? [];
      const isKnown = before.some(({ id }) => id === news.id);
      list.value = isKnown ? before.map((each) => (each.id === news.id ? news : each)) : [news, ...before];
      // An answer that is under way may be from before the news, and the last one is told once.
      if (imports.isLoading.value) imports.reload();
    });
  }, []);
  return (
    <div class="view narrow stack">
      <h1>Import</h1>
      <div class="import-ways">
        <Drop onBegun={imports.reload} />
        <Folder onBegun={imports.reload} />
      </div>
      <section class="stack" aria-label="Imports">
        <Failure problem={imports.problem.value} onRetry={imports.reload} />
        {list.value?.map((each) => (
          <OneImport key={each.id} state={each} />
        ))}
      </section>
    </div>
  );
}

function Drop({ onBegun }: { readonly onBegun: () => void }): VNode {
  const canUpload = useResource('uploads', readSummary, () => false).value.value?.uploads ?? true;
  const isOver = useSignal(false);
  const choose = (event: { readonly currentTarget: HTMLInputElement }): void => {
    const files = [...(event.currentTarget.files ?? [])];
    const named = files.map((file) => ({ name: file.webkitRelativePath || file.name, file }));
    event.currentTarget.value = '';
    void sendFiles(Promise.resolve(named), onBegun);
  };
  return (
    <section
      class={isOver.value ? 'panel drop over' : 'panel drop'}
      aria-label="Drop files"
      onDragOver={(event) => {
        event.preventDefault();
        isOver.value = true;
      }}
      onDragLeave={() => {
        isOver.value = false;
      }}
      onDrop={(event) => {
        event.preventDefault();
        isOver.value = false;
        if (event.dataTransfer && canUpload) void sendFiles(droppedFiles(event.dataTransfer), onBegun);
      }}
    >
      <Icon name="import" />
      {sending.value !== null ? (
        <>
          <label class="field">
            <span>
              {words.count(sending.value.done)} of {words.counted(sending.value.total, 'file')} sent
            </span>
            <progress max={sending.value.total || 1} value={sending.value.done} />
          </label>
          <button type="button" onClick={stopSending}>
            Stop
          </button>
        </>
      ) : canUpload ? (
        <>
          <h2>Drop files or folders here</h2>
          <div class="row">
            <label class="button">
              Choose files
              <input type="file" multiple class="visually-hidden" onChange={choose} />
            </label>
            <label class="button">
              Choose a folder
              <input
                type="file"
                class="visually-hidden"
                onChange={choose}
                ref={(input) => {
                  if (input) input.webkitdirectory = true;
                }}
              />
            </label>
          </div>
        </>
      ) : (
        <p>This library is on a server of its own, which takes no files. Name a folder instead.</p>
      )}
    </section>
  );
}

function Folder({ onBegun }: { readonly onBegun: () => void }): VNode {
  const folder = useSignal('');
  const tagsFromFolders = useSignal(false);
  const begin = async (): Promise<void> => {
    try {
      await beginImport({ folder: folder.value.trim(), tagsFromFolders: tagsFromFolders.value });
      folder.value = '';
      onBegun();
    } catch (error) {
      sayProblem(error);
    }
  };
  return (
    <section class="panel">
      <h2>Or name a folder</h2>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void begin();
        }}
      >
        <label class="field">
          <span>Its whole path, on the machine that Candy runs on. The files stay where they are.</span>
          <input
            required
            maxLength={4_096}
            placeholder="/srv/models"
            spellcheck={false}
            value={folder.value}
            onInput={(event) => {
              folder.value = event.currentTarget.value;
            }}
          />
        </label>
        <label class="row">
          <input
            type="checkbox"
            checked={tagsFromFolders.value}
            onChange={(event) => {
              tagsFromFolders.value = event.currentTarget.checked;
            }}
          />
          The names of folders become tags
        </label>
        <div>
          <button type="submit" class="primary">
            Import
          </button>
        </div>
      </form>
    </section>
  );
}

const states: Readonly<Record<ImportState['state'], string>> = {
  queued: 'waits for the one before',
  running: 'is under way',
  done: 'finished',
  failed: 'has failed',
  stopped: 'was stopped',
};

function OneImport({ state }: { readonly state: ImportState }): VNode {
  const isOpen = useSignal(false);
  const isGoing = state.state === 'queued' || state.state === 'running';
  const counts = Object.entries(state.counts).filter(([, files]) => files > 0);
  // No region: several may have the same name, and regions are for finding one's way.
  return (
    <article class="panel stack" aria-label={state.what}>
      <div class="row spread">
        <h2>
          {state.what} <span class="quiet-text small">{states[state.state]}</span>
        </h2>
        {isGoing && (
          <button type="button" onClick={() => void stopImport(state.id).catch(sayProblem)}>
            Stop
          </button>
        )}
      </div>
      {isGoing && (
        <label class="field">
          <span>
            {state.total === null
              ? `${words.counted(state.done, 'file')} so far`
              : `${words.count(state.done)} of ${words.counted(state.total, 'file')}`}
          </span>
          <progress max={state.total ?? undefined} value={state.total === null ? undefined : state.done} />
        </label>
      )}
      {state.problem !== null && <p class="notice error">{state.problem}</p>}
      <p class="row" role="status">
        {counts.length === 0 && !isGoing && (
          <span class="quiet-text">{state.ignored === 0 ? 'No files were found.' : 'No 3D model is among them.'}</span>
        )}
        {counts.map(([outcome, files]) => (
          <span class="chip" key={outcome}>
            {words.count(files)} {outcome}
          </span>
        ))}
        {state.ignored > 0 && <span class="chip">{words.count(state.ignored)} ignored</span>}
      </p>
      <details
        onToggle={(event) => {
          isOpen.value = event.currentTarget.open;
        }}
      >
        <summary>Each file</summary>
        {isOpen.value && <Files key={state.state} state={state} />}
      </details>
    </article>
  );
}

function Files({ state }: { readonly state: ImportState }): VNode {
  const result = useResource<ImportResult>(
    `${state.id} ${Math.floor(state.done / 50)}`,
    (signal) => readImport(state.id, signal),
    () => false,
  );
  const found = result.value.value;
  if (found === null) return <Failure problem={result.problem.value} onRetry={result.reload} />;
  return (
    <div class="files">
      <table>
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">What became of it</th>
          </tr>
        </thead>
        <tbody>
          {found.files.slice(0, 500).map(({ path, outcome, reason }) => (
            <tr key={path}>
              <td>{path}</td>
              <td>
                {outcome}
                {reason !== null && <span class="quiet-text">: {reason}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {found.files.length + found.more > 500 && (
        <p class="quiet-text small">And {words.count(found.files.length + found.more - 500)} more.</p>
      )}
    </div>
  );
}
