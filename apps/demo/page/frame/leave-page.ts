// A field is written when it is left, and loading the page anew, closing it or going to another one leaves it as well. Where
// that would lose something, or files are on their way, the browser asks the person first.
import { wouldLose } from '../data/edits.js';
import { sending } from '../data/sending.js';

/** Starts to leave the field that has the focus before the page goes, and to keep the page where a file is dropped beside its place. */
export function leaveFields(): void {
  addEventListener('pagehide', leaveField);
  addEventListener('beforeunload', (event) => {
    const field = leaveField();
    if (!wouldLose() && sending.value === null) return;
    event.preventDefault();
    // Who stays is where they were.
    setTimeout(() => field?.focus());
  });
  for (const type of ['dragover', 'drop'] as const) addEventListener(type, keepFilesOut);
}

/** A browser would show the file in the place of the page. */
function keepFilesOut(event: DragEvent): void {
  if (event.defaultPrevented || !event.dataTransfer?.types.includes('Files')) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = 'none';
}

function leaveField(): HTMLElement | null {
  const field = document.activeElement;
  if (!(field instanceof HTMLElement)) return null;
  field.blur();
  return field;
}
