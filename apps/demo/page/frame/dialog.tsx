// A dialog of the browser's own: it holds the focus, closes with Escape and gives the focus back.
import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Shown as long as it is rendered. `onClose` is called however it was closed. */
export function Dialog(props: {
  readonly title: string;
  readonly onClose: () => void;
  readonly kind?: 'side' | undefined;
  readonly children: ComponentChildren;
}): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    // A browser would begin with the cross, which a space or Enter presses.
    const start = dialog.current?.querySelector('input, select, textarea') ?? dialog.current?.querySelector('h2');
    if (start instanceof HTMLElement) start.focus();
    // What is proposed is written over by typing.
    if (start instanceof HTMLInputElement) start.select();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={props.kind}
      aria-labelledby="dialog-title"
      onClose={props.onClose}
      onClick={(event) => {
        // The backdrop belongs to the dialog itself; what is in it is its children.
        if (event.target === dialog.current) props.onClose();
      }}
    >
      <div class="dialog-body">
        <header>
          <h2 id="dialog-title" tabIndex={-1}>
            {props.title}
          </h2>
          <button type="button" class="quiet icon" aria-label="Close" onClick={props.onClose}>
            ×
          </button>
        </header>
        {props.children}
      </div>
    </dialog>
  );
}
