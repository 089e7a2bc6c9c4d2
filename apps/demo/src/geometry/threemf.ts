// Reads 3MF: the objects that its build places, with components and transforms, across its parts.
// `threemf-package.ts` opens the package, `threemf-part.ts` reads a part, `placed-scene.ts` places the objects.
import { UnreadableModel } from './geometry.js';
import type { MeshMeasure } from './mesh-measure.js';
import type { ModelFile } from './model-file.js';
import { placeScene } from './placed-scene.js';
import { openThreeMfPackage, type ThreeMfPackage } from './threemf-package.js';
import { readThreeMfPart, type ThreeMfObject, type ThreeMfPart, type ThreeMfUse } from './threemf-part.js';

/**
 * Measures what the build places, supports and surfaces included. Figures are in the file's own unit.
 * @throws UnreadableModel when the package is damaged, an object is missing or contains itself, or the build is empty.
 */
export async function readThreeMf(file: ModelFile, measure: MeshMeasure): Promise<void> {
  const parts = new Parts(await openThreeMfPackage(file));
  await placeScene(await parts.build(), async (use) => await parts.find(use), measure);
}

class Parts {
  readonly #archive: ThreeMfPackage;
  readonly #parts = new Map<string, ThreeMfPart>();

  constructor(archive: ThreeMfPackage) {
    this.#archive = archive;
  }

  async build(): Promise<readonly ThreeMfUse[]> {
    const { build } = await this.#part(this.#archive.rootPart);
    if (build === null) throw new UnreadableModel('has no build, so nothing says which of its objects count');
    if (build.length === 0) throw new UnreadableModel('has an empty build: it places no object');
    return build;
  }

  async find({ objectId, path }: ThreeMfUse): Promise<ThreeMfObject> {
    const object = (await this.#part(path)).objects.get(objectId);
    if (object === undefined)
      throw new UnreadableModel(`places object ${objectId}, which part '${path}' does not have`);
    if (object.corners.triangles === 0 && object.components.length === 0) {
      throw new UnreadableModel(`places object ${objectId}, which has neither triangles nor components`);
    }
    return object;
  }

  async #part(path: string): Promise<ThreeMfPart> {
    const known = this.#parts.get(path.toLowerCase());
    if (known !== undefined) return known;
    const part = await readThreeMfPart(this.#archive, path);
    const rootUnit = this.#parts.get(this.#archive.rootPart.toLowerCase())?.unit ?? part.unit;
    if (part.unit !== rootUnit) throw new UnreadableModel(`mixes the units ${rootUnit} and ${part.unit}`);
    this.#parts.set(path.toLowerCase(), part);
    return part;
  }
}
