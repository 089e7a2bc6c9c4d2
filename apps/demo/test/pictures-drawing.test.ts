import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import type { MeshMeasure } from '../src/geometry/mesh-measure.js';
import { draw, type UpAxis } from '../src/pictures/drawing.js';
import { cubeTriangles, cubeVertices } from './cube.js';

/** A decoded picture: opacity and light by pixel, and the middle of what is covered. */
async function drawn(hand: (to: MeshMeasure) => void, up: UpAxis = 'z') {
  const { width, height, data, channels } = decode(await draw(async (to) => hand(to), up));
  expect({ width, height, channels }).toEqual({ width: 256, height: 256, channels: 4 });
  const at = (x: number, y: number) => {
    const [red = 0, green = 0, blue = 0, alpha = 0] = data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4);
    return { red, green, blue, alpha };
  };
  let area = 0;
  const columns: number[] = [];
  const rows: number[] = [];
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const opacity = (data[pixel * 4 + 3] ?? 0) / 255;
    if (opacity === 0) continue;
    area += opacity;
    columns.push(pixel % width);
    rows.push(Math.floor(pixel / width));
  }
  const [least, most] = [
    (list: number[]) => list.reduce((a, b) => Math.min(a, b)),
    (list: number[]) => list.reduce((a, b) => Math.max(a, b)),
  ];
  return { at, area, data, box: { left: least(columns), right: most(columns), top: least(rows), bottom: most(rows) } };
}

type Point = readonly [number, number, number];

function give(to: MeshMeasure, corners: readonly Point[]): void {
  const [a = [0, 0, 0], b = [0, 0, 0], c = [0, 0, 0]] = corners;
  to.triangle(...a, ...b, ...c);
}

function cube(move: (point: Point) => Point = (point) => point, turned = false) {
  return (to: MeshMeasure) => {
    for (const numbers of cubeTriangles) {
      const corners = numbers.map((number) => move(cubeVertices[number] ?? [0, 0, 0]));
      give(to, turned ? corners.toReversed() : corners);
    }
  };
}

function sphere(steps: number) {
  const point = (i: number, j: number): Point => {
    const [around, down] = [(2 * Math.PI * i) / (2 * steps), (Math.PI * j) / steps];
    return [Math.sin(down) * Math.cos(around), Math.sin(down) * Math.sin(around), Math.cos(down)];
  };
  return (to: MeshMeasure) => {
    for (let i = 0; i < 2 * steps; i += 1) {
      for (let j = 0; j < steps; j += 1) {
        give(to, [point(i, j), point(i, j + 1), point(i + 1, j + 1)]);
        give(to, [point(i, j), point(i + 1, j + 1), point(i + 1, j)]);
      }
    }
  };
}

// 256 pixels less 10 at each side.
const room = 236;

