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
   * Reads whole rows from a place in the text on, white space between them included. Returns the place of whatever else comes
   * first, which the parser gets: anything that is not surely well-formed.
   */
  take(text: string, from: number): number;
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
  const feed = new Feed(parser, listener.rows);
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
  const decode = (bytes?: Uint8Array) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch (error) {
      throw new UnreadableModel(`has a damaged ${name} (it is not ${encoding?.toUpperCase()})`, { cause: error });
    }
  };
  for await (const chunk of chunks) {
    if (encoding === undefined) {
      encoding = (allowsUtf16 && markedAsUtf16(chunk)) || 'utf-8';
      decoder = new TextDecoder(encoding, { fatal: true });
    }
    feed.write(decode(chunk));
  }
  feed.write(decode());
  feed.end();
}

type Parser = SaxesParser<{ xmlns: true; position: false }>;

/** A tag that is longer than this, or no tag at all, is the parser's from where its text breaks off. */
const longestTag = 4096;

/** Hands the text to the parser, but for the rows that the listener reads by itself. */
class Feed {
  /** The element that opened last, unless something has closed since. */
  openedLast: SaxesTagNS | null = null;
  readonly #parser: Parser;
  readonly #rows: XmlRows | undefined;
  readonly #parent: RegExp | undefined;
  #isInRows = false;
  /** The beginning of a tag that goes on in the next piece. */
  #rest = '';

  constructor(parser: Parser, rows: XmlRows | undefined) {
    this.#parser = parser;
    this.#rows = rows;
    this.#parent = rows && new RegExp(`<(?:${rows.parents.join('|')})[\\s>]`, 'g');
  }

  write(piece: string): void {
    if (this.#rows === undefined || this.#parent === undefined) {
      this.#parser.write(piece);
      return;
    }
    const text = this.#rest + piece;
    const end = endOfTags(text);
    this.#rest = text.slice(end);
    for (let at = 0; at < end; ) {
      if (this.#isInRows) {
        at = this.#rows.take(text, at);
        if (isBlank(text, at, end)) return;
        this.#isInRows = false;
      }
      this.#parent.lastIndex = at;
      const found = this.#parent.exec(text);
      const tagEnd = found === null ? end : text.indexOf('>', found.index) + 1 || end;
      this.openedLast = null;
      this.#parser.write(text.slice(at, tagEnd));
      // Where the tag is part of a comment, or its '>' of a value, nothing has opened.
      this.#isInRows = found !== null && this.openedLast !== null && this.#rows.areIn(this.openedLast);
      at = tagEnd;
    }
  }

  end(): void {
    this.#parser.write(this.#rest).close();
  }
}

/** Where the last tag begins that has no end in this text; its length when there is none. */
function endOfTags(text: string): number {
  const start = text.lastIndexOf('<');
  return start < 0 || text.length - start > longestTag || text.includes('>', start) ? text.length : start;
}

function isBlank(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (!isSpace(text.charCodeAt(at))) return false;
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
