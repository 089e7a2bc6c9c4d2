// Reads the XML of an AMF document: its objects with their meshes, and its constellations with their instances.
// `amf.ts` has them placed.
import type { SaxesTagNS } from 'saxes';
import { type Affine, compose, identity, rotation } from './affine.js';
import { type LengthUnit, UnreadableModel } from './geometry.js';
import { coordinateFault, indexFrom, numberFrom } from './number-text.js';
import type { SceneObject, SceneUse } from './placed-scene.js';
import { CornerList, PositionList } from './position-list.js';
import { parseXml, type XmlListener } from './xml-document.js';

/** An object, all its volumes together, or a constellation of objects and other constellations. */
export interface AmfObject extends SceneObject<SceneUse> {
  readonly components: SceneUse[];
}

/** What a document holds. */
export interface AmfDocument {
  /** Objects and constellations by the ids that they share. */
  readonly objects: ReadonlyMap<string, AmfObject>;
  readonly unit: LengthUnit;
}

/**
 * Reads a document; `name` is what it is called in a reason.
 * @throws UnreadableModel when it is not well-formed or not AMF, or holds a number that is none.
 */
export async function readAmfDocument(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  name: string,
): Promise<AmfDocument> {
  const reading = new DocumentReading();
  await parseXml(chunks, { name, allowsUtf16: true }, reading);
  return reading;
}

const root = 'the document';

// The elements that matter and where they stand; others, and the same names elsewhere (an edge has a v1 too), do not.
const places: Readonly<Record<string, string>> = Object.freeze({
  amf: root,
  object: 'amf',
  mesh: 'object',
  vertices: 'mesh',
  vertex: 'vertices',
  coordinates: 'vertex',
  volume: 'mesh',
  triangle: 'volume',
  constellation: 'amf',
  instance: 'constellation',
});
const axes = new Set(['x', 'y', 'z']);
const corners = new Set(['v1', 'v2', 'v3']);
const placing = new Set('deltax deltay deltaz rx ry rz scale scalex scaley scalez mirrorx mirrory mirrorz'.split(' '));
const numbersOf: Readonly<Record<string, ReadonlySet<string>>> = Object.freeze({
  coordinates: axes,
  triangle: corners,
  instance: placing,
});

/** AMF says feet where 3MF says foot. What it does not know is refused: the figures would mean nothing. */
function unitFrom(text: string | undefined): LengthUnit {
  const word = text?.trim().toLowerCase() ?? 'millimeter';
  const unit = Object.hasOwn(units, word) ? units[word] : undefined;
  if (unit !== undefined) return unit;
  throw new UnreadableModel(`names a unit '${word.slice(0, 20)}', which AMF does not know`);
}

const units: Readonly<Record<string, LengthUnit>> = Object.freeze({
  millimeter: 'millimeter',
  inch: 'inch',
  feet: 'foot',
  foot: 'foot',
  meter: 'meter',
  micron: 'micron',
  centimeter: 'centimeter',
});

class DocumentReading implements XmlListener {
  readonly objects = new Map<string, AmfObject>();
  unit: LengthUnit = 'millimeter';
  readonly #path: string[] = [];
  /** The texts of the numbers in the vertex, triangle or instance that is open. */
  readonly #numbers = new Map<string, string>();
  #isNumber = false;
  #text = '';
  #object: AmfObject = emptyObject();
  /** Where the vertices of the mesh that is open begin: an object may have several. */
  #firstVertex = 0;
  #objectId = '';

