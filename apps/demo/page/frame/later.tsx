// A view that comes when it is wanted, so that the first one is here at once.
import type { FunctionComponent, VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { isConnected, missServer } from '../data/events.js';

/** Shows what `load` brings; until then a line that says so. */
export function Later({ load }: { readonly load: () => Promise<FunctionComponent> }): VNode {
  const [view, setView] = useState<{ readonly View: FunctionComponent } | null>(null);
  const [failed, setFailed] = useState(false);
  const connected = isConnected.value;
  useEffect(() => {
    // A server that was away is asked again when it is back.
    if (view !== null || (failed && !connected)) return;
    load().then(
      (View) => setView({ View }),
      () => {
        setFailed(true);
        missServer();
      },
    );
  }, [connected]);
  if (view) return <view.View />;
  return failed ? (
    <div class="view empty" role="alert">
      <h1>This part of the page could not be loaded</h1>
      <p>It comes by itself when the server answers again.</p>
      <button type="button" onClick={() => location.reload()}>
        Load the page again
      </button>
    </div>
  ) : (
    <p class="view quiet-text" aria-busy="true">
      Loading…
    </p>
  );
}
