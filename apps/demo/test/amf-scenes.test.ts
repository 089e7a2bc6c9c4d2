// Judges the placing of AMF by a second reckoning: plain points, turned one axis after the other by sines and cosines.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cubeTriangles, cubeVertices } from './cube.js';
import { geometryOf } from './measuring.js';

type Point = readonly [x: number, y: number, z: number];
interface Instance {
  readonly target: number;
  readonly delta: Point;
  readonly turn: Point;
}
/** Sizes of boxes, and constellations that use boxes and the constellations before them. */
interface Scene {
  readonly boxes: readonly Point[];
  readonly constellations: readonly (readonly Instance[])[];
}

const triple = (number: fc.Arbitrary<number>): fc.Arbitrary<Point> => fc.tuple(number, number, number);
const scenes: fc.Arbitrary<Scene> = fc.record({
  boxes: fc.array(triple(fc.integer({ min: 1, max: 9 })), { minLength: 1, maxLength: 3 }),
  constellations: fc.array(
    fc.array(
      fc.record({
        target: fc.nat(20),
        delta: triple(fc.integer({ min: -50, max: 50 })),
        turn: triple(fc.oneof(fc.constant(0), fc.integer({ min: -720, max: 720 }))),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    { maxLength: 4 },
  ),
});

/** The ids that an instance may use: those before its own constellation. */
function targetOf({ target }: Instance, id: number): number {
  return target % id;
}

function write({ boxes, constellations }: Scene): string {
  const triangles = cubeTriangles.map(([a, b, c]) => `<triangle><v1>${a}</v1><v2>${b}</v2><v3>${c}</v3></triangle>`);
  const objects = boxes.map((size, id) => {
    const vertices = boxOf(size).map(
      ([x, y, z]) => `<vertex><coordinates><x>${x}</x><y>${y}</y><z>${z}</z></coordinates></vertex>`,
    );
    const volume = `<volume>${triangles.join('')}</volume>`;
    return `<object id="${id}"><mesh><vertices>${vertices.join('')}</vertices>${volume}</mesh></object>`;
  });
  const groups = constellations.map((instances, index) => {
    const id = boxes.length + index;
    const uses = instances.map((instance) => {
      const [x, y, z] = instance.delta;
      const [rx, ry, rz] = instance.turn;
      const moves = `<deltax>${x}</deltax><deltay>${y}</deltay><deltaz>${z}</deltaz>`;
      const turns = `<rx>${rx}</rx><ry>${ry}</ry><rz>${rz}</rz>`;
      return `<instance objectid="${targetOf(instance, id)}">${moves}${turns}</instance>`;
    });
    return `<constellation id="${id}">${uses.join('')}</constellation>`;
  });
  // What uses comes before what it uses as often as after it.
  return `<amf>${[...groups, ...objects].join('')}</amf>`;
}

function boxOf([width, depth, height]: Point): Point[] {
  return cubeVertices.map(([x, y, z]) => [x * width, y * depth, z * height]);
}

/** The boxes that an object or constellation comes to, each by its corners. */
function placed(scene: Scene, id: number): Point[][] {
  const size = scene.boxes[id];
  if (size !== undefined) return [boxOf(size)];
  const instances = scene.constellations[id - scene.boxes.length] ?? [];
  return instances.flatMap((instance) =>
    placed(scene, targetOf(instance, id)).map((box) => box.map((point) => move(point, instance))),
  );
}

function move([x, y, z]: Point, { turn, delta }: Instance): Point {
  const [a, b, c] = turn.map((degrees) => (degrees * Math.PI) / 180) as [number, number, number];
  [y, z] = [y * Math.cos(a) - z * Math.sin(a), y * Math.sin(a) + z * Math.cos(a)];
  [z, x] = [z * Math.cos(b) - x * Math.sin(b), z * Math.sin(b) + x * Math.cos(b)];
  [x, y] = [x * Math.cos(c) - y * Math.sin(c), x * Math.sin(c) + y * Math.cos(c)];
  return [x + delta[0], y + delta[1], z + delta[2]];
}

describe('constellations of AMF', () => {
  it('come to the boxes that a plain reckoning places', async () => {
    await fc.assert(
      fc.asyncProperty(scenes, async (scene) => {
        const ids = Array.from({ length: scene.boxes.length + scene.constellations.length }, (_, id) => id);
        const used = new Set(
          scene.constellations.flatMap((instances, index) =>
            instances.map((instance) => targetOf(instance, scene.boxes.length + index)),
          ),
        );
        const boxes = ids.filter((id) => !used.has(id)).flatMap((id) => placed(scene, id));
        const figures = await geometryOf('scene.amf', write(scene));
        expect(figures.triangles).toBe(12 * boxes.length);
        for (const axis of [0, 1, 2] as const) {
          const values = boxes.flat().map((point) => point[axis]);
          expect(figures.bounds?.min[axis]).toBeCloseTo(Math.min(...values), 9);
          expect(figures.bounds?.max[axis]).toBeCloseTo(Math.max(...values), 9);
        }
      }),
      { numRuns: 100 },
    );
  });
});
