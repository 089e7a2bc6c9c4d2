// Measures a 3MF package: places the objects of its build, with their components and transforms, across its parts.
import { type Affine, compose, identity } from './affine.js';
import { UnreadableModel } from './geometry.js';
import type { MeshMeasure } from './mesh-measure.js';
import type { ModelFile } from './model-file.js';
import { maxPlacedTriangles, placeMesh } from './placed-mesh.js';
import { openThreeMfPackage, type ThreeMfPackage } from './threemf-package.js';
import { readThreeMfPart, type ThreeMfObject, type ThreeMfPart, type ThreeMfUse } from './threemf-part.js';

const maxDepth = 200;

/**
 * Measures what the build places, supports and surfaces included. Figures are in the file's own unit.
 * @throws UnreadableModel when the package is damaged, an object is missing or contains itself, or the build is empty.
 */
export async function readThreeMf(file: ModelFile, measure: MeshMeasure): Promise<void> {
  const scene = new Scene(await openThreeMfPackage(file));
  const items = await scene.build();
  let placed = 0;
  for (const item of items) placed += await scene.count(scene.rootPart, item, 0);
  if (placed > maxPlacedTriangles)
    throw new UnreadableModel(`places ${placed} triangles, more than are counted one by one`);
  for (const item of items) await scene.place(scene.rootPart, item, identity, measure);
}

class Scene {
  readonly #archive: ThreeMfPackage;
  readonly #parts = new Map<string, ThreeMfPart>();
  readonly #counts = new Map<ThreeMfObject, number | 'in progress'>();

  constructor(archive: ThreeMfPackage) {
    this.#archive = archive;
  }

  get rootPart(): string {
    return this.#archive.rootPart;
  }

  async build(): Promise<readonly ThreeMfUse[]> {
    const { build } = await this.#part(this.rootPart);
    if (build === null) throw new UnreadableModel('has no build, so nothing says which of its objects count');
    if (build.length === 0) throw new UnreadableModel('has an empty build: it places no object');
    return build;
  }

  /** Counts the triangles of a use, an empty object as one so that placing them is bounded as well. */
  async count(fromPart: string, use: ThreeMfUse, depth: number): Promise<number> {
    const { object, part } = await this.#find(fromPart, use);
    const known = this.#counts.get(object);
    if (known === 'in progress') throw new UnreadableModel(`has an object ${use.objectId} that contains itself`);
    if (known !== undefined) return known;
    if (depth > maxDepth) throw new UnreadableModel(`nests its objects more than ${maxDepth} deep`);
    this.#counts.set(object, 'in progress');
    let total = Math.max(1, object.corners.triangles);
    for (const component of object.components) total += await this.count(part, component, depth + 1);
    this.#counts.set(object, total);
    return total;
  }

  async place(fromPart: string, use: ThreeMfUse, outer: Affine, measure: MeshMeasure): Promise<void> {
    const { object, part } = await this.#find(fromPart, use);
    const affine = use.transform === identity ? outer : compose(outer, use.transform);
    placeMesh(object.vertices.coordinates(), object.corners.numbers(), affine, measure);
    for (const component of object.components) await this.place(part, component, affine, measure);
  }

  async #find(fromPart: string, use: ThreeMfUse): Promise<{ object: ThreeMfObject; part: string }> {
    const part = use.path ?? fromPart;
    const object = (await this.#part(part)).objects.get(use.objectId);
    if (object === undefined)
      throw new UnreadableModel(`places object ${use.objectId}, which part '${part}' does not have`);
    if (object.corners.triangles === 0 && object.components.length === 0) {
      throw new UnreadableModel(`places object ${use.objectId}, which has neither triangles nor components`);
    }
    return { object, part };
  }

  async #part(path: string): Promise<ThreeMfPart> {
    const known = this.#parts.get(path.toLowerCase());
    if (known !== undefined) return known;
    const part = await readThreeMfPart(this.#archive, path);
    const rootUnit = this.#parts.get(this.rootPart.toLowerCase())?.unit ?? part.unit;
    if (part.unit !== rootUnit) throw new UnreadableModel(`mixes the units ${rootUnit} and ${part.unit}`);
    this.#parts.set(path.toLowerCase(), part);
    return part;
  }
}
