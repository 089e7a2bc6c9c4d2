// Parses an XML document chunk by chunk with saxes, strictly and without anything that a document could make it fetch
// or multiply. Used by the readers of 3MF and AMF.
import { SaxesParser } from 'saxes';
import { UnreadableModel } from './geometry.js';

/** An XML parser that knows namespaces; attributes carry their namespace in `uri`. */
export type XmlParser = SaxesParser<{ xmlns: true }>;

/** What a document is called in a reason, and whether it may be UTF-16 when its byte order mark says so. */
export interface XmlDocument {
  readonly name: string;
  readonly allowsUtf16: boolean;
}

/**
 * Parses a document; `listen` subscribes to the parser before the first byte.
 * @throws UnreadableModel when it is not well-formed, in another encoding than UTF-8, or has a document type, whose
 * entities could make a gigabyte of a line.
 */
export async function parseXml(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { name, allowsUtf16 }: XmlDocument,
  listen: (parser: XmlParser) => void,
): Promise<void> {
  const parser: XmlParser = new SaxesParser({ xmlns: true, position: false });
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
  listen(parser);
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
