// Reads a text file line by line in constant memory, for the formats that are written for people: STL, OBJ, PLY, OFF.
import { UnreadableModel } from './geometry.js';
import type { ModelFile } from './model-file.js';

const chunkBytes = 1 << 20;
const maxLineLength = 1 << 20;

/**
 * Yields the lines of a file from byte `start` on, without their ends (LF, CR LF or CR).
 * Text is taken as UTF-16 when it starts with that byte order mark; otherwise each byte is one character, which is
 * right for the ASCII that carries the figures and harmless for names and comments in any encoding.
 * @throws UnreadableModel on a zero byte, and on a line of more than a million characters.
 */
export function* readLines(file: ModelFile, start = 0): Generator<string, void, void> {
  const chunk = Buffer.allocUnsafe(chunkBytes);
  const decode = decoderFor(file);
  let position = start;
  let carried = '';
  for (;;) {
    const count = file.fill(chunk, position);
    position += count;
    const text = carried + decode(chunk.subarray(0, count), count < chunkBytes);
    const lines = text.split('\n');
    carried = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.includes('\r')) yield line;
      else yield* line.replace(/\r$/, '').split('\r');
    }
    if (carried.length > maxLineLength) throw new UnreadableModel(longLine);
    if (count < chunkBytes) break;
  }
  if (carried !== '' && carried !== oldEnd) yield* carried.split('\r');
}

/** Takes the lines of a file as bytes. */
export interface LineTaker {
  /**
   * Reads whole lines from a place on, each with the LF that ends it, and returns the place of the first one that it leaves to
   * `line`; `to` when it leaves none. Bytes from there on are none of its lines.
   */
  take(bytes: Buffer, from: number, to: number): number;
  /** Reads one line without its LF. A CR before the LF stays, and one alone ends no line. */
  line(bytes: Buffer, start: number, end: number): void;
}

/**
 * Hands out the lines of a file as bytes, for what is read faster from bytes than from strings.
 * @throws UnreadableModel as `readLines`
 */
export function takeLines(file: ModelFile, taker: LineTaker): void {
  const mark = file.bytes(0, Math.min(file.size, 3));
  if (isUtf16(mark)) {
    for (const line of readLines(file)) taker.line(Buffer.from(line, 'latin1'), 0, line.length);
    return;
  }
  let chunk = Buffer.allocUnsafe(Math.min(chunkBytes, file.size + 1));
  let [position, carried] = [mark.equals(utf8Mark) ? utf8Mark.length : 0, 0];
  for (;;) {
    const count = file.fill(chunk.subarray(carried), position);
    position += count;
    const filled = carried + count;
    const content = chunk.subarray(0, filled);
    if (content.includes(0, carried)) throw new UnreadableModel(binaryContent);
    const end = content.lastIndexOf(lf) + 1;
    for (let at = 0; at < end; ) {
      at = taker.take(content, at, end);
      if (at >= end) break;
      const lineEnd = content.indexOf(lf, at);
      taker.line(content, at, lineEnd);
      at = lineEnd + 1;
    }
    if (filled < chunk.length) {
      if (end < filled && content.toString('latin1', end, filled) !== oldEnd) taker.line(content, end, filled);
      return;
    }
    carried = filled - end;
    if (carried > maxLineLength) throw new UnreadableModel(longLine);
    // The line has begun at the very start: it needs more room.
    const next = carried < chunk.length ? chunk : Buffer.allocUnsafe(chunk.length * 2);
    chunk.copy(next, 0, end, filled);
    chunk = next;
  }
}

const lf = 10;
/** What systems of old put behind the last line of a text. */
const oldEnd = '\u001a';
const utf8Mark = Buffer.from([0xef, 0xbb, 0xbf]);
const binaryContent = 'holds binary data where text is expected';
const longLine = 'holds a line of more than a million characters';

function isUtf16(mark: Buffer): boolean {
  return (mark[0] === 0xff && mark[1] === 0xfe) || (mark[0] === 0xfe && mark[1] === 0xff);
}

function decoderFor(file: ModelFile): (bytes: Buffer, isLast: boolean) => string {
  const mark = Buffer.alloc(3);
  file.fill(mark, 0);
  const encoding =
    mark[0] === 0xff && mark[1] === 0xfe ? 'utf-16le' : mark[0] === 0xfe && mark[1] === 0xff ? 'utf-16be' : null;
  if (encoding) {
    const decoder = new TextDecoder(encoding);
    return (bytes, isLast) => decoder.decode(bytes, { stream: !isLast });
  }
  let isFirst = mark.equals(utf8Mark);
  return (bytes) => {
    if (bytes.includes(0)) throw new UnreadableModel(binaryContent);
    const text = bytes.toString('latin1', isFirst ? 3 : 0);
    isFirst = false;
    return text;
  };
}
