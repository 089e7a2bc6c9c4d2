// Short messages at the bottom: what was done, with the button that takes it back. Read out by screen readers.
import { signal } from '@preact/signals';
import type { VNode } from 'preact';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly isError: boolean;
  readonly action: { readonly label: string; readonly run: () => void } | null;
  readonly onDismiss: (() => void) | null;
}

const toasts = signal<readonly Toast[]>([]);
const shownMs = 8_000;
let last = 0;

/**
 * Shows a message for 8 seconds, an error until it is closed. Returns what closes it sooner. With `onDismiss`, which is called
 * when the person closes it, it is never put aside for others.
 */
export function say(
  text: string,
  options: {
    readonly isError?: boolean;
    readonly action?: Toast['action'];
    readonly onDismiss?: Toast['onDismiss'];
  } = {},
): () => void {
  const { isError = false, action = null, onDismiss = null } = options;
  const toast: Toast = { id: ++last, text, isError, action, onDismiss };
  const all = [...toasts.value, toast];
  // Three at most, so that they never cover the page.
  const old = all.filter((each) => each.onDismiss === null).slice(0, -3);
  toasts.value = all.filter((each) => !old.includes(each));
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
      <button
        type="button"
        class="quiet icon"
        aria-label="Close this message"
        onClick={() => {
          close(toast.id);
          toast.onDismiss?.();
        }}
      >
        ×
      </button>
    </div>
  );
}

function close(id: number): void {
  toasts.value = toasts.value.filter((each) => each.id !== id);
}
