// Reads 3MF: the objects that its build places, with components and transforms, across its parts.
// `threemf-package.ts` opens the package, `threemf-part.ts` reads a part, `placed-scene.ts` places the objects.
import { type LengthUnit, UnreadableModel } from './geometry.js';
import type { MeshMeasure } from './mesh-measure.js';
import type { ModelFile } from './model-file.js';
import { placeScene } from './placed-scene.js';
import { openThreeMfPackage, type ThreeMfPackage } from './threemf-package.js';
import { readThreeMfPart, type ThreeMfObject, type ThreeMfPart, type ThreeMfUse } from './threemf-part.js';

/**
 * Measures what the build places, supports and surfaces included, and returns the unit that the figures are in. Where a
 * slicer has noted that some of it is cut out of the rest, or only changes how it is printed, there is no volume. Empty
 * objects count for nothing: programs that draw write them beside the others.
 * @throws UnreadableModel when the package is damaged, an object is missing or contains itself, or nothing is placed.
 */
export async function readThreeMf(file: ModelFile, measure: MeshMeasure): Promise<LengthUnit> {
  const archive = await openThreeMfPackage(file);
  const parts = new Parts(archive);
  await placeScene(await parts.build(), async (use) => await parts.find(use), measure);
  if (!parts.haveTriangles) throw new UnreadableModel('places nothing but empty objects');
  if (await hasPartsThatAreNotSolid(archive)) measure.leaveUnsolid();
  return await parts.unit();
}

class Parts {
  /** Whether an object that was found has triangles. */
  haveTriangles = false;
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
    const { corners, components, reshapedBy, unknown } = object;
    const isEmpty = corners.triangles === 0 && components.length === 0;
    const shape = reshapedBy ?? (isEmpty ? unknown : null);
    if (shape !== null) throw new UnreadableModel(`shapes a mesh by '${shape.slice(0, 60)}', which is not read yet`);
    this.haveTriangles ||= corners.triangles > 0;
    return object;
  }

  async unit(): Promise<LengthUnit> {
    const { unit } = await this.#part(this.#archive.rootPart);
    const known = units.find((name) => name === unit);
    if (known === undefined) throw new UnreadableModel(`names a unit '${unit.slice(0, 20)}', which 3MF does not know`);
    return known;
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

const units: readonly LengthUnit[] = ['micron', 'millimeter', 'centimeter', 'inch', 'foot', 'meter'];

/** Where slicers note what the pieces of an object are for: PrusaSlicer and its kin, Bambu Studio and Orca. */
const slicerNotes = ['/metadata/slic3r_pe_model.config', '/metadata/model_settings.config'];

/** Whether a slicer has noted that a piece is no part of the body: a negative volume, a modifier, a support's place. */
async function hasPartsThatAreNotSolid(archive: ThreeMfPackage): Promise<boolean> {
  let found = false;
  for (const part of slicerNotes.filter((name) => archive.has(name))) {
    await archive.parse(part, {
      open: ({ local, attributes }) => {
        const { key, value, subtype } = attributes;
        if (local === 'metadata' && key?.value === 'volume_type') found ||= value?.value !== 'ModelPart';
        if (local === 'metadata' && key?.value === 'modifier') found ||= value?.value === '1';
        if (local === 'part' && subtype !== undefined) found ||= subtype.value !== 'normal_part';
      },
    });
  }
  return found;
}
