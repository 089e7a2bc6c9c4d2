// Places objects that are made of other objects: the builds of 3MF and the constellations of AMF.
// Everything is counted before anything is placed, so a small file cannot ask for more than there is time for.
import { type Affine, compose, identity } from './affine.js';
import { UnreadableModel } from './geometry.js';
import type { MeshMeasure } from './mesh-measure.js';
import { maxPlacedTriangles, placeMesh } from './placed-mesh.js';
import type { CornerList, PositionList } from './position-list.js';

/** A use of an object. */
export interface SceneUse {
  readonly objectId: string;
  readonly transform: Affine;
}

/** A mesh, an assembly of other objects, or both. */
export interface SceneObject<Use extends SceneUse> {
  readonly vertices: PositionList;
  readonly corners: CornerList;
  readonly components: readonly Use[];
}

/** Finds the object of a use, the same one each time. @throws UnreadableModel when there is none. */
export type FindObject<Use extends SceneUse> = (use: Use) => Promise<SceneObject<Use>> | SceneObject<Use>;

const maxDepth = 200;

/**
 * Measures the uses and all that they are made of.
 * @throws UnreadableModel when an object contains itself, or the uses come to more triangles than are counted one by one.
 */
export async function placeScene<Use extends SceneUse>(
  uses: readonly Use[],
  find: FindObject<Use>,
  measure: MeshMeasure,
): Promise<void> {
  const scene = new Scene(find);
  let placed = 0;
  for (const use of uses) placed += await scene.count(use, 0);
  if (placed > maxPlacedTriangles)
    throw new UnreadableModel(`places ${placed} triangles, more than are counted one by one`);
  for (const use of uses) await scene.place(use, identity, measure);
}

class Scene<Use extends SceneUse> {
  readonly #find: FindObject<Use>;
  readonly #counts = new Map<SceneObject<Use>, number | 'in progress'>();

  constructor(find: FindObject<Use>) {
    this.#find = find;
  }

  /** Counts the triangles of a use, an empty object as one so that placing them is bounded as well. */
  async count(use: Use, depth: number): Promise<number> {
    const object = await this.#find(use);
    const known = this.#counts.get(object);
    if (known === 'in progress') throw new UnreadableModel(`has an object ${use.objectId} that contains itself`);
    if (known !== undefined) return known;
    if (depth > maxDepth) throw new UnreadableModel(`nests its objects more than ${maxDepth} deep`);
    this.#counts.set(object, 'in progress');
    let total = Math.max(1, object.corners.triangles);
    for (const component of object.components) total += await this.count(component, depth + 1);
    this.#counts.set(object, total);
    return total;
  }

  async place(use: Use, outer: Affine, measure: MeshMeasure): Promise<void> {
    const object = await this.#find(use);
    const affine = use.transform === identity ? outer : compose(outer, use.transform);
    placeMesh(object.vertices.coordinates(), object.corners.numbers(), affine, measure);
    for (const component of object.components) await this.place(component, affine, measure);
  }
}
