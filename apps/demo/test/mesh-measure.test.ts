// The figures of random meshes, triangle by triangle and by the numbers of their corners, beside sets, lists and sums that
// keep everything. Whole coordinates, so that sums are exact.
import { seededRandom } from '@cc/testkit/random';
import { expect, it } from 'vitest';
import type { Geometry, Position } from '../src/geometry/geometry.js';
import { addTriangles, createMeshMeasure, indexedTriangles } from '../src/geometry/mesh-measure.js';
import { cubeTriangles, cubeVertices } from './cube.js';

type Corner = Position;
type Triangle = readonly [Corner, Corner, Corner];
const seed = Number(process.env['CC_SEED'] ?? Date.now() % 2 ** 31);

const tetrahedronVertices: readonly (readonly number[])[] = [
  [0, 0, 0],
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];
const tetrahedronTriangles: readonly (readonly number[])[] = [
  [0, 2, 1],
  [0, 1, 3],
  [0, 3, 2],
  [1, 2, 3],
];

/** Cubes and tetrahedra, which have one corner at each end, beside, in and over one another, some inside out or with a hole, and loose triangles, in any order. */
function randomMesh(random: ReturnType<typeof seededRandom>): Triangle[] {
  const triangles: Triangle[] = [];
  for (let bodies = random.below(5); bodies > 0; bodies -= 1) {
    const [vertices, faces] = random.once(2)
      ? [cubeVertices, cubeTriangles]
      : [tetrahedronVertices, tetrahedronTriangles];
    const [size, ...offset] = [1 + random.below(8), random.below(3), random.below(3), random.below(3)];
    const corners = vertices.map((at): Corner => {
      const [x = 0, y = 0, z = 0] = at.map((each, axis) => Math.sign(each) * size + (offset[axis] ?? 0));
      return [x, y, z];
    });
    const isInsideOut = random.once(3);
    const hole = random.once(5) ? random.below(faces.length) : -1;
    for (const [index, [a = 0, b = 0, c = 0]] of faces.entries()) {
      if (index === hole) continue;
      const [p, q, r] = [corners[a], corners[b], corners[c]];
      if (p && q && r) triangles.push(isInsideOut ? [p, r, q] : [p, q, r]);
    }
  }
  for (let loose = random.once(3) ? random.below(4) : 0; loose > 0; loose -= 1) {
    const corner = (): Corner => [random.below(4), random.below(4), random.below(2) === 0 ? 0 : -0];
    triangles.push([corner(), corner(), corner()]);
  }
  const shuffled = random.once(2) ? triangles : triangles.toSorted(() => random.below(3) - 1);
  return shuffled.map(([a, b, c]) => random.pick([[a, b, c] as const, [b, c, a] as const, [c, a, b] as const]));
}

const keyOf = ([x, y, z]: Corner): string => `${x + 0} ${y + 0} ${z + 0}`;

function sixVolume([[ax, ay, az], [bx, by, bz], [cx, cy, cz]]: Triangle): number {
  return ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx);
}

interface Shell {
  readonly volume: number;
  readonly min: readonly number[];
  readonly max: readonly number[];
}

/** Triangles that share corners, directly or by way of others. */
function shellsOf(triangles: readonly Triangle[]): readonly Shell[] {
  let groups: Triangle[][] = [];
  for (const triangle of triangles) {
    const keys = new Set(triangle.map(keyOf));
    const meets = (group: readonly Triangle[]): boolean => group.some((each) => each.some((at) => keys.has(keyOf(at))));
    const met = groups.filter(meets);
    groups = [...groups.filter((group) => !met.includes(group)), [...met.flat(), triangle]];
  }
  return groups.map((group) => ({ volume: group.reduce((sum, each) => sum + sixVolume(each), 0), ...boxOf(group) }));
}

function boxOf(triangles: readonly Triangle[]): Pick<Shell, 'min' | 'max'> {
  const along = (axis: 0 | 1 | 2): readonly number[] => triangles.flat().map((corner) => corner[axis] + 0);
  return {
    min: ([0, 1, 2] as const).map((axis) => Math.min(...along(axis))),
    max: ([0, 1, 2] as const).map((axis) => Math.max(...along(axis))),
  };
}

