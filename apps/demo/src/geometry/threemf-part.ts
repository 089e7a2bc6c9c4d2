// Reads one model part of a 3MF package: its unit, its objects, and the items of its build.
// `threemf.ts` has the objects placed.
import { posix } from 'node:path';
import type { SaxesTagNS } from 'saxes';
import { type Affine, identity } from './affine.js';
import { UnreadableModel } from './geometry.js';
import { coordinateFault, indexFrom, numberFrom } from './number-text.js';
import type { SceneObject, SceneUse } from './placed-scene.js';
import { CornerList, PositionList } from './position-list.js';
import type { ThreeMfPackage } from './threemf-package.js';
import { ThreeMfRows } from './threemf-rows.js';
import type { XmlListener, XmlRows } from './xml-document.js';

/** A use of an object in the part `path`. */
export interface ThreeMfUse extends SceneUse {
  readonly path: string;
}

/** A mesh, or an assembly of other objects; neither when it is empty, or an extension keeps its shape elsewhere. */
export interface ThreeMfObject extends SceneObject<ThreeMfUse> {
  readonly components: ThreeMfUse[];
  /** What gives its mesh another shape than its triangles; null: nothing does. */
  reshapedBy: string | null;
  /** Something in it that is not known, and may be its shape when it has no other; null: there is nothing. */
  unknown: string | null;
}

/** One model part. */
export interface ThreeMfPart {
  readonly unit: string;
  readonly objects: ReadonlyMap<string, ThreeMfObject>;
  /** The items of the build; null when the part has no build. */
  readonly build: readonly ThreeMfUse[] | null;
}

const core = 'http://schemas.microsoft.com/3dmanufacturing/core/2015/02';
const production = 'http://schemas.microsoft.com/3dmanufacturing/production/2015/06';
// Extensions that add something but leave the meshes what they are.
const understood = new Set([
  core,
  production,
  'http://schemas.microsoft.com/3dmanufacturing/material/2015/02',
  'http://schemas.microsoft.com/3dmanufacturing/slice/2015/07',
  'http://schemas.microsoft.com/3dmanufacturing/trianglesets/2021/07',
]);
// Elements of extensions that give a mesh another shape than its triangles.
const reshaping = new Set([
  'beamlattice',
  'displacementmesh',
  'displacementtriangles',
  'booleanshape',
  'levelset',
  'volumetric',
]);

/**
 * Reads a part of a package.
 * @throws UnreadableModel when the part is damaged, refers to vertices that it does not have, or says that it needs an
 * extension that changes shapes.
 */
export async function readThreeMfPart(archive: ThreeMfPackage, path: string): Promise<ThreeMfPart> {
  const reading = new PartReading(path);
  await archive.parse(path, reading);
  return reading.part();
}

class PartReading implements XmlListener {
  readonly rows: XmlRows = {
    parents: ['vertices', 'triangles'],
    areIn: (parent) => this.#haveRows(parent),
    take: (bytes, from) => this.#takeRows(bytes, from),
  };
  readonly #path: string;
  readonly #plainRows = new ThreeMfRows();
  #areTriangles = false;
  readonly #objects = new Map<string, ThreeMfObject>();
  #object: ThreeMfObject | null = null;
  #build: ThreeMfUse[] | null = null;
  #unit: string | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  open(tag: SaxesTagNS): void {
    const { local, uri } = tag;
    if (reshaping.has(local)) this.#current().reshapedBy ??= local;
    // Some writers leave the namespace out.
    if (uri !== core && uri !== '') {
      if (this.#object !== null && !understood.has(uri)) this.#object.unknown ??= local;
      return;
    }
    if (local === 'vertex') this.#addVertex(tag);
    else if (local === 'triangle') this.#addTriangle(tag);
    else if (local === 'model') this.#openModel(tag);
    else if (local === 'object') this.#openObject(tag);
    else if (local === 'component') this.#current().components.push(this.#useOf(tag));
    else if (local === 'build') this.#build = [];
    else if (local === 'item') this.#build?.push(this.#useOf(tag));
  }

  /** Rows have the namespace of their parent where neither has a prefix. */
  #haveRows({ local, prefix, uri, isSelfClosing }: SaxesTagNS): boolean {
    this.#areTriangles = local === 'triangles';
    return prefix === '' && (uri === core || uri === '') && !isSelfClosing && this.#object !== null;
  }

  #takeRows(bytes: Buffer, from: number): number {
    const { vertices, corners } = this.#current();
    return this.#areTriangles
      ? this.#plainRows.takeTriangles(bytes, from, corners)
      : this.#plainRows.takeVertices(bytes, from, vertices);
  }

  part(): ThreeMfPart {
    if (this.#unit === null) throw new UnreadableModel(`has a part '${this.#path}' that is not a 3MF model`);
    for (const [id, { vertices, corners }] of this.#objects) {
      if (corners.largest < vertices.length) continue;
      throw new UnreadableModel(`has a triangle in object ${id} that refers outside its ${vertices.length} vertices`);
    }
    return { unit: this.#unit, objects: this.#objects, build: this.#build };
  }

  #openModel(tag: SaxesTagNS): void {
    this.#unit = tag.attributes.unit?.value ?? 'millimeter';
    const required = (tag.attributes.requiredextensions?.value ?? '').split(/\s+/).filter((prefix) => prefix !== '');
    for (const prefix of required) {
      const uri = tag.ns[prefix] ?? prefix;
      if (!understood.has(uri)) throw new UnreadableModel(`needs the 3MF extension ${uri}, which is not read yet`);
    }
  }

  #openObject(tag: SaxesTagNS): void {
    const id = tag.attributes.id?.value.trim() ?? '';
    if (this.#objects.has(id)) throw new UnreadableModel(`has two objects with the id ${id}`);
    const [vertices, corners] = [new PositionList(), new CornerList()];
    this.#object = { vertices, corners, components: [], reshapedBy: null, unknown: null };
    this.#objects.set(id, this.#object);
  }

  #addVertex({ attributes }: SaxesTagNS): void {
    // White space around a number is none of its own: XML collapses it.
    const words = [attributes.x, attributes.y, attributes.z].map((attribute) => attribute?.value.trim());
    const [x, y, z] = words.map(numberFrom);
    const { vertices } = this.#current();
    if (x === undefined || y === undefined || z === undefined || !Number.isFinite(x + y + z)) {
      throw new UnreadableModel(`has a vertex ${vertices.length} whose coordinates ${coordinateFault(words)}`);
    }
    vertices.push(x, y, z);
  }

  #addTriangle({ attributes }: SaxesTagNS): void {
    const { corners } = this.#current();
    corners.push(indexFrom(attributes.v1?.value), indexFrom(attributes.v2?.value), indexFrom(attributes.v3?.value));
  }

  #useOf({ attributes }: SaxesTagNS): ThreeMfUse {
    const named = Object.values(attributes).find(({ uri, local }) => uri === production && local === 'path');
    return {
      objectId: attributes.objectid?.value.trim() ?? '',
      path: named === undefined ? this.#path : posix.resolve('/', named.value),
      transform: transformFrom(attributes.transform?.value),
    };
  }

  #current(): ThreeMfObject {
    if (this.#object === null) throw new UnreadableModel('has a mesh outside of an object');
    return this.#object;
  }
}

function transformFrom(text: string | undefined): Affine {
  if (text === undefined) return identity;
  const numbers = text.trim().split(/\s+/).map(numberFrom);
  if (numbers.length !== 12 || !numbers.every(Number.isFinite)) {
    throw new UnreadableModel('has a transform that is not twelve finite numbers');
  }
  return numbers;
}
