// A field is written when it is left, and loading the page anew, closing it or going to another one leaves it as well.

/** Starts to leave the field that has the focus before the page goes. */
export function leaveFields(): void {
  addEventListener('pagehide', () => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });
}
