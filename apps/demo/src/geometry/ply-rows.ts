// Hands out the numbers of a PLY body one by one, so that `ply.ts` need not know whether they are text or binary.
import { UnreadableModel } from './geometry.js';
import type { ModelFile } from './model-file.js';
import { hasDecimalComma, numberFrom } from './number-text.js';
import { type PlyHeader, type PlyScalar, plyScalarBytes } from './ply-header.js';
import { readLines } from './text-lines.js';

/** The rows of a PLY body, read forward once. */
export interface PlyRows {
  /** @throws UnreadableModel when the file or the row ends first. */
  next(type: PlyScalar): number;
  /** @throws UnreadableModel when the row holds more than was read. */
  endRow(): void;
  /** @throws UnreadableModel when the file holds more rows than were read. */
  endFile(): void;
  /** The same rows as bytes, which is faster where all rows are alike; null for text. */
  readonly bytes: PlyRowBytes | null;
}

/** Rows as bytes. @throws UnreadableModel when the file ends first. */
export interface PlyRowBytes {
  readonly isLittleEndian: boolean;
  /** Shows rows of one size, each by its place in a view. */
  fixed(rows: number, rowBytes: number, visit: (view: DataView, at: number) => void): void;
  /** Shows rows of one list, whose length is a byte and whose numbers take `itemBytes`: each by the place of its first number. */
  lists(rows: number, itemBytes: number, visit: (view: DataView, at: number, length: number) => void): void;
}

/** Starts reading after the header. */
export function plyRows(file: ModelFile, header: PlyHeader): PlyRows {
  return header.encoding === 'ascii'
    ? new TextRows(readLines(file, header.bodyStart), header.lines)
    : new BinaryRows(file, header.bodyStart, header.encoding === 'binary_little_endian');
}

class TextRows implements PlyRows {
  readonly bytes = null;
  readonly #lines: Iterator<string, void, void>;
  #words: string[] = [];
  #word = 0;
  #isInRow = false;
  #lineNumber: number;

  constructor(lines: Iterator<string, void, void>, linesBefore: number) {
    this.#lines = lines;
    this.#lineNumber = linesBefore;
  }

  next(_type: PlyScalar): number {
    if (!this.#isInRow && !this.#nextLine()) throw new UnreadableModel('ends before the rows that it declares');
    this.#isInRow = true;
    const word = this.#words[this.#word];
    this.#word += 1;
    if (word === undefined) throw this.#wrongRow('with fewer numbers than it declares');
    const number = numberFrom(word);
    if (Number.isNaN(number) && hasDecimalComma(word)) {
      throw this.#wrongRow('with a decimal comma where a point belongs, which is not a finite number');
    }
    return number;
  }

  endRow(): void {
    if (this.#word < this.#words.length) throw this.#wrongRow('with more numbers than it declares');
    this.#isInRow = false;
  }

  endFile(): void {
    if (this.#nextLine()) throw new UnreadableModel('holds more rows than it declares');
  }

  #nextLine(): boolean {
    for (;;) {
      const { value, done } = this.#lines.next();
      if (done === true || value === undefined) return false;
      this.#lineNumber += 1;
      const text = value.trim();
      if (text === '') continue;
      this.#words = text.split(/\s+/);
      this.#word = 0;
      return true;
    }
  }

  #wrongRow(how: string): UnreadableModel {
    return new UnreadableModel(`has a row in line ${this.#lineNumber} ${how}`);
  }
}

const windowBytes = 1 << 20;

class BinaryRows implements PlyRows, PlyRowBytes {
  readonly bytes = this;
  readonly isLittleEndian: boolean;
  readonly #file: ModelFile;
  readonly #window = Buffer.allocUnsafe(windowBytes);
  readonly #view = new DataView(this.#window.buffer, this.#window.byteOffset, windowBytes);
  #windowStart: number;
  #filled = 0;
  #at = 0;

  constructor(file: ModelFile, start: number, isLittleEndian: boolean) {
    this.#file = file;
    this.#windowStart = start;
    this.isLittleEndian = isLittleEndian;
  }

  next(type: PlyScalar): number {
    const bytes = plyScalarBytes[type];
    if (this.#at + bytes > this.#filled) this.#refill(bytes);
    const at = this.#at;
    this.#at += bytes;
    const [view, isLittle] = [this.#view, this.isLittleEndian];
    switch (type) {
      case 'int8':
        return view.getInt8(at);
      case 'uint8':
        return view.getUint8(at);
      case 'int16':
        return view.getInt16(at, isLittle);
      case 'uint16':
        return view.getUint16(at, isLittle);
      case 'int32':
        return view.getInt32(at, isLittle);
      case 'uint32':
        return view.getUint32(at, isLittle);
      case 'float32':
        return view.getFloat32(at, isLittle);
      case 'float64':
        return view.getFloat64(at, isLittle);
    }
  }

  endRow(): void {}

  endFile(): void {
    const left = this.#file.size - this.#windowStart - this.#at;
    const isPadding = left <= 2 && /^[\s\0]*$/.test(this.#file.bytes(this.#file.size - left, left).toString('latin1'));
    if (!isPadding) throw new UnreadableModel(`holds ${left} bytes more than it declares`);
  }

  fixed(rows: number, rowBytes: number, visit: (view: DataView, at: number) => void): void {
    for (let row = 0; row < rows; row += 1) {
      if (this.#at + rowBytes > this.#filled) this.#refill(rowBytes);
      visit(this.#view, this.#at);
      this.#at += rowBytes;
    }
  }

  lists(rows: number, itemBytes: number, visit: (view: DataView, at: number, length: number) => void): void {
    for (let row = 0; row < rows; row += 1) {
      if (this.#at + 1 > this.#filled) this.#refill(1);
      const length = this.#view.getUint8(this.#at);
      const bytes = 1 + length * itemBytes;
      if (this.#at + bytes > this.#filled) this.#refill(bytes);
      visit(this.#view, this.#at + 1, length);
      this.#at += bytes;
    }
  }

  #refill(bytes: number): void {
    this.#windowStart += this.#at;
    this.#at = 0;
    this.#filled = this.#file.fill(this.#window, this.#windowStart);
    if (this.#filled < bytes) throw new UnreadableModel('ends before the rows that it declares');
  }
}
