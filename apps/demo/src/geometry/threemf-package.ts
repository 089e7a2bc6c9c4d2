// Opens the package of a 3MF file: which part holds the build, and the XML of each part.
// `zip-archive.ts` unpacks the parts and `xml-document.ts` parses them; `threemf-part.ts` listens.
import { posix } from 'node:path';
import { UnreadableModel } from './geometry.js';
import type { ModelFile } from './model-file.js';
import { parseXml, type XmlListener } from './xml-document.js';
import { openZipArchive } from './zip-archive.js';

/** The parts of a 3MF package by name. */
export interface ThreeMfPackage {
  /** The name of the part that holds the build, as the package's relationships give it. */
  readonly rootPart: string;
  /** The parts that picture the whole, the one that the relationships name first. */
  readonly thumbnails: readonly string[];
  /** Whether there is a part of this name, in any letter case, with the escapes of a URI or without. */
  has(part: string): boolean;
  /**
   * Parses a part.
   * @throws UnreadableModel when there is no such part, it is damaged, or it is not well-formed UTF-8 XML.
   */
  parse(part: string, listener: XmlListener): Promise<void>;
  /** Returns a part of up to `maxBytes`. @throws UnreadableModel when there is none, or it is larger or damaged */
  bytes(part: string, maxBytes: number): Promise<Uint8Array>;
}

/**
 * Reads the directory of the package and finds its root part.
 * @throws UnreadableModel when the file is not a zip archive or names no 3D model.
 */
export async function openThreeMfPackage(file: ModelFile): Promise<ThreeMfPackage> {
  const parts = await openZipArchive(file);
  const decoded = new Map(Array.from(parts, ([name, entry]) => [decodedName(name), entry]));
  const entryAt = (part: string) => parts.get(part.toLowerCase()) ?? decoded.get(decodedName(part));
  const find = (part: string) => {
    const entry = entryAt(part);
    if (entry === undefined) throw new UnreadableModel(`has no part '${part.slice(0, 100)}'`);
    return entry;
  };
  const parse = async (part: string, listener: XmlListener) =>
    await parseXml(find(part).chunks(), { name: `part '${part}'`, allowsUtf16: false }, listener);
  const has = (part: string) => entryAt(part) !== undefined;
  const related = await findRelated(parse);
  return {
    rootPart: related.model,
    thumbnails: [...related.thumbnails, ...usualThumbnails].filter(has),
    has,
    parse,
    bytes: async (part, maxBytes) => {
      const chunks: Uint8Array[] = [];
      let length = 0;
      for await (const chunk of find(part).chunks()) {
        length += chunk.length;
        if (length > maxBytes)
          throw new UnreadableModel(`has a part '${part.slice(0, 100)}' of more than ${maxBytes} bytes`);
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    },
  };
}

const modelRelation = 'http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel';
const thumbnailRelation = 'http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail';
/** In lower case and without the escapes of a URI, which writers put into names, into what refers to them, both or neither. */
function decodedName(part: string): string {
  try {
    return decodeURIComponent(part).toLowerCase();
  } catch {
    // A lone per cent sign.
    return part.toLowerCase();
  }
}

/** Some writers name none in their relationships. */
const usualThumbnails = ['/Metadata/thumbnail.png', '/Metadata/thumbnail.jpeg', '/Metadata/thumbnail.jpg'];

async function findRelated(parse: ThreeMfPackage['parse']): Promise<{ model: string; thumbnails: readonly string[] }> {
  const models: string[] = [];
  const thumbnails: string[] = [];
  await parse('/_rels/.rels', {
    open: ({ local, attributes }) => {
      if (local !== 'Relationship') return;
      const target = posix.resolve('/', attributes.Target?.value ?? '');
      if (attributes.Type?.value === modelRelation) models.push(target);
      if (attributes.Type?.value === thumbnailRelation) thumbnails.push(target);
    },
  });
  // Some writers call the settings of a slicer, which lie beside the model, models too.
  const named = models.length > 1 ? models.filter((name) => /\.model$/i.test(name)) : models;
  const [model] = named;
  if (model === undefined || named.length > 1) {
    throw new UnreadableModel(`names ${models.length} 3D models in its relationships instead of one`);
  }
  return { model, thumbnails };
}
