// The parts of the sample library, modelled with JSCAD in millimetres, and two well-known public-domain meshes.
import modeling from '@jscad/modeling';
import type { Geom2, Geom3 } from '@jscad/modeling/src/geometries/types.js';
import bunnyMesh from 'bunny';
import teapotMesh from 'teapot';

const { booleans, extrusions, primitives, transforms } = modeling;

/** A hexagon head and the plain shank on it; `size` is the thread's diameter. */
export function hexBolt(size: number, length: number): Geom3[] {
  return [prism(hexagon(size * 1.8), size * 0.7), lifted(disc(size, length, 32), size * 0.7)];
}

/** A hexagon nut with a plain hole. */
export function hexNut(size: number): Geom3 {
  const hole = primitives.circle({ radius: size / 2, segments: 32 });
  return prism(booleans.subtract(hexagon(size * 1.8), hole), size * 0.8);
}

/** A flat ring. */
export function washer(size: number): Geom3 {
  return ring(size * 2.2, size * 1.1, size * 0.2);
}

/** A tube. */
export function spacer(outer: number, inner: number, height: number): Geom3 {
  return ring(outer, inner, height);
}

/** A spur gear with trapezoid teeth of module 1 and a bore. */
export function gear(teeth: number, bore: number): Geom3 {
  const radius = teeth / 2;
  const step = (2 * Math.PI) / teeth;
  const tooth = [
    [0, radius - 1.2],
    [0.15, radius + 1],
    [0.35, radius + 1],
    [0.5, radius - 1.2],
  ] as const;
  const points = Array.from({ length: teeth }, (_, index) =>
    tooth.map(([share, reach]): [number, number] => {
      const angle = (index + share) * step;
      return [Math.cos(angle) * reach, Math.sin(angle) * reach];
    }),
  ).flat();
  const hole = primitives.circle({ radius: bore / 2, segments: 32 });
  return prism(booleans.subtract(primitives.polygon({ points }), hole), 5);
}

/** A straight rack that runs with the gears. */
export function gearRack(teeth: number): Geom3 {
  const step = Math.PI;
  const profile = Array.from({ length: teeth }, (_, index): [number, number][] => [
    [index * step, 0],
    [index * step + 0.6, 2.2],
    [index * step + 1.4, 2.2],
    [index * step + 2, 0],
  ]).flat();
  const points: [number, number][] = [[0, -3], [teeth * step, -3], [teeth * step, 0], ...profile.toReversed()];
  return prism(primitives.polygon({ points }), 5);
}

/** Two plates at a right angle, each with a hole. */
export function bracket(side: number, thickness: number): Geom3 {
  const points: [number, number][] = [
    [0, 0],
    [side, 0],
    [side, thickness],
    [thickness, thickness],
    [thickness, side],
    [0, side],
  ];
  const angle = prism(primitives.polygon({ points }), 20);
  const hole = transforms.rotateX(Math.PI / 2, disc(4, thickness * 4, 24));
  const across = transforms.translate([side * 0.6, thickness * 2, 10], hole);
  const along = transforms.translate(
    [-thickness, side * 0.6, 10],
    transforms.rotateY(Math.PI / 2, disc(4, thickness * 4, 24)),
  );
  return booleans.subtract(angle, across, along);
}

/** A vase whose star-shaped outline turns on its way up. */
export function vase(points: number, height: number, turns: number): Geom3 {
  const outline = primitives.star({ vertices: points, outerRadius: 25, innerRadius: 20 });
  const twist = { height, twistAngle: turns * 2 * Math.PI, twistSteps: 40 };
  return extrusions.extrudeLinear(twist, outline);
}

/** An open box. */
export function box(width: number, depth: number, height: number): Geom3 {
  const outside = primitives.cuboid({ size: [width, depth, height], center: [0, 0, height / 2] });
  const inside = primitives.cuboid({ size: [width - 4, depth - 4, height], center: [0, 0, height / 2 + 2] });
  return booleans.subtract(outside, inside);
}

/** A lid for the box, with a rim that reaches into it. */
export function lid(width: number, depth: number): Geom3 {
  const plate = primitives.cuboid({ size: [width, depth, 2], center: [0, 0, 1] });
  const rim = primitives.cuboid({ size: [width - 4.4, depth - 4.4, 3], center: [0, 0, 3] });
  return booleans.union(plate, rim);
}

/** Moves a part to the side, so that two fit on one plate. */
export function beside(solid: Geom3, distance: number): Geom3 {
  return transforms.translateX(distance, solid);
}

/** A hook for the wall. */
export function hook(): Geom3 {
  const arc = extrusions.extrudeRotate(
    { segments: 48, angle: Math.PI },
    transforms.translate([12, 0], primitives.circle({ radius: 3, segments: 24 })),
  );
  const plate = primitives.cuboid({ size: [12, 4, 40], center: [12, 0, 10] });
  return booleans.union(transforms.rotateX(Math.PI / 2, arc), plate);
}

/** A clip for a cable: a ring with a gap. */
export function cableClip(diameter: number): Geom3 {
  const gap = primitives.rectangle({ size: [diameter * 2, diameter * 0.6], center: [diameter, 0] });
  return prism(booleans.subtract(annulus(diameter + 4, diameter), gap), 10);
}

/** A stand that holds a phone. */
export function phoneStand(): Geom3 {
  const points: [number, number][] = [
    [0, 0],
    [80, 0],
    [80, 5],
    [30, 5],
    [8, 70],
    [3, 68],
    [24, 5],
    [0, 5],
  ];
  return prism(primitives.polygon({ points }), 60);
}

/** A pot with a hole in its floor. */
export function plantPot(): Geom3 {
  const profile: [number, number][] = [
    [3, 0],
    [25, 0],
    [35, 50],
    [32, 50],
    [22.5, 3],
    [3, 3],
  ];
  return extrusions.extrudeRotate({ segments: 64 }, primitives.polygon({ points: profile }));
}

/** The Stanford bunny, coarse. */
export function bunny(): Geom3 {
  return solidOf(bunnyMesh);
}

/** The Utah teapot. */
export function teapot(): Geom3 {
  return solidOf(teapotMesh);
}

interface IndexedMesh {
  readonly positions: readonly (readonly [number, number, number])[];
  readonly cells: readonly (readonly [number, number, number])[];
}

function solidOf({ positions, cells }: IndexedMesh): Geom3 {
  return primitives.polyhedron({
    points: positions.map(([x, y, z]) => [x, y, z]),
    faces: cells.map((cell) => [...cell]),
    orientation: 'outward',
  });
}

function hexagon(acrossFlats: number): Geom2 {
  return primitives.circle({ radius: acrossFlats / Math.sqrt(3), segments: 6 });
}

function disc(diameter: number, height: number, segments: number): Geom3 {
  return prism(primitives.circle({ radius: diameter / 2, segments }), height);
}

function ring(outer: number, inner: number, height: number): Geom3 {
  return prism(annulus(outer, inner), height);
}

function annulus(outer: number, inner: number): Geom2 {
  const disk = primitives.circle({ radius: outer / 2, segments: 48 });
  return booleans.subtract(disk, primitives.circle({ radius: inner / 2, segments: 48 }));
}

function prism(outline: Geom2, height: number): Geom3 {
  return extrusions.extrudeLinear({ height }, outline);
}

function lifted(solid: Geom3, height: number): Geom3 {
  return transforms.translateZ(height, solid);
}
