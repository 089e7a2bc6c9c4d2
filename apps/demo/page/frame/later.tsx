// A view that comes when it is wanted, so that the first one is here at once.
import type { FunctionComponent, VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { isConnected, missServer } from '../data/events.js';

/** Why a view is not here: the server is away, or has it no more. */
type Lack = 'away' | 'gone';

/** Shows what `load` brings; until then a line that says so. */
export function Later({ load }: { readonly load: () => Promise<FunctionComponent> }): VNode {
  const [view, setView] = useState<{ readonly View: FunctionComponent } | null>(null);
  const [lack, setLack] = useState<Lack | null>(null);
  const connected = isConnected.value;
  useEffect(() => {
    // A server that was away is asked again when it is back.
    if (view !== null || lack === 'gone' || (lack === 'away' && !connected)) return;
    // First whether it answers: a browser does not ask again for a module that it could not get once. Nobody reads the body.
    fetch('/healthz', { method: 'HEAD', cache: 'no-store' }).then(
      () =>
        load().then(
          (View) => setView({ View }),
          () => setLack('gone'),
        ),
      () => {
        setLack('away');
        missServer();
      },
    );
  }, [connected]);
  if (view) return <view.View />;
  return lack === null ? (
    <p class="view quiet-text" aria-busy="true">
      Loading…
    </p>
  ) : (
    <div class="view empty" role="alert">
      <h1>This part of the page could not be loaded</h1>
      <p>
        {lack === 'away'
          ? 'It comes by itself when the server answers again.'
          : 'The server has another version of the page by now, or broke off.'}
      </p>
      <button type="button" onClick={() => location.reload()}>
        Load the page again
      </button>
    </div>
  );
}
