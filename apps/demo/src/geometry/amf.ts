// Reads AMF, as XML or zipped: its objects where its constellations place them.
// `amf-document.ts` reads the XML, `placed-scene.ts` places the objects.

import { identity } from './affine.js';
import { type AmfDocument, type AmfObject, readAmfDocument } from './amf-document.js';
import { type LengthUnit, UnreadableModel } from './geometry.js';
import type { MeshMeasure } from './mesh-measure.js';
import type { ModelFile } from './model-file.js';
import { placeScene, type SceneUse } from './placed-scene.js';
import { openZipArchive, type ZipPart } from './zip-archive.js';

/**
 * Measures every object and constellation that no other constellation uses, and through them all the rest. Figures are
 * in the file's own unit, and of the flat triangles: the curves that normals and edges can give them are left out.
 * @throws UnreadableModel when the archive or the XML is damaged, a corner refers to no vertex, an object is missing or
 * contains itself, or there is no triangle.
 */
export async function readAmf(file: ModelFile, measure: MeshMeasure): Promise<LengthUnit> {
  const { objects, unit } = await readDocument(file);
  const used = new Set(Array.from(objects.values()).flatMap(({ components }) => components.map(usedId)));
  const roots = Array.from(objects.keys()).filter((id) => !used.has(id));
  const reached = new Set<string>();
  const find = ({ objectId }: SceneUse): AmfObject => {
    const object = objects.get(objectId);
    if (object === undefined) throw new UnreadableModel(`places object ${objectId}, which it does not have`);
    reached.add(objectId);
    return object;
  };
  const uses = roots.map((objectId) => ({ objectId, transform: identity }));
  await placeScene(uses, find, measure);
  // What is used, but not by anything that stands for itself, is used by itself.
  if (reached.size < objects.size) throw new UnreadableModel('has constellations that contain themselves');
  if (!Array.from(objects.values()).some(({ corners }) => corners.triangles > 0))
    throw new UnreadableModel('holds no triangles');
  return unit;
}

function usedId({ objectId }: SceneUse): string {
  return objectId;
}

async function readDocument(file: ModelFile): Promise<AmfDocument> {
  if (file.fill(Buffer.alloc(4), 0) === 4 && file.bytes(0, 4).equals(zipSignature)) {
    const part = documentIn(await openZipArchive(file));
    return await readAmfDocument(part.chunks(), `part '${part.name}'`);
  }
  return await readAmfDocument(chunksOf(file), 'document');
}

const zipSignature = Buffer.from('PK\u0003\u0004', 'latin1');

/** The one document of an archive: the part that is named so, or the only part whatever its name. */
function documentIn(archive: ReadonlyMap<string, ZipPart>): ZipPart {
  const files = Array.from(archive.values()).filter(({ name }) => !name.endsWith('/'));
  const named = files.filter(({ name }) => /\.amf$/i.test(name));
  const [part, ...others] = named.length > 0 ? named : files;
  if (part !== undefined && others.length === 0) return part;
  throw new UnreadableModel(`is an archive with ${named.length} AMF documents instead of one`);
}

const chunkBytes = 1 << 20;

function* chunksOf(file: ModelFile): Generator<Uint8Array, void, void> {
  for (let position = 0; position < file.size; position += chunkBytes) {
    yield file.bytes(position, Math.min(chunkBytes, file.size - position));
  }
}
