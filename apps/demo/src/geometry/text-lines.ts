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
    if (carried.length > maxLineLength) throw new UnreadableModel('holds a line of more than a million characters');
    if (count < chunkBytes) break;
  }
  if (carried !== '') yield* carried.split('\r');
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
  let isFirst = mark.equals(Buffer.from([0xef, 0xbb, 0xbf]));
  return (bytes) => {
    if (bytes.includes(0)) throw new UnreadableModel('holds binary data where text is expected');
    const text = bytes.toString('latin1', isFirst ? 3 : 0);
    isFirst = false;
    return text;
  };
}
