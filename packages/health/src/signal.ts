// The signal that ends a call, as every call of this package takes it.

/** Refuses what cannot end a call. @throws TypeError */
export function refuseNoSignal(where: string, signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw new TypeError(`${where}: signal must be an AbortSignal`);
}
