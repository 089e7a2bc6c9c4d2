// Opens the zip package of a 3MF file and streams the XML parts in it; yauzl and zlib do the unpacking.
// Each part is checked against its CRC, because a part that unpacks is not yet a part that arrived whole.
import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { SaxesParser } from 'saxes';
import yauzl from 'yauzl';
import { UnreadableModel } from './geometry.js';
import type { ModelFile } from './model-file.js';

/** An XML parser that knows namespaces; attributes carry their namespace in `uri`. */
export type PartParser = SaxesParser<{ xmlns: true }>;

/** The parts of a 3MF package by name. */
export interface ThreeMfPackage {
  /** The name of the part that holds the build, as the package's relationships give it. */
  readonly rootPart: string;
  /**
   * Parses a part; `listen` subscribes to the parser before the first byte.
   * @throws UnreadableModel when there is no such part, it is damaged, or it is not well-formed UTF-8 XML.
   */
  parse(part: string, listen: (parser: PartParser) => void): Promise<void>;
}

/**
 * Reads the directory of the package and finds its root part.
 * @throws UnreadableModel when the file is not a zip archive or names no 3D model.
 */
export async function openThreeMfPackage(file: ModelFile): Promise<ThreeMfPackage> {
  const archive = await openArchive(file);
  const parse = async (part: string, listen: (parser: PartParser) => void) => {
    const entry = archive.entries.get(part.toLowerCase());
    if (entry === undefined) throw new UnreadableModel(`has no part '${part.slice(0, 100)}'`);
    await parseEntry(entry, part, archive.zip, listen);
  };
  return { rootPart: await findRootPart(parse), parse };
}

interface Archive {
  readonly zip: yauzl.ZipFile;
  readonly entries: ReadonlyMap<string, yauzl.Entry>;
}

async function openArchive(file: ModelFile): Promise<Archive> {
  try {
    const zip = await yauzl.fromFdPromise(file.descriptor, { autoClose: false, lazyEntries: true });
    const entries = new Map<string, yauzl.Entry>();
    for await (const entry of zip.eachEntry()) {
      const name = `/${entry.fileName}`.toLowerCase();
      if (entries.has(name)) throw new UnreadableModel('is an archive with two parts of one name');
      entries.set(name, entry);
    }
    return { zip, entries };
  } catch (error) {
    if (error instanceof UnreadableModel) throw error;
    throw new UnreadableModel(`is not a whole zip archive (${messageOf(error)})`, { cause: error });
  }
}

const modelRelation = 'http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel';

async function findRootPart(parse: ThreeMfPackage['parse']): Promise<string> {
  const targets: string[] = [];
  await parse('/_rels/.rels', (parser) => {
    parser.on('opentag', ({ local, attributes }) => {
      if (local === 'Relationship' && attributes.Type?.value === modelRelation)
        targets.push(attributes.Target?.value ?? '');
    });
  });
  const [target] = targets;
  if (target === undefined || targets.length > 1) {
    throw new UnreadableModel(`names ${targets.length} 3D models in its relationships instead of one`);
  }
  return posix.resolve('/', target);
}

async function parseEntry(
  entry: yauzl.Entry,
  part: string,
  zip: yauzl.ZipFile,
  listen: (parser: PartParser) => void,
): Promise<void> {
  const parser: PartParser = new SaxesParser({ xmlns: true, position: false });
  parser.on('error', (error) => {
    throw new UnreadableModel(`has a part '${part}' that is not well-formed XML`, { cause: error });
  });
  parser.on('doctype', () => {
    throw new UnreadableModel(`has a document type in part '${part}', which 3MF forbids`);
  });
  parser.on('xmldecl', ({ encoding }) => {
    if (encoding !== undefined && encoding.toLowerCase() !== 'utf-8') {
      throw new UnreadableModel(`has a part '${part}' in an encoding other than UTF-8`);
    }
  });
  listen(parser);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let checksum = 0;
  try {
    const stream: Readable = await zip.openReadStreamPromise(entry);
    for await (const chunk of stream) {
      checksum = crc32(chunk, checksum);
      parser.write(decoder.decode(chunk, { stream: true }));
    }
    parser.write(decoder.decode()).close();
  } catch (error) {
    if (error instanceof UnreadableModel) throw error;
    throw new UnreadableModel(`has a damaged part '${part}' (${messageOf(error)})`, { cause: error });
  }
  if (checksum !== entry.crc32) throw new UnreadableModel(`has a damaged part '${part}' (its checksum is wrong)`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
