// The keys of the page, in a list.
import type { VNode } from 'preact';
import { Dialog } from './dialog.js';

const keys: readonly (readonly [string, string])[] = [
  ['/', 'Search'],
  ['← ↑ → ↓', 'From model to model in the grid and the list'],
  ['Enter', 'Open the model'],
  ['x', 'Select the model, Shift-click up to it'],
  ['Escape', 'Leave a dialog, empty the search'],
  ['Ctrl Z', 'Undo'],
  ['Ctrl Shift Z', 'Redo'],
  ['?', 'These keys'],
];

/** The list of keys. */
export function KeysDialog({ onClose }: { readonly onClose: () => void }): VNode {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl>
        {keys.map(([key, what]) => (
          <>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </>
        ))}
      </dl>
    </Dialog>
  );
}
