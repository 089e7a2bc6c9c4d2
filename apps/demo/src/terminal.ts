// Text for people on a terminal: aligned columns, short numbers, and names that cannot play tricks with it.
import stringWidth from 'string-width';

/** Returns `text` with control characters written as escapes, so that a file's name cannot move the cursor or add lines. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code === 10 ? '\\n' : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** Text that is written as a whole: of what names may have brought into it nothing steers the terminal, lines and colours are ours. */
export function harmless(text: string): string {
  return text.replace(/[^\n\t\P{Cc}](?:\[[\d;]*m)?|[\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, (found) =>
    found.startsWith('\u001b[') ? found : visible(found),
  );
}

/** The end of a sentence about what is not there: the name that may have been meant, or nothing. */
export function didYouMean(near: string | null): string {
  return near === null ? '' : ` Did you mean ${visible(near)}?`;
}

/** Returns the rows as lines with aligned columns, two spaces between them. Numbers go to the right. */
export function columns(rows: readonly (readonly (string | number)[])[]): string[] {
  const shown = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? count(cell) : visible(cell))));
  const widths = (shown[0] ?? []).map((_, i) => Math.max(...shown.map((row) => stringWidth(row[i] ?? ''))));
  return shown.map((row, r) =>
    row
      .map((cell, i) => {
        const padding = ' '.repeat((widths[i] ?? 0) - stringWidth(cell));
        return typeof rows[r]?.[i] === 'number' ? padding + cell : cell + padding;
      })
      .join('  ')
      .trimEnd(),
  );
}

/** A text of at most so many columns; of a longer one the beginning. One row that is broken into lines leaves no table to read. */
export function cut(text: string, width: number): string {
  const shown = visible(text);
  if (stringWidth(shown) <= width) return shown;
  let [kept, used] = ['', 0];
  for (const { segment } of new Intl.Segmenter().segment(shown)) {
    used += stringWidth(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** `1234567` as `1,234,567`, with up to two decimals. */
export function count(value: number): string {
  // The formats of languages take ten milliseconds to load.
  if (!(Math.abs(value) < 1e9) && !Number.isSafeInteger(value))
    return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
  const size = Math.abs(value);
  // As the decimal that is written, not as the double that stands for it.
  const rounded = size < 1e-6 ? 0 : Math.round(Number(`${size}e2`)) / 100;
  const [whole = '', fraction] = String(rounded).split('.');
  const grouped = `${value < 0 && rounded > 0 ? '-' : ''}${whole.replace(/\B(?=(?:\d{3})+$)/g, ',')}`;
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** `1 file`, `2 files`, `1,000 files`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A number of bytes in the unit that suits it, with three digits; below 1 KiB exactly. */
export function bytes(value: number): string {
  let [shown, unit] = [value, 0];
  // 1,023.5 would be rounded to the 1,024 of the next unit.
  for (; shown >= 1023.5 && unit < byteUnits.length - 1; unit += 1) shown /= 1024;
  const digits = Math.max(0, 3 - String(Math.trunc(shown)).length);
  return `${count(unit === 0 ? value : Number(shown.toFixed(digits)))} ${byteUnits[unit]}`;
}

/** A duration in the unit that suits it. */
export function duration(ms: number): string {
  if (ms < 0.9995) return `${(ms * 1000).toFixed(0)} µs`;
  if (ms < 999.5) return `${ms.toFixed(ms < 9.95 ? 1 : 0)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${count(Math.floor(seconds / 60))} min ${seconds % 60} s`;
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
