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
  parser.on('opentag', (tag) => {
    depth += 1;
    if (depth > maxDepth) throw new UnreadableModel(`nests the elements of its ${name} more than ${maxDepth} deep`);
    listener.open(tag);
  });
  parser.on('closetag', () => {
    depth -= 1;
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
    parser.write(decode(chunk));
  }
  parser.write(decode()).close();
}

function markedAsUtf16([first, second]: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : null;
}
