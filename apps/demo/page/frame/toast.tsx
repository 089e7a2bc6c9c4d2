// Short messages at the bottom: what was done, with the button that takes it back. Read out by screen readers.
import { signal } from '@preact/signals';
import type { VNode } from 'preact';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly isError: boolean;
  readonly action: { readonly label: string; readonly run: () => void } | null;
}

const toasts = signal<readonly Toast[]>([]);
const shownMs = 8_000;
let last = 0;

/** Shows a message for 8 seconds, an error until it is closed. Returns what closes it sooner. */
export function say(
  text: string,
  options: { readonly isError?: boolean; readonly action?: Toast['action'] } = {},
): () => void {
  const toast = { id: ++last, text, isError: options.isError ?? false, action: options.action ?? null };
  // Three at most, so that they never cover the page.
  toasts.value = [...toasts.value, toast].slice(-3);
  if (!toast.isError) setTimeout(() => close(toast.id), shownMs);
  return () => close(toast.id);
}

/** The messages. Two live regions that are always there: a region that comes with its text is not read out. */
export function Toasts(): VNode {
  const [errors, news] = [toasts.value.filter(({ isError }) => isError), toasts.value.filter((each) => !each.isError)];
  return (
    <div class="toasts">
      <div role="status">{news.map(shown)}</div>
      <div role="alert">{errors.map(shown)}</div>
    </div>
  );
}

function shown(toast: Toast): VNode {
  const { action } = toast;
  return (
    <div class={toast.isError ? 'toast error' : 'toast'} key={toast.id}>
      <span>{toast.text}</span>
      {action && (
        <button
          type="button"
          class="quiet"
          onClick={() => {
            close(toast.id);
            action.run();
          }}
        >
          {action.label}
        </button>
      )}
      <button type="button" class="quiet icon" aria-label="Close this message" onClick={() => close(toast.id)}>
        ×
      </button>
    </div>
  );
}

function close(id: number): void {
  toasts.value = toasts.value.filter((each) => each.id !== id);
}
