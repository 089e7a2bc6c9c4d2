// A field is written when it is left, and loading the page anew, closing it or going to another one leaves it as well. Where
// that would lose something, the browser asks the person first.
import { wouldLose } from '../data/edits.js';

/** Starts to leave the field that has the focus before the page goes. */
export function leaveFields(): void {
  addEventListener('pagehide', leaveField);
  addEventListener('beforeunload', (event) => {
    const field = leaveField();
    if (!wouldLose()) return;
    event.preventDefault();
    // Who stays is where they were.
    setTimeout(() => field?.focus());
  });
}

function leaveField(): HTMLElement | null {
  const field = document.activeElement;
  if (!(field instanceof HTMLElement)) return null;
  field.blur();
  return field;
}
