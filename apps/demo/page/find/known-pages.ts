// Where the pages of a list begin, kept for this tab of the browser: a page of the list that was loaded again asks for what is on
// its screen, however far down that is, and its height is the one before. Cursors stay true when the list changes.

const prefix = 'pages ';
/** Of so many lists; those that were looked at before them go. */
const kept = 6;

/** What is known of a list that is not loaded. */
export interface KnownPages {
  /** What each page but the first is asked for with. */
  readonly cursors: readonly string[];
  /** How many models the last page has. */
  readonly last: number;
}

/** What is known of the list of a question; null when that is nothing. */
export function knownPages(question: string): KnownPages | null {
  try {
    const known = JSON.parse(sessionStorage.getItem(prefix + question) ?? 'null') as KnownPages | null;
    return known !== null && Array.isArray(known.cursors) && Number.isInteger(known.last) ? known : null;
  } catch {
    // Written by something else, or a browser that keeps nothing.
    return null;
  }
}

/** Keeps where the pages of a list begin. */
export function keepPages(question: string, known: KnownPages): void {
  const key = prefix + question;
  try {
    const order = (JSON.parse(sessionStorage.getItem('lists') ?? '[]') as readonly string[]).filter(
      (each) => each !== key,
    );
    for (const oldest of order.slice(0, 1 - kept)) sessionStorage.removeItem(oldest);
    sessionStorage.setItem('lists', JSON.stringify([...order.slice(1 - kept), key]));
    sessionStorage.setItem(key, JSON.stringify(known));
  } catch {
    // A browser that keeps nothing, or no more: the list begins at its top when it is loaded again.
  }
}