function isClosed(triangles: readonly Triangle[]): boolean {
  const edges = new Map<string, number>();
  for (const [a, b, c] of triangles) {
    for (const [from, to] of [
      [a, b],
      [b, c],
      [c, a],
    ] as const) {
      const [first, second] = [keyOf(from), keyOf(to)];
      if (first === second) continue;
      const key = first < second ? `${first} ${second}` : `${second} ${first}`;
      edges.set(key, (edges.get(key) ?? 0) + (first < second ? 1 : -1));
    }
  }
  return [...edges.values()].every((balance) => balance === 0);
}

function expected(triangles: readonly Triangle[]): Geometry {
  const shells = shellsOf(triangles);
  const largest = shells.reduce((best, shell) => Math.max(best, Math.abs(shell.volume)), 0);
  const way = Math.sign(shells.find(({ volume }) => Math.abs(volume) === largest)?.volume ?? 0);
  const bodies = shells.filter(({ volume }) => volume * way > 0);
  const isInside = (inner: Shell, outer: Shell): boolean =>
    [0, 1, 2].every(
      (axis) => (inner.min[axis] ?? 0) >= (outer.min[axis] ?? 0) && (inner.max[axis] ?? 0) <= (outer.max[axis] ?? 0),
    );
  const addUp = shells.every((shell) => shell.volume * way >= 0 || bodies.some((body) => isInside(shell, body)));
  const volume = Math.abs(shells.reduce((sum, shell) => sum + shell.volume, 0)) / 6;
  const { min, max } = boxOf(triangles);
  return {
    triangles: triangles.length,
    vertices: new Set(triangles.flat().map(keyOf)).size,
    bounds: triangles.length === 0 ? null : { min: asPosition(min), max: asPosition(max) },
    volume: triangles.length > 0 && isClosed(triangles) && addUp ? volume : null,
  };
}

function asPosition([x = 0, y = 0, z = 0]: readonly number[]): Corner {
  return [x, y, z];
}

/** Sums of whole numbers are exact, but for the division at the end; which zero it is says nothing. */
function plain({ bounds, volume, ...counts }: Geometry): unknown {
  const whole = (at: Corner): readonly number[] => at.map((each) => each + 0);
  return {
    ...counts,
    bounds: bounds && { min: whole(bounds.min), max: whole(bounds.max) },
    volume: volume === null ? null : Math.round(volume * 6) + 0,
  };
}

it(`figures of random meshes are those of lists that keep everything, seed ${seed}`, () => {
  const volumes = new Set<boolean>();
  const again = createMeshMeasure();
  for (let run = 0; run < Number(process.env['CC_RUNS'] ?? 1_000); run += 1) {
    const triangles = randomMesh(seededRandom(seed + run));
    const [soup, many, list] = [createMeshMeasure(), createMeshMeasure(), createMeshMeasure()];
    for (const [a, b, c] of triangles) soup.triangle(...a, ...b, ...c);
    const corners = [...new Map(triangles.flat().map((corner) => [keyOf(corner), corner])).values()];
    const numbers = new Map(corners.map((corner, index) => [keyOf(corner), index]));
    const surface = indexedTriangles(list);
    const numberOf = (corner: Corner): number => numbers.get(keyOf(corner)) ?? Number.NaN;
    const positions = Float64Array.from(corners.flat());
    // In calls of a few triangles each.
    for (let from = 0; from < triangles.length; ) {
      const part = triangles.slice(from, from + 1 + (run % 7));
      surface.add(positions, Uint32Array.from(part.flat().map(numberOf)), part.length);
      from += part.length;
    }
    // One that has measured others before, some of which left triangles without a volume or points far away.
    if (run % 3 === 0) again.leaveUnsolid();
    if (run % 5 === 0) again.point(1e9, -1e9, 1e9);
    again.clear();
    addTriangles(again, Float64Array.from(triangles.flat(2)), triangles.length);
    addTriangles(many, Float64Array.from(triangles.flat(2)), triangles.length);
    const figures = plain(expected(triangles));
    expect({ seed: seed + run, figures: plain(soup.geometry()) }).toEqual({ seed: seed + run, figures });
    expect({ seed: seed + run, figures: plain(many.geometry()) }).toEqual({ seed: seed + run, figures });
    expect({ seed: seed + run, figures: plain(again.geometry()) }).toEqual({ seed: seed + run, figures });
    expect({ seed: seed + run, figures: plain(list.geometry()) }).toEqual({ seed: seed + run, figures });
    volumes.add(soup.geometry().volume === null);
  }
  // Bodies and no bodies came.
  expect(volumes.size).toBe(2);
});
