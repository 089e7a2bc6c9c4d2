// Reads the header of a PLY file: which elements follow, how many, in which encoding. `ply.ts` reads what follows.
import { UnreadableModel } from './geometry.js';
import type { ModelFile } from './model-file.js';

/** The number types of PLY by their present names. */
export type PlyScalar = 'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'float32' | 'float64';

/** One property of an element: a number, or a list of numbers with its length before it. */
export interface PlyProperty {
  readonly name: string;
  readonly type: PlyScalar;
  /** The type of the length; null when the property is a single number. */
  readonly lengthType: PlyScalar | null;
}

/** A kind of row and how many of them there are. */
export interface PlyElement {
  readonly name: string;
  readonly count: number;
  readonly properties: readonly PlyProperty[];
}

/** What the header of a PLY file declares. */
export interface PlyHeader {
  readonly encoding: 'ascii' | 'binary_little_endian' | 'binary_big_endian';
  readonly elements: readonly PlyElement[];
  /** The position of the first byte after the header. */
  readonly bodyStart: number;
  /** How many lines the header has. */
  readonly lines: number;
}

/** The size of each number type in bytes. */
export const plyScalarBytes: Readonly<Record<PlyScalar, number>> = Object.freeze({
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  float32: 4,
  float64: 8,
});

const maxHeaderBytes = 1 << 16;

/**
 * Reads the header.
 * @throws UnreadableModel when it is not one of PLY 1.0, or declares more rows than the file has room for.
 */
export function readPlyHeader(file: ModelFile): PlyHeader {
  const text = file.bytes(0, Math.min(file.size, maxHeaderBytes)).toString('latin1');
  const newline = /^ply[ \t]*(\r\n|\r|\n)/.exec(text)?.[1];
  if (newline === undefined) throw new UnreadableModel("does not start with 'ply'");
  const end = new RegExp(`${newline}end_header[ \\t]*${newline === '\n' ? '\\r?\n' : newline}`).exec(text);
  if (end === null) throw new UnreadableModel("has no 'end_header' line");
  const lines = text.slice(0, end.index).split(newline).slice(1);
  const header = { ...parseLines(lines), bodyStart: end.index + end[0].length, lines: lines.length + 2 };
  verifyRoom(header, file.size);
  return header;
}

function parseLines(lines: readonly string[]): Pick<PlyHeader, 'encoding' | 'elements'> {
  let encoding: PlyHeader['encoding'] | undefined;
  const elements: { name: string; count: number; properties: PlyProperty[] }[] = [];
  for (const line of lines) {
    const words = line.trim().split(/\s+/);
    if (words[0] === 'format') {
      encoding = encodings.find((known) => known === words[1] && words[2] === '1.0');
    } else if (words[0] === 'element') {
      if (!/^\d{1,15}$/.test(words[2] ?? ''))
        throw new UnreadableModel(`has an element without a count: '${line.slice(0, 40)}'`);
      elements.push({ name: words[1] ?? '', count: Number(words[2]), properties: [] });
    } else if (words[0] === 'property') {
      elements.at(-1)?.properties.push(parseProperty(words));
    }
  }
  if (encoding === undefined) throw new UnreadableModel('does not name an encoding of PLY 1.0');
  return { encoding, elements };
}

const encodings = ['ascii', 'binary_little_endian', 'binary_big_endian'] as const;

const scalars: Readonly<Record<string, PlyScalar>> = Object.freeze({
  char: 'int8',
  uchar: 'uint8',
  short: 'int16',
  ushort: 'uint16',
  int: 'int32',
  uint: 'uint32',
  float: 'float32',
  double: 'float64',
  int8: 'int8',
  uint8: 'uint8',
  int16: 'int16',
  uint16: 'uint16',
  int32: 'int32',
  uint32: 'uint32',
  float32: 'float32',
  float64: 'float64',
});

function parseProperty(words: readonly string[]): PlyProperty {
  const isList = words[1] === 'list';
  const [lengthType, type, name] = isList ? words.slice(2) : ['', ...words.slice(1)];
  const known = (word: string | undefined) =>
    word !== undefined && Object.hasOwn(scalars, word) ? scalars[word] : undefined;
  const [knownLength, knownType] = [known(lengthType), known(type)];
  if (knownType === undefined || name === undefined || (isList && knownLength === undefined)) {
    throw new UnreadableModel(`has a property of an unknown type: '${words.join(' ').slice(0, 60)}'`);
  }
  return { name, type: knownType, lengthType: isList ? (knownLength ?? null) : null };
}

function verifyRoom({ encoding, elements, bodyStart }: PlyHeader, fileSize: number): void {
  let least = 0;
  for (const { count, properties } of elements) {
    const row = properties.map((property) => plyScalarBytes[property.lengthType ?? property.type]);
    if (count > 0 && row.length === 0) throw new UnreadableModel('declares rows without properties');
    // A number in text takes a digit and a separator, the last one of the file perhaps only the digit.
    least += count * (encoding === 'ascii' ? row.length * 2 : row.reduce((sum, bytes) => sum + bytes, 0));
  }
  const room = fileSize - bodyStart + (encoding === 'ascii' ? 1 : 0);
  if (least > room) {
    const rows = elements.map(({ name, count }) => `${count} ${name}`).join(', ');
    throw new UnreadableModel(`declares ${rows.slice(0, 200)} but has only ${fileSize - bodyStart} bytes for them`);
  }
}
