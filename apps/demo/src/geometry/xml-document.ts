// Parses an XML document chunk by chunk with saxes, strictly and without anything that a document could make it fetch
// or multiply. Used by the readers of 3MF and AMF.
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { UnreadableModel } from './geometry.js';

/** Hears what stands in a document, in its order. */
export interface XmlListener {
  /** An element opens; it and its attributes carry their namespace in `uri`. */
  open(tag: SaxesTagNS): void;
  /** A piece of text. An element's text may come in several. */
  text?(text: string): void;
  /** The element that opened last, of those that have not closed, closes. */
  close?(): void;
  /** Elements that it reads by itself, because there are millions of them; not for listeners that want text or ends. */
  readonly rows?: XmlRows;
}

/** Elements without content, one after the other in an element of their own, written as most programs write them. */
export interface XmlRows {
  /** The names of the elements that have them as children. */
  readonly parents: readonly string[];
  /** Whether the children of this element are such rows; asked when it has opened. */
  areIn(parent: SaxesTagNS): boolean;
  /**
   * Reads whole rows of plain ASCII from a place in the bytes of the document on, white space between them included. Returns the
   * place of whatever else comes first, which the parser gets: anything that is not surely well-formed.
   */
  take(bytes: Buffer, from: number): number;
}

/** What a document is called in a reason, and whether it may be UTF-16 when its byte order mark says so. */
export interface XmlDocument {
  readonly name: string;
  readonly allowsUtf16: boolean;
}

// The parser looks a name up through all elements around it: without a limit, time grows with the square of the depth.
const maxDepth = 100;

/**
 * Parses a document to its end.
 * @throws UnreadableModel when it is not well-formed, in another encoding than UTF-8, nested more than 100 deep, or has a
 * document type, whose entities could make a gigabyte of a line; and whatever `listener` throws.
 */
export async function parseXml(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { name, allowsUtf16 }: XmlDocument,
  listener: XmlListener,
): Promise<void> {
  const parser = new SaxesParser({ xmlns: true, position: false });
  let encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | undefined;
  let decoder = new TextDecoder('utf-8', { fatal: true });
  parser.on('error', (error) => {
    throw new UnreadableModel(`has a ${name} that is not well-formed XML`, { cause: error });
  });
  parser.on('doctype', () => {
    throw new UnreadableModel(`has a document type in its ${name}, which no model needs`);
  });
  parser.on('xmldecl', ({ encoding: declared }) => {
    const expected = encoding === 'utf-8' ? /^(?:utf-8|us-ascii)$/i : /^utf-16(?:le|be)?$/i;
    if (declared === undefined || expected.test(declared)) return;
    throw new UnreadableModel(`has a ${name} in an encoding other than UTF-8`);
  });
  let depth = 0;
  const decode = (bytes?: Uint8Array) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch (error) {
      throw new UnreadableModel(`has a damaged ${name} (it is not ${encoding?.toUpperCase()})`, { cause: error });
    }
  };
  const feed = new Feed((bytes) => void parser.write(decode(bytes)), listener.rows);
  parser.on('opentag', (tag) => {
    depth += 1;
    if (depth > maxDepth) throw new UnreadableModel(`nests the elements of its ${name} more than ${maxDepth} deep`);
    listener.open(tag);
    feed.openedLast = tag;
  });
  parser.on('closetag', () => {
    depth -= 1;
    feed.openedLast = null;
    listener.close?.();
  });
  // A parser that nobody listens to does not collect the text.
  if (listener.text !== undefined) {
    parser.on('text', (piece) => listener.text?.(piece));
    parser.on('cdata', (piece) => listener.text?.(piece));
  }
  for await (const chunk of chunks) {
    if (encoding === undefined) {
      encoding = (allowsUtf16 && markedAsUtf16(chunk)) || 'utf-8';
      decoder = new TextDecoder(encoding, { fatal: true });
    }
    feed.write(chunk);
  }
  feed.end();
  parser.write(decode()).close();
}

/** A tag that is longer than this, or no tag at all, is the parser's from where its bytes break off. */
const longestTag = 4096;

/** Hands the bytes to the parser, but for the rows that the listener reads by itself. */
class Feed {
  /** The element that opened last, unless something has closed since. */
  openedLast: SaxesTagNS | null = null;
  readonly #parse: (bytes: Uint8Array) => void;
  readonly #rows: XmlRows | undefined;
  readonly #parents: readonly Buffer[];
  #isInRows = false;
  /** The beginning of a tag that goes on in the next piece. */
  #rest: Uint8Array = new Uint8Array();

  constructor(parse: (bytes: Uint8Array) => void, rows: XmlRows | undefined) {
    this.#parse = parse;
    this.#rows = rows;
    this.#parents = (rows?.parents ?? []).map((parent) => Buffer.from(`<${parent}`));
  }

  write(piece: Uint8Array): void {
    if (this.#rows === undefined) return this.#parse(piece);
    const whole = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const bytes = Buffer.from(whole.buffer, whole.byteOffset, whole.length);
    const end = endOfTags(bytes);
    this.#rest = bytes.subarray(end);
    // Nobody looks behind the end: rows must not be read from a tag that goes on.
    const tags = bytes.subarray(0, end);
    for (let at = 0; at < end; ) {
      if (this.#isInRows) {
        at = this.#rows.take(tags, at);
        if (isBlank(tags, at)) return;
        this.#isInRows = false;
      }
      const found = this.#nextParent(tags, at);
      const tagEnd = found < 0 ? end : tags.indexOf('>', found) + 1 || end;
      this.openedLast = null;
      this.#parse(tags.subarray(at, tagEnd));
      // Where the tag is part of a comment, or its '>' of a value, nothing has opened.
      this.#isInRows = found >= 0 && this.openedLast !== null && this.#rows.areIn(this.openedLast);
      at = tagEnd;
    }
  }

  end(): void {
    this.#parse(this.#rest);
  }

  /** Where the next element opens that may have rows; −1 when none does. */
  #nextParent(bytes: Buffer, from: number): number {
    let next = -1;
    for (const parent of this.#parents) {
      let at = bytes.indexOf(parent, from);
      while (at >= 0 && !endsName(bytes[at + parent.length] ?? 0)) at = bytes.indexOf(parent, at + 1);
      if (at >= 0 && (next < 0 || at < next)) next = at;
    }
    return next;
  }
}

function endsName(code: number): boolean {
  return isSpace(code) || code === 0x3e;
}

/** Where the last tag begins that has no end in these bytes; their length when there is none. */
function endOfTags(bytes: Buffer): number {
  const start = bytes.lastIndexOf('<');
  return start < 0 || bytes.length - start > longestTag || bytes.includes('>', start) ? bytes.length : start;
}

function isBlank(bytes: Uint8Array, from: number): boolean {
  for (let at = from; at < bytes.length; at += 1) if (!isSpace(bytes[at] ?? 0)) return false;
  return true;
}

/** Whether a character is white space between elements. */
export function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function markedAsUtf16([first, second]: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : null;
}
