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
  /** Whether there is a part of this name, in any letter case. */
  has(part: string): boolean;
  /**
   * Parses a part.
   * @throws UnreadableModel when there is no such part, it is damaged, or it is not well-formed UTF-8 XML.
   */
  parse(part: string, listener: XmlListener): Promise<void>;
}

/**
 * Reads the directory of the package and finds its root part.
 * @throws UnreadableModel when the file is not a zip archive or names no 3D model.
 */
export async function openThreeMfPackage(file: ModelFile): Promise<ThreeMfPackage> {
  const parts = await openZipArchive(file);
  const parse = async (part: string, listener: XmlListener) => {
    const entry = parts.get(part.toLowerCase());
    if (entry === undefined) throw new UnreadableModel(`has no part '${part.slice(0, 100)}'`);
    await parseXml(entry.chunks(), { name: `part '${part}'`, allowsUtf16: false }, listener);
  };
  return { rootPart: await findRootPart(parse), has: (part) => parts.has(part.toLowerCase()), parse };
}

const modelRelation = 'http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel';

async function findRootPart(parse: ThreeMfPackage['parse']): Promise<string> {
  const targets: string[] = [];
  await parse('/_rels/.rels', {
    open: ({ local, attributes }) => {
      if (local === 'Relationship' && attributes.Type?.value === modelRelation)
        targets.push(attributes.Target?.value ?? '');
    },
  });
  const [target] = targets;
  if (target === undefined || targets.length > 1) {
    throw new UnreadableModel(`names ${targets.length} 3D models in its relationships instead of one`);
  }
  return posix.resolve('/', target);
}
