// One value of the old database as SQLite stores it, whatever its column says: any column may hold any type, and a text any bytes.

/** A value. `damaged`: bytes that are no text of the database's encoding became U+FFFD. */
export type Cell =
  | { readonly kind: 'text'; readonly value: string; readonly damaged: boolean }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'bytes'; readonly value: Uint8Array };

/** How the texts of a database are stored, in the words of `PRAGMA encoding`. */
export type Encoding = 'UTF-8' | 'UTF-16be' | 'UTF-16le';

/** The SQL of the two columns that bring a value: its type, and itself so that no driver changes it on the way. */
export function cellColumns(column: string): string {
  return `typeof(${column}), case typeof(${column}) when 'text' then cast(${column} as blob)
    when 'integer' then cast(${column} as text) else ${column} end`;
}

/** Reads what those columns brought. Whole numbers past 2^53 become texts: no number here holds them. */
export function readCell(type: unknown, stored: unknown, encoding: Encoding): Cell | null {
  if (type === 'text') return decoded(bytesOf(stored), encoding);
  if (type === 'blob') return { kind: 'bytes', value: bytesOf(stored) };
  if (type === 'real') return { kind: 'number', value: Number(stored) };
  if (type !== 'integer') return null;
  const value = Number(stored);
  if (Number.isSafeInteger(value)) return { kind: 'number', value };
  return { kind: 'text', value: String(stored), damaged: false };
}

/** The text of bytes that are one in UTF-8; null for others. */
export function textOfBytes(bytes: Uint8Array): string | null {
  const cell = decoded(bytes, 'UTF-8');
  return cell.kind === 'text' && !cell.damaged ? cell.value : null;
}

function decoded(bytes: Uint8Array, encoding: Encoding): Cell {
  const label = encoding.toLowerCase();
  try {
    const value = new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(bytes);
    return { kind: 'text', value, damaged: false };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { kind: 'text', value: new TextDecoder(label, { ignoreBOM: true }).decode(bytes), damaged: true };
  }
}

function bytesOf(stored: unknown): Uint8Array {
  if (stored instanceof ArrayBuffer) return new Uint8Array(stored);
  return stored instanceof Uint8Array ? stored : new Uint8Array();
}
