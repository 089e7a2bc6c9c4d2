// Whoever works with keys alone has to be somewhere: when what had the focus goes (a row that was removed, a button that a form
// took the place of, a message that was closed), what is there now has it, or else what had it before. Views do nothing for it.
import { address } from './router.js';

const focusable =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex="0"]';
const container =
  'ul, ol, tbody, fieldset, form, section, article, aside, nav, [role="region"], [role="status"], dialog';
const remembered = 20;

interface Last {
  readonly element: Element;
  readonly path: string;
  /** What holds it, from the inside. */
  readonly within: readonly Element[];
  /** What can have the focus before it, the nearest last. */
  readonly before: readonly Element[];
}

let last: Last | null = null;
let earlier: readonly Element[] = [];

/** Starts to look after the focus. */
export function keepFocus(): void {
  document.addEventListener('focusin', ({ target }) => {
    if (target instanceof Element) note(target);
  });
  new MutationObserver(() => {
    if (last === null || last.element.isConnected || document.activeElement !== document.body) return;
    // What a new view begins with is the frame's to say.
    if (last.path === address.peek().path) placeOf(last)?.focus({ preventScroll: true });
    else last = null;
  }).observe(document.body, { childList: true, subtree: true });
}

function note(element: Element): void {
  const all = focusableIn(document);
  const within: Element[] = [];
  for (let each = element.parentElement?.closest(container); each; each = each.parentElement?.closest(container))
    within.push(each);
  last = {
    element,
    path: address.peek().path,
    within,
    before: all.slice(0, Math.max(0, all.indexOf(element as HTMLElement))),
  };
  earlier = [...earlier.filter((each) => each !== element), element].slice(-remembered);
}

function placeOf({ within, before }: Last): HTMLElement | null {
  for (const box of within) {
    if (!box.isConnected) continue;
    const here = focusableIn(box);
    const previous = before.findLast((each) => each.isConnected && box.contains(each));
    const at = previous === undefined ? 0 : here.indexOf(previous as HTMLElement) + 1;
    const found = here[at] ?? here[at - 1] ?? headingOf(box);
    if (found) return found;
  }
  const known = earlier.findLast((each) => each.isConnected && each instanceof HTMLElement && each.checkVisibility());
  return known instanceof HTMLElement ? known : document.getElementById('main');
}

/** It is no stop of the tab key, and can say where one is. */
function headingOf(box: Element): HTMLElement | null {
  const heading = box.querySelector<HTMLElement>('h1, h2, h3');
  if (heading) heading.tabIndex = -1;
  return heading;
}

function focusableIn(box: ParentNode): readonly HTMLElement[] {
  return [...box.querySelectorAll<HTMLElement>(focusable)].filter((each) => each.checkVisibility());
}