  open({ local: name, attributes }: SaxesTagNS): void {
    const parent = this.#path.at(-1) ?? root;
    if (this.#isNumber) throw new UnreadableModel(`has an element inside of a number, in '${parent}'`);
    const isKnown = Object.hasOwn(places, name) && places[name] === parent;
    if (parent === root && !isKnown) throw new UnreadableModel(`starts with '${name.slice(0, 20)}' instead of 'amf'`);
    this.#isNumber = Object.hasOwn(numbersOf, parent) && numbersOf[parent]?.has(name) === true;
    this.#path.push(isKnown || this.#isNumber ? name : '');
    this.#text = '';
    if (!isKnown) return;
    if (name === 'amf') this.unit = unitFrom(attributes.unit?.value);
    else if (name === 'object' || name === 'constellation') this.#openObject(attributes.id?.value ?? '');
    else if (name === 'mesh') this.#firstVertex = this.#object.vertices.length;
    else if (name === 'vertex' || name === 'triangle') this.#numbers.clear();
    else if (name === 'instance') {
      this.#numbers.clear();
      this.#objectId = attributes.objectid?.value ?? '';
    }
  }

  text(text: string): void {
    if (this.#isNumber) this.#text += text;
  }

  close(): void {
    const name = this.#path.pop();
    if (this.#isNumber && name !== undefined) {
      if (this.#numbers.has(name)) throw new UnreadableModel(`gives one number twice, as '${name}'`);
      this.#numbers.set(name, this.#text.trim());
      this.#isNumber = false;
    } else if (name === 'vertex') this.#addVertex();
    else if (name === 'triangle') this.#addTriangle();
    else if (name === 'mesh') this.#closeMesh();
    else if (name === 'instance') this.#addInstance();
  }

  #openObject(id: string): void {
    if (this.objects.has(id)) throw new UnreadableModel(`has two objects with the id ${id}`);
    this.#object = emptyObject();
    this.objects.set(id, this.#object);
  }

  #addVertex(): void {
    const [x, y, z] = [this.#number('x'), this.#number('y'), this.#number('z')];
    const { vertices } = this.#object;
    if (!Number.isFinite(x + y + z)) {
      const fault = coordinateFault(['x', 'y', 'z'].map((name) => this.#numbers.get(name)));
      throw new UnreadableModel(`has a vertex ${vertices.length} whose coordinates ${fault}`);
    }
    vertices.push(x, y, z);
  }

  #addTriangle(): void {
    const [a = NaN, b = NaN, c = NaN] = Array.from(
      corners,
      (corner) => this.#firstVertex + indexFrom(this.#numbers.get(corner)),
    );
    this.#object.corners.push(a, b, c);
  }

  #closeMesh(): void {
    const {
      vertices,
      corners: { largest },
    } = this.#object;
    if (largest < vertices.length) return;
    const count = vertices.length - this.#firstVertex;
    throw new UnreadableModel(`has a triangle that refers outside the ${count} vertices of its mesh`);
  }

  #addInstance(): void {
    for (const name of this.#numbers.keys()) {
      if (Number.isFinite(this.#number(name))) continue;
      throw new UnreadableModel(`has an instance of object ${this.#objectId} whose ${name} is not a finite number`);
    }
    this.#object.components.push({ objectId: this.#objectId, transform: this.#transform() });
  }

  /**
   * Turns about x, then y, then z, by degrees, and moves. An instance that also scales or mirrors, which AMF does not
   * know, was written by Slic3r or one of its kind: those turn by radians.
   */
  #transform(): Affine {
    const numbers = this.#numbers;
    if (numbers.size === 0) return identity;
    const value = (name: string, otherwise: number) => (numbers.has(name) ? this.#number(name) : otherwise);
    const isOfSlic3r = Array.from(numbers.keys()).some((name) => /^(?:scale|mirror)/.test(name));
    const angle = (name: string) => value(name, 0) * (isOfSlic3r ? 180 / Math.PI : 1);
    const factor = (axis: string) => value(`scale${axis}`, value('scale', 1)) * value(`mirror${axis}`, 1);
    const scaled: Affine = [factor('x'), 0, 0, 0, factor('y'), 0, 0, 0, factor('z'), 0, 0, 0];
    const moved: Affine = [1, 0, 0, 0, 1, 0, 0, 0, 1, value('deltax', 0), value('deltay', 0), value('deltaz', 0)];
    const steps = [scaled, rotation(0, angle('rx')), rotation(1, angle('ry')), rotation(2, angle('rz')), moved];
    return steps.reduce((inner, outer) => compose(outer, inner));
  }

  #number(name: string): number {
    return numberFrom(this.#numbers.get(name));
  }
}

function emptyObject(): AmfObject {
  return { vertices: new PositionList(), corners: new CornerList(), components: [] };
}