describe('a drawing', () => {
  it('shows a cube as the regular hexagon that it is in the isometric view', async () => {
    const { area, box } = await drawn(cube());
    // Its height, corner to corner, fills the room: twice its side; the width is √3 sides.
    const side = room / 2;
    expect(area / (1.5 * Math.sqrt(3) * side * side)).toBeCloseTo(1, 2);
    expect(box.bottom - box.top + 1).toBeGreaterThanOrEqual(room - 1);
    expect(box.bottom - box.top + 1).toBeLessThanOrEqual(room + 2);
    expect(Math.abs(box.right - box.left + 1 - Math.sqrt(3) * side)).toBeLessThanOrEqual(2);
    expect(Math.abs(box.left + box.right - 255)).toBeLessThanOrEqual(1);
    expect(Math.abs(box.top + box.bottom - 255)).toBeLessThanOrEqual(1);
  });

  it('shows a sphere as the disc that fills the room', async () => {
    const { area } = await drawn(sphere(60));
    expect(area / (Math.PI * (room / 2) ** 2)).toBeCloseTo(1, 2);
  });

  it('gives the three visible sides of a cube three shades, the top the lightest, on a transparent ground', async () => {
    const { at } = await drawn(cube());
    const [top, left, right] = [at(128, 70), at(80, 160), at(176, 160)];
    expect([top.alpha, left.alpha, right.alpha, at(0, 0).alpha, at(255, 255).alpha]).toEqual([255, 255, 255, 0, 0]);
    expect(top.green).toBeGreaterThan(left.green + 25);
    expect(left.green).toBeGreaterThan(right.green + 25);
    // Neither vanishes on white nor on black.
    expect(top.green).toBeLessThan(215);
    expect(right.green).toBeGreaterThan(50);
  });

  it('is the same whichever way the triangles face', async () => {
    const [one, other] = [await drawn(cube()), await drawn(cube(undefined, true))];
    expect(Buffer.from(other.data.buffer).equals(Buffer.from(one.data.buffer))).toBe(true);
  });

  it.each([
    ['far away', (p: Point) => p.map((n) => n + 4096) as unknown as Point],
    ['in tiny units', (p: Point) => p.map((n) => n * 2 ** -40) as unknown as Point],
    ['in huge units', (p: Point) => p.map((n) => n * 2 ** 60) as unknown as Point],
  ])('shows the same cube %s', async (_, move) => {
    const [one, other] = [await drawn(cube()), await drawn(cube(move))];
    expect(Math.abs(one.area - other.area)).toBeLessThan(one.area * 0.003);
    expect(other.at(128, 70)).toEqual(one.at(128, 70));
  });

  it('has no gap between triangles, and none beyond the edge, however many they are', async () => {
    const { data, area } = await drawn(sphere(400));
    const middle = 128 * 256 * 4;
    const row = Array.from({ length: 256 }, (_, x) => data[middle + x * 4 + 3] ?? 0);
    const [first, last] = [row.indexOf(255), row.lastIndexOf(255)];
    expect(row.slice(first, last + 1).every((alpha) => alpha === 255)).toBe(true);
    expect(area / (Math.PI * (room / 2) ** 2)).toBeCloseTo(1, 1);
  });

  it('hides what lies behind, whatever comes first', async () => {
    const wall = (z: number, half: number) => (to: MeshMeasure) => {
      const corner = (x: number, y: number): Point => [x * half, y * half, z];
      give(to, [corner(-1, -1), corner(1, -1), corner(1, 1)]);
      give(to, [corner(-1, -1), corner(1, 1), corner(-1, 1)]);
    };
    // A slope of another shade below the wall and above it, the wall itself covering the same pixels.
    const slope = (to: MeshMeasure) =>
      give(to, [
        [-0.5, -0.5, -9],
        [0.5, -0.5, -9],
        [0, 0.5, -8.2],
      ]);
    const frame = wall(0, 10);
    const alone = await drawn(frame);
    const [before, after] = [
      await drawn((to) => {
        slope(to);
        frame(to);
      }),
      await drawn((to) => {
        frame(to);
        slope(to);
      }),
    ];
    expect(Buffer.from(before.data.buffer).equals(Buffer.from(after.data.buffer))).toBe(true);
    expect(Buffer.from(before.data.buffer).equals(Buffer.from(alone.data.buffer))).toBe(true);
  });

  it('stands a model on its feet whose Y points up', async () => {
    // A tall box: upright it is higher than wide.
    const tall = (axis: 1 | 2) => cube((point) => point.map((n, at) => (at === axis ? n * 5 : n)) as unknown as Point);
    const [z, y] = [await drawn(tall(2)), await drawn(tall(1), 'y')];
    expect(z.box.bottom - z.box.top).toBeGreaterThan(2 * (z.box.right - z.box.left));
    expect(y.box).toEqual(z.box);
  });

  it('shows points, a single one too, and a surface seen from its edge', async () => {
    const cloud = await drawn((to) => {
      for (let i = 0; i < 1000; i += 1) to.point(Math.cos(i), Math.sin(i), i / 500);
    });
    expect(cloud.area).toBeGreaterThan(500);
    expect((await drawn((to) => to.point(1, 2, 3))).area).toBeCloseTo(16, 0);
    // The line of sight lies in it.
    expect(
      (
        await drawn((to) =>
          give(to, [
            [0, 0, 0],
            [1, -1, 1],
            [2, -2, 0],
          ]),
        )
      ).area,
    ).toBeGreaterThan(0);
  });

  it('shows what is thinner than a pixel, and what is no surface at all', async () => {
    const long = (thick: number) => cube(([x, y, z]) => [x * 1000, y * thick, z * thick]);
    const lines: readonly (readonly Point[])[] = [
      [
        [0, 0, 0],
        [0, 0, 5],
        [0, 0, 10],
      ],
      [
        [0, 0, 0],
        [10, 10, 0],
        [5, 5, 0],
      ],
    ];
    const drawings = [...lines.map((corners) => drawn((to) => give(to, corners))), drawn(long(0.1)), drawn(long(1e-6))];
    for (const { at, area, box } of await Promise.all(drawings)) {
      // A stroke of two pixels and more, without a gap, as long as there is room.
      expect(area).toBeGreaterThan(2 * room);
      expect(Math.max(box.right - box.left, box.bottom - box.top)).toBeGreaterThan(room - 5);
      expect(at(Math.round((box.left + box.right) / 2), Math.round((box.top + box.bottom) / 2)).alpha).toBe(255);
    }
    const point: Point = [1, 1, 1];
    expect((await drawn((to) => give(to, [point, point, point]))).area).toBeCloseTo(9, 0);
  });

  it('reads a model of many triangles twice and shows all of it', async () => {
    let readings = 0;
    const many = sphere(400);
    const png = await draw(async (to) => {
      readings += 1;
      many(to);
    }, 'z');
    expect([readings, decode(png).width]).toEqual([2, 256]);
    readings = 0;
    await draw(async (to) => {
      readings += 1;
      cube()(to);
    }, 'z');
    expect(readings).toBe(1);
  });

  it('refuses what holds nothing, or nothing finite', async () => {
    await expect(draw(async () => {}, 'z')).rejects.toThrow('holds nothing that can be drawn');
    await expect(draw(async (to) => to.point(NaN, 0, 0), 'z')).rejects.toThrow('cannot be drawn');
    await expect(
      draw(
        async (to) =>
          give(to, [
            [1e308, 1e308, 1e308],
            [-1e308, -1e308, -1e308],
            [0, 0, 1],
          ]),
        'z',
      ),
    ).rejects.toThrow('drawn');
  });
});
