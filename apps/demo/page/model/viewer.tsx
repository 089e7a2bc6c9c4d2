// The view of a model's file: three.js comes with the first model that is looked at. Small files load by themselves, large
// ones when they are asked for; loading shows how far it is and can be stopped.
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ModelDetail } from '../../src/serve/contract.js';
import { isConnected, missServer } from '../data/events.js';
import { AnswerProblem } from '../data/problem.js';
import { isDark, theme } from '../frame/theme.js';
import * as words from '../frame/words.js';
import { sizeText } from './facts.js';
import type { Stage } from './stage.js';

const viewable = new Set(['stl', 'obj', 'ply', '3mf', 'glb', 'gltf']);
const loadsByItselfBytes = 30_000_000;

type State =
  | { readonly is: 'waiting' | 'shown' }
  /** `loaded` is null before the file is asked for: the program that shows it comes first. */
  | { readonly is: 'loading'; readonly loaded: number | null }
  /** `isUnheard`: the server has not answered, or not to the end. */
  | { readonly is: 'failed'; readonly why: string; readonly isUnheard: boolean };

/** The view, or why there is none. */
export function Viewer({ model }: { readonly model: ModelDetail }): VNode {
  const canView = viewable.has(model.format) && model.status !== 'missing';
  const place = useRef<HTMLDivElement>(null);
  const stage = useRef<Stage | null>(null);
  const loading = useRef<AbortController | null>(null);
  const [state, setState] = useState<State>({ is: 'waiting' });
  const [isWireframe, setWireframe] = useState(false);
  const [hasGrid, setGrid] = useState(true);
  const [isZUp, setZUp] = useState(model.format !== 'glb' && model.format !== 'gltf');

  const load = async (): Promise<void> => {
    loading.current?.abort();
    const controller = new AbortController();
    loading.current = controller;
    setState({ is: 'loading', loaded: null });
    try {
      const [{ openStage }, { fetchBytes, shapeOf }] = await unlessUnheard(
        Promise.all([import('./stage.js'), import('./read-shape.js')]),
      );
      const told = (loaded: number | null): void => setState({ is: 'loading', loaded });
      const shape = await shapeOf(model, await unlessUnheard(fetchBytes(model.fileUrl, controller.signal, told)));
      controller.signal.throwIfAborted();
      if (place.current === null) return;
      stage.current ??= openStage(place.current);
      stage.current.show(shape);
      stage.current.dress({ isWireframe, hasGrid, isZUp, isDark: isDark() });
      setState({ is: 'shown' });
    } catch (error) {
      // Another one is under way, which says itself how far it is.
      if (loading.current !== controller) return;
      // Stopped by the person, or by leaving: no failure.
      if (controller.signal.aborted) setState({ is: 'waiting' });
      else {
        if (error instanceof Unheard) missServer();
        setState({ is: 'failed', why: reasonOf(error), isUnheard: error instanceof Unheard });
      }
    }
  };
  // An edit makes the model another object, but the file on the stage stays.
  useEffect(() => {
    if (canView && model.fileSize <= loadsByItselfBytes) void load();
    return () => loading.current?.abort();
  }, [model.fileUrl, canView]);
  const connected = isConnected.value;
  useEffect(() => {
    if (connected && state.is === 'failed' && state.isUnheard) void load();
  }, [connected]);
  useEffect(
    () => () => {
      stage.current?.close();
      stage.current = null;
    },
    [],
  );
  const dark = isDark();
  useEffect(
    () => stage.current?.dress({ isWireframe, hasGrid, isZUp, isDark: dark }),
    [isWireframe, hasGrid, isZUp, dark, theme.value],
  );
  if (!canView)
    return (
      <section class="panel viewer-none" aria-label="View">
        <p class="quiet-text">
          {model.status === 'missing'
            ? 'The file is not at its place, so that it cannot be shown.'
            : `${model.format.toUpperCase()} files cannot be shown here; the download opens them in the program they are for.`}
        </p>
      </section>
    );
  return (
    <section class="panel viewer" aria-label="View">
      <div
        class="stage"
        ref={place}
        role="img"
        tabindex={state.is === 'shown' ? 0 : undefined}
        aria-label={`${words.nameOf(model.name, model.fileName)}, to turn with the mouse, a finger or the arrow keys; plus and minus come closer and go back`}
        onKeyDown={(event) => {
          if (stage.current?.steer(event.key)) event.preventDefault();
        }}
      />
      <Loading
        state={state}
        model={model}
        onStart={() => void load()}
        onStop={() => {
          loading.current?.abort();
          setState({ is: 'waiting' });
        }}
      />
      {state.is === 'shown' && (
        <div class="row viewer-tools">
          <button type="button" aria-pressed={isWireframe} onClick={() => setWireframe(!isWireframe)}>
            Wireframe
          </button>
          <button type="button" aria-pressed={hasGrid} onClick={() => setGrid(!hasGrid)}>
            Grid
          </button>
          <button type="button" onClick={() => setZUp(!isZUp)}>
            Up: {isZUp ? 'Z' : 'Y'}
          </button>
          <button type="button" onClick={() => stage.current?.reset()}>
            Reset
          </button>
          <span class="quiet-text small size">{sizeText(model)}</span>
        </div>
      )}
    </section>
  );
}

/** No server, or none to the end of the file. */
class Unheard extends Error {}

async function unlessUnheard<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    // What fetch and import say of it differs from browser to browser.
    throw error instanceof TypeError
      ? new Unheard('the server stopped answering. It is loaded again when the server is back.')
      : error;
  }
}

/** The server says what to do; a loader says what it does not understand. */
function reasonOf(error: unknown): string {
  if (error instanceof AnswerProblem) return error.told.detail;
  return error instanceof Error ? error.message : String(error);
}

function Loading(props: {
  readonly state: State;
  readonly model: ModelDetail;
  readonly onStart: () => void;
  readonly onStop: () => void;
}): VNode | null {
  const { state, model } = props;
  if (state.is === 'shown') return null;
  return (
    <div class="stage-cover">
      {state.is === 'loading' && (
        <>
          <label class="field">
            <span>
              {state.loaded === null
                ? 'Getting ready to show it…'
                : `${words.bytes(state.loaded)} of ${words.bytes(model.fileSize)}`}
            </span>
            <progress max={model.fileSize} value={state.loaded ?? undefined} />
          </label>
          <button type="button" onClick={props.onStop}>
            Stop
          </button>
        </>
      )}
      {state.is === 'waiting' && (
        <button type="button" class="primary" onClick={props.onStart}>
          Load the view ({words.bytes(model.fileSize)})
        </button>
      )}
      {state.is === 'failed' && (
        <div role="alert">
          <p>This file cannot be shown: {state.why}</p>
          <button type="button" onClick={props.onStart}>
            Try again
          </button>
        </div>
      )}
    </div>
  );
}
