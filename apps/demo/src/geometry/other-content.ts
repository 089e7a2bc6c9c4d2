// Recognises what often lies under the name of a model without being one, and says what it is.
// `measure-file.ts` asks before a reader of the format would give a reason that leads astray.
import type { ModelFormat } from './format.js';
import { UnreadableModel } from './geometry.js';

/** Refuses a file whose first bytes are those of something else than a model. @throws UnreadableModel that says of what */
export function refuseOtherContent(head: Uint8Array, format: ModelFormat): void {
  if (isPlain(head)) return;
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1');
  const [, what] =
    starts.find(([start]) => text.startsWith(start)) ?? signatures.find(([signature]) => signature.test(text)) ?? [];
  if (what !== undefined) throw new UnreadableModel(what);
  if (!zipped.has(format) && text.startsWith('PK\u0003\u0004')) {
    throw new UnreadableModel('is a zip archive under the name of a model: unpack it first');
  }
  if (head.byteLength > 84 && head.every((byte) => byte === 0)) {
    throw new UnreadableModel('holds nothing but zero bytes where it starts: its copy or its disk is damaged');
  }
}

/** Whether a head begins as nothing does that is refused: nearly all models do, and it takes less than making a text of it. */
function isPlain(head: Uint8Array): boolean {
  const first = head.find((byte) => !isSpace(byte));
  return first !== undefined && head[0] !== 0 && !firstBytes.has(first);
}

/** What `\s` passes of one byte. */
function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0xa0;
}

const zipped: ReadonlySet<ModelFormat> = new Set(['3mf', 'amf']);

const starts: readonly (readonly [string, string])[] = [
  ['\u001f\u008b', 'is compressed with gzip: unpack it first'],
  ['7z\u00bc\u00af\u0027\u001c', 'is a 7z archive under the name of a model: unpack it first'],
  ['Rar!\u001a\u0007', 'is a rar archive under the name of a model: unpack it first'],
];

const signatures: readonly (readonly [RegExp, string])[] = [
  [
    /^version https:\/\/git-lfs\.github\.com\/spec\//,
    'is a Git LFS pointer and not the model itself: run `git lfs pull` where it lies',
  ],
  [
    /^(?:\u00ef\u00bb\u00bf)?\s*(?:<!--[^>]*>\s*)?<(?:!doctype\s+html|html|head|body)\b/i,
    'is a web page (HTML) and not a model: download it anew, perhaps after logging in',
  ],
  [
    /^(?:\u00ef\u00bb\u00bf)?<\?xml[^>]*>\s*(?:<!doctype\s+html|<html)\b/i,
    'is a web page (XHTML) and not a model: download it anew, perhaps after logging in',
  ],
  [/^<\?xml[^>]*>\s*<Error>/, 'is the error message of a server and not a model: download it anew'],
  [/^%PDF-/, 'is a PDF document and not a model'],
  [/^(?:\u0089PNG|\u00ff\u00d8\u00ff|GIF8)/, 'is an image and not a model'],
];

/** What the starts and signatures above begin with, behind white space. */
const firstBytes: ReadonlySet<number> = new Set(Buffer.from('\u001f7RP\u00efv<%\u0089\u00ffG', 'latin1'));
