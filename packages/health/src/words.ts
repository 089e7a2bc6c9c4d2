// Figures as people read them: short, with their unit, the same in every locale.

/** `0.123 ms`, `12.3 ms`, `1,234 ms`. */
export function milliseconds(value: number): string {
  return `${rounded(value)} ms`;
}

/** `1.2 %` for 0.012. */
export function percent(fraction: number): string {
  return `${rounded(fraction * 100)} %`;
}

/** `512 B`, `1.5 KiB`, `20 MiB`. */
export function bytes(value: number): string {
  let rest = value;
  for (const unit of ['B', 'KiB', 'MiB']) {
    if (Math.abs(rest) < 1024) return `${rounded(rest)} ${unit}`;
    rest /= 1024;
  }
  return `${rounded(rest)} GiB`;
}

/** `80 MiB resident, 20 MiB heap`. */
export function memory(of: { readonly rssBytes: number | null; readonly heapBytes: number }): string {
  const heap = `${bytes(of.heapBytes)} heap`;
  return of.rssBytes === null ? heap : `${bytes(of.rssBytes)} resident, ${heap}`;
}

/** `1,234,567`. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** Three digits that count; whole above 100. */
function rounded(value: number): string {
  return Math.abs(value) >= 100 ? count(Math.round(value)) : String(Number(value.toPrecision(3)));
}
