// The unit cube as vertices and faces, from which the tests write a file of each format: 12 triangles, volume 1.

/** The corners of the cube from 0 0 0 to 1 1 1. */
export const cubeVertices: readonly (readonly [number, number, number])[] = [
  [0, 0, 0],
  [1, 0, 0],
  [1, 1, 0],
  [0, 1, 0],
  [0, 0, 1],
  [1, 0, 1],
  [1, 1, 1],
  [0, 1, 1],
];

/** Its six faces, seen from outside against the clock. */
export const cubeQuads: readonly (readonly [number, number, number, number])[] = [
  [0, 3, 2, 1],
  [4, 5, 6, 7],
  [0, 1, 5, 4],
  [1, 2, 6, 5],
  [2, 3, 7, 6],
  [3, 0, 4, 7],
];

/** Its twelve triangles. */
export const cubeTriangles = cubeQuads.flatMap(([a, b, c, d]) => [[a, b, c] as const, [a, c, d] as const]);

/** What every reader must say about it. */
export const cubeGeometry = {
  triangles: 12,
  vertices: 8,
  bounds: { min: [0, 0, 0], max: [1, 1, 1] },
  volume: 1,
};

/** The cube as a binary STL; `header` fills the first 80 bytes. */
export function binaryCube(header = 'a cube'): Buffer {
  const bytes = Buffer.alloc(84 + 50 * cubeTriangles.length);
  bytes.write(header, 0, 80, 'latin1');
  bytes.writeUInt32LE(cubeTriangles.length, 80);
  for (const [facet, corners] of cubeTriangles.entries()) {
    const numbers = corners.flatMap((corner) => cubeVertices[corner] ?? []);
    for (const [at, number] of numbers.entries()) bytes.writeFloatLE(number, 84 + 50 * facet + 12 + 4 * at);
  }
  return bytes;
}

/** The cube as an ASCII STL. */
export function asciiCube(): string {
  const facets = cubeTriangles.map((corners) => {
    const vertices = corners.map((corner) => `      vertex ${cubeVertices[corner]?.join(' ')}`).join('\n');
    return `  facet normal 0 0 0\n    outer loop\n${vertices}\n    endloop\n  endfacet`;
  });
  return `solid cube\n${facets.join('\n')}\nendsolid cube\n`;
}

/** The cube as an OBJ of quads. */
export function objCube(): string {
  const vertices = cubeVertices.map((vertex) => `v ${vertex.join(' ')}`);
  return [...vertices, ...cubeQuads.map((quad) => `f ${quad.map((corner) => corner + 1).join(' ')}`), ''].join('\n');
}
