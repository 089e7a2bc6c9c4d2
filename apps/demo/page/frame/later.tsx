// A view that comes when it is wanted, so that the first one is here at once.
import type { FunctionComponent, VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Shows what `load` brings; until then a line that says so. */
export function Later({ load }: { readonly load: () => Promise<FunctionComponent> }): VNode {
  const [view, setView] = useState<{ readonly View: FunctionComponent } | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    load().then(
      (View) => setView({ View }),
      () => setFailed(true),
    );
  }, []);
  if (view) return <view.View />;
  return failed ? (
    <p class="view notice error" role="alert">
      This part of the page could not be loaded. Load the page again.
    </p>
  ) : (
    <p class="view quiet-text" aria-busy="true">
      Loading…
    </p>
  );
}
