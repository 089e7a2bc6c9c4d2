// Who wants to hear of the end of a manager, and for whom what is told then still holds.

type Hook = (proof: string | undefined) => void;

/** The registrations of `onClose`. */
export class CloseHooks {
  readonly #hooks = new Set<{ readonly hook: Hook; readonly holds: () => boolean }>();
  #over = false;

  /** `holds`: whether nothing was committed since now. Returns what ends the registration. */
  add(hook: Hook, holds: () => boolean): () => void {
    if (typeof hook !== 'function') throw new TypeError('onClose: the hook must be a function');
    const entry = { hook, holds };
    if (!this.#over) this.#hooks.add(entry);
    return () => void this.#hooks.delete(entry);
  }

  /** Those for whom nothing was committed, and who get a proof if there is one. */
  unchanged(): ReadonlySet<Hook> {
    return new Set([...this.#hooks].filter(({ holds }) => holds()).map(({ hook }) => hook));
  }

  /** Calls each hook once, those in `entitled` with `proof`. */
  call(proof: string | undefined, entitled: ReadonlySet<Hook> = new Set()): void {
    this.#over = true;
    for (const { hook } of this.#hooks) {
      try {
        hook(entitled.has(hook) ? proof : undefined);
      } catch {
        // A broken listener must not keep the files open (promise 10).
      }
    }
    this.#hooks.clear();
  }
}
